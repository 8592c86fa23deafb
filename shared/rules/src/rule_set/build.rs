//! A rule set's plan: every derived field a value of its lets, every rejecting rule a rejection.

use super::depend::{self, Fields};
use super::validate::{self, path};
use super::{Rule, RuleSet};
use crate::error::{Code, Error, Mistake};
use crate::formats::dates;
use crate::parse;
use crate::pieces::{Piece, Pieces, at_key, is_true};
use crate::plan::{CastMode, Column, Comparison, Expr, Kind, Literal, Output, Plan, Rejection, Span};
use crate::resolve::{Binding, Named, Outputs, Purpose, Scope, Value, all_of, comparison, computed, constant, null};
use crate::value_type::Type;

/// Checks a rule set against the columns it reads and gives its plan.
pub fn compile_rule_set(set: &RuleSet, input: &[Column]) -> Result<Plan, Error> {
    parse::on_deep_stack(|| Ok(Built::of(set, input)?.plan))
}

/// A rule set's plan, and what of it each rule is.
pub(super) struct Built {
    pub(super) plan: Plan,
    /// For each rule in the written order, its condition.
    pub(super) conditions: Vec<Expr>,
    /// Values that rules set: rule, field and value.
    pub(super) values: Vec<(usize, String, Expr)>,
    /// The names the output has.
    pub(super) scope: Scope,
}

struct Builder<'a> {
    set: &'a RuleSet,
    input: &'a [Column],
    pieces: Pieces,
    lets: Vec<Expr>,
    /// What each value of the lets is, for messages.
    names: Vec<String>,
    /// Derived fields that are computed already, with their value.
    derived: Vec<(String, Expr)>,
    /// For each rule, its condition, and how later expressions name it.
    conditions: Vec<Option<(Expr, Expr)>>,
    values: Vec<(usize, String, Expr)>,
    /// Rules by priority, then as written.
    order: Vec<usize>,
}

impl Built {
    pub(super) fn of(set: &RuleSet, input: &[Column]) -> Result<Self, Error> {
        validate::check(set)?;
        let fields = Fields::of(set)?;
        let order = fields.order().map_err(|circle| {
            let message = format!("derived fields need each other in a circle: {}", circle.join(" needs "));
            Error::key("rules", Code::Cycle, message)
        })?;
        let mut builder = Builder::new(set, input);
        for index in order {
            builder.field(&fields.names[index])?;
        }
        builder.route()?;
        builder.finish()
    }

    /// No rules: every column is passed on.
    pub(super) fn nothing(input: &[Column]) -> Result<Self, Error> {
        let set = RuleSet { rules: Vec::new(), route_column: String::new() };
        Builder::new(&set, input).finish()
    }
}

impl<'a> Builder<'a> {
    fn new(set: &'a RuleSet, input: &'a [Column]) -> Self {
        let mut order: Vec<usize> = (0..set.rules.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(set.rules[*index].priority));
        Builder {
            set,
            input,
            pieces: Pieces::default(),
            lets: Vec::new(),
            names: Vec::new(),
            derived: Vec::new(),
            conditions: vec![None; set.rules.len()],
            values: Vec::new(),
            order,
        }
    }

    /// What names stand for in a rule: fields it sets itself are the input's.
    fn scope(&self, rule: Option<&Rule>) -> Scope {
        let mut scope = Scope::of_input("input", false, self.input);
        scope.lets.clone_from(&self.names);
        let own = |name: &str| rule.is_some_and(|rule| rule.then.set.iter().any(|(field, _)| field == name));
        for (name, value) in self.derived.iter().filter(|(name, _)| !own(name)) {
            let binding = Binding { name: name.clone(), value: Some(value.clone()), column: None };
            match scope.bindings.iter_mut().find(|known| known.name == *name) {
                Some(known) => *known = binding,
                None => scope.bindings.push(binding),
            }
        }
        scope
    }

    /// A rule's condition, computed once for every row.
    fn condition(&mut self, index: usize) -> Result<Expr, Error> {
        if let Some((_, named)) = &self.conditions[index] {
            return Ok(named.clone());
        }
        let rule = &self.set.rules[index];
        let scope = self.scope(Some(rule));
        let mut all = validity(rule);
        if let Some(when) = &rule.when {
            let written = self.pieces.condition(when, &scope, &rule.name);
            let written = written.map_err(|mistake| at_key(&path(rule, "when"), mistake, Some(when)))?;
            match written.kind {
                Kind::And(inner) if !all.is_empty() => all.extend(inner),
                kind => all.push(Expr { kind, ..written }),
            }
        }
        let condition = match (all.pop(), all.is_empty()) {
            (None, _) => constant(Literal::Bool(true), Type::Bool),
            (Some(only), true) => only,
            (Some(last), false) => {
                all.push(last);
                all_of(all)
            }
        };
        let named = if is_true(&condition) { condition.clone() } else { self.keep(condition.clone(), &rule.name) };
        self.conditions[index] = Some((condition, named.clone()));
        Ok(named)
    }

    /// Makes an expression a value of the lets.
    fn keep(&mut self, value: Expr, name: &str) -> Expr {
        let named = Expr { kind: Kind::Let(self.lets.len()), ty: value.ty, nullable: value.nullable };
        self.lets.push(value);
        self.names.push(name.to_owned());
        named
    }

    /// A derived field: the value of the first rule for the row, else what it was.
    fn field(&mut self, field: &str) -> Result<(), Error> {
        let column = self.input.iter().position(|column| column.name == field);
        let before = match column {
            Some(index) => Some(column_value(index, &self.input[index])?),
            None => None,
        };
        let mut branches = Vec::new();
        for index in self.order.clone() {
            let rule = &self.set.rules[index];
            let Some((_, value)) = rule.then.set.iter().find(|(name, _)| *name == field) else { continue };
            let condition = self.condition(index)?;
            let scope = self.scope(Some(rule));
            let text = depend::expression(value);
            let key = path(rule, &format!("then.set.{field}"));
            let piece =
                self.pieces.value(&text, &scope, field).map_err(|mistake| at_key(&key, mistake, Some(&text)))?;
            branches.push(Branch { rule: index, condition, piece, scope, key, text });
        }
        let value = self.choose(field, branches, before)?;
        let named = self.keep(value, field);
        self.derived.push((field.to_owned(), named));
        Ok(())
    }

    fn choose(&mut self, field: &str, branches: Vec<Branch>, before: Option<Expr>) -> Result<Expr, Error> {
        let (mut values, otherwise) = match before {
            Some(before) => (self.assigned(field, &branches, before.ty)?, before),
            None => self.united(field, &branches)?,
        };
        for (branch, value) in branches.iter().zip(&values) {
            self.values.push((branch.rule, field.to_owned(), value.clone()));
        }
        let ty = otherwise.ty;
        let always = branches.iter().position(|branch| is_true(&branch.condition));
        let otherwise = match always {
            Some(index) => {
                values.truncate(index + 1);
                values.pop().unwrap_or(otherwise)
            }
            None => otherwise,
        };
        if values.is_empty() {
            return Ok(otherwise);
        }
        let nullable = otherwise.nullable || values.iter().any(|value| value.nullable);
        let branches = branches.into_iter().map(|branch| branch.condition).zip(values).collect();
        Ok(Expr { kind: Kind::Case { branches, otherwise: Box::new(otherwise) }, ty, nullable })
    }

    /// A column keeps its type.
    fn assigned(&mut self, field: &str, branches: &[Branch], ty: Type) -> Result<Vec<Expr>, Error> {
        let mut values = Vec::with_capacity(branches.len());
        for branch in branches {
            let value = branch.piece.value.clone();
            let cast = self.pieces.on(&branch.piece, &branch.scope, field, |resolver, written| {
                resolver.cast(value, Named { ty, cut: None }, CastMode::Strict, written)
            });
            values.push(cast.map_err(|mistake| branch.blamed(mistake))?);
        }
        Ok(values)
    }

    /// A new field has the type its values agree on.
    fn united(&mut self, field: &str, branches: &[Branch]) -> Result<(Vec<Expr>, Expr), Error> {
        let Some(last) = branches.last() else {
            return Ok((Vec::new(), null(Type::Text)));
        };
        let mut values: Vec<Value> = branches.iter().map(|branch| branch.piece.value.clone()).collect();
        values.push(Value { expr: null(Type::Text), unknown: true, span: Span::default() });
        let agreed = self.pieces.on(&last.piece, &last.scope, field, |resolver, written| {
            resolver.agree(values, Purpose::Result, "choose between", written)
        });
        let mut agreed = agreed.map_err(|mistake| Error::key(&last.key, mistake.code, mistake.message))?;
        let otherwise = agreed.pop().unwrap_or_else(|| null(Type::Text));
        Ok((agreed, otherwise))
    }

    fn route(&mut self) -> Result<(), Error> {
        let mut branches = Vec::new();
        for index in self.order.clone() {
            let Some(to) = &self.set.rules[index].then.route else { continue };
            let value = constant(Literal::Text(to.clone()), Type::Text);
            let condition = self.condition(index)?;
            self.values.push((index, self.set.route_column.clone(), value.clone()));
            branches.push((condition, value));
        }
        if branches.is_empty() {
            return Ok(());
        }
        let name = &self.set.route_column;
        let column = self.input.iter().position(|column| column.name == *name);
        let otherwise = match column {
            Some(index) if self.input[index].column_type != batch::ColumnType::Utf8 => {
                let message = format!("the input's `{name}` is no text: name another route column");
                return Err(Error::key("route_column", Code::TypeMismatch, message));
            }
            Some(index) => column_value(index, &self.input[index])?,
            None => null(Type::Text),
        };
        let nullable = otherwise.nullable;
        let kind = Kind::Case { branches, otherwise: Box::new(otherwise) };
        let value = self.keep(Expr { kind, ty: Type::Text, nullable }, name);
        self.derived.push((name.clone(), value));
        Ok(())
    }

    fn finish(mut self) -> Result<Built, Error> {
        let mut rejections = Vec::new();
        for index in self.order.clone() {
            let when = self.condition(index)?;
            let rule = &self.set.rules[index];
            let Some(reject) = &rule.then.reject else { continue };
            let (code, message) = (reject.code.clone(), reject.message.clone());
            if let Some(column) = &reject.column
                && !self.input.iter().any(|known| known.name == *column)
            {
                return Err(Error::key(
                    path(rule, "then.reject.column"),
                    Code::UnknownColumn,
                    format!("no column `{column}`"),
                ));
            }
            rejections.push(Rejection { when, code, column: reject.column.clone(), message });
        }
        let scope = self.scope(None);
        let mut outputs = Outputs::new();
        for binding in &scope.bindings {
            let name = binding.name.clone();
            let output = match (binding.column, &binding.value) {
                (Some(column), _) => Ok(Output::Passed { name, column }),
                (None, Some(value)) => computed(name, value.clone(), &scope, Span::default(), &mut self.pieces.sites),
                (None, None) => continue,
            };
            let added = output.and_then(|output| outputs.add(output, Span::default()));
            added.map_err(|mistake| {
                Error::key(format!("rules.then.set.{}", binding.name), mistake.code, mistake.message)
            })?;
        }
        let outputs = outputs
            .finish(Span::default())
            .map_err(|mistake| Error::key("rules", Code::InvalidKey, mistake.message))?;
        let unconditional = || constant(Literal::Bool(true), Type::Bool);
        let conditions =
            self.conditions.into_iter().map(|it| it.map_or_else(unconditional, |(condition, _)| condition)).collect();
        let plan = Plan {
            input: self.input.to_vec(),
            lets: self.lets,
            rejections,
            filter: None,
            outputs,
            sites: self.pieces.into_sites(),
        };
        Ok(Built { plan, conditions, values: self.values, scope })
    }
}

/// A rule that sets the field at hand.
struct Branch {
    rule: usize,
    condition: Expr,
    piece: Piece,
    scope: Scope,
    key: String,
    text: String,
}

impl Branch {
    fn blamed(&self, mistake: Mistake) -> Error {
        at_key(&self.key, mistake, Some(&self.text))
    }
}

fn column_value(index: usize, column: &Column) -> Result<Expr, Error> {
    match Type::of_column(column.column_type) {
        Some(ty) => Ok(Expr { kind: Kind::Column(index), ty, nullable: column.nullable }),
        None => {
            let message = format!("`{}` has more than 38 digits: a rule can pass it on, not set it", column.name);
            Err(Error::key("rules", Code::TypeMismatch, message))
        }
    }
}

/// The days of a rule as conditions on the run's clock.
fn validity(rule: &Rule) -> Vec<Expr> {
    let Some(valid) = &rule.valid else {
        return Vec::new();
    };
    let bound = |text: &Option<String>, op: Comparison| {
        let days = dates::parse_date(text.as_deref()?)?;
        let begins = days.checked_mul(dates::DAY)?;
        // The last day counts in full: the clock is before the next.
        let micros = if op == Comparison::Less { begins.checked_add(dates::DAY)? } else { begins };
        let ty = Type::Timestamp { zoned: true };
        let clock = Expr { kind: Kind::RunClock, ty, nullable: false };
        Some(comparison(op, clock, constant(Literal::Int(micros), ty)))
    };
    [bound(&valid.from, Comparison::GreaterOrEqual), bound(&valid.to, Comparison::Less)].into_iter().flatten().collect()
}

//! A rule's outputs: what it selects, in order, each with a name of its own.

use std::collections::HashMap;

use sqlparser::ast::{self, Ident};

use super::names::{Scope, place};
use super::{Resolver, Result, sites};
use crate::catalogue;
use crate::error::{Code, Mistake};
use crate::formats::dates::DAY;
use crate::parse::Item;
use crate::plan::{CastMode, Expr, Function, Kind, Literal, Output, Site, Span};
use crate::value_type::Type;

/// Bytes a column's name can have.
const NAME_LIMIT: usize = 255;

/// Outputs as they are gathered.
pub(crate) struct Outputs {
    list: Vec<Output>,
    names: HashMap<String, Span>,
}

impl Outputs {
    pub(crate) fn new() -> Self {
        Self { list: Vec::new(), names: HashMap::new() }
    }

    /// Adds an output whose name no other has.
    pub(crate) fn add(&mut self, output: Output, span: Span) -> Result<()> {
        let name = match &output {
            Output::Passed { name, .. } | Output::Computed { name, .. } => name.clone(),
        };
        if name.is_empty() || name.len() > NAME_LIMIT || name.contains('\0') {
            return Err(Mistake::new(Code::InvalidName, span, format!("expected a name of 1 to {NAME_LIMIT} bytes")));
        }
        if self.names.insert(name.clone(), span).is_some() {
            let message = format!(
                "two outputs are called `{name}`: give one another name with AS, or replace the column with `* REPLACE (… AS {name})`"
            );
            return Err(Mistake::new(Code::DuplicateOutput, span, message));
        }
        self.list.push(output);
        Ok(())
    }

    /// The outputs; a rule has at least one.
    pub(crate) fn finish(self, end: Span) -> Result<Vec<Output>> {
        if self.list.is_empty() {
            return Err(Mistake::new(
                Code::Syntax,
                end,
                "the rule gives no column: expected `SELECT *` or expressions",
            ));
        }
        Ok(self.list)
    }
}

impl Resolver<'_> {
    /// Adds what an item of the list gives.
    pub(crate) fn item(&mut self, item: &Item, outputs: &mut Outputs) -> Result<()> {
        match item {
            Item::Expr { expr, name } => self.single(expr, name.as_ref(), outputs),
            Item::All { span, qualifier, except, replace } => {
                if let Some(qualifier) = qualifier {
                    self.scope.check_qualifier(qualifier)?;
                }
                self.all(*span, except, replace, outputs)
            }
        }
    }

    fn single(&mut self, expr: &ast::Expr, name: Option<&Ident>, outputs: &mut Outputs) -> Result<()> {
        if let Some(column) = bare(expr) {
            if let ast::Expr::CompoundIdentifier(names) = plain(expr)
                && let Some(qualifier) = names.first()
            {
                self.scope.check_qualifier(qualifier)?;
            }
            let binding = self.scope.find(column)?;
            let span = name.map_or_else(|| place(column), place);
            let name = name.map_or_else(|| binding.name.clone(), folded);
            if let Some(column) = binding.column {
                return outputs.add(Output::Passed { name, column }, span);
            }
        }
        let span = name.map_or_else(|| self.span(expr), place);
        let name = match name {
            Some(name) => folded(name),
            None => self.own_name(expr)?,
        };
        let value = self.output_value(&name, expr)?;
        outputs.add(computed(name, value, self.scope, span, self.sites)?, span)
    }

    fn all(
        &mut self,
        span: Span,
        except: &[Ident],
        replace: &[(ast::Expr, Ident)],
        outputs: &mut Outputs,
    ) -> Result<()> {
        let mut left_out = Vec::with_capacity(except.len());
        for name in except {
            left_out.push(self.scope.position(name)?);
        }
        let mut replaced: HashMap<usize, (&ast::Expr, Span)> = HashMap::new();
        for (expr, name) in replace {
            let position = self.scope.position(name)?;
            if left_out.contains(&position) {
                let message = format!("`{}` is left out and replaced: do one of the two", name.value);
                return Err(Mistake::new(Code::DuplicateOutput, place(name), message));
            }
            if replaced.insert(position, (expr, place(name))).is_some() {
                let message = format!("`{}` is replaced twice", name.value);
                return Err(Mistake::new(Code::DuplicateOutput, place(name), message));
            }
        }
        for (index, binding) in self.scope.bindings.iter().enumerate() {
            if left_out.contains(&index) {
                continue;
            }
            let name = binding.name.clone();
            match (replaced.get(&index), binding.column, &binding.value) {
                (Some((expr, span)), ..) => {
                    if let Some(column) = bare(expr).map(|column| self.scope.find(column)).transpose()?
                        && let Some(column) = column.column
                    {
                        outputs.add(Output::Passed { name, column }, *span)?;
                        continue;
                    }
                    let value = self.output_value(&name, expr)?;
                    outputs.add(computed(name, value, self.scope, *span, self.sites)?, *span)?;
                }
                (None, Some(column), _) => outputs.add(Output::Passed { name, column }, span)?,
                (None, None, Some(value)) => {
                    outputs.add(computed(name, value.clone(), self.scope, span, self.sites)?, span)?;
                }
                (None, None, None) => {}
            }
        }
        Ok(())
    }

    fn output_value(&mut self, name: &str, expr: &ast::Expr) -> Result<Expr> {
        self.output = Some(name.to_owned());
        let value = self.settled(expr);
        self.output = None;
        value
    }

    /// The name PostgreSQL would give an item without one, where it says something.
    fn own_name(&self, expr: &ast::Expr) -> Result<String> {
        if let Some(column) = bare(expr) {
            return Ok(self.scope.find(column)?.name.clone());
        }
        match plain(expr) {
            ast::Expr::Cast { expr, .. } => match bare(expr) {
                Some(column) => Ok(self.scope.find(column)?.name.clone()),
                None => self.own_name(expr),
            },
            ast::Expr::Function(function) if function.name.0.len() == 1 => Ok(function
                .name
                .0
                .first()
                .and_then(|part| part.as_ident())
                .map_or_else(|| "function".to_owned(), folded)),
            ast::Expr::Case { .. } => Ok("case".to_owned()),
            _ => {
                let message = "expected a name for this item: write `… AS name`";
                Err(Mistake::new(Code::InvalidName, self.span(expr), message))
            }
        }
    }
}

/// An output with a value; a column that stays what it is passes.
pub(crate) fn computed(name: String, value: Expr, scope: &Scope, span: Span, sites: &mut Vec<Site>) -> Result<Output> {
    if let Kind::Column(column) = value.kind
        && scope.types.get(column).copied() == value.ty.column()
    {
        return Ok(Output::Passed { name, column });
    }
    let Some(column_type) = value.ty.column() else {
        let message = format!(
            "`{name}` would be an {}, which no column can hold: use extract(epoch from …), or add it to a timestamp",
            value.ty
        );
        return Err(Mistake::new(Code::TypeMismatch, span, message));
    };
    let value = if may_end_a_day(&value) { time_of_day(&name, value, span, sites) } else { value };
    Ok(Output::Computed { name, column_type, nullable: value.nullable, value })
}

/// Whether it is a time that may be 24:00:00.
fn may_end_a_day(value: &Expr) -> bool {
    let is_within_a_day = match &value.kind {
        Kind::Literal(Literal::Int(micros)) => *micros < DAY,
        Kind::Cast { value, .. } => matches!(value.ty, Type::Timestamp { .. }),
        Kind::Call { function, .. } => *function == Function::TimeAdd,
        Kind::Null => true,
        _ => false,
    };
    value.ty == Type::Time && !is_within_a_day
}

/// A time as a column holds it.
fn time_of_day(name: &str, value: Expr, span: Span, sites: &mut Vec<Site>) -> Expr {
    let mode = match value.kind {
        Kind::Cast { mode, .. } => mode,
        _ => CastMode::Strict,
    };
    let site = sites::note(sites, Site { column: Some(name.to_owned()), what: name.to_owned(), span });
    let (function, arguments) = (Function::TimeOfDay(mode), vec![value]);
    let nullable = catalogue::gives_null(&function, &arguments);
    Expr { kind: Kind::Call { function, arguments, site }, ty: Type::Time, nullable }
}

/// A name as PostgreSQL keeps it: in small letters unless it is quoted.
pub(crate) fn folded(name: &Ident) -> String {
    if name.quote_style.is_some() { name.value.clone() } else { name.value.to_ascii_lowercase() }
}

fn plain(expr: &ast::Expr) -> &ast::Expr {
    let mut expr = expr;
    while let ast::Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

/// The column an item is and nothing more.
fn bare(expr: &ast::Expr) -> Option<&Ident> {
    match plain(expr) {
        ast::Expr::Identifier(name) => Some(name),
        ast::Expr::CompoundIdentifier(names) => match names.as_slice() {
            [_, name] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

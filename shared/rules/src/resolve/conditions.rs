//! Conditions and choices: IS, IN, BETWEEN, LIKE, regular expressions and CASE.

use sqlparser::ast;

use super::coerce::Purpose;
use super::literal::null;
use super::operators::comparison;
use super::{Resolver, Result, Value};
use crate::error::{Code, Mistake};
use crate::formats::{like, regexp};
use crate::plan::{Comparison, Expr, Function, Kind};
use crate::value_type::Type;

impl Resolver<'_> {
    pub(super) fn is_null(&mut self, inner: &ast::Expr) -> Result<Expr> {
        let value = self.value(inner)?;
        Ok(truth(Kind::IsNull(Box::new(value.expr))))
    }

    pub(super) fn is_unknown(&mut self, inner: &ast::Expr) -> Result<Expr> {
        let value = self.value(inner)?;
        let value = self.boolean(value, "IS UNKNOWN")?;
        Ok(truth(Kind::IsNull(Box::new(value))))
    }

    pub(super) fn is_bool(&mut self, inner: &ast::Expr, is: bool) -> Result<Expr> {
        let value = self.value(inner)?;
        let value = self.boolean(value, if is { "IS TRUE" } else { "IS FALSE" })?;
        Ok(truth(Kind::IsBool { value: Box::new(value), is }))
    }

    pub(super) fn distinct(&mut self, left: &ast::Expr, right: &ast::Expr, written: &ast::Expr) -> Result<Expr> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        let (left, right) = self.comparable(left, right, written)?;
        Ok(truth(Kind::Distinct { left: Box::new(left), right: Box::new(right) }))
    }

    pub(super) fn in_list(&mut self, value: &ast::Expr, list: &[ast::Expr], written: &ast::Expr) -> Result<Expr> {
        let mut values = vec![self.value(value)?];
        for item in list {
            values.push(self.value(item)?);
        }
        let mut values = self.agree(values, Purpose::Compare, "compare", written)?;
        if values.len() < 2 {
            return Err(Mistake::new(Code::Syntax, self.span(written), "expected at least one value after IN"));
        }
        let list = values.split_off(1);
        let Some(value) = values.pop() else {
            return Err(Mistake::new(Code::Syntax, self.span(written), "expected a value before IN"));
        };
        let nullable = value.nullable || list.iter().any(|item| item.nullable);
        Ok(Expr { kind: Kind::In { value: Box::new(value), list }, ty: Type::Bool, nullable })
    }

    pub(super) fn between(
        &mut self,
        value: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        written: &ast::Expr,
    ) -> Result<Expr> {
        let (value, low, high) = (self.value(value)?, self.value(low)?, self.value(high)?);
        self.within(value, low, high, written)
    }

    fn within(&mut self, value: Value, low: Value, high: Value, written: &ast::Expr) -> Result<Expr> {
        let again = Value { expr: self.again(&value.expr, value.span)?, ..value.clone() };
        let (left, low) = self.comparable(value, low, written)?;
        let (right, high) = self.comparable(again, high, written)?;
        Ok(all_of(vec![
            comparison(Comparison::GreaterOrEqual, left, low),
            comparison(Comparison::LessOrEqual, right, high),
        ]))
    }

    /// Either way round.
    pub(crate) fn between_symmetric(&mut self, arguments: &[&ast::Expr], written: &ast::Expr) -> Result<Expr> {
        let [value, low, high] = arguments else {
            return Err(Mistake::new(Code::Syntax, self.span(written), "expected BETWEEN SYMMETRIC … AND …"));
        };
        let (value, low, high) = (self.value(value)?, self.value(low)?, self.value(high)?);
        for twice in [&value, &low, &high] {
            self.again(&twice.expr, twice.span)?;
        }
        let one = self.within(value.clone(), low.clone(), high.clone(), written)?;
        let other = self.within(value, high, low, written)?;
        let nullable = one.nullable || other.nullable;
        Ok(Expr { kind: Kind::Or(vec![one, other]), ty: Type::Bool, nullable })
    }

    pub(super) fn like(
        &mut self,
        value: &ast::Expr,
        pattern: &ast::Expr,
        escape: Option<&ast::Expr>,
        ignore_case: bool,
        written: &ast::Expr,
    ) -> Result<Expr> {
        let value = self.text(value, "LIKE")?;
        let (pattern, span) = self.constant_text(pattern, "a LIKE pattern")?;
        let escape = match escape {
            None => Some('\\'),
            Some(escape) => {
                let (escape, span) = self.constant_text(escape, "an escape letter")?;
                let mut letters = escape.chars();
                match (letters.next(), letters.next()) {
                    (letter, None) => letter,
                    _ => return Err(Mistake::new(Code::InvalidPattern, span, "expected one letter after ESCAPE")),
                }
            }
        };
        let pattern = like::parse(&pattern, escape, ignore_case).ok_or_else(|| {
            Mistake::new(Code::InvalidPattern, span, "the pattern ends in its escape letter: write it twice")
        })?;
        Ok(self.call(Function::Like(pattern), vec![value], Type::Bool, written))
    }

    pub(super) fn matches(
        &mut self,
        value: &ast::Expr,
        pattern: &ast::Expr,
        flags: &str,
        written: &ast::Expr,
    ) -> Result<Expr> {
        let value = self.text(value, "~")?;
        let checked = self.regexp(pattern, flags)?;
        Ok(self.call(Function::RegexpLike(checked.regexp), vec![value], Type::Bool, written))
    }

    /// A constant regular expression.
    pub(crate) fn regexp(&mut self, pattern: &ast::Expr, flags: &str) -> Result<regexp::Checked> {
        let (pattern, span) = self.constant_text(pattern, "a regular expression")?;
        regexp::parse(&pattern, flags)
            .map_err(|reason| Mistake::new(Code::InvalidPattern, span, format!("not a regular expression: {reason}")))
    }

    pub(super) fn case(
        &mut self,
        operand: Option<&ast::Expr>,
        conditions: &[ast::CaseWhen],
        otherwise: Option<&ast::Expr>,
        written: &ast::Expr,
    ) -> Result<Expr> {
        let operand = operand.map(|operand| self.value(operand)).transpose()?;
        let (mut tests, mut values) = (Vec::new(), Vec::new());
        for branch in conditions {
            tests.push(self.test(operand.as_ref(), &branch.condition, written)?);
            values.push(self.value(&branch.result)?);
        }
        values.push(match otherwise {
            Some(otherwise) => self.value(otherwise)?,
            None => Value { expr: null(Type::Text), unknown: true, span: self.span(written) },
        });
        let mut values = self.agree(values, Purpose::Result, "choose between", written)?;
        let otherwise = values.pop().unwrap_or_else(|| null(Type::Text));
        let ty = otherwise.ty;
        let nullable = otherwise.nullable || values.iter().any(|value| value.nullable);
        let branches = tests.into_iter().zip(values).collect();
        Ok(Expr { kind: Kind::Case { branches, otherwise: Box::new(otherwise) }, ty, nullable })
    }

    fn test(&mut self, operand: Option<&Value>, condition: &ast::Expr, written: &ast::Expr) -> Result<Expr> {
        let Some(operand) = operand else {
            return self.condition(condition);
        };
        let operand = Value { expr: self.again(&operand.expr, operand.span)?, ..operand.clone() };
        let value = self.value(condition)?;
        let (left, right) = self.comparable(operand, value, written)?;
        Ok(comparison(Comparison::Equal, left, right))
    }

    pub(crate) fn coalesce(&mut self, values: Vec<Value>, written: &ast::Expr) -> Result<Expr> {
        let values = self.agree(values, Purpose::Result, "choose between", written)?;
        let ty = values.first().map_or(Type::Text, |value| value.ty);
        let nullable = values.iter().all(|value| value.nullable);
        Ok(Expr { kind: Kind::Coalesce(values), ty, nullable })
    }

    pub(crate) fn extreme(&mut self, greatest: bool, values: Vec<Value>, written: &ast::Expr) -> Result<Expr> {
        let values = self.agree(values, Purpose::Result, "compare", written)?;
        let ty = values.first().map_or(Type::Text, |value| value.ty);
        if matches!(ty, Type::Json | Type::Numeric) {
            let message = format!("cannot compare {ty}: cast it first");
            return Err(Mistake::new(Code::TypeMismatch, self.span(written), message));
        }
        let nullable = values.iter().all(|value| value.nullable);
        Ok(Expr { kind: Kind::Extreme { greatest, values }, ty, nullable })
    }

    pub(crate) fn null_if(&mut self, left: Value, right: Value, written: &ast::Expr) -> Result<Expr> {
        let (left, right) = self.comparable(left, right, written)?;
        let ty = left.ty;
        let kind = Kind::NullIf { left: Box::new(left), right: Box::new(right) };
        Ok(Expr { kind, ty, nullable: true })
    }
}

/// What is never NULL.
fn truth(kind: Kind) -> Expr {
    Expr { kind, ty: Type::Bool, nullable: false }
}

pub(crate) fn all_of(conditions: Vec<Expr>) -> Expr {
    let nullable = conditions.iter().any(|condition| condition.nullable);
    Expr { kind: Kind::And(conditions), ty: Type::Bool, nullable }
}

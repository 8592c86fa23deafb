//! Conditions on a row that is tried: a value, or that it cannot be told.

use std::cmp::Ordering;

use super::values::{Val, rescaled};
use crate::formats::{dates, numbers};
use crate::plan::{Comparison, Expr, Kind, Literal};
use crate::value_type::Type;

/// A row that is tried.
pub(super) struct Row<'a> {
    /// The columns' values; those nothing is known of are not looked at.
    pub(super) columns: &'a [Val],
    /// The run's clock.
    pub(super) clock: i64,
    /// The plan's lets as far as they are told, in order.
    pub(super) lets: Vec<Option<Val>>,
}

impl<'a> Row<'a> {
    pub(super) fn new(columns: &'a [Val], clock: i64, lets: &[Expr]) -> Self {
        let mut row = Row { columns, clock, lets: Vec::with_capacity(lets.len()) };
        for value in lets {
            let value = row.value(value);
            row.lets.push(value);
        }
        row
    }

    /// Whether a condition is TRUE; none when it cannot be told.
    pub(super) fn is_true(&self, condition: &Expr) -> Option<bool> {
        self.value(condition).map(|value| value == Val::Bool(true))
    }

    /// Whether a condition is FALSE.
    pub(super) fn is_false(&self, condition: &Expr) -> Option<bool> {
        self.value(condition).map(|value| value == Val::Bool(false))
    }

    pub(super) fn value(&self, expr: &Expr) -> Option<Val> {
        match &expr.kind {
            Kind::Column(index) => self.columns.get(*index).cloned(),
            Kind::Let(index) => self.lets.get(*index).cloned().flatten(),
            Kind::Literal(literal) => Some(of_literal(literal, expr.ty)),
            Kind::Null => Some(Val::Null),
            Kind::RunClock => Some(Val::Int(self.clock)),
            Kind::Not(inner) => match self.value(inner)? {
                Val::Bool(truth) => Some(Val::Bool(!truth)),
                Val::Null => Some(Val::Null),
                _ => None,
            },
            Kind::And(values) => self.chain(values, false),
            Kind::Or(values) => self.chain(values, true),
            Kind::IsNull(inner) => Some(Val::Bool(self.value(inner)? == Val::Null)),
            Kind::IsBool { value, is } => Some(Val::Bool(self.value(value)? == Val::Bool(*is))),
            Kind::Compare { op, left, right } => self.compare(*op, left, right),
            Kind::Distinct { left, right } => match (self.value(left)?, self.value(right)?) {
                (Val::Null, Val::Null) => Some(Val::Bool(false)),
                (Val::Null, _) | (_, Val::Null) => Some(Val::Bool(true)),
                (left, right) => Some(Val::Bool(left.compare(&right)? != Ordering::Equal)),
            },
            Kind::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    if self.is_true(condition)? {
                        return self.value(value);
                    }
                }
                self.value(otherwise)
            }
            Kind::Coalesce(values) => {
                for value in values {
                    let value = self.value(value)?;
                    if value != Val::Null {
                        return Some(value);
                    }
                }
                Some(Val::Null)
            }
            Kind::NullIf { left, right } => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                if left == Val::Null || right == Val::Null {
                    return Some(left);
                }
                let equal = left.compare(&right)? == Ordering::Equal;
                Some(if equal { Val::Null } else { left })
            }
            Kind::Extreme { greatest, values } => self.extreme(*greatest, values),
            Kind::In { value, list } => self.within(value, list),
            Kind::Cast { value, .. } => cast(self.value(value)?, value.ty, expr.ty),
            Kind::Arithmetic { .. } | Kind::Negate { .. } | Kind::Call { .. } => None,
        }
    }

    /// AND and OR: what decides them does so whatever cannot be told.
    fn chain(&self, values: &[Expr], decides: bool) -> Option<Val> {
        let (mut untold, mut null) = (false, false);
        for value in values {
            match self.value(value) {
                Some(Val::Bool(truth)) if truth == decides => return Some(Val::Bool(decides)),
                Some(Val::Bool(_)) => {}
                Some(Val::Null) => null = true,
                _ => untold = true,
            }
        }
        match (untold, null) {
            (true, _) => None,
            (false, true) => Some(Val::Null),
            (false, false) => Some(Val::Bool(!decides)),
        }
    }

    fn compare(&self, op: Comparison, left: &Expr, right: &Expr) -> Option<Val> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        if left == Val::Null || right == Val::Null {
            return Some(Val::Null);
        }
        let order = left.compare(&right)?;
        Some(Val::Bool(match op {
            Comparison::Equal => order == Ordering::Equal,
            Comparison::NotEqual => order != Ordering::Equal,
            Comparison::Less => order == Ordering::Less,
            Comparison::LessOrEqual => order != Ordering::Greater,
            Comparison::Greater => order == Ordering::Greater,
            Comparison::GreaterOrEqual => order != Ordering::Less,
        }))
    }

    fn extreme(&self, greatest: bool, values: &[Expr]) -> Option<Val> {
        let mut best = Val::Null;
        for value in values {
            let value = self.value(value)?;
            if value == Val::Null {
                continue;
            }
            let better =
                best == Val::Null || value.compare(&best)? == if greatest { Ordering::Greater } else { Ordering::Less };
            if better {
                best = value;
            }
        }
        Some(best)
    }

    fn within(&self, value: &Expr, list: &[Expr]) -> Option<Val> {
        let value = self.value(value)?;
        if value == Val::Null {
            return Some(Val::Null);
        }
        let mut null = false;
        for item in list {
            match self.value(item)? {
                Val::Null => null = true,
                item if value.compare(&item)? == Ordering::Equal => return Some(Val::Bool(true)),
                _ => {}
            }
        }
        Some(if null { Val::Null } else { Val::Bool(false) })
    }
}

/// A constant as a value.
pub(super) fn of_literal(literal: &Literal, ty: Type) -> Val {
    match (literal, ty) {
        (Literal::Bool(truth), _) => Val::Bool(*truth),
        (Literal::Int(number), _) => Val::Int(*number),
        (Literal::Float(number), _) => Val::Float(*number),
        (Literal::Decimal(unscaled), Type::Decimal { scale, .. }) => Val::Decimal(*unscaled, scale),
        (Literal::Text(text), Type::Text) => Val::Text(text.clone()),
        _ => Val::Some,
    }
}

/// A conversion that loses nothing; others are not told.
fn cast(value: Val, from: Type, to: Type) -> Option<Val> {
    match (value, from, to) {
        (Val::Null, ..) => Some(Val::Null),
        (Val::Int(number), Type::Int(_), Type::Int(bits)) => {
            crate::resolve::fits(number, bits).then_some(Val::Int(number))
        }
        (Val::Int(number), Type::Int(_), Type::Decimal { precision, scale }) => {
            decimal(i128::from(number), 0, precision, scale)
        }
        (Val::Decimal(unscaled, own), _, Type::Decimal { precision, scale }) if scale >= own => {
            decimal(unscaled, own, precision, scale)
        }
        (Val::Int(days), Type::Date, Type::Timestamp { .. }) => Some(Val::Int(days.checked_mul(dates::DAY)?)),
        (Val::Int(micros), Type::Timestamp { .. }, Type::Date) => Some(Val::Int(micros.div_euclid(dates::DAY))),
        (Val::Int(micros), Type::Timestamp { .. }, Type::Timestamp { .. }) => Some(Val::Int(micros)),
        (Val::Float(number), Type::Float(32), Type::Float(64)) => Some(Val::Float(number)),
        (Val::Bool(truth), Type::Bool, Type::Int(_)) => Some(Val::Int(i64::from(truth))),
        _ => None,
    }
}

fn decimal(unscaled: i128, own: u8, precision: u8, scale: u8) -> Option<Val> {
    let unscaled = rescaled(unscaled, own, scale)?;
    (numbers::digits(unscaled) <= precision).then_some(Val::Decimal(unscaled, scale))
}

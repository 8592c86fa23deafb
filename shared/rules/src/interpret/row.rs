use bumpalo::Bump;
use rules_runtime::Fault;
use rules_runtime::functions::{decimal, interval, number};

use super::call;
use super::cast;
use super::columns::Reader;
use super::compare::{holds, is_same, order};
use super::constants::Constants;
use super::value::Value;
use crate::plan::{Arithmetic, CastMode, Expr, Kind, SiteId};
use crate::value_type::Type;

/// Why a row goes no further.
pub(super) enum Stop {
    /// A value cannot be computed.
    Fault { fault: Fault, site: SiteId },
    /// The plan has what it must not have.
    Plan(&'static str),
}

/// A row at work.
pub(super) struct Row<'a> {
    pub(super) readers: &'a [Reader],
    pub(super) constants: &'a Constants,
    pub(super) run_clock_micros: i64,
    pub(super) number: usize,
    /// The plan's lets, as far as they are computed.
    pub(super) lets: Vec<Value<'a>>,
    pub(super) arena: &'a Bump,
}

impl<'a> Row<'a> {
    /// The value of a boolean; none for NULL.
    pub(super) fn truth(&self, expr: &'a Expr) -> Result<Option<bool>, Stop> {
        self.value(expr)?.truth()
    }

    pub(super) fn value(&self, expr: &'a Expr) -> Result<Value<'a>, Stop> {
        match &expr.kind {
            Kind::Column(column) => {
                let value = self.readers.get(*column).and_then(|reader| reader.value(self.number));
                value.ok_or(Stop::Plan("a column that cannot be read"))
            }
            Kind::Let(number) => self.lets.get(*number).copied().ok_or(Stop::Plan("a value used before it is there")),
            Kind::Literal(literal) => Ok(Value::of(literal)),
            Kind::Null => Ok(Value::Null),
            Kind::RunClock => Ok(Value::Int(self.run_clock_micros)),
            Kind::Not(value) => Ok(of_truth(self.truth(value)?.map(|truth| !truth))),
            Kind::And(parts) => self.all_are(parts, true),
            Kind::Or(parts) => self.all_are(parts, false),
            Kind::IsNull(value) => Ok(Value::Bool(self.value(value)?.is_null())),
            Kind::IsBool { value, is } => Ok(Value::Bool(self.truth(value)? == Some(*is))),
            Kind::Compare { op, left, right } => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                if left.is_null() || right.is_null() {
                    return Ok(Value::Null);
                }
                Ok(Value::Bool(holds(*op, order(left, right)?)))
            }
            Kind::Distinct { left, right } => Ok(Value::Bool(!is_same(self.value(left)?, self.value(right)?)?)),
            Kind::Arithmetic { op, left, right, site } => {
                let (first, second) = (self.value(left)?, self.value(right)?);
                if first.is_null() || second.is_null() {
                    return Ok(Value::Null);
                }
                arithmetic(*op, (first, left.ty), (second, right.ty), expr.ty)?.map_err(|fault| at(fault, *site))
            }
            Kind::Negate { value, site } => {
                let result = match self.value(value)? {
                    Value::Null => return Ok(Value::Null),
                    Value::Int(value) => number::negate(value).map(Value::Int),
                    Value::Float(value) => Ok(Value::Float(-value)),
                    Value::Decimal(value) => value.checked_neg().map(Value::Decimal).ok_or(Fault::Overflow),
                    Value::Interval(value) => interval::negate(value).map(Value::Interval),
                    _ => return Err(Stop::Plan("a minus of what is no number")),
                };
                result.map_err(|fault| at(fault, *site))
            }
            Kind::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    if self.truth(condition)? == Some(true) {
                        return self.value(value);
                    }
                }
                self.value(otherwise)
            }
            Kind::Coalesce(values) => {
                for value in values {
                    let value = self.value(value)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Ok(Value::Null)
            }
            Kind::NullIf { left, right } => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                Ok(if is_same(left, right)? { Value::Null } else { left })
            }
            Kind::Extreme { greatest, values } => self.extreme(*greatest, values),
            Kind::In { value, list } => self.is_in(value, list),
            Kind::Cast { value, mode, site } => {
                let (from, value) = (value.ty, self.value(value)?);
                if value.is_null() {
                    return Ok(Value::Null);
                }
                match (cast::cast(value, from, expr.ty, self.arena)?, mode) {
                    (Ok(value), _) => Ok(value),
                    (Err(_), CastMode::Try) => Ok(Value::Null),
                    (Err(fault), CastMode::Strict) => Err(at(fault, *site)),
                }
            }
            Kind::Call { function, arguments, site } => {
                let values = arguments.iter().map(|argument| self.value(argument)).collect::<Result<Vec<_>, _>>()?;
                let types: Vec<Type> = arguments.iter().map(|argument| argument.ty).collect();
                call::call(self, function, &values, &types, expr.ty)?.map_err(|fault| at(fault, *site))
            }
        }
    }

    /// AND of truths, OR of falsehoods: the first that is not so decides, else NULL if one was.
    fn all_are(&self, parts: &'a [Expr], wanted: bool) -> Result<Value<'a>, Stop> {
        let mut result = Some(wanted);
        for part in parts {
            match self.truth(part)? {
                None => result = None,
                Some(truth) if truth != wanted => return Ok(Value::Bool(truth)),
                Some(_) => {}
            }
        }
        Ok(of_truth(result))
    }

    fn extreme(&self, greatest: bool, values: &'a [Expr]) -> Result<Value<'a>, Stop> {
        let mut best = Value::Null;
        for value in values {
            let value = self.value(value)?;
            if value.is_null() {
                continue;
            }
            let is_better = best.is_null() || {
                let order = order(value, best)?;
                if greatest { order.is_gt() } else { order.is_lt() }
            };
            if is_better {
                best = value;
            }
        }
        Ok(best)
    }

    fn is_in(&self, value: &'a Expr, list: &'a [Expr]) -> Result<Value<'a>, Stop> {
        let value = self.value(value)?;
        let mut result = Some(false);
        for other in list {
            let other = self.value(other)?;
            if value.is_null() || other.is_null() {
                result = None;
            } else if order(value, other)?.is_eq() {
                return Ok(Value::Bool(true));
            }
        }
        Ok(of_truth(result))
    }
}

/// A fault at its site.
fn at(fault: Fault, site: SiteId) -> Stop {
    Stop::Fault { fault, site }
}

fn of_truth<'a>(truth: Option<bool>) -> Value<'a> {
    truth.map_or(Value::Null, Value::Bool)
}

fn arithmetic<'a>(
    op: Arithmetic,
    (left, left_type): (Value<'a>, Type),
    (right, right_type): (Value<'a>, Type),
    result: Type,
) -> Result<Result<Value<'a>, Fault>, Stop> {
    Ok(match (left, right) {
        (Value::Int(left), Value::Int(right)) => {
            let compute = match op {
                Arithmetic::Add => number::add,
                Arithmetic::Subtract => number::subtract,
                Arithmetic::Multiply => number::multiply,
                Arithmetic::Divide => number::divide,
                Arithmetic::Remainder => number::remainder,
            };
            compute(left, right).map(Value::Int)
        }
        (Value::Float(left), Value::Float(right)) => {
            let compute = match op {
                Arithmetic::Add => number::float_add,
                Arithmetic::Subtract => number::float_subtract,
                Arithmetic::Multiply => number::float_multiply,
                Arithmetic::Divide => number::float_divide,
                Arithmetic::Remainder => return Err(Stop::Plan("a remainder of doubles")),
            };
            compute(left, right).map(Value::Float)
        }
        (Value::Decimal(left), Value::Decimal(right)) => {
            let (_, left_scale) = digits(left_type)?;
            let (_, right_scale) = digits(right_type)?;
            let (precision, scale) = digits(result)?;
            let computed = match op {
                Arithmetic::Add => decimal::add(left, right, precision),
                Arithmetic::Subtract => decimal::subtract(left, right, precision),
                Arithmetic::Multiply => decimal::multiply(left, right, precision),
                Arithmetic::Divide => decimal::divide(left, left_scale, right, right_scale, precision, scale),
                Arithmetic::Remainder => decimal::remainder(left, right),
            };
            computed.map(Value::Decimal)
        }
        _ => return Err(Stop::Plan("arithmetic of what are no numbers of one kind")),
    })
}

/// Precision and scale of a decimal.
pub(super) fn digits(ty: Type) -> Result<(u8, u8), Stop> {
    match ty {
        Type::Decimal { precision, scale } => Ok((precision, scale)),
        _ => Err(Stop::Plan("a decimal of another type")),
    }
}

use std::cmp::Ordering;

use rules_runtime::functions::{interval, number};

use super::row::Stop;
use super::value::Value;
use crate::plan::Comparison;

/// The order of two values of one type that are not NULL.
pub(super) fn order(left: Value<'_>, right: Value<'_>) -> Result<Ordering, Stop> {
    Ok(match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(&right),
        (Value::Int(left), Value::Int(right)) => left.cmp(&right),
        (Value::Float(left), Value::Float(right)) => number::float_compare(left, right),
        (Value::Decimal(left), Value::Decimal(right)) => left.cmp(&right),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
        (Value::Interval(left), Value::Interval(right)) => interval::compare(left, right),
        _ => return Err(Stop::Plan("a comparison of two kinds of values")),
    })
}

/// Whether two values are the same, NULL being the same as NULL.
pub(super) fn is_same(left: Value<'_>, right: Value<'_>) -> Result<bool, Stop> {
    match (left.is_null(), right.is_null()) {
        (false, false) => Ok(order(left, right)?.is_eq()),
        (left, right) => Ok(left && right),
    }
}

/// What a comparison says of an order.
pub(super) fn holds(op: Comparison, order: Ordering) -> bool {
    match op {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

//! Values of rows that are tried.

use std::cmp::Ordering;

use crate::formats::{dates, numbers};
use crate::value_type::Type;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Val {
    Null,
    Bool(bool),
    /// Integers, days and microseconds.
    Int(i64),
    /// The unscaled number and its scale.
    Decimal(i128, u8),
    Float(f64),
    Text(String),
    /// Some value that is not NULL and not looked into.
    Some,
}

impl Val {
    /// Compares two values that are not NULL; none when that cannot be told.
    pub(super) fn compare(&self, other: &Val) -> Option<Ordering> {
        match (self, other) {
            (Val::Bool(left), Val::Bool(right)) => Some(left.cmp(right)),
            (Val::Int(left), Val::Int(right)) => Some(left.cmp(right)),
            (Val::Decimal(left, left_scale), Val::Decimal(right, right_scale)) => {
                let scale = (*left_scale).max(*right_scale);
                Some(rescaled(*left, *left_scale, scale)?.cmp(&rescaled(*right, *right_scale, scale)?))
            }
            (Val::Float(left), Val::Float(right)) => Some(floats(*left, *right)),
            (Val::Text(left), Val::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
            _ => None,
        }
    }

    /// The value as people read it; none is NULL.
    pub(super) fn shown(&self, ty: Type) -> Option<String> {
        Some(match (self, ty) {
            (Val::Null, _) => return None,
            (Val::Bool(truth), _) => truth.to_string(),
            (Val::Int(days), Type::Date) => dates::date_text(*days).unwrap_or_else(|| days.to_string()),
            (Val::Int(micros), Type::Time) => dates::time_text(*micros).unwrap_or_else(|| micros.to_string()),
            (Val::Int(micros), Type::Timestamp { .. }) => {
                dates::timestamp_text(*micros).unwrap_or_else(|| micros.to_string())
            }
            (Val::Int(number), _) => number.to_string(),
            (Val::Decimal(unscaled, scale), _) => numbers::decimal_text(*unscaled, *scale),
            (Val::Float(number), _) => number.to_string(),
            (Val::Text(text), _) => text.clone(),
            (Val::Some, _) => "any value".to_owned(),
        })
    }
}

/// The unscaled number at a greater scale.
pub(super) fn rescaled(unscaled: i128, scale: u8, to: u8) -> Option<i128> {
    unscaled.checked_mul(10_i128.checked_pow(u32::from(to.checked_sub(scale)?))?)
}

/// NaN equals itself and is above everything.
fn floats(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

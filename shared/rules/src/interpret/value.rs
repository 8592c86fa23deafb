use super::row::Stop;
use crate::plan::{Interval, Literal};

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    /// Integers, days, microseconds.
    Int(i64),
    Float(f64),
    /// The unscaled number.
    Decimal(i128),
    /// Text, JSON, numeric.
    Text(&'a str),
    /// Bytes, uuid.
    Bytes(&'a [u8]),
    Interval(Interval),
}

const WRONG: Stop = Stop::Plan("a value of another kind than its place takes");

impl<'a> Value<'a> {
    pub(super) fn of(literal: &'a Literal) -> Self {
        match literal {
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Float(value) => Value::Float(*value),
            Literal::Decimal(value) => Value::Decimal(*value),
            Literal::Text(value) => Value::Text(value),
            Literal::Bytes(value) => Value::Bytes(value),
            Literal::Interval(value) => Value::Interval(*value),
        }
    }

    pub(super) fn is_null(self) -> bool {
        matches!(self, Value::Null)
    }

    pub(super) fn truth(self) -> Result<Option<bool>, Stop> {
        match self {
            Value::Null => Ok(None),
            value => value.bool().map(Some),
        }
    }

    pub(super) fn bool(self) -> Result<bool, Stop> {
        if let Value::Bool(value) = self { Ok(value) } else { Err(WRONG) }
    }

    pub(super) fn int(self) -> Result<i64, Stop> {
        if let Value::Int(value) = self { Ok(value) } else { Err(WRONG) }
    }

    pub(super) fn float(self) -> Result<f64, Stop> {
        if let Value::Float(value) = self { Ok(value) } else { Err(WRONG) }
    }

    pub(super) fn decimal(self) -> Result<i128, Stop> {
        if let Value::Decimal(value) = self { Ok(value) } else { Err(WRONG) }
    }

    pub(super) fn text(self) -> Result<&'a str, Stop> {
        if let Value::Text(value) = self { Ok(value) } else { Err(WRONG) }
    }

    pub(super) fn bytes(self) -> Result<&'a [u8], Stop> {
        if let Value::Bytes(value) = self { Ok(value) } else { Err(WRONG) }
    }

    /// The bytes of a text or of bytes.
    pub(super) fn octets(self) -> Result<&'a [u8], Stop> {
        if let Value::Text(value) = self { Ok(value.as_bytes()) } else { self.bytes() }
    }

    pub(super) fn interval(self) -> Result<Interval, Stop> {
        if let Value::Interval(value) = self { Ok(value) } else { Err(WRONG) }
    }
}

use bumpalo::Bump;
use rules_runtime::Fault;
use rules_runtime::functions::cast as casts;

use super::row::{Stop, digits};
use super::value::Value;
use crate::value_type::Type;

/// Converts a value that is not NULL.
pub(super) fn cast<'a>(
    value: Value<'a>,
    from: Type,
    to: Type,
    arena: &'a Bump,
) -> Result<Result<Value<'a>, Fault>, Stop> {
    if from == to {
        return Ok(Ok(value));
    }
    match (from, to) {
        (_, Type::Text) => to_text(value, from, arena),
        (Type::Text, _) => from_text(value.text()?, to, arena),
        (Type::Bool, Type::Int(_)) => Ok(Ok(Value::Int(casts::bool_to_int(value.bool()?)))),
        (Type::Int(_), Type::Bool) => Ok(Ok(Value::Bool(casts::int_to_bool(value.int()?)))),
        (Type::Int(_), _) => from_int(value.int()?, to, arena),
        (Type::Float(bits), _) => from_float(value.float()?, bits, to, arena),
        (Type::Decimal { .. }, _) => from_decimal(value.decimal()?, from, to, arena),
        (Type::Numeric, _) => from_numeric(value.text()?, to),
        (Type::Date | Type::Timestamp { .. }, _) => from_moment(value.int()?, from, to),
        _ => Err(NONE),
    }
}

const NONE: Stop = Stop::Plan("a cast between types that have none");

fn to_text<'a>(value: Value<'a>, from: Type, arena: &'a Bump) -> Result<Result<Value<'a>, Fault>, Stop> {
    let text = match from {
        Type::Bool => Ok(casts::bool_to_text(value.bool()?)),
        Type::Int(_) => Ok(casts::int_to_text(value.int()?, arena)),
        Type::Float(bits) => Ok(casts::float_to_text(value.float()?, bits, arena)),
        Type::Decimal { scale, .. } => Ok(casts::decimal_to_text(value.decimal()?, scale, arena)),
        Type::Numeric | Type::Json | Type::Text => Ok(value.text()?),
        Type::Bytes => casts::bytes_to_text(value.bytes()?, arena),
        Type::Date => casts::date_to_text(value.int()?, arena),
        Type::Time => Ok(casts::time_to_text(value.int()?, arena)),
        Type::Timestamp { zoned } => casts::timestamp_to_text(value.int()?, zoned, arena),
        Type::Interval => Ok(casts::interval_to_text(value.interval()?, arena)),
        Type::Uuid => Ok(casts::uuid_to_text(value.bytes()?, arena)),
    };
    Ok(text.map(Value::Text))
}

fn from_text<'a>(text: &'a str, to: Type, arena: &'a Bump) -> Result<Result<Value<'a>, Fault>, Stop> {
    Ok(match to {
        Type::Bool => casts::text_to_bool(text).map(Value::Bool),
        Type::Int(bits) => casts::text_to_int(text, bits).map(Value::Int),
        Type::Float(bits) => casts::text_to_float(text, bits).map(Value::Float),
        Type::Decimal { precision, scale } => casts::text_to_decimal(text, precision, scale).map(Value::Decimal),
        Type::Numeric => casts::text_to_numeric(text, arena).map(Value::Text),
        Type::Bytes => casts::text_to_bytes(text, arena).map(Value::Bytes),
        Type::Date => casts::text_to_date(text).map(Value::Int),
        Type::Time => casts::text_to_time(text).map(Value::Int),
        Type::Timestamp { zoned: false } => casts::text_to_timestamp(text).map(Value::Int),
        Type::Timestamp { zoned: true } => casts::text_to_timestamptz(text).map(Value::Int),
        Type::Json => casts::text_to_json(text).map(Value::Text),
        Type::Uuid => casts::text_to_uuid(text, arena).map(Value::Bytes),
        Type::Text | Type::Interval => return Err(NONE),
    })
}

fn from_int<'a>(value: i64, to: Type, arena: &'a Bump) -> Result<Result<Value<'a>, Fault>, Stop> {
    Ok(match to {
        Type::Int(bits) => casts::int_to_int(value, bits).map(Value::Int),
        Type::Float(bits) => Ok(Value::Float(casts::int_to_float(value, bits))),
        Type::Decimal { precision, scale } => casts::int_to_decimal(value, precision, scale).map(Value::Decimal),
        Type::Numeric => Ok(Value::Text(casts::int_to_text(value, arena))),
        _ => return Err(NONE),
    })
}

fn from_float<'a>(value: f64, bits: u8, to: Type, arena: &'a Bump) -> Result<Result<Value<'a>, Fault>, Stop> {
    Ok(match to {
        Type::Int(bits) => casts::float_to_int(value, bits).map(Value::Int),
        Type::Float(bits) => casts::float_to_float(value, bits).map(Value::Float),
        Type::Decimal { precision, scale } => {
            casts::float_to_decimal(value, bits, precision, scale).map(Value::Decimal)
        }
        Type::Numeric => casts::float_to_numeric(value, bits, arena).map(Value::Text),
        _ => return Err(NONE),
    })
}

fn from_decimal<'a>(value: i128, from: Type, to: Type, arena: &'a Bump) -> Result<Result<Value<'a>, Fault>, Stop> {
    let (_, scale) = digits(from)?;
    Ok(match to {
        Type::Int(bits) => casts::decimal_to_int(value, scale, bits).map(Value::Int),
        Type::Float(bits) => casts::decimal_to_float(value, scale, bits).map(Value::Float),
        Type::Decimal { precision, scale: to } => {
            casts::decimal_to_decimal(value, scale, precision, to).map(Value::Decimal)
        }
        Type::Numeric => Ok(Value::Text(casts::decimal_to_text(value, scale, arena))),
        _ => return Err(NONE),
    })
}

fn from_numeric<'a>(text: &'a str, to: Type) -> Result<Result<Value<'a>, Fault>, Stop> {
    Ok(match to {
        Type::Int(bits) => casts::numeric_to_int(text, bits).map(Value::Int),
        Type::Float(bits) => casts::text_to_float(text, bits).map(Value::Float),
        Type::Decimal { precision, scale } => casts::text_to_decimal(text, precision, scale).map(Value::Decimal),
        _ => return Err(NONE),
    })
}

fn from_moment<'a>(value: i64, from: Type, to: Type) -> Result<Result<Value<'a>, Fault>, Stop> {
    let converted = match (from, to) {
        (Type::Date, Type::Timestamp { .. }) => casts::date_to_timestamp(value),
        (Type::Timestamp { .. }, Type::Date) => casts::timestamp_to_date(value),
        (Type::Timestamp { .. }, Type::Time) => casts::timestamp_to_time(value),
        // In UTC both have the same number.
        (Type::Timestamp { .. }, Type::Timestamp { .. }) => Ok(value),
        _ => return Err(NONE),
    };
    Ok(converted.map(Value::Int))
}

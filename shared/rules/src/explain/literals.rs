//! Constants as SQL writes them, so that they are read back with their type.

use crate::formats::numbers::{Decimal, decimal_text};
use crate::formats::{dates, interval};
use crate::plan::Literal;
use crate::value_type::Type;

/// A constant.
pub(crate) fn text(literal: &Literal, ty: Type) -> String {
    match (literal, ty) {
        (Literal::Bool(truth), _) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        (Literal::Int(days), Type::Date) => match dates::date_text(*days) {
            Some(date) => format!("DATE '{date}'"),
            None => format!("(DATE '1970-01-01' + {days})"),
        },
        (Literal::Int(micros), Type::Time) => match dates::time_text(*micros) {
            Some(time) => format!("TIME '{time}'"),
            None => cast_null(ty),
        },
        (Literal::Int(micros), Type::Timestamp { zoned }) => match (dates::timestamp_text(*micros), zoned) {
            (Some(moment), false) => format!("TIMESTAMP '{moment}'"),
            (Some(moment), true) => format!("cast('{moment}+00' AS timestamptz)"),
            (None, _) => cast_null(ty),
        },
        (Literal::Int(number), ty) => integer(*number, ty),
        (Literal::Float(number), ty) => format!("cast('{}' AS {ty})", float_text(*number)),
        (Literal::Decimal(unscaled), Type::Decimal { scale, .. }) => {
            let written = decimal_text(*unscaled, scale);
            let natural = Decimal { unscaled: *unscaled, scale }.ty();
            if scale > 0 && natural == ty { written } else { format!("cast({written} AS {ty})") }
        }
        (Literal::Decimal(unscaled), _) => unscaled.to_string(),
        (Literal::Text(text), Type::Numeric) => format!("cast({} AS numeric)", quoted(text)),
        (Literal::Text(text), Type::Json) => format!("cast(cast({} AS text) AS json)", quoted(text)),
        (Literal::Text(text), _) => quoted(text),
        (Literal::Bytes(bytes), Type::Uuid) => format!("cast('{}' AS uuid)", hex(bytes)),
        (Literal::Bytes(bytes), _) => format!("cast('\\x{}' AS bytea)", hex(bytes)),
        (Literal::Interval(it), _) => format!("INTERVAL '{}'", interval::text(*it)),
    }
}

/// A text constant.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn cast_null(ty: Type) -> String {
    format!("cast(NULL AS {ty})")
}

fn integer(number: i64, ty: Type) -> String {
    let natural =
        if i32::try_from(number).is_ok() && number != i64::from(i32::MIN) { Type::Int(32) } else { Type::Int(64) };
    if natural == ty && number != i64::MIN { number.to_string() } else { format!("cast({number} AS {ty})") }
}

/// The shortest digits that are read back as the same double.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let short = number == 0.0 || (1e-5..1e15).contains(&number.abs());
    if short { number.to_string() } else { format!("{number:e}") }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

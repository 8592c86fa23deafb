//! Bounds and values as they are written in a spec, read into a column's own type. Exactly: a
//! number that its text in the spec may already have lost digits of is refused.

use arrow_buffer::i256;
use batch::ColumnType;
use serde_json::{Number, Value};

use crate::Error;
use crate::column::Column;
use crate::exact::Exact;
use crate::moment;

/// Where a number without quotes stops being exact: its text went through a double.
const EXACT_DIGITS: usize = 15;

/// Something written for a column, with what is needed to say what is wrong with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrittenValue<'a> {
    pub(crate) check: &'a str,
    pub(crate) column: &'a Column,
    pub(crate) value: &'a Value,
}

impl WrittenValue<'_> {
    /// The text of a decimal number, checked to be one and to be exactly what was written.
    pub(crate) fn number_text(&self) -> Result<String, Error> {
        let text = match self.value {
            Value::Number(number) if is_exact(number) => number_text(number),
            Value::String(text) => text.clone(),
            _ => return Err(self.refused()),
        };
        if Exact::parse(&text).is_some() { Ok(text) } else { Err(self.refused()) }
    }

    /// A number for a floating-point column, as near as its text says.
    pub(crate) fn float<T: std::str::FromStr>(&self) -> Result<T, Error> {
        let text = match self.value {
            Value::Number(number) => number_text(number),
            Value::String(text) => text.clone(),
            _ => return Err(self.refused()),
        };
        text.parse().map_err(|_| self.refused())
    }

    /// A day, a time of day or a moment, in the units of the column.
    pub(crate) fn moment(&self) -> Result<i64, Error> {
        let text = self.text()?;
        let moment = match self.column.column_type {
            ColumnType::Date => moment::parse_date(text).map(i64::from),
            ColumnType::Time => moment::parse_time(text),
            ColumnType::Timestamp { zoned } => moment::parse_timestamp(text, zoned),
            _ => None,
        };
        moment.ok_or_else(|| self.refused())
    }

    /// A text.
    pub(crate) fn text(&self) -> Result<&str, Error> {
        self.value.as_str().ok_or_else(|| self.refused())
    }

    /// True or false.
    pub(crate) fn truth(&self) -> Result<bool, Error> {
        self.value.as_bool().ok_or_else(|| self.refused())
    }

    /// A UUID.
    pub(crate) fn uuid(&self) -> Result<[u8; 16], Error> {
        parse_uuid(self.text()?).ok_or_else(|| self.refused())
    }

    /// A number in the smallest units of the column's scale; one between two of them is refused.
    pub(crate) fn whole_units(&self, scale: i8) -> Result<i256, Error> {
        let text = self.number_text()?;
        Exact::parse(&text).and_then(|number| number.whole_units(scale)).ok_or_else(|| self.refused())
    }

    /// The error for a value that is none of the column's.
    pub(crate) fn refused(&self) -> Error {
        Error::BadValue {
            check: self.check.to_owned(),
            column: self.column.name.clone(),
            column_type: self.column.column_type.to_string(),
            value: shown(self.value),
            expected: expected(self.column.column_type),
        }
    }
}

/// The value as whoever wrote it knows it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number_text(number),
        other => other.to_string(),
    }
}

/// 32 hexadecimal digits, with or without hyphens where a UUID has them.
pub(crate) fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    let is_hyphen = |place: usize| bytes.len() == 36 && matches!(place, 8 | 13 | 18 | 23);
    if !matches!(bytes.len(), 32 | 36) {
        return None;
    }
    let mut uuid: u128 = 0;
    for (place, byte) in bytes.iter().enumerate() {
        match (is_hyphen(place), char::from(*byte)) {
            (true, '-') => {}
            (true, _) => return None,
            (false, letter) => uuid = (uuid << 4) | u128::from(letter.to_digit(16)?),
        }
    }
    Some(uuid.to_be_bytes())
}

fn number_text(number: &Number) -> String {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(whole), ..) => whole.to_string(),
        (_, Some(whole), _) => whole.to_string(),
        // Never with an exponent, and the shortest text that means this double: up to 15 digits,
        // the one that was written.
        (_, _, Some(float)) => float.to_string(),
        _ => number.to_string(),
    }
}

fn is_exact(number: &Number) -> bool {
    let digits = number_text(number).bytes().filter(u8::is_ascii_digit).count();
    number.is_u64() || number.is_i64() || digits <= EXACT_DIGITS
}

fn expected(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Bool => "`true` or `false`",
        ColumnType::Date => "a day like \"2026-01-31\"",
        ColumnType::Time => "a time of day like \"05:17:30\"",
        ColumnType::Timestamp { zoned: false } => {
            "a clock reading like \"2026-01-31T05:17:30\", without a zone and no finer than a microsecond"
        }
        ColumnType::Timestamp { zoned: true } => {
            "a moment with its zone like \"2026-01-31T05:17:30Z\", no finer than a microsecond"
        }
        ColumnType::Uuid => "a UUID like \"0190a8c4-5b6e-7c3d-8f21-0123456789ab\"",
        ColumnType::Utf8 | ColumnType::Json => "a text, in quotes where it looks like a number",
        ColumnType::Binary => "another kind of check",
        ColumnType::Float32 | ColumnType::Float64 => "a number",
        ColumnType::Int8
        | ColumnType::Int16
        | ColumnType::Int32
        | ColumnType::Int64
        | ColumnType::UInt8
        | ColumnType::UInt16
        | ColumnType::UInt32
        | ColumnType::UInt64 => "a whole number",
        ColumnType::Decimal { .. } | ColumnType::Numeric => {
            "a number that the column can hold, in quotes when it has more than 15 digits"
        }
    }
}

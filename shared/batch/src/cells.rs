//! Values as people write them, read exactly: no value goes through a float or is cut on its way.
//!
//! | type | text |
//! |---|---|
//! | `bool` | `true`, `false` |
//! | integers | digits with a sign |
//! | `float32`, `float64` | a number, `NaN`, `inf`, `-inf` (and YAML's `.nan`, `.inf`, `-.inf`) |
//! | `decimal(P,S)` | a number without an exponent, of no more digits than the type has |
//! | `numeric` | a number of any length, `NaN`, `Infinity`, `-Infinity`; kept as it is written |
//! | `utf8`, `json` | the text itself; JSON must be some |
//! | `binary` | `hex:00ff` or `base64:AP8=` |
//! | `date`, `time` | `2026-01-31`, `05:17:00.123456` |
//! | `timestamp` | `2026-01-31T05:17:00`, `T` or a blank between |
//! | `timestamp(us,UTC)` | the same with a zone: `2026-01-31T05:17:00Z`, `…+01:00` |
//! | `uuid` | 32 hexadecimal digits, with or without hyphens |

use std::str::FromStr;
use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{ArrayRef, BinaryArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, StringArray};
use arrow_buffer::i256;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::ColumnType;

/// A text that is no value of its column's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no value of type {column_type}: expected {expected}")]
pub struct BadCell {
    /// Which of the texts, counted from 0.
    pub row: usize,
    /// The type.
    pub column_type: ColumnType,
    /// What it takes.
    pub expected: &'static str,
}

/// A column of these texts; `None` is NULL.
pub fn column(column_type: ColumnType, cells: &[Option<&str>]) -> Result<ArrayRef, BadCell> {
    let read = Read { column_type, cells };
    match column_type {
        ColumnType::Bool => {
            let array: BooleanArray = read.all(|text| text.parse::<bool>().ok())?.into_iter().collect();
            Ok(Arc::new(array))
        }
        ColumnType::Int8 => read.whole::<Int8Type>(),
        ColumnType::Int16 => read.whole::<Int16Type>(),
        ColumnType::Int32 => read.whole::<Int32Type>(),
        ColumnType::Int64 => read.whole::<Int64Type>(),
        ColumnType::UInt8 => read.whole::<UInt8Type>(),
        ColumnType::UInt16 => read.whole::<UInt16Type>(),
        ColumnType::UInt32 => read.whole::<UInt32Type>(),
        ColumnType::UInt64 => read.whole::<UInt64Type>(),
        ColumnType::Float32 => read.primitive::<Float32Type>(float),
        ColumnType::Float64 => read.primitive::<Float64Type>(float),
        ColumnType::Decimal { precision, scale } => read.decimal(precision, scale),
        ColumnType::Numeric => read.text(is_numeric),
        ColumnType::Utf8 => read.text(|_| true),
        ColumnType::Json => read.text(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()),
        ColumnType::Binary => {
            let bytes = read.all(bytes)?;
            Ok(Arc::new(BinaryArray::from_iter(bytes)))
        }
        ColumnType::Uuid => {
            let uuids = read.all(uuid)?.into_iter();
            let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(uuids, 16);
            array.map(|array| Arc::new(array) as ArrayRef).map_err(|_| read.bad(0))
        }
        ColumnType::Date => read.primitive::<Date32Type>(date),
        ColumnType::Time => read.primitive::<Time64MicrosecondType>(time),
        ColumnType::Timestamp { zoned: false } => read.primitive::<TimestampMicrosecondType>(clock_reading),
        ColumnType::Timestamp { zoned: true } => {
            let moments: PrimitiveArray<TimestampMicrosecondType> = read.all(moment)?.into_iter().collect();
            Ok(Arc::new(moments.with_timezone("UTC")))
        }
    }
}

struct Read<'a> {
    column_type: ColumnType,
    cells: &'a [Option<&'a str>],
}

impl Read<'_> {
    fn all<T>(&self, read: impl Fn(&str) -> Option<T>) -> Result<Vec<Option<T>>, BadCell> {
        let cells = self.cells.iter().enumerate();
        cells.map(|(row, cell)| cell.map(|text| read(text).ok_or_else(|| self.bad(row))).transpose()).collect()
    }

    fn primitive<P: ArrowPrimitiveType>(&self, read: impl Fn(&str) -> Option<P::Native>) -> Result<ArrayRef, BadCell> {
        let array: PrimitiveArray<P> = self.all(read)?.into_iter().collect();
        Ok(Arc::new(array))
    }

    fn whole<P: ArrowPrimitiveType<Native: FromStr>>(&self) -> Result<ArrayRef, BadCell> {
        self.primitive::<P>(|text| text.parse().ok())
    }

    fn text(&self, is_one: impl Fn(&str) -> bool) -> Result<ArrayRef, BadCell> {
        let texts = self.all(|text| is_one(text).then(|| text.to_owned()))?;
        Ok(Arc::new(texts.into_iter().collect::<StringArray>()))
    }

    fn decimal(&self, precision: u8, scale: i8) -> Result<ArrayRef, BadCell> {
        let units = self.all(|text| decimal_units(text, precision, scale))?;
        let unfit = |_| self.bad(0);
        if precision > 38 {
            let array: PrimitiveArray<Decimal256Type> = units.into_iter().collect();
            return Ok(Arc::new(array.with_precision_and_scale(precision, scale).map_err(unfit)?));
        }
        let array: PrimitiveArray<Decimal128Type> =
            units.into_iter().map(|units| units.and_then(i256::to_i128)).collect();
        Ok(Arc::new(array.with_precision_and_scale(precision, scale).map_err(unfit)?))
    }

    fn bad(&self, row: usize) -> BadCell {
        BadCell { row, column_type: self.column_type, expected: expected(self.column_type) }
    }
}

fn expected(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Bool => "`true` or `false`",
        ColumnType::Float32 | ColumnType::Float64 => "a number, `NaN`, `inf` or `-inf`",
        ColumnType::Decimal { .. } => "a number without an exponent, of no more digits than the type has",
        ColumnType::Numeric => "a number, `NaN`, `Infinity` or `-Infinity`",
        ColumnType::Utf8 => "a text",
        ColumnType::Json => "a JSON text, in quotes",
        ColumnType::Binary => "`hex:00ff` or `base64:AP8=`",
        ColumnType::Date => "a day like 2026-01-31",
        ColumnType::Time => "a time of day like 05:17:00, no finer than a microsecond",
        ColumnType::Timestamp { zoned: false } => "a clock reading like 2026-01-31T05:17:00 without a zone",
        ColumnType::Timestamp { zoned: true } => "a moment with its zone like 2026-01-31T05:17:00Z",
        ColumnType::Uuid => "32 hexadecimal digits, with or without hyphens",
        ColumnType::Int8
        | ColumnType::Int16
        | ColumnType::Int32
        | ColumnType::Int64
        | ColumnType::UInt8
        | ColumnType::UInt16
        | ColumnType::UInt32
        | ColumnType::UInt64 => "a whole number the type can hold",
    }
}

fn float<T: FromStr>(text: &str) -> Option<T> {
    let text = match text {
        ".nan" | ".NaN" => "NaN",
        ".inf" | "+.inf" => "inf",
        "-.inf" => "-inf",
        text => text,
    };
    text.parse().ok()
}

/// The number in units of its last digit; `None` when a digit would be lost.
fn decimal_units(text: &str, precision: u8, scale: i8) -> Option<i256> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = !(whole.is_empty() && fraction.is_empty())
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    let scale = usize::try_from(scale).ok()?;
    let (kept, beyond) = fraction.split_at(scale.min(fraction.len()));
    if !is_number || beyond.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let digits = format!("{whole}{kept:0<scale$}");
    let significant = digits.trim_start_matches('0');
    if significant.len() > usize::from(precision) {
        return None;
    }
    i256::from_string(&format!("{sign}{}", if significant.is_empty() { "0" } else { significant }))
}

fn is_numeric(text: &str) -> bool {
    if matches!(text, "NaN" | "Infinity" | "-Infinity") {
        return true;
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    !(whole.is_empty() && fraction.is_empty()) && are_digits(whole) && are_digits(fraction)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    match text.split_once(':')? {
        ("hex", digits) => hex(digits),
        ("base64", letters) => base64(letters),
        _ => None,
    }
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| Some((value(pair.first()?)? << 4) | value(pair.get(1)?)?)).collect()
}

/// The standard alphabet; `=` at the end may be left out.
fn base64(letters: &str) -> Option<Vec<u8>> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = letters.trim_end_matches('=');
    if letters.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(letters.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in letters.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

fn uuid(text: &str) -> Option<[u8; 16]> {
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    let is_uuid = digits.len() == 32 && matches!(text.len(), 32 | 36);
    hex(&digits).filter(|_| is_uuid)?.try_into().ok()
}

fn date(text: &str) -> Option<i32> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let days = day.signed_duration_since(NaiveDate::default()).num_days();
    i32::try_from(days).ok()
}

fn time(text: &str) -> Option<i64> {
    let time = NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()?;
    let micros = micros_of(time.nanosecond())?;
    Some(i64::from(time.num_seconds_from_midnight()) * 1_000_000 + micros)
}

fn clock_reading(text: &str) -> Option<i64> {
    let reading = NaiveDateTime::parse_from_str(&text.replacen(' ', "T", 1), "%Y-%m-%dT%H:%M:%S%.f").ok()?.and_utc();
    micros_of(reading.nanosecond())?;
    Some(reading.timestamp_micros())
}

fn moment(text: &str) -> Option<i64> {
    let moment = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)).ok()?;
    micros_of(moment.nanosecond())?;
    Some(moment.timestamp_micros())
}

/// `None` for what is finer than a microsecond, and for leap seconds.
fn micros_of(nanos: u32) -> Option<i64> {
    (nanos.is_multiple_of(1000) && nanos < 1_000_000_000).then(|| i64::from(nanos / 1000))
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;

    use super::*;

    fn one(column_type: &str, text: &str) -> Result<ArrayRef, BadCell> {
        column(column_type.parse().unwrap(), &[Some(text), None])
    }

    #[test]
    fn every_type_reads_its_texts_exactly_and_null() {
        for (column_type, text) in [
            ("bool", "true"),
            ("int8", "-128"),
            ("uint64", "18446744073709551615"),
            ("float64", "NaN"),
            ("decimal(12,2)", "-1234567890.10"),
            ("decimal(50,10)", "1234567890123456789012345678901234567890.0123456789"),
            ("numeric", "0.10"),
            ("utf8", ""),
            ("json", "{\"a\": 1.0}"),
            ("binary", "hex:00ff"),
            ("date", "0001-02-28"),
            ("time", "23:59:59.999999"),
            ("timestamp", "2026-01-31 05:17:00"),
            ("timestamp(us,UTC)", "2026-01-31T05:17:00.000001+01:00"),
            ("uuid", "0190a8c4-5b6e-7c3d-8f21-0123456789ab"),
        ] {
            let array = one(column_type, text).unwrap();
            let wanted: ColumnType = column_type.parse().unwrap();
            assert_eq!(*array.data_type(), wanted.arrow(), "{column_type}");
            assert_eq!((array.len(), array.null_count(), array.is_null(1)), (2, 1, true), "{column_type}");
        }
        let decimal = one("decimal(12,2)", "-1.5").unwrap();
        assert_eq!(decimal.as_primitive::<Decimal128Type>().value(0), -150);
        let bytes = one("binary", "base64:AP8=").unwrap();
        assert_eq!(bytes.as_binary::<i32>().value(0), [0, 255]);
        let moment = one("timestamp(us,UTC)", "1970-01-01T01:00:00+01:00").unwrap();
        assert_eq!(moment.as_primitive::<TimestampMicrosecondType>().value(0), 0);
    }

    #[test]
    fn what_would_lose_something_is_refused() {
        for (column_type, text) in [
            ("bool", "yes"),
            ("int8", "128"),
            ("int64", "1.0"),
            ("uint8", "-1"),
            ("decimal(5,2)", "1.001"),
            ("decimal(5,2)", "1000.00"),
            ("decimal(5,2)", "1e2"),
            ("decimal(5,2)", "."),
            ("numeric", "1e5"),
            ("json", "{a: 1}"),
            ("binary", "00ff"),
            ("binary", "hex:0"),
            ("binary", "base64:A"),
            ("date", "2026-02-30"),
            ("time", "24:00:00"),
            ("time", "05:17:00.0000001"),
            ("timestamp", "2026-01-31T05:17:00Z"),
            ("timestamp(us,UTC)", "2026-01-31T05:17:00"),
            ("uuid", "0190a8c4"),
        ] {
            let bad = one(column_type, text).unwrap_err();
            assert_eq!(bad.row, 0, "{column_type} {text}");
            assert_eq!(bad.column_type.to_string(), column_type);
        }
    }
}

//! A column that grows by the values of JSON records.

use std::str::FromStr;

use arrow_array::{ArrayRef, make_array};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, Buffer, NullBuffer, i256};
use arrow_data::ArrayData;
use arrow_schema::Field;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use batch::ColumnType;
use serde::de::IgnoredAny;

use super::cell::Cell;
use super::text;
use crate::Error;
use crate::lift::is_numeric;

/// The largest whole number a double is sure to hold: beyond it digits may be lost already.
const SAFE: u64 = (1 << 53) - 1;

/// A column under construction.
#[derive(Debug)]
pub(crate) struct Column {
    field: Field,
    column_type: ColumnType,
    values: Values,
    holds: Vec<bool>,
}

/// Values by their width.
#[derive(Debug)]
enum Values {
    Bool(Vec<bool>),
    Int8(Vec<i8>),
    Int16(Vec<i16>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    UInt8(Vec<u8>),
    UInt16(Vec<u16>),
    UInt32(Vec<u32>),
    UInt64(Vec<u64>),
    Float32(Vec<f32>),
    Float64(Vec<f64>),
    Decimal(Vec<i128>),
    WideDecimal(Vec<i256>),
    Uuid(Vec<[u8; 16]>),
    /// Where each value ends, and all of them.
    Bytes(Vec<i32>, Vec<u8>),
}

impl Column {
    pub(crate) fn new(field: &Field, column_type: ColumnType) -> Self {
        let values = match column_type {
            ColumnType::Bool => Values::Bool(Vec::new()),
            ColumnType::Int8 => Values::Int8(Vec::new()),
            ColumnType::Int16 => Values::Int16(Vec::new()),
            ColumnType::Int32 | ColumnType::Date => Values::Int32(Vec::new()),
            ColumnType::Int64 | ColumnType::Time | ColumnType::Timestamp { .. } => Values::Int64(Vec::new()),
            ColumnType::UInt8 => Values::UInt8(Vec::new()),
            ColumnType::UInt16 => Values::UInt16(Vec::new()),
            ColumnType::UInt32 => Values::UInt32(Vec::new()),
            ColumnType::UInt64 => Values::UInt64(Vec::new()),
            ColumnType::Float32 => Values::Float32(Vec::new()),
            ColumnType::Float64 => Values::Float64(Vec::new()),
            ColumnType::Decimal { precision, .. } if precision <= 38 => Values::Decimal(Vec::new()),
            ColumnType::Decimal { .. } => Values::WideDecimal(Vec::new()),
            ColumnType::Uuid => Values::Uuid(Vec::new()),
            ColumnType::Utf8 | ColumnType::Json | ColumnType::Numeric | ColumnType::Binary => {
                Values::Bytes(Vec::new(), Vec::new())
            }
        };
        Self { field: field.clone(), column_type, values, holds: Vec::new() }
    }

    pub(crate) fn name(&self) -> &str {
        self.field.name()
    }

    pub(crate) fn rows(&self) -> usize {
        self.holds.len()
    }

    /// Adds a value. `None` when it does not fit the column: then nothing was added.
    pub(crate) fn push(&mut self, cell: &Cell<'_>) -> Option<()> {
        if *cell == Cell::Null {
            return self.field.is_nullable().then(|| self.push_null());
        }
        self.push_value(cell)?;
        self.holds.push(true);
        Some(())
    }

    /// Why the cell does not fit, without its content.
    pub(crate) fn problem(&self, cell: &Cell<'_>) -> String {
        if let Cell::Number(_) = cell
            && matches!(self.column_type, ColumnType::Int64 | ColumnType::UInt64)
        {
            return format!(
                "expected {} as text, or as a whole number below 2^53: beyond it numbers lose digits",
                self.column_type
            );
        }
        let null = if self.field.is_nullable() { " or null" } else { ", never null" };
        format!("expected {} as {}{null}; {} came that is none", self.column_type, self.notation(), cell.kind())
    }

    /// Takes back what came after the first rows.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.holds.truncate(rows);
        match &mut self.values {
            Values::Bool(values) => values.truncate(rows),
            Values::Int8(values) => values.truncate(rows),
            Values::Int16(values) => values.truncate(rows),
            Values::Int32(values) => values.truncate(rows),
            Values::Int64(values) => values.truncate(rows),
            Values::UInt8(values) => values.truncate(rows),
            Values::UInt16(values) => values.truncate(rows),
            Values::UInt32(values) => values.truncate(rows),
            Values::UInt64(values) => values.truncate(rows),
            Values::Float32(values) => values.truncate(rows),
            Values::Float64(values) => values.truncate(rows),
            Values::Decimal(values) => values.truncate(rows),
            Values::WideDecimal(values) => values.truncate(rows),
            Values::Uuid(values) => values.truncate(rows),
            Values::Bytes(ends, bytes) => {
                ends.truncate(rows);
                bytes.truncate(ends.last().and_then(|end| usize::try_from(*end).ok()).unwrap_or(0));
            }
        }
    }

    pub(crate) fn finish(self) -> Result<ArrayRef, Error> {
        let rows = self.holds.len();
        let nulls = NullBuffer::new(BooleanBuffer::from(self.holds));
        let buffers = match self.values {
            Values::Bool(values) => vec![BooleanBuffer::from(values).into_inner()],
            Values::Int8(values) => fixed(values),
            Values::Int16(values) => fixed(values),
            Values::Int32(values) => fixed(values),
            Values::Int64(values) => fixed(values),
            Values::UInt8(values) => fixed(values),
            Values::UInt16(values) => fixed(values),
            Values::UInt32(values) => fixed(values),
            Values::UInt64(values) => fixed(values),
            Values::Float32(values) => fixed(values),
            Values::Float64(values) => fixed(values),
            Values::Decimal(values) => fixed(values),
            Values::WideDecimal(values) => fixed(values),
            Values::Uuid(values) => fixed(values.into_flattened()),
            Values::Bytes(mut ends, bytes) => {
                ends.insert(0, 0);
                vec![Buffer::from_vec(ends), Buffer::from_vec(bytes)]
            }
        };
        let array = ArrayData::builder(self.field.data_type().clone())
            .len(rows)
            .nulls((nulls.null_count() > 0).then_some(nulls))
            .buffers(buffers)
            .build()
            .map_err(Error::Assemble)?;
        Ok(make_array(array))
    }

    fn push_null(&mut self) {
        match &mut self.values {
            Values::Bool(values) => values.push(false),
            Values::Int8(values) => values.push(0),
            Values::Int16(values) => values.push(0),
            Values::Int32(values) => values.push(0),
            Values::Int64(values) => values.push(0),
            Values::UInt8(values) => values.push(0),
            Values::UInt16(values) => values.push(0),
            Values::UInt32(values) => values.push(0),
            Values::UInt64(values) => values.push(0),
            Values::Float32(values) => values.push(0.0),
            Values::Float64(values) => values.push(0.0),
            Values::Decimal(values) => values.push(0),
            Values::WideDecimal(values) => values.push(i256::ZERO),
            Values::Uuid(values) => values.push([0; 16]),
            Values::Bytes(ends, _) => ends.push(ends.last().copied().unwrap_or(0)),
        }
        self.holds.push(false);
    }

    fn push_value(&mut self, cell: &Cell<'_>) -> Option<()> {
        match &mut self.values {
            Values::Bool(values) => match cell {
                Cell::Bool(value) => values.push(*value),
                _ => return None,
            },
            Values::Int8(values) => values.push(whole(cell)?),
            Values::Int16(values) => values.push(whole(cell)?),
            Values::UInt8(values) => values.push(whole(cell)?),
            Values::UInt16(values) => values.push(whole(cell)?),
            Values::UInt32(values) => values.push(whole(cell)?),
            Values::UInt64(values) => values.push(safe(cell, whole(cell)?, |value: &u64| *value)?),
            Values::Int32(values) => values.push(match self.column_type {
                ColumnType::Date => i32::try_from(text::parse_date(words(cell)?)?).ok()?,
                _ => whole(cell)?,
            }),
            Values::Int64(values) => values.push(match self.column_type {
                ColumnType::Time => text::parse_time(words(cell)?)?,
                ColumnType::Timestamp { zoned: true } => text::parse_instant(words(cell)?)?,
                ColumnType::Timestamp { zoned: false } => text::parse_timestamp(words(cell)?)?,
                _ => safe(cell, whole(cell)?, |value: &i64| value.unsigned_abs())?,
            }),
            Values::Float32(values) => values.push(match cell {
                Cell::Number(number) => number.parse().ok().filter(|value: &f32| value.is_finite())?,
                other => special(other)? as f32,
            }),
            Values::Float64(values) => values.push(match cell {
                Cell::Number(number) => number.parse().ok().filter(|value: &f64| value.is_finite())?,
                other => special(other)?,
            }),
            Values::Decimal(values) => {
                let (precision, scale) = digits_of(self.column_type)?;
                values.push(text::parse_decimal(digits(cell)?, precision, scale)?);
            }
            Values::WideDecimal(values) => {
                let (precision, scale) = digits_of(self.column_type)?;
                values.push(text::parse_wide_decimal(digits(cell)?, precision, scale)?);
            }
            Values::Uuid(values) => values.push(text::parse_uuid(words(cell)?)?),
            Values::Bytes(ends, bytes) => {
                let before = bytes.len();
                push_bytes(bytes, cell, self.column_type)?;
                match i32::try_from(bytes.len()) {
                    Ok(end) => ends.push(end),
                    Err(_) => {
                        bytes.truncate(before);
                        return None;
                    }
                }
            }
        }
        Some(())
    }

    fn notation(&self) -> &'static str {
        match self.column_type {
            ColumnType::Bool => "true or false",
            ColumnType::Int8
            | ColumnType::Int16
            | ColumnType::Int32
            | ColumnType::UInt8
            | ColumnType::UInt16
            | ColumnType::UInt32 => "a whole number",
            ColumnType::Int64 | ColumnType::UInt64 => "a text of digits",
            ColumnType::Float32 | ColumnType::Float64 => "a number",
            ColumnType::Decimal { .. } | ColumnType::Numeric => "a text of digits and a point",
            ColumnType::Utf8 => "a text",
            ColumnType::Binary => "a text in base64",
            ColumnType::Date => "a text like `2013-01-31`",
            ColumnType::Time => "a text like `10:15:00`",
            ColumnType::Timestamp { zoned: false } => "a text like `2013-01-31T10:15:00`",
            ColumnType::Timestamp { zoned: true } => "a text like `2013-01-31T10:15:00Z`",
            ColumnType::Json => "a text that holds a JSON document",
            ColumnType::Uuid => "a text like `123e4567-e89b-12d3-a456-426614174000`",
        }
    }
}

fn fixed<T: ArrowNativeType>(values: Vec<T>) -> Vec<Buffer> {
    vec![Buffer::from_vec(values)]
}

fn words<'a>(cell: &'a Cell<'_>) -> Option<&'a str> {
    match cell {
        Cell::Text(text) => Some(text),
        _ => None,
    }
}

fn digits<'a>(cell: &'a Cell<'_>) -> Option<&'a str> {
    match cell {
        Cell::Number(number) => Some(number),
        other => words(other),
    }
}

/// A whole number; `3.0` is one, for some languages write it so.
fn whole<T: FromStr>(cell: &Cell<'_>) -> Option<T> {
    let text = digits(cell)?;
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    if whole.starts_with('+') { None } else { whole.parse().ok() }
}

/// A number, unlike a text, may have gone through a double.
fn safe<T>(cell: &Cell<'_>, value: T, magnitude: impl Fn(&T) -> u64) -> Option<T> {
    match cell {
        Cell::Number(_) if magnitude(&value) > SAFE => None,
        _ => Some(value),
    }
}

/// The floating point values JSON has no number for.
fn special(cell: &Cell<'_>) -> Option<f64> {
    match words(cell)? {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn digits_of(column_type: ColumnType) -> Option<(u8, u8)> {
    match column_type {
        ColumnType::Decimal { precision, scale } => Some((precision, scale.unsigned_abs())),
        _ => None,
    }
}

fn push_bytes(bytes: &mut Vec<u8>, cell: &Cell<'_>, column_type: ColumnType) -> Option<()> {
    match column_type {
        ColumnType::Binary => {
            let before = bytes.len();
            // What was decoded before an error is taken back.
            STANDARD.decode_vec(words(cell)?, bytes).inspect_err(|_| bytes.truncate(before)).ok()?;
        }
        ColumnType::Numeric => {
            let number = digits(cell).filter(|number| is_numeric(number))?;
            bytes.extend_from_slice(number.as_bytes());
        }
        ColumnType::Json => {
            let document = words(cell)?;
            serde_json::from_str::<IgnoredAny>(document).ok()?;
            bytes.extend_from_slice(document.as_bytes());
        }
        _ => bytes.extend_from_slice(words(cell)?.as_bytes()),
    }
    Some(())
}

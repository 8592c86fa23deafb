//! Rows on their way in: a JSON array of objects, cut into parts a guest's memory can bear.

use std::fmt::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Decimal256Array, FixedSizeBinaryArray, PrimitiveArray, RecordBatch,
    StringArray,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use batch::ColumnType;

use super::text;
use crate::Error;
use crate::plan::Plan;

/// Bytes of one part, but for its last row. A language runtime takes some ten times as much memory
/// for what it makes of a text.
const PART_BYTES: usize = 1 << 20;

/// Writes the needed columns of a batch.
pub(crate) struct Writer<'a> {
    columns: Vec<Column<'a>>,
    rows: usize,
}

/// A column with its key as it stands before each value.
struct Column<'a> {
    key: String,
    array: &'a ArrayRef,
    view: View<'a>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(rows: &'a RecordBatch, plan: &Plan) -> Result<Self, Error> {
        let mut columns = Vec::with_capacity(plan.needs.len());
        for need in &plan.needs {
            let field = rows.schema_ref().field(*need);
            let mut key = String::from(if columns.is_empty() { "{" } else { "," });
            push_text(&mut key, field.name());
            key.push(':');
            let array = rows.column(*need);
            let view = View::of(array, ColumnType::of(field).map_err(Error::Input)?);
            columns.push(Column { key, array, view });
        }
        Ok(Self { columns, rows: rows.num_rows() })
    }

    /// The array of the rows from `start` on that make a part, and how many they are.
    pub(crate) fn part(&self, start: usize) -> (String, usize) {
        let mut out = String::with_capacity(PART_BYTES.min((self.rows - start) * 64));
        out.push('[');
        let mut row = start;
        while row < self.rows && out.len() < PART_BYTES {
            if row > start {
                out.push(',');
            }
            self.push_row(&mut out, row);
            row += 1;
        }
        out.push(']');
        (out, row - start)
    }

    fn push_row(&self, out: &mut String, row: usize) {
        if self.columns.is_empty() {
            out.push('{');
        }
        for column in &self.columns {
            out.push_str(&column.key);
            match column.array.is_null(row) {
                true => out.push_str("null"),
                false => column.view.push(out, row),
            }
        }
        out.push('}');
    }
}

/// A column as its type.
enum View<'a> {
    Bool(&'a BooleanArray),
    Int8(&'a PrimitiveArray<Int8Type>),
    Int16(&'a PrimitiveArray<Int16Type>),
    Int32(&'a PrimitiveArray<Int32Type>),
    Int64(&'a PrimitiveArray<Int64Type>),
    UInt8(&'a PrimitiveArray<UInt8Type>),
    UInt16(&'a PrimitiveArray<UInt16Type>),
    UInt32(&'a PrimitiveArray<UInt32Type>),
    UInt64(&'a PrimitiveArray<UInt64Type>),
    Float32(&'a PrimitiveArray<Float32Type>),
    Float64(&'a PrimitiveArray<Float64Type>),
    Decimal(&'a PrimitiveArray<Decimal128Type>, u32),
    WideDecimal(&'a Decimal256Array),
    Date(&'a PrimitiveArray<Date32Type>),
    Time(&'a PrimitiveArray<Time64MicrosecondType>),
    Timestamp(&'a PrimitiveArray<TimestampMicrosecondType>, &'static str),
    Text(&'a StringArray),
    Binary(&'a BinaryArray),
    Uuid(&'a FixedSizeBinaryArray),
}

impl<'a> View<'a> {
    fn of(array: &'a ArrayRef, column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Bool => View::Bool(array.as_boolean()),
            ColumnType::Int8 => View::Int8(array.as_primitive()),
            ColumnType::Int16 => View::Int16(array.as_primitive()),
            ColumnType::Int32 => View::Int32(array.as_primitive()),
            ColumnType::Int64 => View::Int64(array.as_primitive()),
            ColumnType::UInt8 => View::UInt8(array.as_primitive()),
            ColumnType::UInt16 => View::UInt16(array.as_primitive()),
            ColumnType::UInt32 => View::UInt32(array.as_primitive()),
            ColumnType::UInt64 => View::UInt64(array.as_primitive()),
            ColumnType::Float32 => View::Float32(array.as_primitive()),
            ColumnType::Float64 => View::Float64(array.as_primitive()),
            ColumnType::Decimal { precision, scale } if precision <= 38 => {
                View::Decimal(array.as_primitive(), scale.unsigned_abs().into())
            }
            ColumnType::Decimal { .. } => View::WideDecimal(array.as_primitive()),
            ColumnType::Date => View::Date(array.as_primitive()),
            ColumnType::Time => View::Time(array.as_primitive()),
            ColumnType::Timestamp { zoned } => View::Timestamp(array.as_primitive(), if zoned { "Z\"" } else { "\"" }),
            ColumnType::Utf8 | ColumnType::Json | ColumnType::Numeric => View::Text(array.as_string()),
            ColumnType::Binary => View::Binary(array.as_binary()),
            ColumnType::Uuid => View::Uuid(array.as_fixed_size_binary()),
        }
    }

    fn push(&self, out: &mut String, row: usize) {
        let mut digits = itoa::Buffer::new();
        match self {
            View::Bool(array) => out.push_str(if array.value(row) { "true" } else { "false" }),
            View::Int8(array) => out.push_str(digits.format(array.value(row))),
            View::Int16(array) => out.push_str(digits.format(array.value(row))),
            View::Int32(array) => out.push_str(digits.format(array.value(row))),
            View::UInt8(array) => out.push_str(digits.format(array.value(row))),
            View::UInt16(array) => out.push_str(digits.format(array.value(row))),
            View::UInt32(array) => out.push_str(digits.format(array.value(row))),
            View::Int64(array) => quoted(out, |out| out.push_str(digits.format(array.value(row)))),
            View::UInt64(array) => quoted(out, |out| out.push_str(digits.format(array.value(row)))),
            View::Float32(array) => push_float(out, array.value(row)),
            View::Float64(array) => push_float(out, array.value(row)),
            View::Decimal(array, scale) => quoted(out, |out| text::push_decimal(out, array.value(row), *scale)),
            View::WideDecimal(array) => quoted(out, |out| out.push_str(&array.value_as_string(row))),
            View::Date(array) => quoted(out, |out| text::push_date(out, array.value(row).into())),
            View::Time(array) => quoted(out, |out| text::push_time(out, array.value(row))),
            View::Timestamp(array, end) => {
                out.push('"');
                text::push_timestamp(out, array.value(row));
                out.push_str(end);
            }
            View::Text(array) => push_text(out, array.value(row)),
            View::Binary(array) => quoted(out, |out| STANDARD.encode_string(array.value(row), out)),
            View::Uuid(array) => quoted(out, |out| text::push_uuid(out, array.value(row))),
        }
    }
}

fn quoted(out: &mut String, push: impl FnOnce(&mut String)) {
    out.push('"');
    push(out);
    out.push('"');
}

/// The fewest digits that give the same number back.
fn push_float<T: Into<f64> + std::fmt::Debug + Copy>(out: &mut String, value: T) {
    let wide: f64 = value.into();
    match wide {
        _ if wide.is_nan() => out.push_str("\"NaN\""),
        f64::INFINITY => out.push_str("\"Infinity\""),
        f64::NEG_INFINITY => out.push_str("\"-Infinity\""),
        // Writing to a text cannot fail.
        _ => _ = write!(out, "{value:?}"),
    }
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    let mut written = 0;
    for (place, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        // What is escaped is ASCII, so every cut is between letters.
        out.push_str(text.get(written..place).unwrap_or_default());
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => _ = write!(out, "\\u{control:04x}"),
        }
        written = place + 1;
    }
    out.push_str(text.get(written..).unwrap_or_default());
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_survives_its_quotes() {
        for text in ["", "ä\"\\\n\r\t\u{0}\u{1f}\u{7f}日本\u{2028}", "\\", "\"\"", "no escape"] {
            let mut out = String::new();
            push_text(&mut out, text);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}

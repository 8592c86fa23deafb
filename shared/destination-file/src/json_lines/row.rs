//! A batch as lines: one writer a column, made once; no allocation a cell.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use batch::ColumnType;
use destination::Error;
use serde::Serialize;

use super::{text, time};
use crate::failure::{Result, mismatch};

/// Writes one cell that is not NULL; the error says what is wrong with it, not what it is.
type Cell<'a> = Box<dyn Fn(usize, &mut Vec<u8>) -> std::result::Result<(), &'static str> + 'a>;

struct Column<'a> {
    name: &'a str,
    /// `"name":`
    before: Vec<u8>,
    array: &'a dyn Array,
    /// NULL of a JSON column is left out: `null` is a document.
    is_left_out_when_null: bool,
    cell: Cell<'a>,
}

/// The rows as lines.
pub(crate) fn encode(rows: &RecordBatch) -> Result<Vec<u8>> {
    let columns = columns(rows)?;
    let mut lines = Vec::with_capacity(rows.get_array_memory_size() * 2);
    for row in 0..rows.num_rows() {
        lines.push(b'{');
        for column in &columns {
            write_cell(&mut lines, column, row)?;
        }
        lines.extend_from_slice(b"}\n");
    }
    Ok(lines)
}

fn write_cell(line: &mut Vec<u8>, column: &Column<'_>, row: usize) -> Result<()> {
    let is_null = column.array.is_null(row);
    if is_null && column.is_left_out_when_null {
        return Ok(());
    }
    // No value ends with an opening brace: where one stands, the line has just begun.
    if line.last() != Some(&b'{') {
        line.push(b',');
    }
    line.extend_from_slice(&column.before);
    if is_null {
        line.extend_from_slice(b"null");
        return Ok(());
    }
    (column.cell)(row, line).map_err(|wrong| refused(column.name, row, wrong))
}

fn columns(rows: &RecordBatch) -> Result<Vec<Column<'_>>> {
    let schema = rows.schema_ref();
    let mut columns = Vec::with_capacity(rows.num_columns());
    for (field, array) in schema.fields().iter().zip(rows.columns()) {
        let mut before = Vec::new();
        json(&mut before, field.name()).map_err(|wrong| mismatch(format!("column `{}`: {wrong}", field.name())))?;
        before.push(b':');
        let column_type = ColumnType::of(field).map_err(|error| mismatch(error.to_string()))?;
        columns.push(Column {
            name: field.name(),
            before,
            array,
            is_left_out_when_null: column_type == ColumnType::Json,
            cell: cell(column_type, array),
        });
    }
    Ok(columns)
}

fn cell(column_type: ColumnType, array: &dyn Array) -> Cell<'_> {
    match column_type {
        ColumnType::Bool => {
            let values = array.as_boolean();
            Box::new(move |row, out| json(out, &values.value(row)))
        }
        ColumnType::Int8 => number::<Int8Type>(array),
        ColumnType::Int16 => number::<Int16Type>(array),
        ColumnType::Int32 => number::<Int32Type>(array),
        ColumnType::Int64 => number::<Int64Type>(array),
        ColumnType::UInt8 => number::<UInt8Type>(array),
        ColumnType::UInt16 => number::<UInt16Type>(array),
        ColumnType::UInt32 => number::<UInt32Type>(array),
        ColumnType::UInt64 => number::<UInt64Type>(array),
        ColumnType::Float32 => {
            let values = array.as_primitive::<Float32Type>();
            Box::new(move |row, out| match values.value(row) {
                value if value.is_finite() => json(out, &value),
                value => not_finite(out, f64::from(value)),
            })
        }
        ColumnType::Float64 => {
            let values = array.as_primitive::<Float64Type>();
            Box::new(move |row, out| match values.value(row) {
                value if value.is_finite() => json(out, &value),
                value => not_finite(out, value),
            })
        }
        ColumnType::Decimal { precision, scale } if precision <= 38 => {
            let values = array.as_primitive::<Decimal128Type>();
            Box::new(move |row, out| text::decimal(out, values.value(row), scale))
        }
        ColumnType::Decimal { scale, .. } => {
            let values = array.as_primitive::<Decimal256Type>();
            Box::new(move |row, out| text::decimal(out, values.value(row), scale))
        }
        ColumnType::Numeric | ColumnType::Utf8 => {
            let values = array.as_string::<i32>();
            Box::new(move |row, out| json(out, values.value(row)))
        }
        ColumnType::Json => {
            let values = array.as_string::<i32>();
            Box::new(move |row, out| text::document(out, values.value(row)))
        }
        ColumnType::Binary => {
            let values = array.as_binary::<i32>();
            Box::new(move |row, out| text::hexadecimal(out, values.value(row)))
        }
        ColumnType::Uuid => {
            let values = array.as_fixed_size_binary();
            Box::new(move |row, out| text::uuid(out, values.value(row)))
        }
        ColumnType::Date => {
            let values = array.as_primitive::<Date32Type>();
            Box::new(move |row, out| {
                time::date(out, i64::from(values.value(row)));
                Ok(())
            })
        }
        ColumnType::Time => {
            let values = array.as_primitive::<Time64MicrosecondType>();
            Box::new(move |row, out| time::time(out, values.value(row)))
        }
        ColumnType::Timestamp { zoned } => {
            let values = array.as_primitive::<TimestampMicrosecondType>();
            Box::new(move |row, out| {
                time::timestamp(out, values.value(row), zoned);
                Ok(())
            })
        }
    }
}

fn number<T>(array: &dyn Array) -> Cell<'_>
where
    T: ArrowPrimitiveType,
    T::Native: Serialize,
{
    let values = array.as_primitive::<T>();
    Box::new(move |row, out| json(out, &values.value(row)))
}

fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> std::result::Result<(), &'static str> {
    serde_json::to_writer(out, value).map_err(|_| "cannot be written as JSON")
}

fn not_finite(out: &mut Vec<u8>, value: f64) -> std::result::Result<(), &'static str> {
    let name: &[u8] = match value {
        f64::INFINITY => b"\"Infinity\"",
        f64::NEG_INFINITY => b"\"-Infinity\"",
        _ => b"\"NaN\"",
    };
    out.extend_from_slice(name);
    Ok(())
}

fn refused(column: &str, row: usize, wrong: &str) -> Error {
    Error::Refused { problem: format!("column `{column}` {wrong} (row {row} of the batch, from 0)"), cause: None }
}

#[cfg(test)]
mod tests;

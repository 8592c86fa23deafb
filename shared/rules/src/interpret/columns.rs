use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, BinaryArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, RecordBatch, StringArray};
use batch::ColumnType;

use super::error::Error;
use super::value::Value;
use crate::plan::Column;

/// A column of the input, to be read row by row.
pub(super) enum Reader {
    Bool(BooleanArray),
    Int8(PrimitiveArray<Int8Type>),
    Int16(PrimitiveArray<Int16Type>),
    Int32(PrimitiveArray<Int32Type>),
    Int64(PrimitiveArray<Int64Type>),
    UInt8(PrimitiveArray<UInt8Type>),
    UInt16(PrimitiveArray<UInt16Type>),
    UInt32(PrimitiveArray<UInt32Type>),
    UInt64(PrimitiveArray<UInt64Type>),
    Float32(PrimitiveArray<Float32Type>),
    Float64(PrimitiveArray<Float64Type>),
    Decimal(PrimitiveArray<Decimal128Type>),
    Date(PrimitiveArray<Date32Type>),
    Time(PrimitiveArray<Time64MicrosecondType>),
    Timestamp(PrimitiveArray<TimestampMicrosecondType>),
    Text(StringArray),
    Bytes(BinaryArray),
    Uuid(FixedSizeBinaryArray),
    /// More than 38 digits: no expression reads it.
    PassedOnly,
}

/// A reader for each column of the plan's input.
pub(super) fn readers(input: &[Column], rows: &RecordBatch) -> Result<Vec<Reader>, Error> {
    let came: Vec<Option<ColumnType>> =
        rows.schema_ref().fields().iter().map(|field| ColumnType::of(field).ok()).collect();
    let same = input.len() == rows.num_columns()
        && input
            .iter()
            .zip(rows.schema_ref().fields())
            .zip(&came)
            .all(|((column, field), came)| column.name == *field.name() && Some(column.column_type) == *came);
    if !same {
        let expected = input.iter().map(|column| format!("{}:{}", column.name, column.column_type));
        let fields = rows.schema_ref().fields().iter().zip(&came);
        let came = fields.map(|(field, came)| {
            let column_type = came.map_or_else(|| field.data_type().to_string(), |came| came.to_string());
            format!("{}:{column_type}", field.name())
        });
        return Err(Error::Columns {
            expected: expected.collect::<Vec<_>>().join(", "),
            came: came.collect::<Vec<_>>().join(", "),
        });
    }
    Ok(input.iter().zip(rows.columns()).map(|(column, array)| reader(column.column_type, array.as_ref())).collect())
}

fn reader(column_type: ColumnType, array: &dyn Array) -> Reader {
    match column_type {
        ColumnType::Bool => Reader::Bool(array.as_boolean().clone()),
        ColumnType::Int8 => Reader::Int8(array.as_primitive().clone()),
        ColumnType::Int16 => Reader::Int16(array.as_primitive().clone()),
        ColumnType::Int32 => Reader::Int32(array.as_primitive().clone()),
        ColumnType::Int64 => Reader::Int64(array.as_primitive().clone()),
        ColumnType::UInt8 => Reader::UInt8(array.as_primitive().clone()),
        ColumnType::UInt16 => Reader::UInt16(array.as_primitive().clone()),
        ColumnType::UInt32 => Reader::UInt32(array.as_primitive().clone()),
        ColumnType::UInt64 => Reader::UInt64(array.as_primitive().clone()),
        ColumnType::Float32 => Reader::Float32(array.as_primitive().clone()),
        ColumnType::Float64 => Reader::Float64(array.as_primitive().clone()),
        ColumnType::Decimal { precision, .. } if precision > 38 => Reader::PassedOnly,
        ColumnType::Decimal { .. } => Reader::Decimal(array.as_primitive().clone()),
        ColumnType::Date => Reader::Date(array.as_primitive().clone()),
        ColumnType::Time => Reader::Time(array.as_primitive().clone()),
        ColumnType::Timestamp { .. } => Reader::Timestamp(array.as_primitive().clone()),
        ColumnType::Numeric | ColumnType::Utf8 | ColumnType::Json => Reader::Text(array.as_string().clone()),
        ColumnType::Binary => Reader::Bytes(array.as_binary().clone()),
        ColumnType::Uuid => Reader::Uuid(array.as_fixed_size_binary().clone()),
    }
}

impl Reader {
    /// The value of a row.
    pub(super) fn value(&self, row: usize) -> Option<Value<'_>> {
        if self.array()?.is_null(row) {
            return Some(Value::Null);
        }
        Some(match self {
            Reader::Bool(array) => Value::Bool(array.value(row)),
            Reader::Int8(array) => Value::Int(array.value(row).into()),
            Reader::Int16(array) => Value::Int(array.value(row).into()),
            Reader::Int32(array) => Value::Int(array.value(row).into()),
            Reader::Int64(array) => Value::Int(array.value(row)),
            Reader::UInt8(array) => Value::Int(array.value(row).into()),
            Reader::UInt16(array) => Value::Int(array.value(row).into()),
            Reader::UInt32(array) => Value::Int(array.value(row).into()),
            Reader::UInt64(array) => Value::Decimal(array.value(row).into()),
            Reader::Float32(array) => Value::Float(array.value(row).into()),
            Reader::Float64(array) => Value::Float(array.value(row)),
            Reader::Decimal(array) => Value::Decimal(array.value(row)),
            Reader::Date(array) => Value::Int(array.value(row).into()),
            Reader::Time(array) => Value::Int(array.value(row)),
            Reader::Timestamp(array) => Value::Int(array.value(row)),
            Reader::Text(array) => Value::Text(array.value(row)),
            Reader::Bytes(array) => Value::Bytes(array.value(row)),
            Reader::Uuid(array) => Value::Bytes(array.value(row)),
            Reader::PassedOnly => return None,
        })
    }

    fn array(&self) -> Option<&dyn Array> {
        Some(match self {
            Reader::Bool(array) => array,
            Reader::Int8(array) => array,
            Reader::Int16(array) => array,
            Reader::Int32(array) => array,
            Reader::Int64(array) => array,
            Reader::UInt8(array) => array,
            Reader::UInt16(array) => array,
            Reader::UInt32(array) => array,
            Reader::UInt64(array) => array,
            Reader::Float32(array) => array,
            Reader::Float64(array) => array,
            Reader::Decimal(array) => array,
            Reader::Date(array) => array,
            Reader::Time(array) => array,
            Reader::Timestamp(array) => array,
            Reader::Text(array) => array,
            Reader::Bytes(array) => array,
            Reader::Uuid(array) => array,
            Reader::PassedOnly => return None,
        })
    }
}

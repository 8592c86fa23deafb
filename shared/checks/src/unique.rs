//! `unique`: fingerprints of keys, so that whoever keeps them can tell which were there before.
//!
//! A key is written so that two different ones never have the same bytes: every value with a tag
//! of its type, and with its length where that is not fixed. NULL equals nothing: a row with a
//! NULL in its key has none.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::{ArrowNativeType, NullBuffer, ToByteSlice};
use batch::ColumnType;
use xxhash_rust::xxh3::xxh3_128;

use crate::Error;
use crate::column::Column;
use crate::exact::Exact;
use crate::in_set::bits;
use crate::row_test::OtherType;

/// The keys of a batch for one `unique` check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueKeys {
    /// The check, by its number in the suite.
    pub check: usize,
    /// The rows that have a key.
    pub rows: Vec<u32>,
    /// The fingerprint of each of those rows' keys.
    pub keys: Vec<u128>,
}

/// Refuses a column whose values have no plain equality.
pub(crate) fn refuse_unfit(check: &str, column: &Column) -> Result<(), Error> {
    match column.column_type {
        ColumnType::Json => {
            Err(column.mismatch(check, "unique", "every type but json: equal documents differ in text"))
        }
        _ => Ok(()),
    }
}

/// The keys of every row that has one.
pub(crate) fn keys(check: usize, columns: &[Column], rows: &RecordBatch) -> Result<UniqueKeys, OtherType> {
    let arrays = columns
        .iter()
        .map(|column| column.of(rows).map(|array| (column.column_type, array)).ok_or(OtherType))
        .collect::<Result<Vec<_>, _>>()?;
    let nulls = arrays
        .iter()
        .fold(None, |nulls: Option<NullBuffer>, (_, array)| NullBuffer::union(nulls.as_ref(), array.nulls()));
    let writers =
        arrays.into_iter().map(|(column_type, array)| writer(column_type, array)).collect::<Result<Vec<_>, _>>()?;
    let mut found = UniqueKeys { check, rows: Vec::new(), keys: Vec::with_capacity(rows.num_rows()) };
    let mut key = Vec::new();
    for row in 0..rows.num_rows() {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            continue;
        }
        key.clear();
        writers.iter().for_each(|write| write(row, &mut key));
        found.rows.push(u32::try_from(row).map_err(|_| OtherType)?);
        found.keys.push(xxh3_128(&key));
    }
    Ok(found)
}

type Writer<'a> = Box<dyn Fn(usize, &mut Vec<u8>) + 'a>;

fn writer(column_type: ColumnType, array: &ArrayRef) -> Result<Writer<'_>, OtherType> {
    match column_type {
        ColumnType::Bool => {
            let array = array.as_boolean_opt().ok_or(OtherType)?;
            Ok(Box::new(move |row, key| key.extend([b'b', u8::from(array.value(row))])))
        }
        ColumnType::Int8 => fixed::<Int8Type>(b'1', array),
        ColumnType::Int16 => fixed::<Int16Type>(b'2', array),
        ColumnType::Int32 => fixed::<Int32Type>(b'3', array),
        ColumnType::Int64 => fixed::<Int64Type>(b'4', array),
        ColumnType::UInt8 => fixed::<UInt8Type>(b'5', array),
        ColumnType::UInt16 => fixed::<UInt16Type>(b'6', array),
        ColumnType::UInt32 => fixed::<UInt32Type>(b'7', array),
        ColumnType::UInt64 => fixed::<UInt64Type>(b'8', array),
        ColumnType::Decimal { precision, .. } if precision <= 38 => fixed::<Decimal128Type>(b'd', array),
        ColumnType::Decimal { .. } => fixed::<Decimal256Type>(b'D', array),
        ColumnType::Date => fixed::<Date32Type>(b'y', array),
        ColumnType::Time => fixed::<Time64MicrosecondType>(b't', array),
        ColumnType::Timestamp { zoned: false } => fixed::<TimestampMicrosecondType>(b'm', array),
        ColumnType::Timestamp { zoned: true } => fixed::<TimestampMicrosecondType>(b'z', array),
        ColumnType::Float32 => float::<Float32Type>(array),
        ColumnType::Float64 => float::<Float64Type>(array),
        ColumnType::Numeric => numeric(array),
        ColumnType::Utf8 | ColumnType::Json => {
            let array = array.as_string_opt::<i32>().ok_or(OtherType)?;
            Ok(Box::new(move |row, key| push_sized(b's', array.value(row).as_bytes(), key)))
        }
        ColumnType::Binary => {
            let array = array.as_binary_opt::<i32>().ok_or(OtherType)?;
            Ok(Box::new(move |row, key| push_sized(b'x', array.value(row), key)))
        }
        ColumnType::Uuid => {
            let array = array.as_fixed_size_binary_opt().ok_or(OtherType)?;
            Ok(Box::new(move |row, key| push_sized(b'u', array.value(row), key)))
        }
    }
}

fn fixed<P>(tag: u8, array: &ArrayRef) -> Result<Writer<'_>, OtherType>
where
    P: ArrowPrimitiveType<Native: ArrowNativeType>,
{
    let values = array.as_primitive_opt::<P>().ok_or(OtherType)?.values();
    Ok(Box::new(move |row, key| {
        key.push(tag);
        key.extend_from_slice(values[row].to_byte_slice());
    }))
}

fn float<P: ArrowPrimitiveType<Native: Into<f64>>>(array: &ArrayRef) -> Result<Writer<'_>, OtherType> {
    let values = array.as_primitive_opt::<P>().ok_or(OtherType)?.values();
    Ok(Box::new(move |row, key| {
        key.push(b'f');
        key.extend_from_slice(&bits(values[row].into()).to_le_bytes());
    }))
}

fn numeric(array: &ArrayRef) -> Result<Writer<'_>, OtherType> {
    let array = array.as_string_opt::<i32>().ok_or(OtherType)?;
    Ok(Box::new(move |row, key| {
        let text = array.value(row);
        match Exact::parse(text) {
            Some(number) => {
                let mut form = Vec::with_capacity(text.len() + 9);
                number.push_canonical(&mut form);
                push_sized(b'n', &form, key);
            }
            None => push_sized(b'N', text.to_ascii_lowercase().as_bytes(), key),
        }
    }))
}

fn push_sized(tag: u8, bytes: &[u8], key: &mut Vec<u8>) {
    key.push(tag);
    key.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    key.extend_from_slice(bytes);
}

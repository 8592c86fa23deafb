//! Keys as 128-bit fingerprints.
//!
//! A key is written as bytes without ambiguity (its parts with their lengths) and hashed. Values
//! that compare equal give the same bytes: `1.0` and `1.00` of a `numeric`, `0.0` and `-0.0`.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ToByteSlice;
use batch::ColumnType;
use destination::{Cause, Target};
use xxhash_rust::xxh3::xxh3_128;

use crate::Format;
use crate::columns;
use crate::failure::{Result, mismatch, unreadable};
use crate::json_lines::{Keys, Lines};
use crate::parquet_file::Reader;

/// The key of a stream, ready to be read from files.
pub(super) enum Key {
    Parquet { columns: Vec<(usize, ColumnType)> },
    Jsonl { keys: Keys, count: usize },
}

impl Key {
    pub(super) fn of(target: &Target, format: Format) -> Result<Self> {
        let mut key = Vec::new();
        for place in columns::keys(target)? {
            let field = target.schema.field(place);
            let column_type = ColumnType::of(field).map_err(|error| mismatch(error.to_string()))?;
            key.push((place, field.name().clone(), column_type));
        }
        Ok(match format {
            Format::Parquet => {
                Key::Parquet { columns: key.into_iter().map(|(place, _, column_type)| (place, column_type)).collect() }
            }
            Format::Jsonl => Key::Jsonl {
                count: key.len(),
                keys: Keys::new(key.into_iter().map(|(_, name, column_type)| (name, column_type)).collect()),
            },
        })
    }

    /// The fingerprint of every row of the file, in its order.
    pub(super) fn fingerprints(&self, path: &Path) -> Result<Vec<u128>> {
        match self {
            Key::Parquet { columns } => of_parquet(path, columns),
            Key::Jsonl { keys, count } => of_lines(path, keys, *count),
        }
    }
}

fn of_parquet(path: &Path, columns: &[(usize, ColumnType)]) -> Result<Vec<u128>> {
    let places: Vec<usize> = columns.iter().map(|(place, _)| *place).collect();
    let reader = Reader::open(path)?;
    let mut found = Vec::with_capacity(usize::try_from(reader.row_count()).unwrap_or(0));
    let mut bytes = Vec::new();
    for rows in reader.columns(&places)? {
        let rows = rows.map_err(|error| unreadable(path, error))?;
        let key = in_key_order(rows.columns(), columns);
        if key.iter().any(|(array, _)| array.null_count() > 0) {
            return Err(null_in_key(path));
        }
        for row in 0..rows.num_rows() {
            bytes.clear();
            key.iter().for_each(|(array, column_type)| write_value(&mut bytes, *array, *column_type, row));
            found.push(xxh3_128(&bytes));
        }
    }
    Ok(found)
}

/// A projection comes in the file's order; the key has its own.
fn in_key_order<'a>(projected: &'a [ArrayRef], columns: &[(usize, ColumnType)]) -> Vec<(&'a dyn Array, ColumnType)> {
    let mut places: Vec<usize> = columns.iter().map(|(place, _)| *place).collect();
    places.sort_unstable();
    places.dedup();
    let array_of = |place: usize| places.binary_search(&place).ok().and_then(|index| projected.get(index));
    columns.iter().filter_map(|(place, column_type)| Some((array_of(*place)?.as_ref(), *column_type))).collect()
}

fn of_lines(path: &Path, keys: &Keys, count: usize) -> Result<Vec<u128>> {
    let mut lines = Lines::open(path)?;
    let mut found = Vec::new();
    let mut parts: Vec<Vec<u8>> = vec![Vec::new(); count];
    let mut bytes = Vec::new();
    while let Some(line) = lines.next_line()? {
        let mut has_null = false;
        let read = keys.read(line, |place, column_type, text| {
            has_null |= text == "null";
            if let Some(part) = parts.get_mut(place) {
                part.clear();
                part.extend_from_slice(canonical(column_type, text).as_bytes());
            }
        });
        read.map_err(|error: Cause| unreadable(path, error))?;
        if has_null {
            return Err(null_in_key(path));
        }
        bytes.clear();
        parts.iter().for_each(|part| write_bytes(&mut bytes, part));
        found.push(xxh3_128(&bytes));
    }
    Ok(found)
}

fn null_in_key(path: &Path) -> destination::Error {
    mismatch(format!(
        "`{}` has rows with NULL in a column of `primary_key`: a merge needs a key in every row that is there",
        path.display()
    ))
}

fn write_value(bytes: &mut Vec<u8>, array: &dyn Array, column_type: ColumnType, row: usize) {
    match column_type {
        ColumnType::Bool => bytes.push(u8::from(array.as_boolean().value(row))),
        ColumnType::Int8 => fixed::<Int8Type>(bytes, array, row),
        ColumnType::Int16 => fixed::<Int16Type>(bytes, array, row),
        ColumnType::Int32 => fixed::<Int32Type>(bytes, array, row),
        ColumnType::Int64 => fixed::<Int64Type>(bytes, array, row),
        ColumnType::UInt8 => fixed::<UInt8Type>(bytes, array, row),
        ColumnType::UInt16 => fixed::<UInt16Type>(bytes, array, row),
        ColumnType::UInt32 => fixed::<UInt32Type>(bytes, array, row),
        ColumnType::UInt64 => fixed::<UInt64Type>(bytes, array, row),
        // Adding zero turns -0.0 into 0.0; every NaN is written alike.
        ColumnType::Float32 => {
            let value = f64::from(array.as_primitive::<Float32Type>().value(row)) + 0.0;
            bytes.extend_from_slice(&float(value).to_le_bytes());
        }
        ColumnType::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row) + 0.0;
            bytes.extend_from_slice(&float(value).to_le_bytes());
        }
        ColumnType::Decimal { precision, .. } if precision <= 38 => fixed::<Decimal128Type>(bytes, array, row),
        ColumnType::Decimal { .. } => fixed::<Decimal256Type>(bytes, array, row),
        ColumnType::Numeric => write_bytes(bytes, numeric(array.as_string::<i32>().value(row)).as_bytes()),
        ColumnType::Utf8 | ColumnType::Json => write_bytes(bytes, array.as_string::<i32>().value(row).as_bytes()),
        ColumnType::Binary => write_bytes(bytes, array.as_binary::<i32>().value(row)),
        ColumnType::Date => fixed::<Date32Type>(bytes, array, row),
        ColumnType::Time => fixed::<Time64MicrosecondType>(bytes, array, row),
        ColumnType::Timestamp { .. } => fixed::<TimestampMicrosecondType>(bytes, array, row),
        ColumnType::Uuid => bytes.extend_from_slice(array.as_fixed_size_binary().value(row)),
    }
}

fn fixed<T: ArrowPrimitiveType>(bytes: &mut Vec<u8>, array: &dyn Array, row: usize) {
    bytes.extend_from_slice(array.as_primitive::<T>().value(row).to_byte_slice());
}

fn write_bytes(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
    bytes.extend_from_slice(value);
}

fn float(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value }
}

/// A value's JSON text, the same for values that compare equal.
fn canonical(column_type: ColumnType, text: &str) -> &str {
    match column_type {
        ColumnType::Numeric => numeric(text.trim_matches('"')),
        ColumnType::Float32 | ColumnType::Float64 if text == "-0.0" => "0.0",
        _ => text,
    }
}

/// A number's text without the zeros that end its fraction.
fn numeric(text: &str) -> &str {
    let has_fraction = text.contains('.') && !text.contains(['e', 'E']);
    let shortened = if has_fraction { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    if shortened == "-0" { "0" } else { shortened }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int32Array, StringArray};

    use super::*;

    fn bytes(values: &[(&dyn Array, &str)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        values.iter().for_each(|(array, text)| write_value(&mut bytes, *array, text.parse().unwrap(), 0));
        bytes
    }

    #[test]
    fn texts_that_run_together_are_told_apart() {
        let text = |value: &str| StringArray::from(vec![value.to_owned()]);
        let (a, bc, ab, c) = (text("a"), text("bc"), text("ab"), text("c"));
        assert_ne!(bytes(&[(&a, "utf8"), (&bc, "utf8")]), bytes(&[(&ab, "utf8"), (&c, "utf8")]));
    }

    #[test]
    fn values_that_compare_equal_are_one_key() {
        let numbers = ["1.50", "1.5", "1.500"].map(|value| StringArray::from(vec![value]));
        let keys: Vec<_> = numbers.iter().map(|array| bytes(&[(array, "numeric")])).collect();
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!([numeric("100"), numeric("-0.00"), numeric("10.0")], ["100", "0", "10"]);
        let (zero, minus_zero) = (Float64Array::from(vec![0.0]), Float64Array::from(vec![-0.0]));
        assert_eq!(bytes(&[(&zero, "float64")]), bytes(&[(&minus_zero, "float64")]));
    }

    #[test]
    fn a_projection_is_put_into_the_order_of_the_key() {
        let (third, first): (ArrayRef, ArrayRef) =
            (Arc::new(StringArray::from(vec!["x"])), Arc::new(Int32Array::from(vec![1])));
        let projected = [first.clone(), third.clone()];
        let key = [(2, ColumnType::Utf8), (0, ColumnType::Int32)];
        let ordered = in_key_order(&projected, &key);
        assert!(ordered[0].0.as_string_opt::<i32>().is_some());
    }
}

//! Columns on their way out: a guest may have written anything, so everything is checked.

use arrow_array::cast::AsArray;
use arrow_array::types::Time64MicrosecondType;
use arrow_array::{Array, ArrayRef, Decimal128Array, Decimal256Array, make_array};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, Field};
use batch::ColumnType;
use serde::de::IgnoredAny;

use crate::Error;
use crate::contract::ColumnResult;
use crate::lower::fixed_width;

const DAY: i64 = 86_400_000_000;

/// Makes an Arrow array of what a guest gave for `field`.
pub(crate) fn lift(
    column: ColumnResult,
    field: &Field,
    column_type: ColumnType,
    rows: usize,
) -> Result<ArrayRef, Error> {
    let wrong = |what: String| Error::Output { what: format!("column `{}`: {what}", field.name()) };
    let nulls = validity(column.validity, rows).map_err(wrong)?;
    if !field.is_nullable() && nulls.as_ref().is_some_and(|nulls| nulls.null_count() > 0) {
        return Err(wrong("it holds NULL but was planned without".to_owned()));
    }
    let buffers = buffers(column.offsets, column.data, field.data_type(), rows).map_err(wrong)?;
    let array = ArrayData::builder(field.data_type().clone())
        .len(rows)
        .nulls(nulls)
        .buffers(buffers)
        // A guest's allocator promises no alignment.
        .align_buffers(true)
        .build()
        .map_err(|error| wrong(without_values(&error)))?;
    let array = make_array(array);
    check_values(&array, column_type).map_err(wrong)?;
    Ok(array)
}

fn validity(bytes: Vec<u8>, rows: usize) -> Result<Option<NullBuffer>, String> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let expected = rows.div_ceil(8);
    if bytes.len() != expected {
        return Err(format!("its validity has {} bytes, {rows} rows have {expected}", bytes.len()));
    }
    let nulls = NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(bytes), 0, rows));
    Ok((nulls.null_count() > 0).then_some(nulls))
}

/// The lengths must fit exactly: what is longer than its rows was counted wrongly.
fn buffers(offsets: Vec<i32>, data: Vec<u8>, data_type: &DataType, rows: usize) -> Result<Vec<Buffer>, String> {
    let expected = match data_type {
        DataType::Utf8 | DataType::Binary => {
            if offsets.len() != rows + 1 {
                return Err(format!("it has {} offsets, {rows} rows have {}", offsets.len(), rows + 1));
            }
            if offsets.first() != Some(&0) {
                return Err("its first offset is not 0".to_owned());
            }
            offsets.last().and_then(|last| usize::try_from(*last).ok()).ok_or("its last offset is negative")?
        }
        DataType::Boolean => rows.div_ceil(8),
        fixed => rows.saturating_mul(fixed_width(fixed)),
    };
    if data.len() != expected {
        return Err(format!("its data has {} bytes, {rows} rows have {expected}", data.len()));
    }
    let data = Buffer::from_vec(data);
    match data_type {
        DataType::Utf8 | DataType::Binary => Ok(vec![Buffer::from_vec(offsets), data]),
        _ if offsets.is_empty() => Ok(vec![data]),
        _ => Err("it has offsets, but its values have one width".to_owned()),
    }
}

/// Arrow's own messages name positions; the one about text may quote it.
fn without_values(error: &ArrowError) -> String {
    let text = error.to_string();
    match text.contains("UTF8") || text.contains("UTF-8") || text.contains("utf8") || text.contains("utf-8") {
        true => "it holds text that is not UTF-8".to_owned(),
        false => text,
    }
}

/// What a type promises beyond its layout.
fn check_values(array: &ArrayRef, column_type: ColumnType) -> Result<(), String> {
    match column_type {
        ColumnType::Decimal { precision, .. } => check_decimal(array, precision),
        ColumnType::Json => {
            check_texts(array, "is no JSON document", |text| serde_json::from_str::<IgnoredAny>(text).is_ok())
        }
        ColumnType::Numeric => check_texts(array, "is no number", is_numeric),
        ColumnType::Time => {
            let times = array.as_primitive::<Time64MicrosecondType>();
            match times.iter().flatten().all(|time| (0..DAY).contains(&time)) {
                true => Ok(()),
                false => Err("it holds a time of day outside of the day".to_owned()),
            }
        }
        _ => Ok(()),
    }
}

fn check_decimal(array: &ArrayRef, precision: u8) -> Result<(), String> {
    let too_long = |_| format!("it holds a number of more than {precision} digits");
    if let Some(numbers) = array.as_any().downcast_ref::<Decimal128Array>() {
        return numbers.validate_decimal_precision(precision).map_err(too_long);
    }
    match array.as_any().downcast_ref::<Decimal256Array>() {
        Some(numbers) => numbers.validate_decimal_precision(precision).map_err(too_long),
        None => Err("it is no decimal column".to_owned()),
    }
}

fn check_texts(array: &ArrayRef, problem: &str, is_right: impl Fn(&str) -> bool) -> Result<(), String> {
    let texts = array.as_string::<i32>();
    match texts.iter().position(|text| text.is_some_and(|text| !is_right(text))) {
        Some(row) => Err(format!("its value in row {row} {problem}")),
        None => Ok(()),
    }
}

/// Digits with an optional sign and point, or one of the three that are no number.
pub(crate) fn is_numeric(text: &str) -> bool {
    if matches!(text, "NaN" | "Infinity" | "-Infinity") {
        return true;
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(validity: &[u8], offsets: &[i32], data: &[u8]) -> ColumnResult {
        ColumnResult { validity: validity.to_vec(), offsets: offsets.to_vec(), data: data.to_vec() }
    }

    fn lifted(column: ColumnResult, column_type: &str, nullable: bool, rows: usize) -> Result<ArrayRef, String> {
        let column_type: ColumnType = column_type.parse().unwrap();
        lift(column, &column_type.field("c", nullable), column_type, rows).map_err(|error| match error {
            Error::Output { what } => what,
            other => panic!("{other:?}"),
        })
    }

    #[track_caller]
    fn refused(column: ColumnResult, column_type: &str, rows: usize, problem: &str) {
        let what = lifted(column, column_type, true, rows).unwrap_err();
        assert!(what.starts_with("column `c`: ") && what.contains(problem), "{what}");
    }

    #[test]
    fn every_lie_about_a_column_is_found() {
        refused(column(&[], &[], &[0; 15]), "int64", 2, "15 bytes, 2 rows have 16");
        refused(column(&[], &[], &[0; 24]), "int64", 2, "24 bytes");
        refused(column(&[1, 1], &[], &[0; 16]), "int64", 2, "validity has 2 bytes");
        refused(column(&[], &[0, 1], &[0; 16]), "int64", 2, "offsets");
        refused(column(&[], &[], &[0; 2]), "bool", 3, "2 bytes");
        refused(column(&[], &[0, 1], b"ab"), "utf8", 2, "2 offsets");
        refused(column(&[], &[], b""), "utf8", 0, "0 offsets");
        refused(column(&[], &[1, 1, 2], b"ab"), "utf8", 2, "first offset");
        refused(column(&[], &[0, 1, -1], b"ab"), "utf8", 2, "negative");
        refused(column(&[], &[0, 9, 2], b"ab"), "utf8", 2, "Offset");
        refused(column(&[], &[0, 2, 1, 2], b"ab"), "utf8", 3, "Offset");
        refused(column(&[], &[0, 1, 3], b"ab"), "utf8", 2, "2 bytes, 2 rows have 3");
        refused(column(&[], &[0, 1], &[0xff]), "utf8", 1, "not UTF-8");
        refused(column(&[], &[0, 1, 2], "ä".as_bytes()), "utf8", 2, "not UTF-8");
        refused(column(&[], &[0, 1], b"{"), "json", 1, "row 0 is no JSON");
        refused(column(&[], &[0, 3], b"1e5"), "numeric", 1, "row 0 is no number");
        refused(column(&[], &[], &100_000i128.to_le_bytes()), "decimal(5,2)", 1, "more than 5 digits");
        refused(column(&[], &[], &DAY.to_le_bytes()), "time", 1, "outside of the day");
        refused(column(&[], &[], &[0; 15]), "uuid", 1, "15 bytes");
        let what = lifted(column(&[0], &[], &[0; 8]), "int64", false, 1).unwrap_err();
        assert!(what.contains("planned without"));
    }

    #[test]
    fn what_is_right_becomes_an_array_wherever_its_bytes_lie() {
        let numbers = lifted(column(&[0b01], &[], &[7i64.to_le_bytes(), [9; 8]].concat()), "int64", true, 2).unwrap();
        assert_eq!((numbers.null_count(), numbers.len()), (1, 2));
        let texts = lifted(column(&[], &[0, 2, 2], "ä".as_bytes()), "utf8", false, 2).unwrap();
        assert_eq!(texts.as_string::<i32>().value(1), "");
        assert!(lifted(column(&[], &[0, 8], b"-12.3450"), "numeric", true, 1).is_ok());
        let wide = lifted(column(&[], &[], &[0; 32]), "decimal(50,2)", true, 1).unwrap();
        assert_eq!(*wide.data_type(), DataType::Decimal256(50, 2));
        assert!(lifted(column(&[], &[0], b""), "utf8", true, 0).unwrap().is_empty());
    }

    #[test]
    fn what_stands_under_a_null_means_nothing() {
        assert!(lifted(column(&[0], &[0, 1], b"{"), "json", true, 1).is_ok());
        assert!(lifted(column(&[0], &[], &i128::MAX.to_le_bytes()), "decimal(5,2)", true, 1).is_ok());
    }

    #[test]
    fn a_numeric_is_plain_digits() {
        for text in ["0", "-1", "12.50", "NaN", "Infinity", "-Infinity", &"9".repeat(100)] {
            assert!(is_numeric(text), "{text}");
        }
        for text in ["", "-", ".5", "5.", "1e5", "+1", "1 ", "nan", "0x1", "--1", "1.2.3"] {
            assert!(!is_numeric(text), "{text}");
        }
    }
}

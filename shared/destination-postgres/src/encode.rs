//! Arrow columns into binary COPY, row by row.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, FixedSizeBinaryArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray,
    Time64MicrosecondArray, TimestampMicrosecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_buffer::NullBuffer;
use batch::ColumnType;
use destination::Error;

use crate::layout::{LaidColumn, Layout};
use crate::numeric;
use crate::wire::Wire;

/// Bytes that are gathered before they are sent: enough to keep the server busy, few enough to stay
/// in the processor's cache.
const CHUNK_BYTES: usize = 256 * 1024;

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
const NULL: [u8; 4] = (-1_i32).to_be_bytes();

/// PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * DAY_MICROS;
const DAY_MICROS: i64 = 86_400_000_000;
/// 4714-11-24 BC and 5874897-12-31, in PostgreSQL's days.
const FIRST_DAY: i32 = -2_451_545;
const LAST_DAY: i32 = 2_145_031_948;
/// The microsecond behind 294276-12-31, in PostgreSQL's count.
const END_OF_TIME: i64 = 9_223_371_331_200_000_000;

/// A batch that is being written as a COPY.
pub(crate) struct Encoding<'a> {
    columns: Vec<Column<'a>>,
    /// Whether each row ends with its number, for `merge`.
    is_numbered: bool,
    row: usize,
    rows: usize,
}

struct Column<'a> {
    name: &'a str,
    values: Values<'a>,
    nulls: Option<&'a NullBuffer>,
    is_required: bool,
}

/// A column's array and the form it is written in.
enum Values<'a> {
    Bool(&'a BooleanArray),
    Int2(Integers<'a>),
    Int4(Integers<'a>),
    Int8(Integers<'a>),
    IntNumeric(Integers<'a>),
    UInt64(&'a UInt64Array),
    Float4(&'a Float32Array),
    Float4Wide(&'a Float32Array),
    Float8(&'a Float64Array),
    Decimal128(&'a Decimal128Array, u8),
    Decimal256(&'a Decimal256Array),
    Numeric(&'a StringArray),
    Text(&'a StringArray),
    TextUpTo(&'a StringArray, u32),
    Jsonb(&'a StringArray),
    Binary(&'a BinaryArray),
    Date(&'a Date32Array),
    Time(&'a Time64MicrosecondArray),
    Timestamp(&'a TimestampMicrosecondArray),
    Uuid(&'a FixedSizeBinaryArray),
}

/// Integers that 64 bits with sign hold.
enum Integers<'a> {
    Int8(&'a Int8Array),
    Int16(&'a Int16Array),
    Int32(&'a Int32Array),
    Int64(&'a Int64Array),
    UInt8(&'a UInt8Array),
    UInt16(&'a UInt16Array),
    UInt32(&'a UInt32Array),
}

impl<'a> Encoding<'a> {
    /// Writes `rows` the way the table wants them.
    pub(crate) fn new(layout: &'a Layout, rows: &'a RecordBatch, is_numbered: bool) -> Result<Self, Error> {
        if rows.num_columns() != layout.columns.len() {
            return Err(Error::config(
                "batch_mismatch",
                format!("the batch has {} columns, the target {}", rows.num_columns(), layout.columns.len()),
            ));
        }
        let columns = layout
            .columns
            .iter()
            .zip(rows.columns())
            .map(|(column, array)| Column::new(column, array.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { columns, is_numbered, row: 0, rows: rows.num_rows() })
    }

    /// Appends the next rows, about one chunk; `false` when there is nothing more to send. The
    /// buffer is to be empty.
    pub(crate) fn fill(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Error> {
        if self.row > self.rows {
            return Ok(false);
        }
        if self.row == 0 {
            buffer.extend_from_slice(HEADER);
        }
        let fields = i16::try_from(self.columns.len() + usize::from(self.is_numbered)).unwrap_or(i16::MAX);
        while self.row < self.rows && buffer.len() < CHUNK_BYTES {
            buffer.extend_from_slice(&fields.to_be_bytes());
            for column in &self.columns {
                column.write(self.row, buffer)?;
            }
            if self.is_numbered {
                write_field((self.row as u64).to_be_bytes(), buffer);
            }
            self.row += 1;
        }
        if self.row == self.rows {
            buffer.extend_from_slice(&TRAILER);
            // One beyond the end: the trailer is written.
            self.row += 1;
        }
        Ok(true)
    }
}

impl<'a> Column<'a> {
    fn new(column: &'a LaidColumn, array: &'a dyn Array) -> Result<Self, Error> {
        let values = values(column, array).ok_or_else(|| {
            Error::config(
                "batch_mismatch",
                format!(
                    "column `{}` of the batch is `{}`, not `{}` as planned",
                    column.name,
                    array.data_type(),
                    column.column_type
                ),
            )
        })?;
        if values.texts().is_some_and(|texts| memchr::memchr(0, texts.value_data()).is_some()) {
            refuse_nul(&column.name, array)?;
        }
        Ok(Self { name: &column.name, values, nulls: array.nulls(), is_required: column.is_required })
    }

    fn write(&self, row: usize, buffer: &mut Vec<u8>) -> Result<(), Error> {
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) {
            if self.is_required {
                return Err(self.refused("a NULL in a column of the key"));
            }
            buffer.extend_from_slice(&NULL);
            return Ok(());
        }
        self.values.write(row, buffer).map_err(|reason| self.refused(reason))
    }

    fn refused(&self, reason: &str) -> Error {
        Error::Refused { problem: format!("column `{}`: {reason}", self.name), cause: None }
    }
}

fn values<'a>(column: &LaidColumn, array: &'a dyn Array) -> Option<Values<'a>> {
    if *array.data_type() != column.column_type.arrow() {
        return None;
    }
    Some(match (column.wire, column.column_type) {
        (Wire::Bool, ColumnType::Bool) => Values::Bool(array.as_boolean_opt()?),
        (Wire::Int2, _) => Values::Int2(integers(array)?),
        (Wire::Int4, _) => Values::Int4(integers(array)?),
        (Wire::Int8, _) => Values::Int8(integers(array)?),
        (Wire::Float4, _) => Values::Float4(array.as_primitive_opt::<Float32Type>()?),
        (Wire::Float8, ColumnType::Float32) => Values::Float4Wide(array.as_primitive_opt::<Float32Type>()?),
        (Wire::Float8, _) => Values::Float8(array.as_primitive_opt::<Float64Type>()?),
        (Wire::Numeric, ColumnType::UInt64) => Values::UInt64(array.as_primitive_opt::<UInt64Type>()?),
        (Wire::Numeric, ColumnType::Decimal { precision, scale }) if precision <= 38 => {
            Values::Decimal128(array.as_primitive_opt::<Decimal128Type>()?, scale.unsigned_abs())
        }
        (Wire::Numeric, ColumnType::Decimal { .. }) => Values::Decimal256(array.as_primitive_opt::<Decimal256Type>()?),
        (Wire::Numeric, ColumnType::Numeric) => Values::Numeric(array.as_string_opt()?),
        (Wire::Numeric, _) => Values::IntNumeric(integers(array)?),
        (Wire::Text(None), _) => Values::Text(array.as_string_opt()?),
        (Wire::Text(Some(most)), _) => Values::TextUpTo(array.as_string_opt()?, most),
        (Wire::Jsonb, _) => Values::Jsonb(array.as_string_opt()?),
        (Wire::Bytea, _) => Values::Binary(array.as_binary_opt()?),
        (Wire::Date, _) => Values::Date(array.as_primitive_opt::<Date32Type>()?),
        (Wire::Time, _) => Values::Time(array.as_primitive_opt::<Time64MicrosecondType>()?),
        (Wire::Timestamp, _) => Values::Timestamp(array.as_primitive_opt::<TimestampMicrosecondType>()?),
        (Wire::Uuid, _) => Values::Uuid(array.as_fixed_size_binary_opt()?),
        (Wire::Bool, _) => return None,
    })
}

fn integers(array: &dyn Array) -> Option<Integers<'_>> {
    if let Some(array) = array.as_primitive_opt::<Int8Type>() {
        return Some(Integers::Int8(array));
    }
    if let Some(array) = array.as_primitive_opt::<Int16Type>() {
        return Some(Integers::Int16(array));
    }
    if let Some(array) = array.as_primitive_opt::<Int32Type>() {
        return Some(Integers::Int32(array));
    }
    if let Some(array) = array.as_primitive_opt::<Int64Type>() {
        return Some(Integers::Int64(array));
    }
    if let Some(array) = array.as_primitive_opt::<UInt8Type>() {
        return Some(Integers::UInt8(array));
    }
    if let Some(array) = array.as_primitive_opt::<UInt16Type>() {
        return Some(Integers::UInt16(array));
    }
    array.as_primitive_opt::<UInt32Type>().map(Integers::UInt32)
}

impl Integers<'_> {
    #[inline]
    fn value(&self, row: usize) -> i64 {
        match self {
            Integers::Int8(array) => i64::from(array.value(row)),
            Integers::Int16(array) => i64::from(array.value(row)),
            Integers::Int32(array) => i64::from(array.value(row)),
            Integers::Int64(array) => array.value(row),
            Integers::UInt8(array) => i64::from(array.value(row)),
            Integers::UInt16(array) => i64::from(array.value(row)),
            Integers::UInt32(array) => i64::from(array.value(row)),
        }
    }
}

impl<'a> Values<'a> {
    /// The texts, where PostgreSQL takes no NUL.
    fn texts(&self) -> Option<&'a StringArray> {
        match self {
            Values::Text(texts) | Values::TextUpTo(texts, _) | Values::Jsonb(texts) => Some(texts),
            _ => None,
        }
    }

    fn write(&self, row: usize, buffer: &mut Vec<u8>) -> Result<(), &'static str> {
        match self {
            Values::Bool(array) => write_field([u8::from(array.value(row))], buffer),
            Values::Int2(array) => {
                write_field(i16::try_from(array.value(row)).map_err(too_wide)?.to_be_bytes(), buffer)
            }
            Values::Int4(array) => {
                write_field(i32::try_from(array.value(row)).map_err(too_wide)?.to_be_bytes(), buffer)
            }
            Values::Int8(array) => write_field(array.value(row).to_be_bytes(), buffer),
            Values::IntNumeric(array) => numeric::write_unscaled(i128::from(array.value(row)), 0, buffer),
            Values::UInt64(array) => numeric::write_unscaled(i128::from(array.value(row)), 0, buffer),
            Values::Float4(array) => write_field(array.value(row).to_be_bytes(), buffer),
            Values::Float4Wide(array) => write_field(f64::from(array.value(row)).to_be_bytes(), buffer),
            Values::Float8(array) => write_field(array.value(row).to_be_bytes(), buffer),
            Values::Decimal128(array, scale) => numeric::write_unscaled(array.value(row), *scale, buffer),
            Values::Decimal256(array) => write_numeric(&array.value_as_string(row), buffer)?,
            Values::Numeric(array) => write_numeric(array.value(row), buffer)?,
            Values::Text(array) => write_bytes(array.value(row).as_bytes(), buffer)?,
            Values::TextUpTo(array, most) => {
                let text = array.value(row);
                if text.len() > *most as usize && text.chars().count() > *most as usize {
                    return Err("a text longer than the column of the table");
                }
                write_bytes(text.as_bytes(), buffer)?;
            }
            Values::Jsonb(array) => {
                let document = array.value(row).as_bytes();
                let length = i32::try_from(document.len() + 1).map_err(too_large)?;
                buffer.extend_from_slice(&length.to_be_bytes());
                // The version of the binary form.
                buffer.push(1);
                buffer.extend_from_slice(document);
            }
            Values::Binary(array) => write_bytes(array.value(row), buffer)?,
            Values::Date(array) => write_field(date(array.value(row))?.to_be_bytes(), buffer),
            Values::Time(array) => write_field(time(array.value(row))?.to_be_bytes(), buffer),
            Values::Timestamp(array) => write_field(timestamp(array.value(row))?.to_be_bytes(), buffer),
            Values::Uuid(array) => write_bytes(array.value(row), buffer)?,
        }
        Ok(())
    }
}

#[inline]
fn write_field<const N: usize>(bytes: [u8; N], buffer: &mut Vec<u8>) {
    // A field of fixed size is at most 8 bytes long.
    buffer.extend_from_slice(&(N as u32).to_be_bytes());
    buffer.extend_from_slice(&bytes);
}

#[inline]
fn write_bytes(bytes: &[u8], buffer: &mut Vec<u8>) -> Result<(), &'static str> {
    let length = i32::try_from(bytes.len()).map_err(too_large)?;
    buffer.extend_from_slice(&length.to_be_bytes());
    buffer.extend_from_slice(bytes);
    Ok(())
}

fn write_numeric(text: &str, buffer: &mut Vec<u8>) -> Result<(), &'static str> {
    numeric::write_text(text, buffer).ok_or("a text that is no number, or one with more digits than numeric holds")
}

fn date(days: i32) -> Result<i32, &'static str> {
    let moved = days.checked_sub(EPOCH_DAYS).filter(|moved| (FIRST_DAY..=LAST_DAY).contains(moved));
    moved.ok_or("a date before 4714-11-24 BC or after 5874897-12-31")
}

fn time(micros: i64) -> Result<i64, &'static str> {
    let is_time = (0..=DAY_MICROS).contains(&micros);
    if is_time { Ok(micros) } else { Err("a time of day outside of 24 hours") }
}

fn timestamp(micros: i64) -> Result<i64, &'static str> {
    let first = i64::from(FIRST_DAY) * DAY_MICROS;
    let moved = micros.checked_sub(EPOCH_MICROS).filter(|moved| (first..END_OF_TIME).contains(moved));
    moved.ok_or("a timestamp before 4714-11-24 BC or after 294276-12-31")
}

fn too_wide(_: std::num::TryFromIntError) -> &'static str {
    "a number wider than the column of the table"
}

fn too_large(_: std::num::TryFromIntError) -> &'static str {
    "a value of more than 2 GiB"
}

/// The byte may lie in a part of the array's buffer that no row of the batch shows.
fn refuse_nul(column: &str, array: &dyn Array) -> Result<(), Error> {
    let Some(texts) = array.as_string_opt::<i32>() else { return Ok(()) };
    if texts.iter().flatten().any(|text| text.contains('\0')) {
        let problem = format!("column `{column}`: a text with a NUL character, which PostgreSQL cannot hold");
        return Err(Error::Refused { problem, cause: None });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::ArrayRef;
    use arrow_schema::Schema;

    use super::*;

    fn encode(notation: &str, wire: Wire, array: ArrayRef) -> Result<Vec<u8>, Error> {
        let column_type: ColumnType = notation.parse().unwrap();
        let layout = Layout {
            columns: vec![LaidColumn { name: "c".into(), column_type, wire, is_required: false }],
            primary_key: Vec::new(),
        };
        let schema = Arc::new(Schema::new(vec![column_type.field("c", true)]));
        let rows = RecordBatch::try_new(schema, vec![array]).unwrap();
        let mut encoding = Encoding::new(&layout, &rows, false)?;
        let mut bytes = Vec::new();
        while encoding.fill(&mut bytes)? {}
        Ok(bytes)
    }

    #[test]
    fn rows_are_framed_as_binary_copy() {
        let bytes = encode("int8", Wire::Int2, Arc::new(Int8Array::from(vec![Some(-2), None]))).unwrap();
        let rows = [0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(bytes, [HEADER, &rows].concat());
        let none = encode("int8", Wire::Int2, Arc::new(Int8Array::from(Vec::<i8>::new()))).unwrap();
        assert_eq!(none, [HEADER, &TRAILER].concat());
    }

    #[test]
    fn what_postgres_cannot_hold_is_refused_by_column_without_its_value() {
        let moments = TimestampMicrosecondArray::from(vec![i64::MIN]);
        for (notation, wire, array) in [
            ("utf8", Wire::Text(None), Arc::new(StringArray::from(vec!["secret\0"])) as ArrayRef),
            ("utf8", Wire::Text(Some(5)), Arc::new(StringArray::from(vec!["secret"]))),
            ("numeric", Wire::Numeric, Arc::new(StringArray::from(vec!["secret"]))),
            ("date", Wire::Date, Arc::new(Date32Array::from(vec![i32::MIN]))),
            ("time", Wire::Time, Arc::new(Time64MicrosecondArray::from(vec![-1]))),
            ("timestamp", Wire::Timestamp, Arc::new(moments)),
        ] {
            let error = encode(notation, wire, array).unwrap_err();
            let text = format!("{error:?}");
            assert!(matches!(error, Error::Refused { .. }), "{text}");
            assert!(text.contains("`c`") && !text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn a_limit_counts_letters_and_a_nul_outside_of_the_rows_is_no_matter() {
        let long = StringArray::from(vec!["ééééé"]);
        assert!(encode("utf8", Wire::Text(Some(5)), Arc::new(long)).is_ok());
        let sliced = StringArray::from(vec!["\0", "fine"]).slice(1, 1);
        assert!(encode("utf8", Wire::Text(None), Arc::new(sliced)).is_ok());
    }

    #[test]
    fn another_array_than_planned_is_an_error() {
        let layout = Layout {
            columns: vec![LaidColumn {
                name: "c".into(),
                column_type: ColumnType::Int64,
                wire: Wire::Int8,
                is_required: false,
            }],
            primary_key: Vec::new(),
        };
        let schema = Arc::new(Schema::new(vec![ColumnType::Int32.field("c", true)]));
        let rows = RecordBatch::try_new(schema, vec![Arc::new(Int32Array::from(vec![1]))]).unwrap();
        assert!(Encoding::new(&layout, &rows, false).is_err());
    }
}

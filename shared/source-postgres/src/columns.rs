//! Binary values into Arrow columns.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Decimal256Builder, FixedSizeBinaryBuilder,
    Float32Builder, Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::types::{Decimal128Type, Decimal256Type, DecimalType};
use arrow_schema::Field;
use batch::ColumnType;
use source::Error;

use crate::civil::{DAY_MICROS, EPOCH_DAYS, EPOCH_MICROS};
use crate::extract::ReadColumn;
use crate::kind::Kind;
use crate::numeric::{Numeric, Unfit};

/// Why a value is none of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) reason: &'static str,
}

const MALFORMED: Refusal = Refusal { code: "malformed_value", reason: "the bytes are no value of the column's type" };
const NULL: Refusal = Refusal { code: "not_null", reason: "NULL in a column that refuses it" };
const INFINITE: Refusal = not_representable("infinity, which no date or timestamp of a batch can be");
const TOO_FAR: Refusal = not_representable("a timestamp outside of what 64 bits of microseconds hold");
const END_OF_DAY: Refusal = not_representable("24:00:00, which is no time of a day");
const NOT_A_NUMBER: Refusal = not_representable("NaN, which no decimal can be");
const INFINITE_NUMBER: Refusal = not_representable("infinity, which no decimal can be");
const TOO_MANY_DIGITS: Refusal = not_representable("a number with more digits than the column's decimal has");
const NOT_UTF8: Refusal = Refusal { code: "invalid_encoding", reason: "text that is not valid UTF-8" };

const fn not_representable(reason: &'static str) -> Refusal {
    Refusal { code: "not_representable", reason }
}

/// A column that is being filled.
#[derive(Debug)]
pub(crate) struct Column {
    values: Values,
    nullable: bool,
}

#[derive(Debug)]
enum Values {
    Bool(BooleanBuilder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Decimal128 {
        builder: Decimal128Builder,
        precision: u8,
        scale: i8,
    },
    Decimal256 {
        builder: Decimal256Builder,
        precision: u8,
        scale: i8,
    },
    Numeric {
        builder: StringBuilder,
        text: String,
    },
    Text(StringBuilder),
    /// Text behind a version number of one byte.
    Jsonb(StringBuilder),
    Binary(BinaryBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Timestamp(TimestampMicrosecondBuilder),
    Uuid(FixedSizeBinaryBuilder),
}

impl Column {
    /// An empty column for what `column` reads into `field`.
    pub(crate) fn new(column: &ReadColumn, field: &Field, rows: usize) -> Result<Self, Error> {
        let column_type = ColumnType::of(field).map_err(|error| Error::Build(Box::new(error)))?;
        let values = values(column.kind, column_type, rows).ok_or_else(|| {
            Error::config(
                "schema_changed",
                format!("column `{}` was planned as `{column_type}`, which the source does not give", column.name),
            )
        })?;
        Ok(Self { values, nullable: field.is_nullable() })
    }

    /// Appends a value. One that is refused leaves NULL in its place, so that columns stay of one
    /// length; its row is taken out when the batch is built.
    pub(crate) fn append(&mut self, bytes: Option<&[u8]>) -> Result<(), Refusal> {
        let outcome = match bytes {
            Some(bytes) => self.values.append(bytes),
            None if self.nullable => {
                self.values.append_null();
                return Ok(());
            }
            None => Err(NULL),
        };
        outcome.inspect_err(|_| self.values.append_null())
    }

    /// The values so far; the column is empty again afterwards.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        match &mut self.values {
            Values::Bool(builder) => Arc::new(builder.finish()),
            Values::Int16(builder) => Arc::new(builder.finish()),
            Values::Int32(builder) => Arc::new(builder.finish()),
            Values::Int64(builder) => Arc::new(builder.finish()),
            Values::Float32(builder) => Arc::new(builder.finish()),
            Values::Float64(builder) => Arc::new(builder.finish()),
            Values::Decimal128 { builder, .. } => Arc::new(builder.finish()),
            Values::Decimal256 { builder, .. } => Arc::new(builder.finish()),
            Values::Numeric { builder, .. } => Arc::new(builder.finish()),
            Values::Text(builder) | Values::Jsonb(builder) => Arc::new(builder.finish()),
            Values::Binary(builder) => Arc::new(builder.finish()),
            Values::Date(builder) => Arc::new(builder.finish()),
            Values::Time(builder) => Arc::new(builder.finish()),
            Values::Timestamp(builder) => Arc::new(builder.finish()),
            Values::Uuid(builder) => Arc::new(builder.finish()),
        }
    }
}

fn values(kind: Kind, column_type: ColumnType, rows: usize) -> Option<Values> {
    Some(match (kind, column_type) {
        (Kind::Bool, ColumnType::Bool) => Values::Bool(BooleanBuilder::with_capacity(rows)),
        (Kind::Int2, ColumnType::Int16) => Values::Int16(Int16Builder::with_capacity(rows)),
        (Kind::Int4, ColumnType::Int32) => Values::Int32(Int32Builder::with_capacity(rows)),
        (Kind::Int8, ColumnType::Int64) => Values::Int64(Int64Builder::with_capacity(rows)),
        (Kind::Float4, ColumnType::Float32) => Values::Float32(Float32Builder::with_capacity(rows)),
        (Kind::Float8, ColumnType::Float64) => Values::Float64(Float64Builder::with_capacity(rows)),
        (Kind::Numeric, ColumnType::Decimal { precision, scale }) if precision <= 38 => {
            let builder = Decimal128Builder::with_capacity(rows).with_data_type(column_type.arrow());
            Values::Decimal128 { builder, precision, scale }
        }
        (Kind::Numeric, ColumnType::Decimal { precision, scale }) => {
            let builder = Decimal256Builder::with_capacity(rows).with_data_type(column_type.arrow());
            Values::Decimal256 { builder, precision, scale }
        }
        (Kind::Numeric, ColumnType::Numeric) => Values::Numeric { builder: texts(rows), text: String::new() },
        (Kind::Text | Kind::Varchar | Kind::Bpchar | Kind::Name, ColumnType::Utf8) => Values::Text(texts(rows)),
        (Kind::Json, ColumnType::Json) => Values::Text(texts(rows)),
        (Kind::Jsonb, ColumnType::Json) => Values::Jsonb(texts(rows)),
        (Kind::Bytea, ColumnType::Binary) => Values::Binary(BinaryBuilder::with_capacity(rows, rows * 16)),
        (Kind::Date, ColumnType::Date) => Values::Date(Date32Builder::with_capacity(rows)),
        (Kind::Time, ColumnType::Time) => Values::Time(Time64MicrosecondBuilder::with_capacity(rows)),
        (Kind::Timestamp, ColumnType::Timestamp { zoned: false })
        | (Kind::Timestamptz, ColumnType::Timestamp { zoned: true }) => {
            let builder = TimestampMicrosecondBuilder::with_capacity(rows);
            Values::Timestamp(builder.with_data_type(column_type.arrow()))
        }
        (Kind::Uuid, ColumnType::Uuid) => Values::Uuid(FixedSizeBinaryBuilder::with_capacity(rows, 16)),
        _ => return None,
    })
}

fn texts(rows: usize) -> StringBuilder {
    StringBuilder::with_capacity(rows, rows * 16)
}

impl Values {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        match self {
            Values::Bool(builder) => {
                let [value] = fixed(bytes)?;
                builder.append_value(value != 0);
            }
            Values::Int16(builder) => builder.append_value(i16::from_be_bytes(fixed(bytes)?)),
            Values::Int32(builder) => builder.append_value(i32::from_be_bytes(fixed(bytes)?)),
            Values::Int64(builder) => builder.append_value(i64::from_be_bytes(fixed(bytes)?)),
            Values::Float32(builder) => builder.append_value(f32::from_be_bytes(fixed(bytes)?)),
            Values::Float64(builder) => builder.append_value(f64::from_be_bytes(fixed(bytes)?)),
            Values::Decimal128 { builder, precision, scale } => {
                let value = number(bytes)?.unscaled(*scale).map_err(unfit)?;
                builder.append_value(within::<Decimal128Type>(value, *precision)?);
            }
            Values::Decimal256 { builder, precision, scale } => {
                let value = number(bytes)?.unscaled(*scale).map_err(unfit)?;
                builder.append_value(within::<Decimal256Type>(value, *precision)?);
            }
            Values::Numeric { builder, text } => {
                text.clear();
                number(bytes)?.write(text);
                builder.append_value(text.as_str());
            }
            Values::Text(builder) => builder.append_value(utf8(bytes)?),
            Values::Jsonb(builder) => match bytes.split_first() {
                Some((1, document)) => builder.append_value(utf8(document)?),
                _ => return Err(MALFORMED),
            },
            Values::Binary(builder) => builder.append_value(bytes),
            Values::Date(builder) => builder.append_value(date(i32::from_be_bytes(fixed(bytes)?))?),
            Values::Time(builder) => match i64::from_be_bytes(fixed(bytes)?) {
                DAY_MICROS => return Err(END_OF_DAY),
                micros => builder.append_value(micros),
            },
            Values::Timestamp(builder) => builder.append_value(timestamp(i64::from_be_bytes(fixed(bytes)?))?),
            Values::Uuid(builder) => builder.append_value(bytes).map_err(|_| MALFORMED)?,
        }
        Ok(())
    }

    fn append_null(&mut self) {
        match self {
            Values::Bool(builder) => builder.append_null(),
            Values::Int16(builder) => builder.append_null(),
            Values::Int32(builder) => builder.append_null(),
            Values::Int64(builder) => builder.append_null(),
            Values::Float32(builder) => builder.append_null(),
            Values::Float64(builder) => builder.append_null(),
            Values::Decimal128 { builder, .. } => builder.append_null(),
            Values::Decimal256 { builder, .. } => builder.append_null(),
            Values::Numeric { builder, .. } => builder.append_null(),
            Values::Text(builder) | Values::Jsonb(builder) => builder.append_null(),
            Values::Binary(builder) => builder.append_null(),
            Values::Date(builder) => builder.append_null(),
            Values::Time(builder) => builder.append_null(),
            Values::Timestamp(builder) => builder.append_null(),
            Values::Uuid(builder) => builder.append_null(),
        }
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Refusal> {
    bytes.try_into().map_err(|_| MALFORMED)
}

fn utf8(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|_| NOT_UTF8)
}

fn number(bytes: &[u8]) -> Result<Numeric<'_>, Refusal> {
    Numeric::parse(bytes).ok_or(MALFORMED)
}

fn unfit(unfit: Unfit) -> Refusal {
    match unfit {
        Unfit::NotANumber => NOT_A_NUMBER,
        Unfit::Infinite => INFINITE_NUMBER,
        Unfit::TooManyDigits => TOO_MANY_DIGITS,
    }
}

fn within<T: DecimalType>(value: T::Native, precision: u8) -> Result<T::Native, Refusal> {
    if T::is_valid_decimal_precision(value, precision) { Ok(value) } else { Err(TOO_MANY_DIGITS) }
}

/// PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01.
fn date(days: i32) -> Result<i32, Refusal> {
    match days {
        i32::MIN | i32::MAX => Err(INFINITE),
        days => days.checked_add(EPOCH_DAYS).ok_or(TOO_FAR),
    }
}

fn timestamp(micros: i64) -> Result<i64, Refusal> {
    match micros {
        i64::MIN | i64::MAX => Err(INFINITE),
        micros => micros.checked_add(EPOCH_MICROS).ok_or(TOO_FAR),
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Date32Type;

    use super::*;

    fn column(kind: Kind, notation: &str, nullable: bool) -> Column {
        let column_type: ColumnType = notation.parse().unwrap();
        Column::new(&ReadColumn { name: "c".into(), kind }, &column_type.field("c", nullable), 4).unwrap()
    }

    #[test]
    fn what_a_type_cannot_hold_is_refused_by_name_and_leaves_a_gap() {
        for (kind, notation, bytes, refusal) in [
            (Kind::Date, "date", &i32::MAX.to_be_bytes()[..], INFINITE),
            (Kind::Timestamptz, "timestamptz", &i64::MIN.to_be_bytes(), INFINITE),
            (Kind::Timestamp, "timestamp", &(i64::MAX - 1).to_be_bytes(), TOO_FAR),
            (Kind::Time, "time", &DAY_MICROS.to_be_bytes(), END_OF_DAY),
            (Kind::Numeric, "decimal(5,2)", &[0, 0, 0, 0, 0xc0, 0, 0, 0], NOT_A_NUMBER),
            (Kind::Numeric, "decimal(2,0)", &[0, 1, 0, 0, 0, 0, 0, 0, 0, 100], TOO_MANY_DIGITS),
            (Kind::Text, "utf8", b"\xff", NOT_UTF8),
            (Kind::Int4, "int32", b"abc", MALFORMED),
        ] {
            let mut column = column(kind, notation, true);
            assert_eq!(column.append(Some(bytes)), Err(refusal), "{kind:?}");
            assert_eq!(column.append(None), Ok(()));
            assert_eq!(column.finish().null_count(), 2, "{kind:?}");
        }
        assert_eq!(column(Kind::Bool, "bool", false).append(None), Err(NULL));
    }

    #[test]
    fn dates_are_counted_from_1970() {
        let mut dates = column(Kind::Date, "date", false);
        dates.append(Some(&0_i32.to_be_bytes())).unwrap();
        assert_eq!(dates.finish().as_primitive::<Date32Type>().value(0), 10_957);
    }

    #[test]
    fn a_schema_the_source_does_not_give_is_refused() {
        let field = ColumnType::Int32.field("c", true);
        assert!(Column::new(&ReadColumn { name: "c".into(), kind: Kind::Text }, &field, 1).is_err());
    }
}

//! One column being filled, and which of SQLite's values it takes.

use arrow_array::ArrayRef;
use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, FixedSizeBinaryBuilder, PrimitiveBuilder, StringBuilder,
};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_schema::Field;
use batch::ColumnType;
use serde::de::IgnoredAny;
use source::Error;

use crate::value::Raw;
use crate::{exact, iso};

/// Why a value is none of the column's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) code: &'static str,
    pub(crate) reason: String,
}

/// A column being filled.
pub(crate) struct Column {
    column_type: ColumnType,
    nullable: bool,
    values: Box<dyn Values>,
}

/// Typed values; every push adds one, if only a NULL in place of a misfit.
trait Values: Send {
    /// Takes a value that is not NULL; `Err` says why it is none of the type, in a few words.
    fn push(&mut self, raw: Raw<'_>) -> Result<usize, &'static str>;
    fn push_null(&mut self);
    fn finish(&mut self) -> ArrayRef;
}

impl Column {
    pub(crate) fn new(field: &Field) -> Result<Self, Error> {
        let column_type = ColumnType::of(field).map_err(|cause| Error::Build(Box::new(cause)))?;
        Ok(Self { column_type, nullable: field.is_nullable(), values: values(column_type) })
    }

    /// Takes a value; gives the bytes it adds to the batch.
    pub(crate) fn push(&mut self, raw: Raw<'_>) -> Result<usize, Misfit> {
        if raw == Raw::Null {
            self.values.push_null();
            return if self.nullable { Ok(1) } else { Err(not_null()) };
        }
        self.values.push(raw).map_err(|problem| {
            self.values.push_null();
            self.misfit(raw, problem)
        })
    }

    pub(crate) fn finish(&mut self) -> ArrayRef {
        self.values.finish()
    }

    fn misfit(&self, raw: Raw<'_>, problem: &str) -> Misfit {
        let code = if matches!(raw, Raw::BrokenText(_)) { "invalid_encoding" } else { "type_mismatch" };
        Misfit { code, reason: format!("expected {}, found {}: {problem}", self.column_type, raw.class()) }
    }
}

fn not_null() -> Misfit {
    Misfit { code: "not_null", reason: "expected a value, found NULL".to_owned() }
}

fn values(column_type: ColumnType) -> Box<dyn Values> {
    match column_type {
        ColumnType::Bool => Box::new(BooleanBuilder::new()),
        ColumnType::Int8 => numbers::<Int8Type>(integer),
        ColumnType::Int16 => numbers::<Int16Type>(integer),
        ColumnType::Int32 => numbers::<Int32Type>(integer),
        ColumnType::Int64 => numbers::<Int64Type>(integer),
        ColumnType::UInt8 => numbers::<UInt8Type>(integer),
        ColumnType::UInt16 => numbers::<UInt16Type>(integer),
        ColumnType::UInt32 => numbers::<UInt32Type>(integer),
        ColumnType::UInt64 => numbers::<UInt64Type>(unsigned),
        ColumnType::Float32 => numbers::<Float32Type>(single),
        ColumnType::Float64 => numbers::<Float64Type>(double),
        ColumnType::Decimal { precision, scale } if precision <= 38 => {
            let builder = PrimitiveBuilder::<Decimal128Type>::new().with_data_type(column_type.arrow());
            let parse = move |raw: Raw<'_>| decimal_text(raw, |text| exact::decimal128(text, precision, scale));
            Box::new(Numbers { builder, parse })
        }
        ColumnType::Decimal { precision, scale } => {
            let builder = PrimitiveBuilder::<Decimal256Type>::new().with_data_type(column_type.arrow());
            let parse = move |raw: Raw<'_>| decimal_text(raw, |text| exact::decimal256(text, precision, scale));
            Box::new(Numbers { builder, parse })
        }
        ColumnType::Numeric => Box::new(Texts { builder: StringBuilder::new(), kind: TextKind::Numeric }),
        ColumnType::Utf8 => Box::new(Texts { builder: StringBuilder::new(), kind: TextKind::Plain }),
        ColumnType::Json => Box::new(Texts { builder: StringBuilder::new(), kind: TextKind::Json }),
        ColumnType::Binary => Box::new(BinaryBuilder::new()),
        ColumnType::Date => numbers::<Date32Type>(|raw| text(raw, iso::date, "not `YYYY-MM-DD`")),
        ColumnType::Time => numbers::<Time64MicrosecondType>(|raw| text(raw, iso::time, "not `HH:MM:SS`")),
        ColumnType::Timestamp { zoned } => {
            let builder = PrimitiveBuilder::<TimestampMicrosecondType>::new().with_data_type(column_type.arrow());
            Box::new(Numbers { builder, parse: if zoned { zoned_moment } else { local_moment } })
        }
        ColumnType::Uuid => Box::new(FixedSizeBinaryBuilder::new(16)),
    }
}

struct Numbers<T: ArrowPrimitiveType, P> {
    builder: PrimitiveBuilder<T>,
    parse: P,
}

fn numbers<T: ArrowPrimitiveType>(parse: fn(Raw<'_>) -> Result<T::Native, &'static str>) -> Box<dyn Values> {
    Box::new(Numbers { builder: PrimitiveBuilder::<T>::new(), parse })
}

impl<T, P> Values for Numbers<T, P>
where
    T: ArrowPrimitiveType,
    P: Fn(Raw<'_>) -> Result<T::Native, &'static str> + Send,
{
    fn push(&mut self, raw: Raw<'_>) -> Result<usize, &'static str> {
        self.builder.append_value((self.parse)(raw)?);
        Ok(size_of::<T::Native>())
    }
    fn push_null(&mut self) {
        self.builder.append_null();
    }
    fn finish(&mut self) -> ArrayRef {
        ArrayBuilder::finish(&mut self.builder)
    }
}

impl Values for BooleanBuilder {
    fn push(&mut self, raw: Raw<'_>) -> Result<usize, &'static str> {
        match raw {
            Raw::Integer(value @ (0 | 1)) => self.append_value(value == 1),
            _ => return Err("only 0 and 1 are"),
        }
        Ok(1)
    }
    fn push_null(&mut self) {
        self.append_null();
    }
    fn finish(&mut self) -> ArrayRef {
        ArrayBuilder::finish(self)
    }
}

impl Values for BinaryBuilder {
    fn push(&mut self, raw: Raw<'_>) -> Result<usize, &'static str> {
        let Raw::Blob(bytes) = raw else { return Err("only blobs are") };
        self.append_value(bytes);
        Ok(bytes.len() + size_of::<i32>())
    }
    fn push_null(&mut self) {
        self.append_null();
    }
    fn finish(&mut self) -> ArrayRef {
        ArrayBuilder::finish(self)
    }
}

impl Values for FixedSizeBinaryBuilder {
    fn push(&mut self, raw: Raw<'_>) -> Result<usize, &'static str> {
        let parsed = match raw {
            Raw::Text(value) => exact::uuid(value),
            Raw::Blob(bytes) => bytes.try_into().ok(),
            _ => None,
        };
        let bytes: [u8; 16] = parsed.ok_or("not 32 hexadecimal digits nor 16 bytes")?;
        self.append_value(bytes).map_err(|_| "not 16 bytes")?;
        Ok(bytes.len())
    }
    fn push_null(&mut self) {
        self.append_null();
    }
    fn finish(&mut self) -> ArrayRef {
        ArrayBuilder::finish(self)
    }
}

struct Texts {
    builder: StringBuilder,
    kind: TextKind,
}

#[derive(Clone, Copy)]
enum TextKind {
    Plain,
    Json,
    Numeric,
}

impl Values for Texts {
    fn push(&mut self, raw: Raw<'_>) -> Result<usize, &'static str> {
        let written;
        let text = match (self.kind, raw) {
            (TextKind::Plain, Raw::Text(text)) => text,
            (TextKind::Plain, _) => return Err("only texts are"),
            (TextKind::Json, Raw::Text(text)) if serde_json::from_str::<IgnoredAny>(text).is_ok() => text,
            (TextKind::Numeric, Raw::Text(text)) if exact::is_number(text) => text,
            // Numeric affinity keeps a number as one, in JSON too.
            (TextKind::Json, Raw::Real(value)) if !value.is_finite() => return Err("JSON has no such number"),
            (_, Raw::Integer(_) | Raw::Real(_)) => {
                written = exact::written(raw).ok_or("not a number")?;
                &written
            }
            (TextKind::Json, _) => return Err("not JSON"),
            (TextKind::Numeric, _) => return Err("not a number"),
        };
        self.builder.append_value(text);
        Ok(text.len() + size_of::<i32>())
    }
    fn push_null(&mut self) {
        self.builder.append_null();
    }
    fn finish(&mut self) -> ArrayRef {
        ArrayBuilder::finish(&mut self.builder)
    }
}

fn integer<T: TryFrom<i64>>(raw: Raw<'_>) -> Result<T, &'static str> {
    let Raw::Integer(value) = raw else { return Err("only integers are") };
    T::try_from(value).map_err(|_| "out of range")
}

fn unsigned(raw: Raw<'_>) -> Result<u64, &'static str> {
    match raw {
        Raw::Text(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            digits.parse().map_err(|_| "out of range")
        }
        other => integer(other),
    }
}

fn double(raw: Raw<'_>) -> Result<f64, &'static str> {
    /// Every integer up to here is a double.
    const EXACT: u64 = 1 << 53;
    match raw {
        Raw::Real(value) => Ok(value),
        #[expect(clippy::cast_precision_loss, reason = "integers up to 2^53 lose nothing")]
        Raw::Integer(value) if value.unsigned_abs() <= EXACT => Ok(value as f64),
        Raw::Integer(_) => Err("more digits than a float64 holds"),
        _ => Err("only numbers are"),
    }
}

fn single(raw: Raw<'_>) -> Result<f32, &'static str> {
    let value = double(raw)?;
    #[expect(clippy::cast_possible_truncation, reason = "what was lost is looked for")]
    let narrow = value as f32;
    if f64::from(narrow).to_bits() == value.to_bits() { Ok(narrow) } else { Err("more digits than a float32 holds") }
}

fn decimal_text<T>(raw: Raw<'_>, parse: impl Fn(&str) -> Option<T>) -> Result<T, &'static str> {
    let parsed = match raw {
        Raw::Text(text) => parse(text),
        Raw::Integer(_) | Raw::Real(_) => exact::written(raw).and_then(|text| parse(&text)),
        _ => None,
    };
    parsed.ok_or("its digits do not fit exactly")
}

fn text<T>(raw: Raw<'_>, parse: fn(&str) -> Option<T>, problem: &'static str) -> Result<T, &'static str> {
    let Raw::Text(text) = raw else { return Err("only texts are") };
    parse(text).ok_or(problem)
}

const NO_MOMENT: &str = "not `YYYY-MM-DD HH:MM:SS`";

fn local_moment(raw: Raw<'_>) -> Result<i64, &'static str> {
    let moment = text(raw, iso::moment, NO_MOMENT)?;
    if moment.zoned { Err("it has a zone; say `timestamp(us,UTC)` under `columns`") } else { Ok(moment.micros) }
}

fn zoned_moment(raw: Raw<'_>) -> Result<i64, &'static str> {
    let moment = text(raw, iso::moment, NO_MOMENT)?;
    if moment.zoned { Ok(moment.micros) } else { Err("it has no zone; say `timestamp` under `columns`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(column_type: &str, raw: Raw<'_>, fits: bool) {
        let field = column_type.parse::<ColumnType>().unwrap().field("c", true);
        let mut column = Column::new(&field).unwrap();
        let outcome = column.push(raw);
        assert_eq!(outcome.is_ok(), fits, "{raw:?} in {column_type}: {outcome:?}");
        assert_eq!(column.finish().null_count(), usize::from(!fits), "a misfit leaves a NULL in its place");
    }

    #[test]
    fn a_value_of_another_class_is_never_turned_into_one_that_fits() {
        for (column_type, raw, fits) in [
            ("int64", Raw::Integer(i64::MIN), true),
            ("int64", Raw::Text("1"), false),
            ("int64", Raw::Real(1.0), false),
            ("int8", Raw::Integer(128), false),
            ("uint64", Raw::Text("18446744073709551615"), true),
            ("uint64", Raw::Text("18446744073709551616"), false),
            ("uint64", Raw::Text(""), false),
            ("uint64", Raw::Integer(-1), false),
            ("bool", Raw::Integer(2), false),
            ("bool", Raw::Text("true"), false),
            ("float64", Raw::Integer(1 << 53), true),
            ("float64", Raw::Integer((1 << 53) + 1), false),
            ("float32", Raw::Real(0.5), true),
            ("float32", Raw::Real(0.1), false),
            ("utf8", Raw::Text(""), true),
            ("utf8", Raw::Integer(5), false),
            ("utf8", Raw::BrokenText(&[0xff]), false),
            ("binary", Raw::Text("x"), false),
            ("json", Raw::Text("{\"a\": 1.10}"), true),
            ("json", Raw::Text("{a: 1}"), false),
            ("json", Raw::Real(f64::INFINITY), false),
            ("numeric", Raw::Real(0.1), true),
            ("numeric", Raw::Text("1,5"), false),
            ("decimal(5,2)", Raw::Real(123.45), true),
            ("decimal(5,2)", Raw::Real(0.1 + 0.2), false),
            ("decimal(5,2)", Raw::Integer(1000), false),
            ("decimal(50,2)", Raw::Text("123456789012345678901234567890123456789012345678.90"), true),
            ("date", Raw::Text("2013-01-31"), true),
            ("date", Raw::Integer(15_706), false),
            ("timestamp", Raw::Text("2013-01-31 10:00:00Z"), false),
            ("timestamp(us,UTC)", Raw::Text("2013-01-31 10:00:00Z"), true),
            ("timestamp(us,UTC)", Raw::Text("2013-01-31 10:00:00"), false),
            ("uuid", Raw::Blob(&[7; 16]), true),
            ("uuid", Raw::Blob(&[7; 15]), false),
        ] {
            check(column_type, raw, fits);
        }
    }

    #[test]
    fn null_is_taken_where_it_may_be_and_named_where_not() {
        let mut column = Column::new(&ColumnType::Int64.field("c", false)).unwrap();
        assert_eq!(column.push(Raw::Null).unwrap_err().code, "not_null");
        check("int64", Raw::Integer(1), true);
    }
}

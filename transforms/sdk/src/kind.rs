//! The kinds of values a module works with, each for one or more column types.

use crate::bindings::Column;
use crate::builder::{BoolBuilder, Builder, BytesBuilder, NumberBuilder, TextBuilder, UuidBuilder};
use crate::view::{Binaries, Bools, Numbers, Texts, Uuids, Validity};

/// A kind of values: how they are read and written.
pub trait Kind {
    /// How a column is read.
    type View<'a>;
    /// How a column is written.
    type Builder: Builder;
    /// The type a new column has when nothing else is said; `None` when something must be.
    const TYPE: Option<&'static str>;
    /// In the words of an error message.
    const NAME: &'static str;

    /// Whether a column of this type can be read and written as this kind.
    fn fits(column_type: &str) -> bool;
    /// Reads a column.
    fn view<'a>(column: &'a Column, column_type: &str) -> Result<Self::View<'a>, String>;
    /// Begins a column for about this many rows.
    fn builder(rows: usize) -> Self::Builder;
}

/// Whole numbers as `i64`: every integer type but `uint64`.
#[derive(Debug)]
pub struct Int;
/// Whole numbers from 0 as `u64`: the unsigned types.
#[derive(Debug)]
pub struct Unsigned;
/// `float32` and `float64` as `f64`.
#[derive(Debug)]
pub struct Float;
/// `decimal(P,S)` with P up to 38, as the unscaled `i128`.
#[derive(Debug)]
pub struct Decimal;
/// `date` as days since 1970-01-01.
#[derive(Debug)]
pub struct Date;
/// `time` as microseconds since midnight.
#[derive(Debug)]
pub struct Time;
/// `timestamp(us,UTC)`: a point in time as microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug)]
pub struct Timestamp;
/// `timestamp`: a clock's reading as microseconds since 1970-01-01T00:00:00.
#[derive(Debug)]
pub struct LocalTimestamp;
/// `bool`.
#[derive(Debug)]
pub struct Bool;
/// `utf8`, `json` and `numeric` as text.
#[derive(Debug)]
pub struct Text;
/// `binary`.
#[derive(Debug)]
pub struct Binary;
/// `uuid` as its 16 bytes.
#[derive(Debug)]
pub struct Uuid;

fn widened<const W: usize, N, T: From<N>>(data: &[u8], read: fn([u8; W]) -> N) -> Vec<T> {
    let (values, _) = data.as_chunks::<W>();
    values.iter().map(|bytes| T::from(read(*bytes))).collect()
}

macro_rules! number_kind {
    ($kind:ty, $value:ty, $name:literal, $default:expr, $fits:expr, { $($type:pat $(if $guard:expr)? => $read:expr),* $(,)? }) => {
        impl Kind for $kind {
            type View<'a> = Numbers<'a, $value>;
            type Builder = NumberBuilder<$value>;
            const TYPE: Option<&'static str> = $default;
            const NAME: &'static str = $name;

            fn fits(column_type: &str) -> bool {
                $fits(column_type)
            }

            fn view<'a>(column: &'a Column, column_type: &str) -> Result<Self::View<'a>, String> {
                let data = column.data.as_slice();
                let values = match column_type {
                    $($type $(if $guard)? => widened(data, $read),)*
                    other => return Err(format!("a column of type {other} cannot be read as {}", $name)),
                };
                Ok(Numbers { values, validity: Validity::new(&column.validity) })
            }

            fn builder(rows: usize) -> Self::Builder {
                NumberBuilder::new(rows)
            }
        }
    };
}

number_kind!(Int, i64, "whole numbers", Some("int64"),
    |column_type| matches!(column_type, "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32"), {
    "int8" => i8::from_le_bytes,
    "int16" => i16::from_le_bytes,
    "int32" => i32::from_le_bytes,
    "int64" => i64::from_le_bytes,
    "uint8" => u8::from_le_bytes,
    "uint16" => u16::from_le_bytes,
    "uint32" => u32::from_le_bytes,
});
number_kind!(Unsigned, u64, "unsigned whole numbers", Some("uint64"),
    |column_type| matches!(column_type, "uint8" | "uint16" | "uint32" | "uint64"), {
    "uint8" => u8::from_le_bytes,
    "uint16" => u16::from_le_bytes,
    "uint32" => u32::from_le_bytes,
    "uint64" => u64::from_le_bytes,
});
number_kind!(Float, f64, "floating point numbers", Some("float64"),
    |column_type| matches!(column_type, "float32" | "float64"), {
    "float32" => f32::from_le_bytes,
    "float64" => f64::from_le_bytes,
});
number_kind!(Decimal, i128, "decimals", None, |column_type| decimal(column_type).is_some(), {
    text if decimal(text).is_some() => i128::from_le_bytes,
});
number_kind!(Date, i32, "dates", Some("date"), |column_type| column_type == "date", {
    "date" => i32::from_le_bytes,
});
number_kind!(Time, i64, "times of day", Some("time"), |column_type| column_type == "time", {
    "time" => i64::from_le_bytes,
});
number_kind!(Timestamp, i64, "points in time", Some("timestamp(us,UTC)"),
    |column_type| column_type == "timestamp(us,UTC)", {
    "timestamp(us,UTC)" => i64::from_le_bytes,
});
number_kind!(LocalTimestamp, i64, "clock readings", Some("timestamp"), |column_type| column_type == "timestamp", {
    "timestamp" => i64::from_le_bytes,
});

/// Precision and scale of a decimal that fits an `i128`.
pub(crate) fn decimal(column_type: &str) -> Option<(u8, u8)> {
    let arguments = column_type.strip_prefix("decimal(")?.strip_suffix(')')?;
    let (precision, scale) = arguments.split_once(',')?;
    let (precision, scale) = (precision.parse().ok()?, scale.parse().ok()?);
    (precision <= 38).then_some((precision, scale))
}

impl Kind for Bool {
    type View<'a> = Bools<'a>;
    type Builder = BoolBuilder;
    const TYPE: Option<&'static str> = Some("bool");
    const NAME: &'static str = "true or false";

    fn fits(column_type: &str) -> bool {
        column_type == "bool"
    }

    fn view<'a>(column: &'a Column, _column_type: &str) -> Result<Self::View<'a>, String> {
        Ok(Bools { bits: &column.data, validity: Validity::new(&column.validity) })
    }

    fn builder(_rows: usize) -> Self::Builder {
        BoolBuilder::default()
    }
}

impl Kind for Text {
    type View<'a> = Texts<'a>;
    type Builder = TextBuilder;
    const TYPE: Option<&'static str> = Some("utf8");
    const NAME: &'static str = "text";

    fn fits(column_type: &str) -> bool {
        matches!(column_type, "utf8" | "json" | "numeric")
    }

    fn view<'a>(column: &'a Column, _column_type: &str) -> Result<Self::View<'a>, String> {
        Texts::new(&column.offsets, &column.data, Validity::new(&column.validity))
    }

    fn builder(rows: usize) -> Self::Builder {
        TextBuilder(BytesBuilder::new(rows))
    }
}

impl Kind for Binary {
    type View<'a> = Binaries<'a>;
    type Builder = BytesBuilder;
    const TYPE: Option<&'static str> = Some("binary");
    const NAME: &'static str = "bytes";

    fn fits(column_type: &str) -> bool {
        column_type == "binary"
    }

    fn view<'a>(column: &'a Column, _column_type: &str) -> Result<Self::View<'a>, String> {
        let validity = Validity::new(&column.validity);
        Ok(Binaries { offsets: &column.offsets, data: &column.data, validity })
    }

    fn builder(rows: usize) -> Self::Builder {
        BytesBuilder::new(rows)
    }
}

impl Kind for Uuid {
    type View<'a> = Uuids<'a>;
    type Builder = UuidBuilder;
    const TYPE: Option<&'static str> = Some("uuid");
    const NAME: &'static str = "UUIDs";

    fn fits(column_type: &str) -> bool {
        column_type == "uuid"
    }

    fn view<'a>(column: &'a Column, _column_type: &str) -> Result<Self::View<'a>, String> {
        Ok(Uuids { data: &column.data, validity: Validity::new(&column.validity) })
    }

    fn builder(_rows: usize) -> Self::Builder {
        UuidBuilder::default()
    }
}

//! The types a column can have from end to end, each with one Arrow type and one notation.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use arrow_schema::{DataType, Field, TimeUnit};

use crate::Error;

/// Arrow's metadata key for extension types.
pub const EXTENSION_NAME: &str = "ARROW:extension:name";
const JSON_EXTENSION: &str = "arrow.json";
const UUID_EXTENSION: &str = "arrow.uuid";
const NUMERIC_EXTENSION: &str = "millstream.numeric";

/// Every notation, for error messages.
pub const NOTATIONS: &str = "bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, \
    decimal(P,S), numeric, utf8, binary, date, time, timestamp, timestamp(us,UTC), json, uuid";

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// True or false.
    Bool,
    /// 8 bits, signed.
    Int8,
    /// 16 bits, signed.
    Int16,
    /// 32 bits, signed.
    Int32,
    /// 64 bits, signed.
    Int64,
    /// 8 bits, unsigned.
    UInt8,
    /// 16 bits, unsigned.
    UInt16,
    /// 32 bits, unsigned.
    UInt32,
    /// 64 bits, unsigned.
    UInt64,
    /// IEEE 754 single precision.
    Float32,
    /// IEEE 754 double precision.
    Float64,
    /// Fixed point: `Decimal128` up to precision 38, `Decimal256` up to 76.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// A number of any size and scale (a `numeric` without precision), NaN and infinities
    /// included, kept as its exact text.
    Numeric,
    /// Text.
    Utf8,
    /// Bytes.
    Binary,
    /// A day: days since 1970-01-01.
    Date,
    /// Time of day in microseconds.
    Time,
    /// A moment in microseconds; with `zoned` it is UTC, without it a local clock's reading.
    Timestamp {
        /// Whether it is a point in time (UTC) rather than a clock's reading.
        zoned: bool,
    },
    /// A JSON document, kept as its text.
    Json,
    /// 16 bytes.
    Uuid,
}

impl ColumnType {
    /// The Arrow type it is carried in.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            ColumnType::Bool => DataType::Boolean,
            ColumnType::Int8 => DataType::Int8,
            ColumnType::Int16 => DataType::Int16,
            ColumnType::Int32 => DataType::Int32,
            ColumnType::Int64 => DataType::Int64,
            ColumnType::UInt8 => DataType::UInt8,
            ColumnType::UInt16 => DataType::UInt16,
            ColumnType::UInt32 => DataType::UInt32,
            ColumnType::UInt64 => DataType::UInt64,
            ColumnType::Float32 => DataType::Float32,
            ColumnType::Float64 => DataType::Float64,
            ColumnType::Decimal { precision, scale } if precision <= 38 => DataType::Decimal128(precision, scale),
            ColumnType::Decimal { precision, scale } => DataType::Decimal256(precision, scale),
            ColumnType::Numeric | ColumnType::Utf8 | ColumnType::Json => DataType::Utf8,
            ColumnType::Binary => DataType::Binary,
            ColumnType::Date => DataType::Date32,
            ColumnType::Time => DataType::Time64(TimeUnit::Microsecond),
            ColumnType::Timestamp { zoned: false } => DataType::Timestamp(TimeUnit::Microsecond, None),
            ColumnType::Timestamp { zoned: true } => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            ColumnType::Uuid => DataType::FixedSizeBinary(16),
        }
    }

    /// An Arrow field of this type.
    #[must_use]
    pub fn field(self, name: &str, nullable: bool) -> Field {
        let field = Field::new(name, self.arrow(), nullable);
        match self.extension() {
            Some(extension) => field.with_metadata(HashMap::from([(EXTENSION_NAME.to_owned(), extension.to_owned())])),
            None => field,
        }
    }

    /// The column type an Arrow field stands for.
    pub fn of(field: &Field) -> Result<Self, Error> {
        let extension = field.metadata().get(EXTENSION_NAME).map(String::as_str);
        Ok(match field.data_type() {
            DataType::Boolean => ColumnType::Bool,
            DataType::Int8 => ColumnType::Int8,
            DataType::Int16 => ColumnType::Int16,
            DataType::Int32 => ColumnType::Int32,
            DataType::Int64 => ColumnType::Int64,
            DataType::UInt8 => ColumnType::UInt8,
            DataType::UInt16 => ColumnType::UInt16,
            DataType::UInt32 => ColumnType::UInt32,
            DataType::UInt64 => ColumnType::UInt64,
            DataType::Float32 => ColumnType::Float32,
            DataType::Float64 => ColumnType::Float64,
            DataType::Decimal128(precision, scale) => ColumnType::Decimal { precision: *precision, scale: *scale },
            DataType::Decimal256(precision, scale) if *precision > 38 => {
                ColumnType::Decimal { precision: *precision, scale: *scale }
            }
            DataType::Utf8 if extension == Some(JSON_EXTENSION) => ColumnType::Json,
            DataType::Utf8 if extension == Some(NUMERIC_EXTENSION) => ColumnType::Numeric,
            DataType::Utf8 => ColumnType::Utf8,
            DataType::Binary => ColumnType::Binary,
            DataType::Date32 => ColumnType::Date,
            DataType::Time64(TimeUnit::Microsecond) => ColumnType::Time,
            DataType::Timestamp(TimeUnit::Microsecond, None) => ColumnType::Timestamp { zoned: false },
            DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if matches!(zone.as_ref(), "UTC" | "+00:00") => {
                ColumnType::Timestamp { zoned: true }
            }
            DataType::FixedSizeBinary(16) if extension == Some(UUID_EXTENSION) => ColumnType::Uuid,
            other => {
                return Err(Error::UnsupportedType { column: field.name().clone(), arrow_type: other.to_string() });
            }
        })
    }

    fn extension(self) -> Option<&'static str> {
        match self {
            ColumnType::Json => Some(JSON_EXTENSION),
            ColumnType::Uuid => Some(UUID_EXTENSION),
            ColumnType::Numeric => Some(NUMERIC_EXTENSION),
            _ => None,
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            ColumnType::Bool => "bool",
            ColumnType::Int8 => "int8",
            ColumnType::Int16 => "int16",
            ColumnType::Int32 => "int32",
            ColumnType::Int64 => "int64",
            ColumnType::UInt8 => "uint8",
            ColumnType::UInt16 => "uint16",
            ColumnType::UInt32 => "uint32",
            ColumnType::UInt64 => "uint64",
            ColumnType::Float32 => "float32",
            ColumnType::Float64 => "float64",
            ColumnType::Decimal { precision, scale } => return write!(formatter, "decimal({precision},{scale})"),
            ColumnType::Numeric => "numeric",
            ColumnType::Utf8 => "utf8",
            ColumnType::Binary => "binary",
            ColumnType::Date => "date",
            ColumnType::Time => "time",
            ColumnType::Timestamp { zoned: false } => "timestamp",
            ColumnType::Timestamp { zoned: true } => "timestamp(us,UTC)",
            ColumnType::Json => "json",
            ColumnType::Uuid => "uuid",
        };
        formatter.write_str(text)
    }
}

impl FromStr for ColumnType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let compact: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let unknown = || Error::UnknownType { text: text.to_owned() };
        Ok(match compact.as_str() {
            "bool" => ColumnType::Bool,
            "int8" => ColumnType::Int8,
            "int16" => ColumnType::Int16,
            "int32" => ColumnType::Int32,
            "int64" => ColumnType::Int64,
            "uint8" => ColumnType::UInt8,
            "uint16" => ColumnType::UInt16,
            "uint32" => ColumnType::UInt32,
            "uint64" => ColumnType::UInt64,
            "float32" => ColumnType::Float32,
            "float64" => ColumnType::Float64,
            "numeric" => ColumnType::Numeric,
            "utf8" => ColumnType::Utf8,
            "binary" => ColumnType::Binary,
            "date" => ColumnType::Date,
            "time" => ColumnType::Time,
            "timestamp" | "timestamp(us)" => ColumnType::Timestamp { zoned: false },
            "timestamp(us,UTC)" | "timestamptz" => ColumnType::Timestamp { zoned: true },
            "json" => ColumnType::Json,
            "uuid" => ColumnType::Uuid,
            other => {
                let arguments =
                    other.strip_prefix("decimal(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(unknown)?;
                let (precision, scale) = arguments.split_once(',').ok_or_else(unknown)?;
                let precision = precision.parse::<u8>().map_err(|_| unknown())?;
                let scale = scale.parse::<i8>().map_err(|_| unknown())?;
                let fits = (1..=76).contains(&precision) && scale >= 0 && scale.unsigned_abs() <= precision;
                if !fits {
                    return Err(unknown());
                }
                ColumnType::Decimal { precision, scale }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 22] = [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float32",
        "float64",
        "decimal(12,2)",
        "decimal(50,10)",
        "numeric",
        "utf8",
        "binary",
        "date",
        "time",
        "timestamp",
        "timestamp(us,UTC)",
        "json",
        "uuid",
    ];

    #[test]
    fn every_type_survives_its_notation_and_its_arrow_field() {
        for text in ALL {
            let column_type: ColumnType = text.parse().unwrap();
            assert_eq!(column_type.to_string(), text);
            assert_eq!(ColumnType::of(&column_type.field("c", true)).unwrap(), column_type);
        }
    }

    #[test]
    fn what_is_not_a_type_is_refused_with_the_ones_there_are() {
        for text in ["int", "decimal", "decimal(77,2)", "decimal(5,6)", "decimal(5,-1)", "varchar(3)"] {
            let error = text.parse::<ColumnType>().unwrap_err().to_string();
            assert!(error.contains(text) && error.contains("timestamp(us,UTC)"), "{error}");
        }
    }
}

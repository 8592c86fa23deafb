//! The types values have inside a rule, as in PostgreSQL.

use std::fmt;

use batch::ColumnType;

/// The type of an expression.
///
/// Integers are computed in 64 bits whatever their column's width; the width says which column a
/// result becomes. An unsigned 64-bit column is read as `decimal(20,0)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// `boolean`.
    Bool,
    /// `smallint`, `integer`, `bigint`: 16, 32 or 64 bits.
    Int(u8),
    /// `real`, `double precision`: 32 or 64 bits, computed in 64.
    Float(u8),
    /// `decimal(P,S)`, P up to 38: exact.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// A number of any size, kept as its text: it can be passed on, cast, and tested for NULL.
    Numeric,
    /// `text`.
    Text,
    /// `bytea`.
    Bytes,
    /// `date`.
    Date,
    /// `time`, microseconds since midnight.
    Time,
    /// `timestamp` or, zoned, `timestamptz`: microseconds since 1970.
    Timestamp {
        /// Whether it is a point in time rather than a clock's reading.
        zoned: bool,
    },
    /// Months, days and microseconds: inside a rule only, no column has this type.
    Interval,
    /// A JSON document, kept as its text.
    Json,
    /// `uuid`.
    Uuid,
}

/// How a value of a type is held while a row is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Held {
    /// A truth value.
    Bool,
    /// 64 bits: integers, days, microseconds.
    Int,
    /// A double.
    Float,
    /// 128 bits: the unscaled number.
    Decimal,
    /// A run of UTF-8: text, JSON, numeric.
    Text,
    /// A run of bytes: bytea and the 16 bytes of a uuid.
    Bytes,
    /// Months, days, microseconds.
    Interval,
}

impl Type {
    /// How its values are held.
    #[must_use]
    pub fn held(self) -> Held {
        match self {
            Type::Bool => Held::Bool,
            Type::Int(_) | Type::Date | Type::Time | Type::Timestamp { .. } => Held::Int,
            Type::Float(_) => Held::Float,
            Type::Decimal { .. } => Held::Decimal,
            Type::Numeric | Type::Text | Type::Json => Held::Text,
            Type::Bytes | Type::Uuid => Held::Bytes,
            Type::Interval => Held::Interval,
        }
    }

    /// The type a column's values have in a rule. None for a decimal of more than 38 digits, which
    /// can only be passed on.
    #[must_use]
    pub fn of_column(column: ColumnType) -> Option<Self> {
        Some(match column {
            ColumnType::Bool => Type::Bool,
            ColumnType::Int8 | ColumnType::UInt8 | ColumnType::Int16 => Type::Int(16),
            ColumnType::UInt16 | ColumnType::Int32 => Type::Int(32),
            ColumnType::UInt32 | ColumnType::Int64 => Type::Int(64),
            ColumnType::UInt64 => Type::Decimal { precision: 20, scale: 0 },
            ColumnType::Float32 => Type::Float(32),
            ColumnType::Float64 => Type::Float(64),
            ColumnType::Decimal { precision, scale } if precision <= 38 && scale >= 0 => {
                Type::Decimal { precision, scale: scale.unsigned_abs() }
            }
            ColumnType::Decimal { .. } => return None,
            ColumnType::Numeric => Type::Numeric,
            ColumnType::Utf8 => Type::Text,
            ColumnType::Binary => Type::Bytes,
            ColumnType::Date => Type::Date,
            ColumnType::Time => Type::Time,
            ColumnType::Timestamp { zoned } => Type::Timestamp { zoned },
            ColumnType::Json => Type::Json,
            ColumnType::Uuid => Type::Uuid,
        })
    }

    /// The column a result of this type becomes; none for an interval.
    #[must_use]
    pub fn column(self) -> Option<ColumnType> {
        Some(match self {
            Type::Bool => ColumnType::Bool,
            Type::Int(16) => ColumnType::Int16,
            Type::Int(32) => ColumnType::Int32,
            Type::Int(_) => ColumnType::Int64,
            Type::Float(32) => ColumnType::Float32,
            Type::Float(_) => ColumnType::Float64,
            Type::Decimal { precision, scale } => {
                ColumnType::Decimal { precision, scale: i8::try_from(scale).unwrap_or(i8::MAX) }
            }
            Type::Numeric => ColumnType::Numeric,
            Type::Text => ColumnType::Utf8,
            Type::Bytes => ColumnType::Binary,
            Type::Date => ColumnType::Date,
            Type::Time => ColumnType::Time,
            Type::Timestamp { zoned } => ColumnType::Timestamp { zoned },
            Type::Interval => return None,
            Type::Json => ColumnType::Json,
            Type::Uuid => ColumnType::Uuid,
        })
    }
}

impl Type {
    /// Whether [`crate::plan::Kind::Cast`] can turn this type into the other: these and no others
    /// occur in a plan. A type is cast to itself only where it changes (a decimal to another
    /// precision or scale, an integer or float to another width).
    #[must_use]
    pub fn casts_to(self, target: Type) -> bool {
        match (self, target) {
            (Type::Interval, _) | (_, Type::Interval) => false,
            (Type::Bytes, _) | (_, Type::Bytes) => false,
            (_, Type::Text) | (Type::Text, _) => true,
            (Type::Bool, Type::Int(_)) | (Type::Int(_), Type::Bool) => true,
            (from, to) if from.is_number() && to.is_number() => true,
            (Type::Date | Type::Timestamp { .. }, Type::Date | Type::Timestamp { .. }) => true,
            (Type::Timestamp { .. }, Type::Time) => true,
            _ => false,
        }
    }

    /// Whether it is a number of any kind.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Type::Int(_) | Type::Float(_) | Type::Decimal { .. } | Type::Numeric)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Type::Bool => "boolean",
            Type::Int(16) => "smallint",
            Type::Int(32) => "integer",
            Type::Int(_) => "bigint",
            Type::Float(32) => "real",
            Type::Float(_) => "double precision",
            Type::Decimal { precision, scale } => return write!(formatter, "decimal({precision},{scale})"),
            Type::Numeric => "numeric",
            Type::Text => "text",
            Type::Bytes => "bytea",
            Type::Date => "date",
            Type::Time => "time",
            Type::Timestamp { zoned: false } => "timestamp",
            Type::Timestamp { zoned: true } => "timestamptz",
            Type::Interval => "interval",
            Type::Json => "json",
            Type::Uuid => "uuid",
        };
        formatter.write_str(text)
    }
}

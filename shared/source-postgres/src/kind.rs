//! The PostgreSQL types that can be carried exactly, and what each becomes.

use batch::ColumnType;
use serde::{Deserialize, Serialize};

/// The wire forms that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
    Varchar,
    Bpchar,
    Name,
    Bytea,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Json,
    Jsonb,
    Uuid,
}

impl Kind {
    /// The kind of a type of `pg_catalog`, by its `typname`.
    pub(crate) fn of(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "bool" => Kind::Bool,
            "int2" => Kind::Int2,
            "int4" => Kind::Int4,
            "int8" => Kind::Int8,
            "float4" => Kind::Float4,
            "float8" => Kind::Float8,
            "numeric" => Kind::Numeric,
            "text" => Kind::Text,
            "varchar" => Kind::Varchar,
            "bpchar" => Kind::Bpchar,
            "name" => Kind::Name,
            "bytea" => Kind::Bytea,
            "date" => Kind::Date,
            "time" => Kind::Time,
            "timestamp" => Kind::Timestamp,
            "timestamptz" => Kind::Timestamptz,
            "json" => Kind::Json,
            "jsonb" => Kind::Jsonb,
            "uuid" => Kind::Uuid,
            _ => return None,
        })
    }

    /// The type's name, for casts. Without a length or precision, so a cast changes nothing.
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Kind::Bool => "pg_catalog.bool",
            Kind::Int2 => "pg_catalog.int2",
            Kind::Int4 => "pg_catalog.int4",
            Kind::Int8 => "pg_catalog.int8",
            Kind::Float4 => "pg_catalog.float4",
            Kind::Float8 => "pg_catalog.float8",
            Kind::Numeric => "pg_catalog.numeric",
            Kind::Text => "pg_catalog.text",
            Kind::Varchar => "pg_catalog.varchar",
            Kind::Bpchar => "pg_catalog.bpchar",
            Kind::Name => "pg_catalog.name",
            Kind::Bytea => "pg_catalog.bytea",
            Kind::Date => "pg_catalog.date",
            Kind::Time => "pg_catalog.time",
            Kind::Timestamp => "pg_catalog.timestamp",
            Kind::Timestamptz => "pg_catalog.timestamptz",
            Kind::Json => "pg_catalog.json",
            Kind::Jsonb => "pg_catalog.jsonb",
            Kind::Uuid => "pg_catalog.uuid",
        }
    }

    /// What a column of this kind becomes. `modifier` is PostgreSQL's `atttypmod`.
    pub(crate) fn column_type(self, modifier: i32) -> ColumnType {
        match self {
            Kind::Bool => ColumnType::Bool,
            Kind::Int2 => ColumnType::Int16,
            Kind::Int4 => ColumnType::Int32,
            Kind::Int8 => ColumnType::Int64,
            Kind::Float4 => ColumnType::Float32,
            Kind::Float8 => ColumnType::Float64,
            Kind::Numeric => decimal(modifier).unwrap_or(ColumnType::Numeric),
            Kind::Text | Kind::Varchar | Kind::Bpchar | Kind::Name => ColumnType::Utf8,
            Kind::Bytea => ColumnType::Binary,
            Kind::Date => ColumnType::Date,
            Kind::Time => ColumnType::Time,
            Kind::Timestamp => ColumnType::Timestamp { zoned: false },
            Kind::Timestamptz => ColumnType::Timestamp { zoned: true },
            Kind::Json | Kind::Jsonb => ColumnType::Json,
            Kind::Uuid => ColumnType::Uuid,
        }
    }

    /// Whether values of this kind can be put in order.
    pub(crate) fn is_ordered(self) -> bool {
        self != Kind::Json
    }
}

/// `numeric(p,s)` where Arrow has a decimal for it; PostgreSQL also allows precisions up to 1000 and
/// scales below zero or above the precision, and those keep their exact text.
fn decimal(modifier: i32) -> Option<ColumnType> {
    let packed = u32::try_from(modifier).ok()?.checked_sub(4)?;
    let precision = u8::try_from((packed >> 16) & 0xffff).ok()?;
    // The scale is an 11-bit number with sign.
    let scale = u8::try_from(((packed & 0x7ff) ^ 0x400).checked_sub(0x400)?).ok()?;
    let fits = (1..=76).contains(&precision) && scale <= precision;
    fits.then_some(ColumnType::Decimal { precision, scale: i8::try_from(scale).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modifier(precision: u32, scale: u32) -> i32 {
        i32::try_from(((precision << 16) | (scale & 0x7ff)) + 4).unwrap()
    }

    #[test]
    fn a_numeric_is_a_decimal_only_where_arrow_has_one() {
        let decimal = |precision, scale| ColumnType::Decimal { precision, scale };
        for (given, expected) in [
            (modifier(12, 2), decimal(12, 2)),
            (modifier(38, 18), decimal(38, 18)),
            (modifier(76, 76), decimal(76, 76)),
            (modifier(77, 2), ColumnType::Numeric),
            (modifier(1000, 0), ColumnType::Numeric),
            (modifier(5, 8), ColumnType::Numeric),
            (modifier(5, 0x7fe), ColumnType::Numeric),
            (-1, ColumnType::Numeric),
        ] {
            assert_eq!(Kind::Numeric.column_type(given), expected, "modifier {given}");
        }
    }
}

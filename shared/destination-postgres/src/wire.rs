//! Which PostgreSQL type a column type is written as: in a table we make, and in one that is there.

use batch::ColumnType;

/// The binary form a column is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    /// Text of at most so many letters.
    Text(Option<u32>),
    Jsonb,
    Bytea,
    Date,
    Time,
    Timestamp,
    Uuid,
}

/// The type of a column in a table we make.
pub(crate) fn declaration(column_type: ColumnType) -> String {
    match column_type {
        ColumnType::Bool => "boolean",
        ColumnType::Int8 | ColumnType::UInt8 | ColumnType::Int16 => "smallint",
        ColumnType::UInt16 | ColumnType::Int32 => "integer",
        ColumnType::UInt32 | ColumnType::Int64 => "bigint",
        ColumnType::UInt64 => "numeric(20,0)",
        ColumnType::Float32 => "real",
        ColumnType::Float64 => "double precision",
        ColumnType::Decimal { precision, scale } => return format!("numeric({precision},{scale})"),
        ColumnType::Numeric => "numeric",
        ColumnType::Utf8 => "text",
        ColumnType::Binary => "bytea",
        ColumnType::Date => "date",
        ColumnType::Time => "time",
        ColumnType::Timestamp { zoned: false } => "timestamp",
        ColumnType::Timestamp { zoned: true } => "timestamptz",
        ColumnType::Json => "jsonb",
        ColumnType::Uuid => "uuid",
    }
    .to_owned()
}

/// How a column type is written to a column that is there; `None` when some of its values would be
/// refused or changed. `type_name` and `modifier` are PostgreSQL's `typname` and `atttypmod`.
pub(crate) fn wire(column_type: ColumnType, type_name: &str, modifier: i32) -> Option<Wire> {
    Some(match (column_type, type_name) {
        (ColumnType::Bool, "bool") => Wire::Bool,
        (ColumnType::Float32, "float4") => Wire::Float4,
        (ColumnType::Float32 | ColumnType::Float64, "float8") => Wire::Float8,
        (_, "int2") if bits(column_type)? <= 16 => Wire::Int2,
        (_, "int4") if bits(column_type)? <= 32 => Wire::Int4,
        (_, "int8") if bits(column_type)? <= 64 => Wire::Int8,
        (_, "numeric") if fits_numeric(column_type, modifier) => Wire::Numeric,
        (ColumnType::Utf8, "text") | (ColumnType::Json, "text" | "json") => Wire::Text(None),
        (ColumnType::Utf8, "varchar") => Wire::Text(u32::try_from(modifier).ok().and_then(|most| most.checked_sub(4))),
        (ColumnType::Json, "jsonb") => Wire::Jsonb,
        (ColumnType::Binary, "bytea") => Wire::Bytea,
        (ColumnType::Date, "date") => Wire::Date,
        (ColumnType::Uuid, "uuid") => Wire::Uuid,
        // Fewer digits of a second would be rounded.
        (ColumnType::Time, "time") if has_micros(modifier) => Wire::Time,
        (ColumnType::Timestamp { zoned: false }, "timestamp") if has_micros(modifier) => Wire::Timestamp,
        (ColumnType::Timestamp { zoned: true }, "timestamptz") if has_micros(modifier) => Wire::Timestamp,
        _ => return None,
    })
}

/// How many bits with sign hold an integer type.
fn bits(column_type: ColumnType) -> Option<u32> {
    match column_type {
        ColumnType::Int8 => Some(8),
        ColumnType::UInt8 | ColumnType::Int16 => Some(16),
        ColumnType::UInt16 | ColumnType::Int32 => Some(32),
        ColumnType::UInt32 | ColumnType::Int64 => Some(64),
        _ => None,
    }
}

fn fits_numeric(column_type: ColumnType, modifier: i32) -> bool {
    let (whole, fraction) = match column_type {
        ColumnType::Decimal { precision, scale } => (i32::from(precision) - i32::from(scale), i32::from(scale)),
        ColumnType::Int8 | ColumnType::UInt8 => (3, 0),
        ColumnType::Int16 | ColumnType::UInt16 => (5, 0),
        ColumnType::Int32 | ColumnType::UInt32 => (10, 0),
        ColumnType::Int64 => (19, 0),
        ColumnType::UInt64 => (20, 0),
        ColumnType::Numeric => return modifier < 0,
        _ => return false,
    };
    match precision_and_scale(modifier) {
        Some((precision, scale)) => scale >= fraction && precision - scale >= whole,
        None => true,
    }
}

fn precision_and_scale(modifier: i32) -> Option<(i32, i32)> {
    let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
    // The scale is an 11-bit number with sign.
    Some(((packed >> 16) & 0xffff, ((packed & 0x7ff) ^ 0x400) - 0x400))
}

fn has_micros(modifier: i32) -> bool {
    modifier < 0 || modifier == 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_fits_where_every_value_of_it_does() {
        let numeric = |precision: i32, scale: i32| ((precision << 16) | (scale & 0x7ff)) + 4;
        for (notation, type_name, modifier, expected) in [
            ("int64", "int8", -1, Some(Wire::Int8)),
            ("int16", "int8", -1, Some(Wire::Int8)),
            ("int64", "int4", -1, None),
            ("uint16", "int2", -1, None),
            ("uint32", "int8", -1, Some(Wire::Int8)),
            ("uint64", "int8", -1, None),
            ("uint64", "numeric", numeric(20, 0), Some(Wire::Numeric)),
            ("uint64", "numeric", numeric(19, 0), None),
            ("decimal(12,2)", "numeric", numeric(12, 2), Some(Wire::Numeric)),
            ("decimal(12,2)", "numeric", numeric(12, 4), None),
            ("decimal(12,2)", "numeric", numeric(14, 4), Some(Wire::Numeric)),
            ("decimal(12,2)", "numeric", -1, Some(Wire::Numeric)),
            ("numeric", "numeric", numeric(38, 9), None),
            ("int16", "numeric", numeric(9, 2), Some(Wire::Numeric)),
            ("int32", "numeric", numeric(9, 2), None),
            ("utf8", "numeric", -1, None),
            ("float64", "float4", -1, None),
            ("utf8", "varchar", 54, Some(Wire::Text(Some(50)))),
            ("utf8", "varchar", -1, Some(Wire::Text(None))),
            ("utf8", "bpchar", 14, None),
            ("json", "json", -1, Some(Wire::Text(None))),
            ("timestamp", "timestamptz", -1, None),
            ("timestamptz", "timestamptz", 3, None),
        ] {
            let column_type: ColumnType = notation.parse().unwrap();
            assert_eq!(wire(column_type, type_name, modifier), expected, "{notation} into {type_name} {modifier}");
        }
    }
}

//! The types a rule can name.

use sqlparser::ast::{CharacterLength, DataType, ExactNumberInfo, ObjectName, TimezoneInfo};

use crate::error::nearest;
use crate::value_type::Type;

const NAMES: &[&str] = &[
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "decimal",
    "numeric",
    "text",
    "varchar",
    "bytea",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "json",
    "uuid",
];

/// A type as it is named, with what the name asks beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) ty: Type,
    /// `varchar(n)`: a cast cuts the text.
    pub(crate) cut: Option<u32>,
}

/// Reads a type, or says why it is none.
pub(crate) fn read(written: &DataType) -> Result<Named, String> {
    use DataType as D;
    let ty = match written {
        D::Boolean | D::Bool => Type::Bool,
        D::SmallInt(None) | D::Int2(None) | D::Int16 => Type::Int(16),
        D::Int(None) | D::Integer(None) | D::Int4(None) | D::Int32 => Type::Int(32),
        D::BigInt(None) | D::Int8(None) | D::Int64 => Type::Int(64),
        D::Real | D::Float4 | D::Float32 => Type::Float(32),
        D::DoublePrecision | D::Float8 | D::Float64 | D::Double(ExactNumberInfo::None) => Type::Float(64),
        D::Float(ExactNumberInfo::None) => Type::Float(64),
        D::Float(ExactNumberInfo::Precision(bits)) => Type::Float(if *bits <= 24 { 32 } else { 64 }),
        D::Numeric(info) | D::Decimal(info) | D::Dec(info) => decimal(info)?,
        D::Text | D::String(None) => Type::Text,
        D::Varchar(length) | D::CharacterVarying(length) | D::CharVarying(length) => return varchar(length.as_ref()),
        D::Bytea => Type::Bytes,
        D::Date => Type::Date,
        D::Time(precision, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => micros(*precision, Type::Time)?,
        D::Timestamp(precision, zone) => micros(*precision, Type::Timestamp { zoned: zoned(zone) })?,
        D::TimestampNtz(precision) => micros(*precision, Type::Timestamp { zoned: false })?,
        D::Interval { fields: None, precision: None } => Type::Interval,
        D::JSON => Type::Json,
        D::JSONB => return Err("no type `jsonb` in a rule: json keeps the document as it is written".to_owned()),
        D::Uuid => Type::Uuid,
        D::Custom(name, arguments) => return custom(name, arguments),
        other => return Err(unknown(&other.to_string())),
    };
    Ok(Named { ty, cut: None })
}

fn zoned(zone: &TimezoneInfo) -> bool {
    matches!(zone, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz)
}

fn decimal(info: &ExactNumberInfo) -> Result<Type, String> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => return Ok(Type::Numeric),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision @ 1..=38), Ok(scale)) if scale <= precision => Ok(Type::Decimal { precision, scale }),
        _ => Err(format!(
            "expected decimal(P,S) with P from 1 to 38 and S from 0 to P, found decimal({precision},{scale})"
        )),
    }
}

fn varchar(length: Option<&CharacterLength>) -> Result<Named, String> {
    let cut = match length {
        None | Some(CharacterLength::Max) => None,
        Some(CharacterLength::IntegerLength { length, .. }) => match u32::try_from(*length) {
            Ok(length @ 1..=10_485_760) => Some(length),
            _ => return Err("expected varchar(N) with N from 1 to 10485760".to_owned()),
        },
    };
    Ok(Named { ty: Type::Text, cut })
}

/// Moments are kept in microseconds; PostgreSQL would round to fewer digits.
fn micros(precision: Option<u64>, ty: Type) -> Result<Type, String> {
    match precision {
        None | Some(6) => Ok(ty),
        Some(_) => Err(format!("`{ty}` always has microseconds: leave its precision out, and use date_trunc to cut")),
    }
}

fn custom(name: &ObjectName, arguments: &[String]) -> Result<Named, String> {
    let written = name.to_string();
    let ty = match written.to_ascii_lowercase().as_str() {
        "timestamptz" if arguments.is_empty() => Type::Timestamp { zoned: true },
        "utf8" | "string" if arguments.is_empty() => Type::Text,
        _ => return Err(unknown(&written)),
    };
    Ok(Named { ty, cut: None })
}

fn unknown(written: &str) -> String {
    let short: String = written.chars().take(60).collect();
    match nearest(&short, NAMES.iter().copied()) {
        Some(near) if !near.eq_ignore_ascii_case(&short) => format!("no type `{short}`: did you mean `{near}`?"),
        _ => format!("no type `{short}` in a rule: the types are {}", NAMES.join(", ")),
    }
}

//! SQLite's values as they lie in a row, and as keys that are written down.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use source::Error;
use sqlx::sqlite::{SqliteArguments, SqliteRow, SqliteValueRef};
use sqlx::{Arguments, Decode, Row, Sqlite, TypeInfo, ValueRef};

use crate::error;

/// A value of one of SQLite's five storage classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Raw<'r> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'r str),
    /// A text that is not UTF-8.
    BrokenText(&'r [u8]),
    Blob(&'r [u8]),
}

impl<'r> Raw<'r> {
    /// The value at `place` of a row.
    pub(crate) fn of(row: &'r SqliteRow, place: usize) -> Result<Self, Error> {
        let value = row.try_get_raw(place).map_err(error::while_doing("read a value"))?;
        if value.is_null() {
            return Ok(Raw::Null);
        }
        let class = match value.type_info().name() {
            "INTEGER" => Class::Integer,
            "REAL" => Class::Real,
            "TEXT" => Class::Text,
            _ => Class::Blob,
        };
        Self::decode(value, class).map_err(Error::Build)
    }

    fn decode(value: SqliteValueRef<'r>, class: Class) -> Result<Self, source::Cause> {
        Ok(match class {
            Class::Integer => Raw::Integer(<i64 as Decode<Sqlite>>::decode(value)?),
            Class::Real => Raw::Real(<f64 as Decode<Sqlite>>::decode(value)?),
            Class::Blob => Raw::Blob(<&[u8] as Decode<Sqlite>>::decode(value)?),
            Class::Text => {
                let bytes = <&[u8] as Decode<Sqlite>>::decode(value)?;
                std::str::from_utf8(bytes).map_or(Raw::BrokenText(bytes), Raw::Text)
            }
        })
    }

    /// The storage class, for people.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Raw::Null => "NULL",
            Raw::Integer(_) => "an integer",
            Raw::Real(_) => "a real",
            Raw::Text(_) => "a text",
            Raw::BrokenText(_) => "a text that is not UTF-8",
            Raw::Blob(_) => "a blob",
        }
    }

    /// The value as text; `None` for NULL.
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Raw::Null => None,
            Raw::Integer(value) => Some(value.to_string()),
            Raw::Real(value) => Some(value.to_string()),
            Raw::Text(value) => Some(value.to_owned()),
            Raw::BrokenText(value) => Some(String::from_utf8_lossy(value).into_owned()),
            Raw::Blob(value) => Some(format!("x'{}'", hex_of(value))),
        }
    }

    pub(crate) fn json(self) -> Json {
        match self {
            Raw::Integer(value) => Json::from(value),
            Raw::Real(value) if value.is_finite() => Json::from(value),
            other => other.text().map_or(Json::Null, Json::from),
        }
    }
}

#[derive(Clone, Copy)]
enum Class {
    Integer,
    Real,
    Text,
    Blob,
}

/// A key's value in a position or part: every class survives exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scalar {
    Null,
    Integer(i64),
    /// The bits of the real: its decimal digits could be read back as a neighbour.
    Real(u64),
    Text(String),
    /// Hexadecimal.
    Blob(String),
}

impl Scalar {
    pub(crate) fn of(raw: Raw<'_>) -> Self {
        match raw {
            Raw::Null => Scalar::Null,
            Raw::Integer(value) => Scalar::Integer(value),
            Raw::Real(value) => Scalar::Real(value.to_bits()),
            Raw::Text(value) => Scalar::Text(value.to_owned()),
            Raw::BrokenText(value) | Raw::Blob(value) => Scalar::Blob(hex_of(value)),
        }
    }

    /// Binds the value as the next argument.
    pub(crate) fn bind(&self, arguments: &mut SqliteArguments) -> Result<(), Error> {
        let bound = match self {
            Scalar::Null => arguments.add(None::<i64>),
            Scalar::Integer(value) => arguments.add(*value),
            Scalar::Real(bits) => arguments.add(f64::from_bits(*bits)),
            Scalar::Text(value) => arguments.add(value.as_str()),
            Scalar::Blob(digits) => {
                arguments.add(bytes_of(digits).ok_or_else(|| Error::BadPosition { text: digits.clone() })?)
            }
        };
        bound.map_err(Error::Build)
    }
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|half| char::from_digit(half.into(), 16)).collect()
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = digits.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| u8::try_from(pair.first()? * 16 + pair.last()?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_survives_its_text() {
        for scalar in [
            Scalar::Null,
            Scalar::Integer(i64::MIN),
            Scalar::Real((0.1 + 0.2_f64).to_bits()),
            Scalar::Text("it's \"here\" 🦀".to_owned()),
            Scalar::of(Raw::Blob(&[0, 255, 16])),
        ] {
            let text = serde_json::to_string(&scalar).unwrap();
            assert_eq!(serde_json::from_str::<Scalar>(&text).unwrap(), scalar, "{text}");
        }
        assert_eq!(bytes_of("00ff10"), Some(vec![0, 255, 16]));
        assert_eq!((bytes_of("0"), bytes_of("zz")), (None, None));
    }
}

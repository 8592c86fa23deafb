//! Lengths of time and sizes as people write them: `500ms`, `2s`, `5m`, `1h`, `7d`; `64MiB`, `20GB`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a length of time; write a whole number and a unit: `500ms`, `2s`, `5m`, `1h` or `7d`")]
pub struct BadSpan {
    text: String,
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Duration);

const SPAN_UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, BadSpan> {
        let bad = || BadSpan { text: text.to_owned() };
        let (number, unit) = number_and_unit(text).ok_or_else(bad)?;
        let (_, millis) = SPAN_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(bad)?;
        number.checked_mul(*millis).map(|length| Self(Duration::from_millis(length))).ok_or_else(bad)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        let fits = |(_, unit): &&(&str, u64)| millis.is_multiple_of(*unit);
        match SPAN_UNITS.iter().rev().find(fits) {
            Some((name, unit)) if millis > 0 => write!(formatter, "{}{name}", millis / unit),
            _ => write!(formatter, "{}s", millis / 1000),
        }
    }
}

/// A text that is no size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a size; write a whole number and a unit: `512B`, `64KiB`, `8MiB`, `2GiB`, `20MB` or `20GB`")]
pub struct BadSize {
    text: String,
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(pub u64);

const SIZE_UNITS: [(&str, u64); 7] = [
    ("B", 1),
    ("KB", 1_000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
];

impl FromStr for Size {
    type Err = BadSize;

    fn from_str(text: &str) -> Result<Self, BadSize> {
        let bad = || BadSize { text: text.to_owned() };
        let (number, unit) = number_and_unit(text).ok_or_else(bad)?;
        let (_, bytes) = SIZE_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(bad)?;
        number.checked_mul(*bytes).map(Self).ok_or_else(bad)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match SIZE_UNITS.iter().rev().find(|(_, unit)| self.0.is_multiple_of(*unit)) {
            Some((name, unit)) if self.0 > 0 => write!(formatter, "{}{name}", self.0 / unit),
            _ => write!(formatter, "{}B", self.0),
        }
    }
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim_start()))
}

macro_rules! text_forms {
    ($type:ty, $error:ty, $name:literal, $example:literal) => {
        impl TryFrom<String> for $type {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.to_string()
            }
        }
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "examples": [$example] })
            }
        }
    };
}

text_forms!(Span, BadSpan, "Span", "5m");
text_forms!(Size, BadSize, "Size", "8MiB");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_survive_their_text() {
        for text in ["500ms", "2s", "5m", "1h", "7d", "0s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for text in ["512B", "64KiB", "8MiB", "20GB", "0B"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_span_or_size_is_refused() {
        for text in ["", "5", "m", "5 weeks", "-1s", "1.5h", "99999999999999999999d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}

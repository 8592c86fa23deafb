//! A value of a JSON record, cut out but not yet read.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Null,
    Bool(bool),
    /// As it was written: digits are not lost before the column's type is known.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// An array or object; no column takes one.
    Nested,
    /// A text with an escape that stands for no letter.
    Broken,
}

impl<'a> Cell<'a> {
    pub(crate) fn of(value: &'a RawValue) -> Self {
        let raw = value.get();
        match raw.as_bytes() {
            b"null" => Cell::Null,
            b"true" => Cell::Bool(true),
            b"false" => Cell::Bool(false),
            [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => {
                Cell::Text(Cow::Borrowed(raw.get(1..raw.len() - 1).unwrap_or_default()))
            }
            [b'"', ..] => serde_json::from_str(raw).map_or(Cell::Broken, |text: String| Cell::Text(Cow::Owned(text))),
            [b'[' | b'{', ..] => Cell::Nested,
            _ => Cell::Number(raw),
        }
    }

    /// In the words of a message: never its content.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Cell::Null => "null",
            Cell::Bool(_) => "true or false",
            Cell::Number(_) => "a number",
            Cell::Text(_) => "a text",
            Cell::Nested => "an array or object",
            Cell::Broken => "a text that is no Unicode",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Cell<'_> {
        Cell::of(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn values_keep_every_digit_and_letter() {
        assert_eq!(of(" 9007199254740993 "), Cell::Number("9007199254740993"));
        assert_eq!(of("-1.50e3"), Cell::Number("-1.50e3"));
        assert_eq!(of(r#""a\u00e4\n""#), Cell::Text(Cow::Borrowed("aä\n")));
        assert_eq!(of("\"ä\""), Cell::Text(Cow::Borrowed("ä")));
        assert_eq!((of("\"\""), of("null")), (Cell::Text(Cow::Borrowed("")), Cell::Null));
        assert_eq!((of("[1]"), of(r#""\ud800""#)), (Cell::Nested, Cell::Broken));
    }
}

//! Types from a sample: the narrowest one that keeps every sampled text whole.

use batch::ColumnType;

use crate::block::{Cell, Form, single_quotes};
use crate::values::{Strictness, moment, number};

/// A set of types that could hold everything seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kinds(u16);

impl Kinds {
    const BOOL: Kinds = Kinds(1);
    const INT64: Kinds = Kinds(1 << 1);
    const UINT64: Kinds = Kinds(1 << 2);
    const FLOAT64: Kinds = Kinds(1 << 3);
    const NUMERIC: Kinds = Kinds(1 << 4);
    const DATE: Kinds = Kinds(1 << 5);
    const CLOCK_TIME: Kinds = Kinds(1 << 6);
    const INSTANT: Kinds = Kinds(1 << 7);
    const TEXT: Kinds = Kinds(1 << 8);
    const JSON: Kinds = Kinds(1 << 9);
    const ALL: Kinds = Kinds((1 << 10) - 1);

    /// The types from narrow to wide.
    const BY_WIDTH: [(Kinds, ColumnType); 10] = [
        (Kinds::BOOL, ColumnType::Bool),
        (Kinds::INT64, ColumnType::Int64),
        (Kinds::UINT64, ColumnType::UInt64),
        (Kinds::FLOAT64, ColumnType::Float64),
        (Kinds::NUMERIC, ColumnType::Numeric),
        (Kinds::DATE, ColumnType::Date),
        (Kinds::CLOCK_TIME, ColumnType::Timestamp { zoned: false }),
        (Kinds::INSTANT, ColumnType::Timestamp { zoned: true }),
        (Kinds::TEXT, ColumnType::Utf8),
        (Kinds::JSON, ColumnType::Json),
    ];

    fn with(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    fn when(self, holds: bool) -> Kinds {
        if holds { self } else { Kinds(0) }
    }

    fn has(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }
}

/// What a column has held so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    kinds: Kinds,
    has_values: bool,
}

impl Seen {
    /// Nothing yet.
    pub(crate) const NOTHING: Seen = Seen { kinds: Kinds::ALL, has_values: false };

    /// Looks at one more field.
    pub(crate) fn see(&mut self, cell: Cell, text: &[u8], scratch: &mut Vec<u8>) {
        let kinds = match cell.form {
            Form::Null => return,
            Form::Plain => of_text(cell.of(text)),
            Form::DoubledQuotes => {
                single_quotes(cell.of(text), scratch);
                of_text(scratch)
            }
            Form::JsonString | Form::JsonEscaped => Kinds::TEXT.with(Kinds::JSON),
            Form::JsonNumber => of_number(cell.of(text)).with(Kinds::JSON),
            Form::JsonBool => Kinds::BOOL.with(Kinds::JSON),
            Form::JsonNested => Kinds::JSON,
        };
        self.kinds = Kinds(self.kinds.0 & kinds.0);
        self.has_values = true;
    }

    /// The type that was found; text when there was nothing to go by.
    pub(crate) fn column_type(&self) -> ColumnType {
        let found = Kinds::BY_WIDTH.iter().find(|(kind, _)| self.has_values && self.kinds.has(*kind));
        found.map_or(ColumnType::Utf8, |(_, column_type)| *column_type)
    }
}

fn of_text(text: &[u8]) -> Kinds {
    let starts_as_value = matches!(text.first(), Some(b'0'..=b'9' | b'-' | b't' | b'f'));
    if !starts_as_value {
        return Kinds::TEXT;
    }
    of_number(text)
        .with(Kinds::BOOL.when(number::boolean(text, Strictness::Inferred).is_ok()))
        .with(Kinds::DATE.when(moment::date(text).is_ok()))
        .with(Kinds::CLOCK_TIME.when(moment::clock_time(text).is_ok()))
        .with(Kinds::INSTANT.when(moment::instant(text, None).is_ok()))
        .with(Kinds::TEXT)
}

fn of_number(text: &[u8]) -> Kinds {
    Kinds::INT64
        .when(number::integer::<i64>(text, Strictness::Inferred).is_ok())
        .with(Kinds::UINT64.when(number::integer::<u64>(text, Strictness::Inferred).is_ok()))
        .with(Kinds::FLOAT64.when(number::float64(text, Strictness::Inferred).is_ok()))
        .with(Kinds::NUMERIC.when(number::is_plain_number(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(form: Form, texts: &[&str]) -> String {
        let mut seen = Seen::NOTHING;
        for text in texts {
            let cell = Cell { start: 0, end: u32::try_from(text.len()).unwrap(), form };
            seen.see(cell, text.as_bytes(), &mut Vec::new());
        }
        seen.see(Cell::NULL, b"", &mut Vec::new());
        seen.column_type().to_string()
    }

    #[test]
    fn the_narrowest_type_that_keeps_every_text_is_taken() {
        for (texts, expected) in [
            (&[][..], "utf8"),
            (&["true", "false"], "bool"),
            (&["True"], "utf8"),
            (&["t"], "utf8"),
            (&["1", "-2", "9223372036854775807"], "int64"),
            (&["1", "18446744073709551615"], "uint64"),
            (&["-1", "18446744073709551615"], "numeric"),
            (&["1", "007"], "utf8"),
            (&["0", "1"], "int64"),
            (&["+1"], "utf8"),
            (&["1", "1.5"], "float64"),
            (&["0.1", "12345.678901"], "float64"),
            (&["0.1", "1234567890123456.78"], "numeric"),
            (&["0.1", "123456789012345678901234567890"], "numeric"),
            (&["1e5", "2"], "float64"),
            (&["1e999999"], "utf8"),
            (&["00.5"], "utf8"),
            (&["NaN"], "utf8"),
            (&["2013-01-31"], "date"),
            (&["2013-01-31", "2013-02-30"], "utf8"),
            (&["2013-01-31T10:00:00", "2013-01-31 10:00:00.123456"], "timestamp"),
            (&["2013-01-31T10:00:00.1234567"], "utf8"),
            (&["2013-01-31T10:00:00Z", "2013-01-31T10:00:00+02:00"], "timestamp(us,UTC)"),
            (&["2013-01-31T10:00:00Z", "2013-01-31T10:00:00"], "utf8"),
            (&["2013-01-31", "2013-01-31T10:00:00"], "utf8"),
            (&["1", ""], "utf8"),
            (&["1", "x"], "utf8"),
        ] {
            assert_eq!(inferred(Form::Plain, texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn json_strings_stay_text_and_mixed_values_stay_json() {
        assert_eq!(inferred(Form::JsonString, &["2013-01-31", "7"]), "utf8");
        assert_eq!(inferred(Form::JsonNumber, &["1", "2"]), "int64");
        assert_eq!(inferred(Form::JsonNumber, &["1", "2.5"]), "float64");
        assert_eq!(inferred(Form::JsonNested, &["{}"]), "json");
        let mut seen = Seen::NOTHING;
        for form in [Form::JsonString, Form::JsonNumber] {
            seen.see(Cell { start: 0, end: 1, form }, b"1", &mut Vec::new());
        }
        assert_eq!(seen.column_type(), ColumnType::Json);
    }
}

//! JSON lines: one object a line. A key that is not there and an explicit null are NULL.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::block::{Block, Broken, Cell, Form, LONGEST_RECORD, Record, Room, Stop};
use crate::csv::{TOO_LONG, line_end};

/// The field of a key that has not come: NULL, yet unlike the one of an explicit null.
const UNSET: Cell = Cell { start: u32::MAX, end: 0, form: Form::Null };

/// The keys that are columns.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Keys {
    /// The columns in the order of the schema.
    pub(crate) fn new(names: Vec<String>) -> Self {
        let places = names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        Self { names, places }
    }

    /// Cuts lines off the front of the text into the block.
    pub(crate) fn cut(&self, text: &[u8], at_end: bool, room: Room, block: &mut Block) -> Stop {
        cut(text, at_end, room, block, |line, start, cells| self.row(line, start, cells))
    }

    fn row(&self, line: &[u8], start: usize, cells: &mut Vec<Cell>) -> Result<(), Problem> {
        let Object(members) = object(line)?;
        let first_cell = cells.len();
        cells.resize(first_cell + self.names.len(), UNSET);
        for (place, (key, value)) in members.iter().enumerate() {
            let column = self.column(key, place).ok_or_else(|| Problem::unknown_field(key, value))?;
            if let Some(cell) = cells.get_mut(first_cell + column) {
                if *cell != UNSET {
                    return Err(Problem::repeated(key));
                }
                *cell = cell_of(value.get(), start + place_in(line, value.get()));
            }
        }
        Ok(())
    }

    /// Objects mostly have their keys in the same order, so the key at `place` is looked at first.
    fn column(&self, key: &str, place: usize) -> Option<usize> {
        match self.names.get(place) {
            Some(name) if name == key => Some(place),
            _ => self.places.get(key).copied(),
        }
    }
}

/// Cuts whole lines off the front of the text into a block of one column.
pub(crate) fn cut_lines(text: &[u8], at_end: bool, room: Room, block: &mut Block) -> Stop {
    cut(text, at_end, room, block, |line, start, cells| {
        cells.push(Cell { start: start as u32, end: (start + line.len()) as u32, form: Form::JsonNested });
        Ok(())
    })
}

fn cut(
    text: &[u8],
    at_end: bool,
    room: Room,
    block: &mut Block,
    row: impl Fn(&[u8], usize, &mut Vec<Cell>) -> Result<(), Problem>,
) -> Stop {
    while !block.has_enough(room) {
        let start = block.consumed;
        let (end, behind) = line_end(text, start);
        let is_whole = at_end || (behind > start && text.get(behind - 1) == Some(&b'\n'));
        if start == text.len() || !is_whole {
            return Stop::NeedsMore;
        }
        let line = text.get(start..end).unwrap_or_default();
        if line.trim_ascii().is_empty() {
            block.skip(behind, 1);
            continue;
        }
        let record = Record { start: start as u32, end: end as u32, line: block.lines };
        if !block.admit(room, behind, 1) {
            return Stop::Enough;
        }
        let first_cell = block.cells.len();
        let outcome =
            if line.len() > LONGEST_RECORD { Err(Problem::too_long()) } else { row(line, start, &mut block.cells) };
        match outcome {
            Ok(()) => block.rows.push(record),
            Err(problem) => {
                block.cells.truncate(first_cell);
                block.broken.push(problem.about(record));
            }
        }
    }
    Stop::Enough
}

/// The members of an object, in order.
pub(crate) struct Object<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

/// Takes one line apart.
pub(crate) fn object(line: &[u8]) -> Result<Object<'_>, Problem> {
    // serde_json's own message may quote the text, so only its place is told.
    serde_json::from_slice(line).map_err(|error| Problem::no_object(error.column()))
}

/// What stands in a value and where; `at` is the place of its first letter.
pub(crate) fn cell_of(value: &str, at: usize) -> Cell {
    let (start, end) = (at as u32, (at + value.len()) as u32);
    match value.as_bytes() {
        [b'"', inside @ .., b'"'] => {
            let has_escapes = memchr::memchr(b'\\', inside).is_some();
            let form = if has_escapes { Form::JsonEscaped } else { Form::JsonString };
            Cell { start: start + 1, end: end - 1, form }
        }
        b"null" => Cell::NULL,
        b"true" | b"false" => Cell { start, end, form: Form::JsonBool },
        [b'{' | b'[', ..] => Cell { start, end, form: Form::JsonNested },
        _ => Cell { start, end, form: Form::JsonNumber },
    }
}

/// Where a part of a text stands in it.
pub(crate) fn place_in(whole: &[u8], part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(whole.as_ptr().addr())
}

/// Why a line is no row.
#[derive(Debug)]
pub(crate) struct Problem {
    code: &'static str,
    column: Option<String>,
    reason: String,
    value: Option<String>,
}

impl Problem {
    fn no_object(column: usize) -> Self {
        let reason = format!("expected one JSON object a line, found other text at column {column}");
        Self { code: "malformed_record", column: None, reason, value: None }
    }

    fn too_long() -> Self {
        Self { code: "malformed_record", column: None, reason: TOO_LONG.to_owned(), value: None }
    }

    fn repeated(key: &str) -> Self {
        let reason = "expected every key once, found one twice".to_owned();
        Self { code: "malformed_record", column: Some(key.to_owned()), reason, value: None }
    }

    fn unknown_field(key: &str, value: &RawValue) -> Self {
        let reason = "expected the keys of the sample, found another; declare it in `columns`".to_owned();
        Self { code: "unknown_field", column: Some(key.to_owned()), reason, value: Some(value.get().to_owned()) }
    }

    fn about(self, record: Record) -> Broken {
        let Problem { code, column, reason, value } = self;
        Broken { record, code, column, reason, value }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    members.push((key, map.next_value()?));
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A key, borrowed when it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }
            fn visit_borrowed_str<E: serde::de::Error>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
            fn visit_bytes<E: serde::de::Error>(self, _: &[u8]) -> Result<Key<'de>, E> {
                Err(E::custom("a key that is no text"))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { records: 100, bytes: 1 << 20, is_empty: true };

    fn cut(text: &str) -> Block {
        let keys = Keys::new(vec!["a".into(), "b".into()]);
        let mut block = Block::new(2, 0);
        keys.cut(text.as_bytes(), true, ROOM, &mut block);
        assert_eq!(block.consumed, text.len());
        block
    }

    #[test]
    fn values_are_found_by_key_whatever_their_order() {
        let text = "{\"b\": 1.50, \"a\": \"x\\ny\"}\r\n\n{\"a\":{\"k\":[1]},\"b\":null}\n {\"b\":true} ";
        let block = cut(text);
        let cells: Vec<_> = block.cells.iter().map(|cell| (cell.form, cell.of(text.as_bytes()))).collect();
        let expected: Vec<(Form, &[u8])> = vec![
            (Form::JsonEscaped, b"x\\ny"),
            (Form::JsonNumber, b"1.50"),
            (Form::JsonNested, b"{\"k\":[1]}"),
            (Form::Null, b""),
            (Form::Null, b""),
            (Form::JsonBool, b"true"),
        ];
        assert_eq!(cells, expected);
        assert_eq!(block.rows.iter().map(|record| record.line).collect::<Vec<_>>(), [0, 2, 3]);
    }

    #[test]
    fn what_is_no_object_of_known_keys_is_broken_alone() {
        for (line, code, column) in [
            ("[1]", "malformed_record", None),
            ("1", "malformed_record", None),
            ("{\"a\":1", "malformed_record", None),
            ("{\"a\":1} x", "malformed_record", None),
            ("{\"a\":01}", "malformed_record", None),
            ("{\"a\":1,\"a\":2}", "malformed_record", Some("a")),
            ("{\"b\":null,\"b\":null}", "malformed_record", Some("b")),
            ("{\"a\":1,\"c\":2}", "unknown_field", Some("c")),
        ] {
            let block = cut(&format!("{{\"a\":1}}\n{line}\n{{\"b\":2}}\n"));
            assert_eq!((block.rows.len(), block.cells.len()), (2, 4), "{line}");
            let broken = block.broken.first().unwrap();
            assert_eq!((broken.code, broken.column.as_deref()), (code, column), "{line}");
            assert_eq!(broken.record.line, 1);
        }
    }

    #[test]
    fn a_line_without_its_end_waits_for_more() {
        let keys = Keys::new(vec!["a".into()]);
        let mut block = Block::new(1, 0);
        assert_eq!(keys.cut(b"{\"a\":1}\n{\"a\"", false, ROOM, &mut block), Stop::NeedsMore);
        assert_eq!((block.rows.len(), block.consumed), (1, 8));
    }
}

//! A block: some hundred records cut out of the text, each field a place in it. What is cut is
//! only marked, never copied.

use std::ops::Range;

/// A block holds about so many fields: few enough to stay in the processor's cache between being
/// cut and being turned into columns.
const CELLS: usize = 8192;

/// The longest record that is read. It bounds the memory a quote without its end can take.
pub(crate) const LONGEST_RECORD: usize = 16 << 20;

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// NULL: an unquoted null value, a JSON null, a key that is not there.
    Null,
    /// CSV: the field itself.
    Plain,
    /// CSV: a quoted field with doubled quotes inside.
    DoubledQuotes,
    /// JSON: the inside of a string without escapes.
    JsonString,
    /// JSON: the inside of a string with escapes.
    JsonEscaped,
    /// JSON: a number.
    JsonNumber,
    /// JSON: `true` or `false`.
    JsonBool,
    /// JSON: an object or an array.
    JsonNested,
}

/// One field: a range of the block's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) form: Form,
}

impl Cell {
    /// A field that is not there.
    pub(crate) const NULL: Cell = Cell { start: 0, end: 0, form: Form::Null };

    /// The field's text.
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// One record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where it stands in the text, without the line's end.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Lines of the block before it.
    pub(crate) line: u32,
}

impl Record {
    /// The record's text.
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.range()).unwrap_or_default()
    }

    /// Where the record stands.
    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A record that is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) record: Record,
    pub(crate) code: &'static str,
    pub(crate) column: Option<String>,
    pub(crate) reason: String,
    pub(crate) value: Option<String>,
}

/// How much more a batch may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Records.
    pub(crate) records: u64,
    /// Bytes; the first record of a batch may be larger.
    pub(crate) bytes: u64,
    /// Whether the batch has none yet.
    pub(crate) is_empty: bool,
}

impl Room {
    /// Whether nothing more fits.
    pub(crate) fn is_used_up(&self) -> bool {
        self.records == 0 || (self.bytes == 0 && !self.is_empty)
    }

    /// What is left behind a block.
    pub(crate) fn behind(self, block: &Block) -> Room {
        Room {
            records: self.records.saturating_sub(block.taken),
            bytes: if block.is_full { 0 } else { self.bytes.saturating_sub(block.cost) },
            is_empty: self.is_empty && block.taken == 0,
        }
    }
}

/// Why cutting stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The block or the batch has enough.
    Enough,
    /// The next record is not there as a whole.
    NeedsMore,
}

/// Records cut from the text, field by field.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Fields of a row.
    pub(crate) width: usize,
    /// What a row takes besides its text, in bytes.
    pub(crate) row_cost: u64,
    /// The fields, row after row.
    pub(crate) cells: Vec<Cell>,
    /// The rows' records.
    pub(crate) rows: Vec<Record>,
    /// The records that are no rows.
    pub(crate) broken: Vec<Broken>,
    /// Bytes of the text behind the last record.
    pub(crate) consumed: usize,
    /// Lines up to there.
    pub(crate) lines: u32,
    /// Records, broken ones included.
    pub(crate) taken: u64,
    /// Bytes they count for in the batch.
    pub(crate) cost: u64,
    /// Whether a record was left because it did not fit the batch.
    pub(crate) is_full: bool,
}

impl Block {
    /// An empty block of rows of so many fields.
    pub(crate) fn new(width: usize, row_cost: u64) -> Self {
        Self { width, row_cost, ..Self::default() }
    }

    /// Forgets all records.
    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.rows.clear();
        self.broken.clear();
        (self.consumed, self.lines, self.taken, self.cost, self.is_full) = (0, 0, 0, 0, false);
    }

    /// Whether no further record should be cut.
    pub(crate) fn has_enough(&self, room: Room) -> bool {
        self.taken >= room.records || self.cells.len() >= CELLS || self.broken.len() >= CELLS
    }

    /// Counts a record in, up to `end` with its line's end and `lines` lines long. False, and
    /// nothing is counted, when it does not fit the batch any more.
    pub(crate) fn admit(&mut self, room: Room, end: usize, lines: u32) -> bool {
        let cost = (end - self.consumed) as u64 + self.row_cost;
        let is_first = room.is_empty && self.taken == 0;
        if self.cost + cost > room.bytes && !is_first {
            self.is_full = true;
            return false;
        }
        self.consumed = end;
        self.lines += lines;
        self.taken += 1;
        self.cost += cost;
        true
    }

    /// Skips what is no record: an empty line.
    pub(crate) fn skip(&mut self, end: usize, lines: u32) {
        self.consumed = end;
        self.lines += lines;
    }

    /// The field of a row.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Cell {
        self.cells.get(row * self.width + column).copied().unwrap_or(Cell::NULL)
    }

    /// Takes rows out; `is_bad` is asked for each in order.
    pub(crate) fn remove_rows(&mut self, mut is_bad: impl FnMut(usize) -> bool) {
        let width = self.width;
        let mut kept = 0;
        for row in 0..self.rows.len() {
            if !is_bad(row) {
                self.rows.copy_within(row..=row, kept);
                self.cells.copy_within(row * width..(row + 1) * width, kept * width);
                kept += 1;
            }
        }
        self.rows.truncate(kept);
        self.cells.truncate(kept * width);
    }
}

/// The text of a CSV field with its doubled quotes made single.
pub(crate) fn single_quotes(field: &[u8], into: &mut Vec<u8>) {
    into.clear();
    let mut rest = field;
    while let Some(quote) = memchr::memchr(b'"', rest) {
        let (before, behind) = rest.split_at(quote + 1);
        into.extend_from_slice(before);
        rest = behind.strip_prefix(b"\"").unwrap_or(behind);
    }
    into.extend_from_slice(rest);
}

/// The text of a JSON string with its escapes resolved; `inside` is what stands between the quotes.
pub(crate) fn unescaped(inside: &[u8]) -> Option<String> {
    let mut quoted = Vec::with_capacity(inside.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(inside);
    quoted.push(b'"');
    serde_json::from_slice(&quoted).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_out_with_their_cells() {
        let mut block = Block::new(2, 0);
        for row in 0..4 {
            block.rows.push(Record { start: row, end: row, line: row });
            block.cells.extend([0, 1].map(|column| Cell { start: row * 10 + column, end: 0, form: Form::Plain }));
        }
        block.remove_rows(|row| row == 0 || row == 2);
        assert_eq!(block.rows.iter().map(|record| record.start).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(block.cells.iter().map(|cell| cell.start).collect::<Vec<_>>(), [10, 11, 30, 31]);
    }

    #[test]
    fn doubled_quotes_become_single() {
        let mut text = Vec::new();
        for (field, expected) in [("a\"\"b", "a\"b"), ("\"\"\"\"", "\"\""), ("", ""), ("plain", "plain")] {
            single_quotes(field.as_bytes(), &mut text);
            assert_eq!(text, expected.as_bytes());
        }
    }
}

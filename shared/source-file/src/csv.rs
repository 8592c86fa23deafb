//! CSV (RFC 4180): quotes, doubled quotes, line breaks inside quotes, CRLF or LF, any delimiter.
//!
//! The tokenizer is our own because the well-kept crates give a field without saying whether it
//! was quoted, and nothing between two delimiters (NULL) must stay apart from `""` (an empty text).
//! A quote inside an unquoted field is an ordinary letter. A line that cannot be understood is
//! broken alone: cutting goes on at the line behind it.

use crate::block::{Block, Broken, Cell, Form, LONGEST_RECORD, Record, Room, Stop, single_quotes};

const BEHIND_QUOTE: &str = "expected a delimiter or the line's end behind a closing quote, found other text";
const UNTERMINATED: &str = "expected a closing quote, found the end of the file";

/// Why a long record is broken; only its beginning is kept.
pub(crate) const TOO_LONG: &str = "expected a record of at most 16 MiB, found a longer one (a quote without its end?)";

/// How the records of a file are cut.
#[derive(Debug, Clone)]
pub(crate) struct Dialect {
    delimiter: u8,
    null_values: Vec<Vec<u8>>,
    longest_null: usize,
    empty_is_null: bool,
}

impl Dialect {
    /// The delimiter and the unquoted fields that stand for NULL.
    pub(crate) fn new(delimiter: u8, null_values: &[String]) -> Self {
        let null_values: Vec<Vec<u8>> = null_values.iter().map(|word| word.clone().into_bytes()).collect();
        let longest_null = null_values.iter().map(Vec::len).max().unwrap_or(0);
        let empty_is_null = null_values.iter().any(Vec::is_empty);
        Self { delimiter, null_values, longest_null, empty_is_null }
    }

    /// Cuts records off the front of the text into the block.
    pub(crate) fn cut(&self, text: &[u8], at_end: bool, room: Room, block: &mut Block) -> Stop {
        while !block.has_enough(room) {
            let start = block.consumed;
            if start == text.len() {
                return Stop::NeedsMore;
            }
            if block.width > 1
                && let Some(behind) = empty_line(text, start)
            {
                block.skip(behind, 1);
                continue;
            }
            let first_cell = block.cells.len();
            let taken = match self.bounded_record(text, start, at_end, block) {
                Scan::Record { end, behind, lines, fields } => {
                    let record = Record { start: start as u32, end: end as u32, line: block.lines };
                    let fits = block.admit(room, behind, lines);
                    if fits && fields == block.width {
                        block.rows.push(record);
                        continue;
                    }
                    let reason = format!("expected {} fields, found {fields}", block.width);
                    fits.then(|| broken(record, "field_count", reason))
                }
                Scan::Malformed(reason) => {
                    let (end, behind) = line_end(text, start);
                    let record = Record { start: start as u32, end: end as u32, line: block.lines };
                    block.admit(room, behind, 1).then(|| broken(record, "malformed_record", reason.to_owned()))
                }
                Scan::Incomplete => {
                    block.cells.truncate(first_cell);
                    return Stop::NeedsMore;
                }
            };
            block.cells.truncate(first_cell);
            match taken {
                Some(broken) => block.broken.push(broken),
                None => return Stop::Enough,
            }
        }
        Stop::Enough
    }

    /// Cuts one record into the block's fields, unless it is too long. A line is only known to be
    /// malformed when all of it is there.
    fn bounded_record(&self, text: &[u8], start: usize, at_end: bool, block: &mut Block) -> Scan {
        match self.record(text, start, at_end, block.width, &mut block.cells) {
            Scan::Malformed(_) if !at_end && line_end(text, start).1 == text.len() && !text.ends_with(b"\n") => {
                Scan::Incomplete
            }
            Scan::Record { end, .. } if end - start > LONGEST_RECORD => Scan::Malformed(TOO_LONG),
            Scan::Malformed(UNTERMINATED) if text.len() - start > LONGEST_RECORD => Scan::Malformed(TOO_LONG),
            scan => scan,
        }
    }

    /// The first record as names; `None` when it is not there as a whole.
    pub(crate) fn header(&self, text: &[u8], at_end: bool) -> Result<Option<Header>, &'static str> {
        let (mut start, mut lines) = (0, 0);
        while let Some(behind) = empty_line(text, start) {
            (start, lines) = (behind, lines + 1);
        }
        if start == text.len() {
            return Ok(None);
        }
        let mut cells = Vec::new();
        match self.record(text, start, at_end, usize::MAX, &mut cells) {
            Scan::Record { behind, lines: own, .. } => {
                let names = cells.iter().map(|cell| name(*cell, text)).collect();
                Ok(Some(Header { names, behind, lines: lines + own }))
            }
            Scan::Incomplete => Ok(None),
            Scan::Malformed(problem) => Err(problem),
        }
    }

    /// Cuts one record at `start`; pushes at most `width` of its fields.
    fn record(&self, text: &[u8], start: usize, at_end: bool, width: usize, cells: &mut Vec<Cell>) -> Scan {
        let (mut at, mut fields, mut lines) = (start, 0, 1);
        loop {
            let field = match text.get(at) {
                Some(b'"') => self.quoted(text, at + 1, at_end),
                _ => self.unquoted(text, at, at_end),
            };
            let Field { cell, after, line_breaks } = match field {
                Ok(field) => field,
                Err(scan) => return scan,
            };
            lines += line_breaks;
            fields += 1;
            if fields <= width {
                cells.push(cell);
            }
            match after {
                After::Delimiter(next) => at = next,
                After::Line { end, behind } => return Scan::Record { end, behind, lines, fields },
            }
        }
    }

    fn unquoted(&self, text: &[u8], start: usize, at_end: bool) -> Result<Field, Scan> {
        let (end, after) = match find_either(text, start, self.delimiter, b'\n') {
            Some(place) if text.get(place) == Some(&b'\n') => {
                let end = without_return(text, start, place);
                (end, After::Line { end, behind: place + 1 })
            }
            Some(place) => (place, After::Delimiter(place + 1)),
            None if at_end => {
                let end = without_return(text, start, text.len());
                (end, After::Line { end, behind: text.len() })
            }
            None => return Err(Scan::Incomplete),
        };
        let form = if self.is_null(text, start, end) { Form::Null } else { Form::Plain };
        Ok(Field { cell: Cell { start: start as u32, end: end as u32, form }, after, line_breaks: 0 })
    }

    /// A field whose opening quote stands right before `start`.
    fn quoted(&self, text: &[u8], start: usize, at_end: bool) -> Result<Field, Scan> {
        let mut form = Form::Plain;
        let mut at = start;
        let end = loop {
            let rest = text.get(at..).unwrap_or_default();
            let Some(quote) = memchr::memchr(b'"', rest).map(|place| at + place) else {
                return Err(if at_end { Scan::Malformed(UNTERMINATED) } else { Scan::Incomplete });
            };
            if text.get(quote + 1) != Some(&b'"') {
                break quote;
            }
            form = Form::DoubledQuotes;
            at = quote + 2;
        };
        let after = self.behind_quote(text, end + 1, at_end)?;
        let inside = text.get(start..end).unwrap_or_default();
        let line_breaks = memchr::memchr_iter(b'\n', inside).count() as u32;
        Ok(Field { cell: Cell { start: start as u32, end: end as u32, form }, after, line_breaks })
    }

    fn behind_quote(&self, text: &[u8], at: usize, at_end: bool) -> Result<After, Scan> {
        match (text.get(at), text.get(at + 1)) {
            (Some(letter), _) if *letter == self.delimiter => Ok(After::Delimiter(at + 1)),
            (Some(b'\n'), _) => Ok(After::Line { end: at, behind: at + 1 }),
            (Some(b'\r'), Some(b'\n')) => Ok(After::Line { end: at, behind: at + 2 }),
            (Some(b'\r'), None) if at_end => Ok(After::Line { end: at, behind: at + 1 }),
            (None, _) if at_end => Ok(After::Line { end: at, behind: at }),
            (None, _) | (Some(b'\r'), None) => Err(Scan::Incomplete),
            _ => Err(Scan::Malformed(BEHIND_QUOTE)),
        }
    }

    fn is_null(&self, text: &[u8], start: usize, end: usize) -> bool {
        if start == end {
            return self.empty_is_null;
        }
        end - start <= self.longest_null
            && text.get(start..end).is_some_and(|field| self.null_values.iter().any(|word| word == field))
    }
}

/// The first record of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) names: Vec<String>,
    /// Where the second record begins.
    pub(crate) behind: usize,
    /// Lines up to there.
    pub(crate) lines: u32,
}

enum Scan {
    /// A record ends at `end`, the next begins at `behind`.
    Record { end: usize, behind: usize, lines: u32, fields: usize },
    /// The text ends inside the record.
    Incomplete,
    /// This is no CSV.
    Malformed(&'static str),
}

struct Field {
    cell: Cell,
    after: After,
    line_breaks: u32,
}

enum After {
    Delimiter(usize),
    Line { end: usize, behind: usize },
}

/// The end of the line that begins at `start`, without and with its line break.
pub(crate) fn line_end(text: &[u8], start: usize) -> (usize, usize) {
    let rest = text.get(start..).unwrap_or_default();
    match memchr::memchr(b'\n', rest) {
        Some(place) => (without_return(text, start, start + place), start + place + 1),
        None => (without_return(text, start, text.len()), text.len()),
    }
}

fn name(cell: Cell, text: &[u8]) -> String {
    let mut name = cell.of(text).to_vec();
    if cell.form == Form::DoubledQuotes {
        single_quotes(cell.of(text), &mut name);
    }
    String::from_utf8_lossy(&name).into_owned()
}

fn broken(record: Record, code: &'static str, reason: String) -> Broken {
    Broken { record, code, column: None, reason, value: None }
}

fn empty_line(text: &[u8], start: usize) -> Option<usize> {
    match (text.get(start)?, text.get(start + 1)) {
        (b'\n', _) => Some(start + 1),
        (b'\r', Some(b'\n')) => Some(start + 2),
        _ => None,
    }
}

fn without_return(text: &[u8], start: usize, end: usize) -> usize {
    let ends_with_return = end > start && text.get(end - 1) == Some(&b'\r');
    if ends_with_return { end - 1 } else { end }
}

/// The first of either byte at or behind `start`. Fields are short, so eight bytes at a time
/// beat a call into a vectorised search.
#[inline]
fn find_either(text: &[u8], start: usize, first: u8, second: u8) -> Option<usize> {
    let rest = text.get(start..)?;
    let (words, tail) = rest.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        let found = matches_in(*word, first) | matches_in(*word, second);
        if found != 0 {
            return Some(start + place * 8 + (found.trailing_zeros() / 8) as usize);
        }
    }
    let place = tail.iter().position(|letter| *letter == first || *letter == second)?;
    Some(start + words.len() * 8 + place)
}

/// The highest bit of each byte that equals `letter`; the lowest set bit is always right.
#[inline]
fn matches_in(word: [u8; 8], letter: u8) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let differences = u64::from_le_bytes(word) ^ (LOW * u64::from(letter));
    differences.wrapping_sub(LOW) & !differences & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { records: 100, bytes: 1 << 20, is_empty: true };

    type Row = Vec<Option<String>>;

    fn cut(text: &str, width: usize, null_values: &[&str]) -> (Vec<Row>, Vec<(String, u32)>) {
        let null_values: Vec<String> = null_values.iter().map(|word| (*word).to_owned()).collect();
        let mut block = Block::new(width, 0);
        Dialect::new(b',', &null_values).cut(text.as_bytes(), true, ROOM, &mut block);
        assert_eq!(block.consumed, text.len());
        let field = |row: usize, column: usize| {
            let cell = block.cell(row, column);
            let mut single = Vec::new();
            match cell.form {
                Form::Null => return None,
                Form::DoubledQuotes => single_quotes(cell.of(text.as_bytes()), &mut single),
                _ => single.extend_from_slice(cell.of(text.as_bytes())),
            }
            Some(String::from_utf8(single).unwrap())
        };
        let rows = (0..block.rows.len()).map(|row| (0..width).map(|column| field(row, column)).collect()).collect();
        let broken = block.broken.iter().map(|broken| (broken.reason.clone(), broken.record.line + 1)).collect();
        (rows, broken)
    }

    fn rows(text: &str, width: usize) -> String {
        let (rows, broken) = cut(text, width, &["", "NA"]);
        assert_eq!(broken, []);
        let field = |field: &Option<String>| field.as_ref().map_or("NULL".into(), |text| format!("<{text}>"));
        rows.iter().map(|row| row.iter().map(field).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn fields_are_cut_as_rfc_4180_says() {
        for (text, expected) in [
            ("a,b\n", "<a> <b>"),
            ("a,b", "<a> <b>"),
            ("a,b\r\nc,d\r\n", "<a> <b> | <c> <d>"),
            (",\n", "NULL NULL"),
            ("\"\",\"NA\"\n", "<> <NA>"),
            ("NA,NAN\n", "NULL <NAN>"),
            ("\"a,b\",\"c\nd\"\n", "<a,b> <c\nd>"),
            ("\"a\"\"b\",\"\"\"\"\n", "<a\"b> <\">"),
            ("a\"b,c\"\"\n", "<a\"b> <c\"\">"),
            ("a, b \n", "<a> < b >"),
            ("a,b\n\n\r\nc,d\n\n", "<a> <b> | <c> <d>"),
            ("a,\"b\"\r\nc,\"d\"", "<a> <b> | <c> <d>"),
            ("a,\"b\"\r", "<a> <b>"),
            ("a\rb,c\n", "<a\rb> <c>"),
            ("a long field beyond eight bytes,another one\n", "<a long field beyond eight bytes> <another one>"),
        ] {
            assert_eq!(rows(text, 2), expected, "{text:?}");
        }
    }

    #[test]
    fn an_empty_line_is_a_record_where_there_is_one_column() {
        assert_eq!(rows("a\n\nb\n", 1), "<a> | NULL | <b>");
    }

    #[test]
    fn an_empty_field_is_text_when_only_other_words_stand_for_null() {
        let (rows, _) = cut(",NA\n", 2, &["NA"]);
        assert_eq!(rows, [[Some(String::new()), None]]);
    }

    #[test]
    fn a_broken_line_is_named_and_the_next_one_read() {
        let (good, broken) = cut("a,b\nc\nd,e,f\n\"g\"h,i\nj,\"k\nl,m\n", 2, &[""]);
        let letters = |row: &Row| row.iter().flatten().cloned().collect::<String>();
        assert_eq!(good.iter().map(letters).collect::<Vec<_>>(), ["ab", "lm"]);
        let expected = [
            ("expected 2 fields, found 1".to_owned(), 2),
            ("expected 2 fields, found 3".to_owned(), 3),
            (BEHIND_QUOTE.to_owned(), 4),
            (UNTERMINATED.to_owned(), 5),
        ];
        assert_eq!(broken, expected);
    }

    #[test]
    fn every_cut_of_the_text_gives_the_same_records() {
        let text = "a,\"b\"\"\nb\"\r\n\"c\"d,e\r\n\"\",x\"\r\nf\nlonger than eight,\"\"\"\"\n\n\"g\" ,h\n";
        let dialect = Dialect::new(b',', &[String::new()]);
        let told = |block: &Block, at: usize| {
            let ranges = block.rows.iter().chain(block.broken.iter().map(|broken| &broken.record));
            ranges.map(|record| record.start as usize + at..record.end as usize + at).collect::<Vec<_>>()
        };
        let mut whole = Block::new(2, 0);
        dialect.cut(text.as_bytes(), true, ROOM, &mut whole);
        let mut expected = told(&whole, 0);
        expected.sort_by_key(|range| range.start);
        assert_eq!((whole.rows.len(), whole.broken.len()), (3, 3));
        for middle in 0..text.len() {
            let mut block = Block::new(2, 0);
            dialect.cut(&text.as_bytes()[..middle], false, ROOM, &mut block);
            let (mut found, behind) = (told(&block, 0), block.consumed);
            block.clear();
            dialect.cut(&text.as_bytes()[behind..], true, ROOM, &mut block);
            found.extend(told(&block, behind));
            found.sort_by_key(|range| range.start);
            assert_eq!(found, expected, "{middle}");
        }
    }

    #[test]
    fn a_batch_takes_what_fits_and_at_least_one_record() {
        let mut block = Block::new(1, 10);
        let dialect = Dialect::new(b',', &[]);
        let room = Room { records: 100, bytes: 26, is_empty: true };
        assert_eq!(dialect.cut(b"aa\nbb\ncc\n", true, room, &mut block), Stop::Enough);
        assert_eq!((block.rows.len(), block.consumed, block.is_full), (2, 6, true));
        block.clear();
        dialect.cut(b"a very long record that is alone\nbb\n", true, room, &mut block);
        assert_eq!(block.rows.len(), 1);
    }

    #[test]
    fn the_byte_search_finds_what_a_plain_one_finds() {
        let text: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        for start in 0..text.len() {
            for (first, second) in [(b',', b'\n'), (0, 255), (b'\t', b'\n'), (b'z', b'z')] {
                let expected = text.iter().skip(start).position(|b| *b == first || *b == second).map(|p| p + start);
                assert_eq!(find_either(&text, start, first, second), expected);
            }
        }
    }
}

//! A text file as records: opens it, reads its header, cuts block after block.

use std::path::Path;

use source::{Error, Reject};

use crate::block::{Block, Broken, LONGEST_RECORD, Record, Room, Stop};
use crate::csv::{self, Dialect, Header};
use crate::jsonl::Keys;
use crate::position::Place;
use crate::text::{Coding, Text};

/// How much of a record that is too long is kept.
const KEPT_OF_LONG_RECORD: usize = 64 << 10;

/// How records are cut.
#[derive(Debug, Clone)]
pub(crate) enum Cutter {
    /// CSV.
    Csv(Dialect),
    /// JSON lines, key by key.
    Jsonl(Keys),
    /// Whole lines.
    Lines,
}

/// The records of a file.
pub(crate) struct Records {
    name: String,
    text: Text,
    cutter: Cutter,
    records: u64,
    lines: u64,
}

/// What comes next in a file.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    /// The block has been filled; [`Records::done`] goes on behind it.
    Block,
    /// A record so long that it was skipped.
    TooLong(Reject),
    /// Nothing.
    End,
}

impl Records {
    /// Opens a file at its beginning.
    pub(crate) fn open(path: &Path, name: &str, coding: Coding, cutter: Cutter) -> Result<Self, Error> {
        let text = Text::open(path, name, coding)?;
        Ok(Self { name: name.to_owned(), text, cutter, records: 0, lines: 0 })
    }

    /// Opens a file at an offset that [`place`](Self::place) gave.
    pub(crate) fn open_at(
        path: &Path,
        name: &str,
        coding: Coding,
        cutter: Cutter,
        place: Place,
        offset: u64,
    ) -> Result<Self, Error> {
        let text = Text::open_at(path, name, coding, offset)?;
        Ok(Self { name: name.to_owned(), text, cutter, records: place.records, lines: place.lines })
    }

    /// Reads the CSV header behind which the records begin; `None` when the file is empty.
    pub(crate) fn read_header(&mut self, dialect: &Dialect) -> Result<Option<Vec<String>>, Error> {
        let Some(header) = self.first_record(dialect)? else { return Ok(None) };
        self.text.consume(header.behind);
        self.lines += u64::from(header.lines);
        Ok(Some(header.names))
    }

    /// How many fields the first CSV record has; `None` when the file is empty.
    pub(crate) fn width(&mut self, dialect: &Dialect) -> Result<Option<usize>, Error> {
        Ok(self.first_record(dialect)?.map(|header| header.names.len()))
    }

    /// Cuts the next block.
    pub(crate) fn next(&mut self, room: Room, block: &mut Block) -> Result<Next, Error> {
        loop {
            block.clear();
            let unread = self.text.unread();
            let at_end = self.text.is_at_end();
            let stop = match &self.cutter {
                Cutter::Csv(dialect) => dialect.cut(unread, at_end, room, block),
                Cutter::Jsonl(keys) => keys.cut(unread, at_end, room, block),
                Cutter::Lines => crate::jsonl::cut_lines(unread, at_end, room, block),
            };
            if block.consumed > 0 || stop == Stop::Enough {
                self.sort_out_invalid(block);
                return Ok(Next::Block);
            }
            if at_end {
                return Ok(Next::End);
            }
            if unread.len() > LONGEST_RECORD {
                return self.skip_long_record().map(Next::TooLong);
            }
            self.text.fill()?;
        }
    }

    /// The text the block's records are places in.
    pub(crate) fn text(&self) -> &[u8] {
        self.text.unread()
    }

    /// Goes on behind the block.
    pub(crate) fn done(&mut self, block: &Block) {
        self.text.consume(block.consumed);
        self.records += block.taken;
        self.lines += u64::from(block.lines);
    }

    /// How far the file has been read.
    pub(crate) fn place(&self, file: usize) -> Place {
        Place { file, records: self.records, lines: self.lines, offset: self.text.file_offset() }
    }

    /// Where a record of the block stands, for people.
    pub(crate) fn place_of(&self, record: Record) -> String {
        format!("{} line {}", self.name, self.lines + u64::from(record.line) + 1)
    }

    /// A broken record of the block as it goes to quarantine.
    pub(crate) fn reject(&self, broken: Broken) -> Reject {
        let Broken { record, code, column, reason, value } = broken;
        let text = record.of(self.text());
        let kept = if reason == csv::TOO_LONG { text.get(..KEPT_OF_LONG_RECORD).unwrap_or(text) } else { text };
        let place = self.place_of(record);
        Reject { code, column, reason, value, record: String::from_utf8_lossy(kept).into_owned(), place }
    }

    fn first_record(&mut self, dialect: &Dialect) -> Result<Option<Header>, Error> {
        let broken = |problem: &str| {
            Error::config("header_invalid", format!("the first line of `{}` is no header: {problem}", self.name))
        };
        loop {
            let unread = self.text.unread();
            match dialect.header(unread, self.text.is_at_end()) {
                Ok(Some(header)) => {
                    return match self.text.invalid_byte(0..header.behind) {
                        Some(place) => Err(broken(&format!("byte {place} is not valid in the file's encoding"))),
                        None => Ok(Some(header)),
                    };
                }
                Ok(None) if self.text.is_at_end() => return Ok(None),
                Ok(None) if unread.len() > LONGEST_RECORD => return Err(broken(csv::TOO_LONG)),
                Ok(None) => self.text.fill()?,
                Err(problem) => return Err(broken(problem)),
            }
        }
    }

    /// Marks the records that have bytes which are not valid in the encoding.
    fn sort_out_invalid(&self, block: &mut Block) {
        if self.text.invalid_byte(0..block.consumed).is_none() {
            return;
        }
        let broken = |record: Record| {
            let place = self.text.invalid_byte(record.range())?;
            let reason = format!("expected text in the file's encoding, found an invalid byte at offset {place}");
            Some(Broken { record, code: "invalid_encoding", column: None, reason, value: None })
        };
        for other in block.broken.iter_mut().filter(|other| other.reason != csv::TOO_LONG) {
            *other = broken(other.record).unwrap_or_else(|| other.clone());
        }
        let invalid: Vec<Option<Broken>> = block.rows.iter().map(|record| broken(*record)).collect();
        block.remove_rows(|row| invalid.get(row).is_some_and(Option::is_some));
        block.broken.extend(invalid.into_iter().flatten());
        block.broken.sort_by_key(|broken| broken.record.start);
    }

    /// Skips to the line behind the one that begins here.
    fn skip_long_record(&mut self) -> Result<Reject, Error> {
        let (end, _) = csv::line_end(self.text.unread(), 0);
        let record = Record { start: 0, end: end as u32, line: 0 };
        let reject = self.reject(Broken {
            record,
            code: "malformed_record",
            column: None,
            reason: csv::TOO_LONG.to_owned(),
            value: None,
        });
        loop {
            let unread = self.text.unread();
            let line_break = memchr::memchr(b'\n', unread);
            let behind = line_break.map_or(unread.len(), |place| place + 1);
            self.text.consume(behind);
            if line_break.is_some() || self.text.is_at_end() {
                break;
            }
            self.text.fill()?;
        }
        self.records += 1;
        self.lines += 1;
        Ok(reject)
    }
}

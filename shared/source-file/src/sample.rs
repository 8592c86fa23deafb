//! Looks into text files before a run: their headers, and the types of a sample of their records.

use std::collections::HashMap;

use batch::ColumnType;
use encoding_rs::UTF_8;
use source::Error;
use spec::{Compression, FileFormat, FileStream};

use crate::block::{Block, Cell, Room};
use crate::csv::Dialect;
use crate::files::{self, Location, PlannedFile};
use crate::infer::Seen;
use crate::jsonl;
use crate::names;
use crate::records::{Cutter, Next, Records};

/// The sample: so many records or bytes, from the first file on.
const SAMPLE: Room = Room { records: 10_000, bytes: 4 << 20, is_empty: true };

/// The columns of a stream's CSV or JSON-lines files.
pub(crate) fn columns(
    stream: &FileStream,
    format: FileFormat,
    location: &Location,
    planned: &[PlannedFile],
) -> Result<Vec<(String, ColumnType)>, Error> {
    let mut sampler = Sampler { stream, location, room: SAMPLE, scratch: Vec::new() };
    match format {
        FileFormat::Jsonl => sampler.jsonl(planned),
        _ => sampler.csv(planned),
    }
}

/// The names of CSV columns where no header gives them: `column_1`, `column_2`, …
pub(crate) fn numbered(width: usize) -> Vec<String> {
    (1..=width).map(|number| format!("column_{number}")).collect()
}

struct Sampler<'a> {
    stream: &'a FileStream,
    location: &'a Location,
    room: Room,
    scratch: Vec<u8>,
}

impl Sampler<'_> {
    /// Looks at the header of every file, and at records as long as the sample has room.
    fn csv(&mut self, planned: &[PlannedFile]) -> Result<Vec<(String, ColumnType)>, Error> {
        let dialect = Dialect::new(self.stream.delimiter, &self.stream.null_values);
        let mut found: Option<(Vec<String>, Vec<Seen>)> = None;
        for file in planned {
            if found.is_some() && !self.stream.header && self.room.is_used_up() {
                break;
            }
            let mut records = self.open(file, Cutter::Csv(dialect.clone()))?;
            let names = if self.stream.header {
                records.read_header(&dialect)?
            } else {
                records.width(&dialect)?.map(numbered)
            };
            match (&found, names) {
                (None, Some(names)) => {
                    names::check(&names, &file.name)?;
                    let seen = vec![Seen::NOTHING; names.len()];
                    found = Some((names, seen));
                }
                (Some((expected, _)), names) if self.stream.header => {
                    names::check_same(expected, &names.unwrap_or_default(), &file.name)?;
                }
                (None, None) if self.stream.header => {
                    let problem =
                        format!("`{}` is empty, expected a header; set `header: false` if it has none", file.name);
                    return Err(Error::config("header_invalid", problem));
                }
                _ => {}
            }
            if let Some((names, seen)) = &mut found {
                let width = names.len();
                self.each_row(&mut records, width, |block, text, scratch| see_rows(block, text, scratch, seen))?;
            }
        }
        let (names, seen) = found.ok_or_else(nothing_to_go_by)?;
        Ok(names.into_iter().zip(seen.iter().map(Seen::column_type)).collect())
    }

    /// Gathers the keys of the sampled objects in the order they first come in, then the declared ones.
    fn jsonl(&mut self, planned: &[PlannedFile]) -> Result<Vec<(String, ColumnType)>, Error> {
        let mut keys = SeenKeys::default();
        for file in planned {
            if self.room.is_used_up() {
                break;
            }
            let mut records = self.open(file, Cutter::Lines)?;
            self.each_row(&mut records, 1, |block, text, scratch| {
                block.rows.iter().for_each(|row| keys.see(row.of(text), scratch));
            })?;
        }
        Ok(keys.seen.into_iter().map(|(name, seen)| (name, seen.column_type())).collect())
    }

    fn each_row(
        &mut self,
        records: &mut Records,
        width: usize,
        mut look: impl FnMut(&Block, &[u8], &mut Vec<u8>),
    ) -> Result<(), Error> {
        let mut block = Block::new(width, 0);
        while !self.room.is_used_up() {
            match records.next(self.room, &mut block)? {
                Next::End => break,
                Next::TooLong(_) => self.room.records = self.room.records.saturating_sub(1),
                Next::Block => {
                    look(&block, records.text(), &mut self.scratch);
                    records.done(&block);
                    self.room = self.room.behind(&block);
                }
            }
        }
        Ok(())
    }

    fn open(&self, file: &PlannedFile, cutter: Cutter) -> Result<Records, Error> {
        let coding = files::coding(self.stream, file)?;
        tracing::debug!(
            file = file.name,
            packed = coding.compression != Compression::None,
            encoded = coding.encoding != UTF_8,
            "sampling a file"
        );
        Records::open(&self.location.path(file), &file.name, coding, cutter)
    }
}

/// Keys of objects, in the order they first came in.
#[derive(Default)]
struct SeenKeys {
    seen: Vec<(String, Seen)>,
    places: HashMap<String, usize>,
}

impl SeenKeys {
    fn see(&mut self, line: &[u8], scratch: &mut Vec<u8>) {
        let Ok(jsonl::Object(members)) = jsonl::object(line) else { return };
        for (key, value) in members {
            let place = self.places.get(key.as_ref()).copied().unwrap_or_else(|| {
                self.places.insert(key.to_string(), self.seen.len());
                self.seen.push((key.to_string(), Seen::NOTHING));
                self.seen.len() - 1
            });
            let cell: Cell = jsonl::cell_of(value.get(), 0);
            if let Some((_, seen)) = self.seen.get_mut(place) {
                seen.see(cell, value.get().as_bytes(), scratch);
            }
        }
    }
}

fn see_rows(block: &Block, text: &[u8], scratch: &mut Vec<u8>, seen: &mut [Seen]) {
    for row in 0..block.rows.len() {
        for (column, seen) in seen.iter_mut().enumerate() {
            seen.see(block.cell(row, column), text, scratch);
        }
    }
}

fn nothing_to_go_by() -> Error {
    Error::config("header_invalid", "the files are empty, so there is nothing to take the columns from")
}

//! CSV and JSON lines as batches.

use arrow_schema::SchemaRef;
use batch::ColumnType;
use source::{Error, Pulled, Reject};
use spec::{FileFormat, FileStream, Stream};

use crate::background::Batches;
use crate::block::{Block, Broken, Cell, Form, Record, Room, single_quotes};
use crate::column::{BadValue, Columns, Problem, document, row_cost};
use crate::csv::Dialect;
use crate::files::{self, Location};
use crate::jsonl::Keys;
use crate::names;
use crate::position::{Files, Place};
use crate::records::{Cutter, Next, Records};

/// The most bytes a batch can hold: offsets of text columns have 31 bits.
const MOST_BYTES: u64 = 1 << 30;

/// Reads the text files of a part, one after the other.
pub(crate) struct TextReader {
    stream: FileStream,
    location: Location,
    files: Files,
    schema: SchemaRef,
    cutter: Cutter,
    columns: Columns,
    block: Block,
    limits: Room,
    place: Place,
    current: Option<Records>,
}

impl TextReader {
    /// Reads a part from a place on.
    pub(crate) fn new(request: &TextRequest<'_>, files: Files, place: Place) -> Result<Self, Error> {
        let TextRequest { stream, file_stream, location, schema } = request;
        let cutter = match files.format {
            FileFormat::Jsonl => Cutter::Jsonl(Keys::new(column_names(schema))),
            _ => Cutter::Csv(Dialect::new(file_stream.delimiter, &file_stream.null_values)),
        };
        let bytes = stream.batch.bytes.0.clamp(1, MOST_BYTES);
        Ok(Self {
            stream: (*file_stream).clone(),
            location: (*location).clone(),
            files,
            schema: schema.clone(),
            cutter,
            columns: Columns::new(schema.clone(), stream, file_stream.timezone)?,
            block: Block::new(schema.fields().len(), row_cost(schema)),
            limits: Room { records: stream.batch.rows.max(1), bytes, is_empty: true },
            place,
            current: None,
        })
    }

    /// Reads the next block into the columns; false at the end of the last file.
    fn advance(&mut self, room: &mut Room, rejects: &mut Vec<Reject>) -> Result<bool, Error> {
        let Some(mut records) = self.take_current()? else { return Ok(false) };
        match records.next(*room, &mut self.block)? {
            Next::End => {
                self.place = Place { file: self.place.file + 1, ..Place::default() };
                return Ok(true);
            }
            Next::TooLong(reject) => {
                room.records -= 1;
                room.bytes = room.bytes.saturating_sub(reject.record.len() as u64);
                room.is_empty = false;
                rejects.push(reject);
            }
            Next::Block => {
                self.take_block(&records, rejects);
                *room = room.behind(&self.block);
                records.done(&self.block);
            }
        }
        self.place = records.place(self.place.file);
        self.current = Some(records);
        Ok(true)
    }

    fn take_block(&mut self, records: &Records, rejects: &mut Vec<Reject>) {
        let refused = self.columns.append(&mut self.block, records.text());
        let refused: Vec<Broken> =
            refused.into_iter().map(|(record, bad, cell)| self.refusal(records.text(), record, bad, cell)).collect();
        self.block.broken.extend(refused);
        self.block.broken.sort_by_key(|broken| broken.record.start);
        rejects.extend(self.block.broken.drain(..).map(|broken| records.reject(broken)));
    }

    fn refusal(&self, text: &[u8], record: Record, bad: BadValue, cell: Cell) -> Broken {
        let field = self.schema.fields().get(bad.column);
        let column = field.map(|field| field.name().clone());
        match bad.problem {
            Problem::Null => {
                let reason = "expected a value, found NULL".to_owned();
                Broken { record, code: "not_null", column, reason, value: None }
            }
            Problem::Mismatch(mismatch) => {
                let expected = field.and_then(|field| ColumnType::of(field).ok()).map(|kind| kind.to_string());
                let reason = format!("expected {}, found {}", expected.unwrap_or_default(), mismatch.0);
                Broken { record, code: "type_mismatch", column, reason, value: Some(shown(cell, text)) }
            }
        }
    }

    /// The file being read, opened when it is not; `None` behind the last one.
    fn take_current(&mut self) -> Result<Option<Records>, Error> {
        if let Some(records) = self.current.take() {
            return Ok(Some(records));
        }
        let Some(file) = self.files.files.get(self.place.file) else { return Ok(None) };
        self.location.check_unchanged(file)?;
        let (path, coding) = (self.location.path(file), files::coding(&self.stream, file)?);
        let cutter = self.cutter.clone();
        if let Some(offset) = self.place.offset.filter(|offset| *offset > 0) {
            return Records::open_at(&path, &file.name, coding, cutter, self.place, offset).map(Some);
        }
        let mut records = Records::open(&path, &file.name, coding, cutter)?;
        self.check_header(&mut records, &file.name)?;
        self.skip_to_place(&mut records)?;
        Ok(Some(records))
    }

    fn check_header(&self, records: &mut Records, file: &str) -> Result<(), Error> {
        let Cutter::Csv(dialect) = &self.cutter else { return Ok(()) };
        if !self.stream.header {
            return Ok(());
        }
        let found = records.read_header(dialect)?.unwrap_or_default();
        names::check_same(&column_names(&self.schema), &found, file)
    }

    /// Passes over the records that had been read, for a file that cannot be opened in its middle.
    fn skip_to_place(&self, records: &mut Records) -> Result<(), Error> {
        let mut block = Block::new(self.block.width, 0);
        loop {
            let left = self.place.records.saturating_sub(records.place(self.place.file).records);
            let room = Room { records: left, bytes: u64::MAX, is_empty: true };
            if left == 0 {
                return Ok(());
            }
            match records.next(room, &mut block)? {
                Next::Block => records.done(&block),
                Next::TooLong(_) => {}
                Next::End => return Ok(()),
            }
        }
    }
}

impl Batches for TextReader {
    fn next_batch(&mut self) -> Result<Option<Pulled>, Error> {
        let mut rejects = Vec::new();
        let mut room = self.limits;
        while !room.is_used_up() && self.advance(&mut room, &mut rejects)? {}
        if self.columns.rows() == 0 && rejects.is_empty() {
            return Ok(None);
        }
        Ok(Some(Pulled { rows: self.columns.finish()?, rejects, position: self.place.to_position()? }))
    }
}

/// What is read, and into what.
pub(crate) struct TextRequest<'a> {
    pub(crate) stream: &'a Stream,
    pub(crate) file_stream: &'a FileStream,
    pub(crate) location: &'a Location,
    pub(crate) schema: SchemaRef,
}

fn column_names(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// A refused value as text.
fn shown(cell: Cell, text: &[u8]) -> String {
    let mut single = Vec::new();
    let bytes = match cell.form {
        Form::DoubledQuotes => {
            single_quotes(cell.of(text), &mut single);
            &single
        }
        _ => document(cell).of(text),
    };
    String::from_utf8_lossy(bytes).into_owned()
}

//! Reads a part batch by batch.

use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::SchemaRef;
use arrow_select::filter::filter;
use async_trait::async_trait;
use source::{Error, Pulled, Reader, Reject};
use spec::BatchLimits;

use crate::columns::{Column, Refusal};
use crate::copy::CopyOut;
use crate::extract::{Extract, Order, Place};
use crate::render::render_anything;
use crate::tuples::{Malformed, Step, Tuples};

/// Arrow's text and bytes columns count their bytes in 31 bits.
const MOST_BYTES: u64 = 1 << 30;
/// Columns begin with room for no more rows than this: rows may be large and batches small.
const FIRST_CAPACITY: u64 = 8192;

/// Reads one part through one COPY.
pub(crate) struct PartReader {
    extract: Extract,
    schema: SchemaRef,
    limits: BatchLimits,
    columns: Vec<Column>,
    tuples: Tuples,
    last: LastRow,
    copy: Option<CopyOut>,
}

/// The batch that is being filled.
#[derive(Default)]
struct Filling {
    rows: u64,
    bytes: u64,
    /// Rows that were refused, by their number in the batch.
    refused: Vec<usize>,
    rejects: Vec<Reject>,
}

/// What a position is made of: fields of the last row, or how many rows there were.
struct LastRow {
    /// Fields that are kept.
    fields: Vec<usize>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    rows: u64,
}

impl PartReader {
    /// Reads what `copy` gives; `None` is a part without rows. `place` is where the reading goes on.
    pub(crate) fn new(
        extract: Extract,
        schema: SchemaRef,
        limits: &BatchLimits,
        place: Option<&Place>,
        copy: Option<CopyOut>,
    ) -> Result<Self, Error> {
        let limits = BatchLimits { rows: limits.rows.max(1), bytes: flow::Size(limits.bytes.0.min(MOST_BYTES)) };
        let capacity = usize::try_from(limits.rows.min(FIRST_CAPACITY)).unwrap_or_default();
        let columns = extract
            .columns
            .iter()
            .zip(schema.fields())
            .map(|(column, field)| Column::new(column, field, capacity))
            .collect::<Result<Vec<_>, _>>()?;
        let is_heap = extract.order == Order::Heap;
        let tuples = Tuples::new(columns.len() + usize::from(is_heap));
        let fields = match extract.order {
            Order::Heap => vec![columns.len()],
            _ => extract.key_columns().into_iter().map(|(field, _)| field).collect(),
        };
        let rows = if let Some(Place::Rows(rows)) = place { *rows } else { 0 };
        let last = LastRow { fields, bytes: Vec::new(), ends: Vec::new(), rows };
        Ok(Self { extract, schema, limits, columns, tuples, last, copy })
    }

    async fn fill(&mut self) -> Result<Filling, Error> {
        let mut filling = Filling::default();
        while let Some(copy) = &mut self.copy {
            match self.tuples.step().map_err(|error| malformed(copy, error))? {
                Step::Row => self.take_row(&mut filling),
                Step::More => match copy.next().await? {
                    Some(chunk) => self.tuples.feed(chunk),
                    None => return Err(cut_short(copy)),
                },
                Step::End => {
                    // The statement may still fail behind its last row.
                    while copy.next().await?.is_some() {}
                    self.copy = None;
                }
            }
            if filling.rows >= self.limits.rows || filling.bytes >= self.limits.bytes.0.max(1) {
                break;
            }
        }
        Ok(filling)
    }

    fn take_row(&mut self, filling: &mut Filling) {
        let mut refusal: Option<(usize, Refusal)> = None;
        for (number, column) in self.columns.iter_mut().enumerate() {
            if let Err(reason) = column.append(self.tuples.field(number)) {
                refusal.get_or_insert((number, reason));
            }
        }
        self.last.keep(&self.tuples);
        if let Some((column, refusal)) = refusal {
            filling.refused.push(usize::try_from(filling.rows).unwrap_or(usize::MAX));
            filling.rejects.push(self.reject(column, refusal));
        }
        filling.rows += 1;
        filling.bytes += self.tuples.size() as u64;
    }

    fn reject(&self, column: usize, refusal: Refusal) -> Reject {
        let text = |number: usize| {
            let kind = self.extract.columns.get(number)?.kind;
            self.tuples.field(number).map(|bytes| render_anything(kind, bytes))
        };
        let record: Vec<String> = self
            .extract
            .columns
            .iter()
            .enumerate()
            .map(|(number, column)| {
                let value = text(number).map_or(serde_json::Value::Null, serde_json::Value::String);
                format!("{}:{value}", serde_json::Value::String(column.name.clone()))
            })
            .collect();
        Reject {
            code: refusal.code,
            column: self.extract.columns.get(column).map(|column| column.name.clone()),
            reason: refusal.reason.to_owned(),
            value: text(column),
            record: format!("{{{}}}", record.join(",")),
            place: self.last.describe(&self.extract),
        }
    }

    fn build(&mut self, filling: Filling) -> Result<Pulled, Error> {
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        if !filling.refused.is_empty() {
            let mut keep = vec![true; usize::try_from(filling.rows).unwrap_or_default()];
            filling.refused.iter().for_each(|row| keep[*row] = false);
            let keep = BooleanArray::from(keep);
            arrays = arrays
                .iter()
                .map(|array| filter(array, &keep))
                .collect::<Result<_, _>>()
                .map_err(|error| Error::Build(Box::new(error)))?;
        }
        let rows = RecordBatch::try_new(self.schema.clone(), arrays).map_err(|error| Error::Build(Box::new(error)))?;
        let position = self.last.place(&self.extract)?.to_position()?;
        Ok(Pulled { rows, rejects: filling.rejects, position })
    }
}

#[async_trait]
impl Reader for PartReader {
    async fn next(&mut self) -> Result<Option<Pulled>, Error> {
        let filling = self.fill().await?;
        if filling.rows == 0 { Ok(None) } else { self.build(filling).map(Some) }
    }
}

impl LastRow {
    fn keep(&mut self, tuples: &Tuples) {
        self.rows += 1;
        self.bytes.clear();
        self.ends.clear();
        for field in &self.fields {
            self.bytes.extend_from_slice(tuples.field(*field).unwrap_or_default());
            self.ends.push(self.bytes.len());
        }
    }

    fn values(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.bytes.get(start..*end).unwrap_or_default())
    }

    fn place(&self, extract: &Extract) -> Result<Place, Error> {
        match extract.order {
            Order::Key(_) => {
                let pairs = extract.key_columns().into_iter().zip(self.values());
                let texts = pairs.map(|((_, column), bytes)| key_text(column, bytes));
                texts.collect::<Result<_, _>>().map(Place::Key)
            }
            Order::Heap => Ok(self.heap_place()),
            Order::Given => Ok(Place::Rows(self.rows)),
        }
    }

    /// A `ctid`: block and number, big-endian.
    fn heap_place(&self) -> Place {
        match *self.bytes.as_slice() {
            [a, b, c, d, high, low] => Place::Heap(u32::from_be_bytes([a, b, c, d]), u16::from_be_bytes([high, low])),
            _ => Place::Heap(0, 0),
        }
    }

    fn describe(&self, extract: &Extract) -> String {
        match self.place(extract) {
            Ok(Place::Key(values)) => {
                values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
            }
            Ok(Place::Heap(block, number)) => format!("ctid=({block},{number})"),
            Ok(Place::Rows(_)) | Err(_) => format!("row {}", self.rows),
        }
    }
}

fn key_text(column: &crate::extract::ReadColumn, bytes: &[u8]) -> Result<(String, String), Error> {
    let mut text = String::new();
    match crate::render::render(column.kind, bytes, &mut text) {
        Some(()) => Ok((column.name.clone(), text)),
        None => Err(Error::config(
            "invalid_encoding",
            format!("a key in column `{}` is not valid UTF-8, so no position can be kept", column.name),
        )),
    }
}

fn malformed(copy: &CopyOut, error: Malformed) -> Error {
    Error::Corrupt { doing: copy.doing().to_owned(), cause: Box::new(error) }
}

fn cut_short(copy: &CopyOut) -> Error {
    let cause = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    Error::Unavailable { doing: copy.doing().to_owned(), cause: Box::new(cause) }
}

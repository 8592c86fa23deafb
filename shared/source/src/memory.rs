//! A source in memory: streams made of the batches it was given.
//!
//! A stream is found by what it reads: the table's name, the query's text or the files' path.
//! Positions and bookmarks are row numbers in the whole stream.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use async_trait::async_trait;
use batch::ColumnType;
use flow::Position;
use spec::validated::BatchLimits;
use spec::{Stream, StreamFrom, SyncMode};

use crate::{Column, Discovered, Error, Part, Plan, PlanRequest, Pulled, ReadRequest, Reader, Source};

/// Streams held in memory.
#[derive(Debug, Clone, Default)]
pub struct MemorySource {
    tables: BTreeMap<String, Table>,
    parts: usize,
}

#[derive(Debug, Clone)]
struct Table {
    schema: SchemaRef,
    primary_key: Vec<String>,
    batches: Arc<[RecordBatch]>,
}

impl MemorySource {
    /// Holds nothing; every full refresh is one part.
    #[must_use]
    pub fn new() -> Self {
        Self { tables: BTreeMap::new(), parts: 1 }
    }

    /// Adds a stream of these batches; without one it has no columns.
    #[must_use]
    pub fn with(mut self, name: &str, primary_key: &[&str], batches: Vec<RecordBatch>) -> Self {
        let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
        let primary_key = primary_key.iter().map(|&column| column.to_owned()).collect();
        self.tables.insert(name.to_owned(), Table { schema, primary_key, batches: batches.into() });
        self
    }

    /// Cuts a full refresh into this many parts (at least one) of about as many rows each.
    #[must_use]
    pub fn split_into(mut self, parts: usize) -> Self {
        self.parts = parts.max(1);
        self
    }

    fn table(&self, stream: &Stream) -> Result<&Table, Error> {
        let name = match &stream.from {
            StreamFrom::Table(name) => name,
            StreamFrom::Query(query) => query,
            StreamFrom::Files(files) => files.path.as_written(),
        };
        self.tables.get(name).ok_or_else(|| {
            Error::config("stream_not_found", format!("stream `{}` reads what is not in memory", stream.name))
        })
    }
}

impl Table {
    fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn discovered(&self, name: &str) -> Discovered {
        let columns = self.schema.fields().iter().map(|field| Column {
            name: field.name().clone(),
            column_type: ColumnType::of(field).ok(),
            source_type: field.data_type().to_string(),
            nullable: field.is_nullable(),
        });
        Discovered { name: name.to_owned(), columns: columns.collect(), primary_key: self.primary_key.clone() }
    }
}

#[async_trait]
impl Source for MemorySource {
    async fn discover(&self) -> Result<Vec<Discovered>, Error> {
        Ok(self.tables.iter().map(|(name, table)| table.discovered(name)).collect())
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Error> {
        let table = self.table(request.stream)?;
        let parts = match request.stream.sync_mode {
            SyncMode::FullRefresh => split(table.rows(), self.parts),
            SyncMode::Incremental => {
                let from = request.bookmark.map_or(Ok(0), row_number)?.min(table.rows());
                vec![part(from..table.rows())]
            }
        };
        let own_key = &request.stream.primary_key;
        let primary_key = if own_key.is_empty() { table.primary_key.clone() } else { own_key.clone() };
        Ok(Plan { schema: table.schema.clone(), primary_key, parts })
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<Box<dyn Reader>, Error> {
        let table = self.table(request.stream)?;
        let range = range_of(request.part)?;
        let next = request.position.map_or(Ok(range.start), row_number)?;
        if next < range.start || next > range.end {
            return Err(bad_position(&next.to_string()));
        }
        let limits = request.stream.batch.clone();
        Ok(Box::new(MemoryReader { batches: table.batches.clone(), next, end: range.end, limits }))
    }
}

struct MemoryReader {
    batches: Arc<[RecordBatch]>,
    next: usize,
    end: usize,
    limits: BatchLimits,
}

#[async_trait]
impl Reader for MemoryReader {
    async fn next(&mut self) -> Result<Option<Pulled>, Error> {
        let Some(rows) = self.rest_of_the_batch_at_hand().map(|rest| within(rest, &self.limits)) else {
            return Ok(None);
        };
        self.next += rows.num_rows();
        Ok(Some(Pulled { rows, rejects: Vec::new(), position: Position::from_text(self.next.to_string()) }))
    }
}

impl MemoryReader {
    fn rest_of_the_batch_at_hand(&self) -> Option<RecordBatch> {
        let mut first = 0;
        for batch in self.batches.iter() {
            let behind = first + batch.num_rows();
            if self.next < behind && self.next < self.end {
                return Some(batch.slice(self.next - first, behind.min(self.end) - self.next));
            }
            first = behind;
        }
        None
    }
}

fn within(mut rows: RecordBatch, limits: &BatchLimits) -> RecordBatch {
    let most = usize::try_from(limits.rows).unwrap_or(usize::MAX).max(1);
    if rows.num_rows() > most {
        rows = rows.slice(0, most);
    }
    while rows.num_rows() > 1 && bytes_of(&rows) > limits.bytes.0 {
        rows = rows.slice(0, rows.num_rows() / 2);
    }
    rows
}

/// Bytes the rows take, whatever larger buffers they are a slice of.
pub(crate) fn bytes_of(rows: &RecordBatch) -> u64 {
    let bytes: usize = rows.columns().iter().filter_map(|column| column.to_data().get_slice_memory_size().ok()).sum();
    bytes as u64
}

fn split(rows: usize, parts: usize) -> Vec<Part> {
    let cut = |number: usize| rows * number / parts;
    (0..parts).map(|number| part(cut(number)..cut(number + 1))).collect()
}

fn part(rows: Range<usize>) -> Part {
    Part(format!("{}..{}", rows.start, rows.end))
}

fn range_of(part: &Part) -> Result<Range<usize>, Error> {
    let numbers = part.0.split_once("..").and_then(|(start, end)| Some(start.parse().ok()?..end.parse().ok()?));
    numbers.ok_or_else(|| bad_position(&part.0))
}

fn row_number(position: &Position) -> Result<usize, Error> {
    position.as_str().parse().map_err(|_| bad_position(position.as_str()))
}

fn bad_position(text: &str) -> Error {
    Error::BadPosition { text: text.to_owned() }
}

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use batch::ColumnType;
use flow::Position;
use spec::Stream;

use crate::Error;

/// Somewhere data comes from.
///
/// A source is asked in two steps. [`plan`](Source::plan) fixes the schema for the whole run and
/// cuts the stream into parts; [`read`](Source::read) then reads one part, from a position on.
/// Between the two, and between two reads of one part, the process may have been killed.
#[async_trait]
pub trait Source: Send + Sync {
    /// Lists what could be a stream, in a stable order.
    async fn discover(&self) -> Result<Vec<Discovered>, Error>;

    /// Fixes what the stream's run will read: schema, parts, key.
    ///
    /// Refuses a column whose type cannot be carried exactly, by its name, before anything is read.
    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Error>;

    /// Reads one part. With a position, goes on right behind the batch that gave it: reading from
    /// the start, or from any position a reader gave, yields the same rows in the same order as
    /// long as the source did not change.
    async fn read(&self, request: ReadRequest<'_>) -> Result<Box<dyn Reader>, Error>;
}

/// Reads the batches of one part.
#[async_trait]
pub trait Reader: Send {
    /// The next batch; `None` at the part's end. Never holds much more than one batch in memory,
    /// however large the source is.
    async fn next(&mut self) -> Result<Option<Pulled>, Error>;
}

/// Something that could be a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// What a stream writes in `from` (or `path`).
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The columns that identify a row; empty when the source knows of none.
    pub primary_key: Vec<String>,
}

/// A column as a source has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type; `None` when the source's type cannot be carried (yet).
    pub column_type: Option<ColumnType>,
    /// The type in the source's own words.
    pub source_type: String,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// What to plan.
#[derive(Debug, Clone, Copy)]
pub struct PlanRequest<'a> {
    /// The stream as the spec has it.
    pub stream: &'a Stream,
    /// Where the last complete run ended; incremental streams read what is beyond.
    pub bookmark: Option<&'a Position>,
}

/// What a run of a stream will read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The columns of every batch of the run, in order, as [`ColumnType`] fields.
    pub schema: SchemaRef,
    /// The columns that identify a row: the spec's, else the source's own, else none.
    pub primary_key: Vec<String>,
    /// The parts, at least one; each becomes a lane and may be read in parallel with the others.
    pub parts: Vec<Part>,
}

/// One part of a stream, in the source's own words (a range, a list of files, …). What the source
/// needs to read it the same way again is inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part(pub String);

/// What to read.
#[derive(Debug, Clone)]
pub struct ReadRequest<'a> {
    /// The stream as the spec has it.
    pub stream: &'a Stream,
    /// The schema the plan fixed.
    pub schema: SchemaRef,
    /// The part.
    pub part: &'a Part,
    /// Where to go on; `None` starts at the part's beginning.
    pub position: Option<&'a Position>,
}

/// One batch as it was read.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// The rows, in the plan's schema. At most `stream.batch.rows` rows and, but for a single
    /// larger row, about `stream.batch.bytes` bytes.
    pub rows: RecordBatch,
    /// What was read between the last batch and this one's end but is no row of the schema.
    pub rejects: Vec<Reject>,
    /// Where the source stands behind this batch.
    pub position: Position,
}

/// Something read that is no row of the schema: it goes to quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Stable `snake_case` code: `field_count`, `type_mismatch`, `invalid_encoding`, `malformed_record`, `not_null`.
    pub code: &'static str,
    /// The column, when it is about one.
    pub column: Option<String>,
    /// What was expected and what kind of thing came, without the value.
    pub reason: String,
    /// The value that was refused, as text, when it is about one.
    pub value: Option<String>,
    /// The record as it was read: text (JSON for JSON lines, the line for CSV).
    pub record: String,
    /// Where it stood: `FILE line 17`, or a key.
    pub place: String,
}

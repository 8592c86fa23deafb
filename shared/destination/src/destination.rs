use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use flow::{BatchId, Lane, RunId, StreamName, SyncName};
use spec::Disposition;

use crate::Error;

/// Somewhere data goes.
///
/// Every call may be repeated, also after it was killed half-way. With a transactional
/// destination the ledger row of a batch (table `_millstream_ledger`) is written in the same
/// transaction as its rows; elsewhere the write is idempotent by batch id.
#[async_trait]
pub trait Destination: Send + Sync {
    /// Which columns the destination cannot hold exactly, without talking to it.
    fn unfit(&self, schema: &SchemaRef) -> Vec<Unfit>;

    /// Makes the target ready for a run: table (with types, NOT NULL and primary key) or folder,
    /// ledger, and the shadow table for `replace`. Refuses a table that is there with columns
    /// that do not fit. Idempotent; called before the first batch by every process that delivers.
    async fn prepare(&self, target: &Target) -> Result<(), Error>;

    /// Writes one batch: all of it, once, or nothing. A batch the ledger has is left alone.
    ///
    /// For `merge`, rows replace rows with the same key; of rows with the same key inside the batch
    /// the last one stays. For `replace`, rows go to the shadow of the target's run.
    async fn deliver(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error>;

    /// Takes rows away by their key, once: `merge` alone. The incoming rows have the columns of
    /// the primary key and no others, in the key's order; a key nobody has is passed over. It enters
    /// the ledger like a batch, and comes after every delivery of its run.
    async fn withdraw(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error>;

    /// Ends a run of the stream: `replace` swaps the shadow in, in one step, the old rows kept until
    /// then; others have little to do. Idempotent.
    async fn finish(&self, target: &Target) -> Result<(), Error>;

    /// Where the target's data is, for people: `target/flights.db, table flights`. No secret in it.
    fn location(&self, target: &Target) -> String;
}

/// Where the rows of one stream of one run go, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The sync.
    pub sync: SyncName,
    /// The stream: name of the table or folder.
    pub stream: StreamName,
    /// The run.
    pub run: RunId,
    /// Columns of every batch.
    pub schema: SchemaRef,
    /// How rows are written.
    pub disposition: Disposition,
    /// The columns that identify a row; not empty for `merge`.
    pub primary_key: Vec<String>,
}

/// A batch to write.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Its id: what makes the write once.
    pub batch: BatchId,
    /// Its lane.
    pub lane: Lane,
    /// Its place in the lane.
    pub sequence: u64,
    /// Its rows, in the target's schema.
    pub rows: RecordBatch,
}

/// What a delivery did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The batch is in the destination now.
    Written {
        /// Rows it took (a merge counts what came, not what changed).
        rows: u64,
    },
    /// The ledger had the batch already: nothing was changed.
    AlreadyThere,
}

/// A column the destination cannot hold exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// The column.
    pub column: String,
    /// Why, and the way out.
    pub reason: String,
}

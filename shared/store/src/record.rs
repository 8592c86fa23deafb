//! What the store keeps.

use flow::{BatchId, Digest, Fault, Lane, Object, Position, RunId, Severity, StreamName, SyncName, Timestamp};
use serde::{Deserialize, Serialize};

pub use crate::registry::{
    Activate, Activation, ActiveVersion, Cause, DeclaredSchema, ModuleRecord, Need, Pin, Pinning, Pins, Refusal,
    Removal,
};

/// Position of the one empty batch that a lane without rows stages, so that its columns reach the
/// destination. No source reads it, and it is never a bookmark.
pub const NOTHING_READ: &str = "millstream:nothing-read";

/// Name under which is kept what is wrong with a stream's run as a whole, one measure each. A run
/// with any of them ends as degraded.
pub const CONCLUSIONS: &str = "millstream:conclusions";

/// A version of a sync's spec. The text is the pinned spec, references to secrets unresolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecVersion {
    /// The sync.
    pub sync: SyncName,
    /// Counts up from 1; the same text keeps its version.
    pub version: u32,
    /// Digest of the text.
    pub digest: Digest,
    /// The pinned spec as JSON.
    pub text: String,
    /// When it was saved.
    pub saved_at: Timestamp,
}

/// How a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Work is going on, or will when somebody drives the functions.
    Running,
    /// Everything is delivered.
    Succeeded,
    /// Everything is delivered or in quarantine, but more is in quarantine than allowed, or a check said so.
    Degraded,
    /// Something could not be processed. The next `run` resumes it.
    Failed,
    /// Given up by a person in favour of a new run.
    Abandoned,
}

/// A run of a sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The sync.
    pub sync: SyncName,
    /// Version of the spec it runs with.
    pub version: u32,
    /// 1, and one more each time it is resumed after a failure.
    pub attempt: u32,
    /// How it is doing.
    pub state: RunState,
    /// The moment it was due.
    pub due_at: Timestamp,
    /// When it was opened.
    pub started_at: Timestamp,
    /// When it ended, when it has.
    pub ended_at: Option<Timestamp>,
    /// Why it failed, when it has: the first fault.
    pub fault: Option<Fault>,
    /// What it sends again, when it is a replay.
    pub replay: Option<Replay>,
}

/// What a replay sends again in place of pulling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// The run whose raw batches they are.
    pub of: RunId,
    /// The run a person asked to be replayed: this one, or the first of a series.
    pub asked: RunId,
    /// Which of its rows.
    pub what: Replayed,
    /// The list of the batches in the stage: fixed when the replay was opened.
    pub list: Object,
    /// Later runs that are replayed after it, in this order.
    #[serde(default)]
    pub then: Vec<RunId>,
}

/// Which rows of a run a replay sends again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replayed {
    /// All that were read.
    Everything,
    /// Those that are in quarantine.
    Quarantined,
}

/// How a stream of a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamState {
    /// Its lanes are not known yet.
    Unplanned,
    /// Its lanes are at work.
    Running,
    /// All its lanes are delivered and the destination has finished it.
    Finished,
    /// A lane, or the planning, failed and no lane is still at work.
    Failed,
}

/// A stream of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStream {
    /// The run.
    pub run: RunId,
    /// The stream.
    pub stream: StreamName,
    /// How it is doing.
    pub state: StreamState,
    /// The plan, once there is one.
    pub plan: Option<StreamPlan>,
    /// Why its planning failed, when it did.
    pub fault: Option<Fault>,
}

/// What a run reads of a stream: fixed once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamPlan {
    /// The schema of staged batches (`batch::schema::to_json`).
    pub schema: String,
    /// The columns that identify a row; may be empty.
    pub primary_key: Vec<String>,
    /// One lane for each part, in this order.
    pub parts: Vec<String>,
}

/// How a lane is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneState {
    /// The source is still being read.
    Pulling,
    /// Everything is staged.
    Pulled,
    /// Everything is delivered.
    Finished,
    /// A message of it could not be processed: what follows waits until the run is resumed.
    Failed,
}

/// A lane: one part of a stream of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneRecord {
    /// Its name.
    pub lane: Lane,
    /// The run.
    pub run: RunId,
    /// The stream.
    pub stream: StreamName,
    /// The run's attempt it belongs to; handoffs of an earlier one are dropped.
    pub attempt: u32,
    /// The part it reads, in the source's words.
    pub part: String,
    /// How it is doing.
    pub state: LaneState,
    /// Batches staged so far: the sequence the next one gets.
    pub staged: u64,
    /// Where the source stands behind the last staged batch.
    pub staged_position: Option<Position>,
    /// Batches delivered so far, without gaps: the sequence that is delivered next.
    pub delivered: u64,
    /// Where the source stood behind the last delivered batch.
    pub delivered_position: Option<Position>,
    /// Whether its end has passed the checks.
    pub checked: bool,
    /// Why it failed, when it has.
    pub fault: Option<Fault>,
}

/// A staged batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecord {
    /// Its id.
    pub id: BatchId,
    /// The run.
    pub run: RunId,
    /// The stream.
    pub stream: StreamName,
    /// The lane.
    pub lane: Lane,
    /// Place in the lane.
    pub sequence: u64,
    /// Where the source stands behind it.
    pub position: Position,
    /// The rows as read.
    pub raw: Object,
    /// Rows the source gave that are no row of the schema; they are in quarantine.
    pub rejected: u64,
    /// When it was staged.
    pub staged_at: Timestamp,
    /// When it was delivered, when it was.
    pub delivered_at: Option<Timestamp>,
}

/// What became of staging a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staging {
    /// The lane moved on by this batch.
    Moved,
    /// The lane has moved on (or ended) since it was looked at: somebody else pulls it. Nothing changed.
    Overtaken,
}

/// What became of delivering a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is the next of its lane.
    Now,
    /// The lane has it delivered already.
    Done,
    /// An earlier batch of the lane is not delivered yet.
    TooEarly,
}

impl Turn {
    /// Whose turn it is in a lane of which `delivered` batches are delivered.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn at(delivered: u64, sequence: u64) -> Self {
        match sequence.cmp(&delivered) {
            std::cmp::Ordering::Equal => Turn::Now,
            std::cmp::Ordering::Less => Turn::Done,
            std::cmp::Ordering::Greater => Turn::TooEarly,
        }
    }
}

/// A hop of the path, as tallies and quarantine name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hop {
    /// Reading the source.
    BatchPull,
    /// The user's modules.
    Transform,
    /// The checks.
    QualityCheck,
    /// The destination.
    Deliver,
}

impl Hop {
    /// The name as it stands in tables and on screen: the function's.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Hop::BatchPull => "batch-pull",
            Hop::Transform => "transform",
            Hop::QualityCheck => "quality-check",
            Hop::Deliver => "deliver",
        }
    }
}

/// What a hop did with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Rows that came in.
    pub rows_in: u64,
    /// Rows that went on.
    pub rows_out: u64,
    /// Rows it quarantined.
    pub quarantined: u64,
    /// Rows that failed a check with `on_failure: pass`.
    pub passed_with_failure: u64,
}

/// Sums of a stream of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Batches staged.
    pub batches: u64,
    /// Rows staged, and rows the source gave that are no row of the schema.
    pub read: u64,
    /// Bytes staged.
    pub staged_bytes: u64,
    /// Rows the transforms gave.
    pub transformed: u64,
    /// Rows that passed the checks.
    pub checked: u64,
    /// Batches delivered.
    pub delivered_batches: u64,
    /// Rows delivered.
    pub delivered: u64,
    /// Rows in quarantine.
    pub quarantined: u64,
    /// Rows that failed a check with `on_failure: pass`.
    pub passed_with_failure: u64,
}

/// Rows of one batch that one hop quarantined for one reason. The rows themselves are in `object`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Derived from batch, hop, rule and column.
    pub id: String,
    /// The sync.
    pub sync: SyncName,
    /// The stream.
    pub stream: StreamName,
    /// The run.
    pub run: RunId,
    /// The batch.
    pub batch: BatchId,
    /// The hop.
    pub hop: Hop,
    /// The check's name, the module's name, or `read`.
    pub rule: String,
    /// The column, when it is about one.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// The reason, without any record's content.
    pub reason: String,
    /// How bad.
    pub severity: Severity,
    /// How many rows.
    pub rows: u64,
    /// Where the rows are: every quarantined row of this batch and hop.
    pub object: Object,
    /// When.
    pub at: Timestamp,
    /// The replay that took the rows in hand; `None` while the entry is open.
    pub resolved_by: Option<RunId>,
}

/// What to list of the quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuarantineFilter {
    /// Only of this sync.
    pub sync: Option<SyncName>,
    /// Only of this stream.
    pub stream: Option<StreamName>,
    /// Only of this run.
    pub run: Option<RunId>,
    /// Only the entry of this id.
    pub id: Option<String>,
    /// Only entries no replay has resolved.
    pub open_only: bool,
}

/// Which staged batches to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFilter {
    /// Of this sync.
    pub sync: SyncName,
    /// Of this stream.
    pub stream: StreamName,
    /// Only of this run; without it, of every run that read a source (replays are left out, for
    /// their rows are those of other runs).
    pub run: Option<RunId>,
    /// Only those staged at this moment or later.
    pub since: Option<Timestamp>,
}

/// Staged batches, by whether their rows are still there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawBatches {
    /// Those with a raw object, newest run first, in a run by lane and place.
    pub kept: Vec<BatchRecord>,
    /// How many have none any more.
    pub gone: u64,
}

/// Where an incremental stream goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    /// The sync.
    pub sync: SyncName,
    /// The stream.
    pub stream: StreamName,
    /// Where the source stood at the end of the last complete run.
    pub position: Position,
    /// That run.
    pub run: RunId,
    /// When it moved.
    pub moved_at: Timestamp,
}

/// A row of the ledger: a batch that is in the destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The batch.
    pub batch: BatchId,
    /// The run.
    pub run: RunId,
    /// The stream.
    pub stream: StreamName,
    /// The lane.
    pub lane: Lane,
    /// Place in the lane.
    pub sequence: u64,
    /// Rows the destination took.
    pub rows: u64,
    /// When.
    pub delivered_at: Timestamp,
}

/// How all lanes of a stream stand, after one of them moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Lanes in all.
    pub lanes: u64,
    /// Lanes whose end has passed the checks.
    pub checked: u64,
    /// Lanes that are delivered to their end.
    pub finished: u64,
    /// Lanes that failed.
    pub failed: u64,
}

/// A text that several writers change by turns (the state of alert groups).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Counts up with each change; 0 means it is not there yet.
    pub revision: u64,
    /// The text.
    pub text: String,
}

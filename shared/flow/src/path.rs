//! The path, hop by hop. A handoff is a reference: keys, ids, digests and counts, never rows.
//!
//! ```text
//! schedule ─Slice► batch-pull ─Staged► transform ─Transformed► quality-check ─Checked► deliver ─Delivered► the ledger
//! ```
//!
//! Every lane ends with a [`Load::End`]: it follows the lane's last batch through every hop, so
//! whoever meets it knows that all batches before it have passed.

use serde::{Deserialize, Serialize};

use crate::id::{BatchId, Digest, Lane, RunId, StreamName, SyncName};

/// Which run of which stream, under which version of the spec: what every handoff carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Context {
    /// The sync the run belongs to.
    pub sync: SyncName,
    /// The stream inside the sync.
    pub stream: StreamName,
    /// The version of the spec the run was started (or last resumed) with.
    pub version: u32,
    /// The run.
    pub run: RunId,
    /// How often the run has been resumed: 1 for the first attempt. A handoff of an earlier
    /// attempt than its lane's is dropped, for the resumed one sent everything again.
    pub attempt: u32,
}

/// What wakes `schedule`: a look at the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// The moment looked at.
    pub at: crate::Timestamp,
}

/// Work for `batch-pull`: plan a stream (no lane yet), or pull one lane of it.
///
/// What the lane reads, and how far it is, lies in the store: the message stays small and a
/// repeated one finds the truth there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// Which run of which stream.
    pub context: Context,
    /// The lane to pull; `None` asks for the stream to be planned into lanes.
    pub lane: Option<Lane>,
    /// Counts how often the slice handed itself on; makes the message of each part its own.
    pub part: u32,
}

/// A batch as it was read: typed and otherwise unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// Which run of which stream.
    pub context: Context,
    /// The lane the load belongs to.
    pub lane: Lane,
    /// The staged batch, or the lane's end.
    pub load: Load<StagedBatch>,
}

/// A batch after the stream's transforms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transformed {
    /// Which run of which stream.
    pub context: Context,
    /// The lane the load belongs to.
    pub lane: Lane,
    /// The transformed batch, or the lane's end.
    pub load: Load<TransformedBatch>,
}

/// A batch whose rows have been judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Which run of which stream.
    pub context: Context,
    /// The lane the load belongs to.
    pub lane: Lane,
    /// The checked batch, or the lane's end.
    pub load: Load<CheckedBatch>,
}

/// A batch that is in the destination: a row of the ledger, the end of the path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Which run of which stream.
    pub context: Context,
    /// The lane the batch belonged to.
    pub lane: Lane,
    /// The batch.
    pub batch: BatchId,
    /// Its place in the lane.
    pub sequence: u64,
    /// Rows the destination took.
    pub rows: u64,
}

/// What travels in a lane: batches, then one end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Load<B> {
    /// One batch.
    Batch(B),
    /// Nothing follows in this lane: it had `batches` of them.
    End {
        /// Batches the lane had in all.
        batches: u64,
    },
}

/// Reference to a staged batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedBatch {
    /// The derived id: the same for every redelivery.
    pub id: BatchId,
    /// Place in the lane, from 0 without gaps.
    pub sequence: u64,
    /// The rows as read.
    pub raw: Object,
}

/// Reference to a transformed batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformedBatch {
    /// The derived id.
    pub id: BatchId,
    /// Place in the lane.
    pub sequence: u64,
    /// The rows as read, for quarantine and replay.
    pub raw: Object,
    /// The rows after the transforms; the very `raw` when the stream has none. When it differs,
    /// its last column is `batch::SOURCE_ROW`: each row's number in `raw`.
    pub data: Object,
}

/// Reference to a checked batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedBatch {
    /// The derived id.
    pub id: BatchId,
    /// Place in the lane.
    pub sequence: u64,
    /// The rows after the transforms.
    pub data: Object,
    /// Which rows of `data` go on; `None` when all do.
    pub selection: Option<Object>,
}

/// A reference to bytes in the stage.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Object {
    /// Key in the stage.
    pub key: String,
    /// SHA-256 of the bytes: what is read back is checked against it.
    pub digest: Digest,
    /// Size in bytes.
    pub bytes: u64,
    /// Rows inside.
    pub rows: u64,
}

/// The queues between the functions, each named by what waits in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueName {
    /// Slices for `batch-pull`.
    Slices,
    /// Staged batches for `transform`.
    Staged,
    /// Transformed batches for `quality-check`.
    Transformed,
    /// Checked batches for `deliver`.
    Checked,
    /// Signals for `alert-dispatch`.
    Signals,
}

impl QueueName {
    /// Every queue, in the order of the path.
    pub const ALL: [QueueName; 5] =
        [QueueName::Slices, QueueName::Staged, QueueName::Transformed, QueueName::Checked, QueueName::Signals];

    /// The name as it stands in tables, metrics and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            QueueName::Slices => "slices",
            QueueName::Staged => "staged",
            QueueName::Transformed => "transformed",
            QueueName::Checked => "checked",
            QueueName::Signals => "signals",
        }
    }
}

impl std::fmt::Display for QueueName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Something a queue carries from one function to the next.
pub trait Handoff: Serialize + serde::de::DeserializeOwned + Send + Sync + 'static {
    /// The queue it waits in.
    fn queue(&self) -> QueueName;
    /// What must stay in order: messages of one group never overtake each other.
    fn group(&self) -> String;
    /// Two messages with the same value, sent within the queue's window, are one.
    fn deduplication_id(&self) -> String;
    /// The run it belongs to, with its lane where it has one; `None` for signals.
    fn belongs_to(&self) -> Option<(&Context, Option<&Lane>)>;
    /// Its batch and that batch's place in the lane, when it carries one.
    fn batch(&self) -> Option<(&BatchId, u64)> {
        None
    }
}

impl Handoff for Slice {
    fn queue(&self) -> QueueName {
        QueueName::Slices
    }
    fn group(&self) -> String {
        match &self.lane {
            Some(lane) => lane.to_string(),
            None => format!("{}/{}/plan", self.context.run, self.context.stream),
        }
    }
    fn deduplication_id(&self) -> String {
        format!("{}:{}:{}", self.group(), self.context.attempt, self.part)
    }
    fn belongs_to(&self) -> Option<(&Context, Option<&Lane>)> {
        Some((&self.context, self.lane.as_ref()))
    }
}

macro_rules! lane_handoff {
    ($handoff:ty, $queue:expr) => {
        impl Handoff for $handoff {
            fn queue(&self) -> QueueName {
                $queue
            }
            fn group(&self) -> String {
                self.lane.to_string()
            }
            fn deduplication_id(&self) -> String {
                match &self.load {
                    Load::Batch(batch) => format!("{}:{}", batch.id, self.context.attempt),
                    Load::End { .. } => format!("{}:end:{}", self.lane, self.context.attempt),
                }
            }
            fn belongs_to(&self) -> Option<(&Context, Option<&Lane>)> {
                Some((&self.context, Some(&self.lane)))
            }
            fn batch(&self) -> Option<(&BatchId, u64)> {
                match &self.load {
                    Load::Batch(batch) => Some((&batch.id, batch.sequence)),
                    Load::End { .. } => None,
                }
            }
        }
    };
}

lane_handoff!(Staged, QueueName::Staged);
lane_handoff!(Transformed, QueueName::Transformed);
lane_handoff!(Checked, QueueName::Checked);

/// What `batch-pull` gives: staged batches, lanes of a planned stream, the rest of a slice. In a
/// queue it is the one or the other, without a wrapping: its receiver knows which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Pulled {
    /// A batch (or the end of the lane) for `transform`.
    Staged(Staged),
    /// Work `batch-pull` hands to itself.
    Slice(Slice),
}

impl Handoff for Pulled {
    fn queue(&self) -> QueueName {
        match self {
            Pulled::Staged(staged) => staged.queue(),
            Pulled::Slice(slice) => slice.queue(),
        }
    }
    fn group(&self) -> String {
        match self {
            Pulled::Staged(staged) => staged.group(),
            Pulled::Slice(slice) => slice.group(),
        }
    }
    fn deduplication_id(&self) -> String {
        match self {
            Pulled::Staged(staged) => staged.deduplication_id(),
            Pulled::Slice(slice) => slice.deduplication_id(),
        }
    }
    fn belongs_to(&self) -> Option<(&Context, Option<&Lane>)> {
        match self {
            Pulled::Staged(staged) => staged.belongs_to(),
            Pulled::Slice(slice) => slice.belongs_to(),
        }
    }
}

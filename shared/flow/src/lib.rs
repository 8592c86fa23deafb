//! The path: what functions hand to each other, and the words they share.
//!
//! Owns the handoffs ([`path`]), the names and derived ids ([`id`]), what can go wrong ([`fault`]),
//! how long a function may work ([`budget`]) and what a function is ([`step`]).
//! Does not own where any of it is kept: that is `staging`, `queue` and `store`.
//! Start reading at [`path`]: it reads as the path itself.

pub mod aws;
pub mod budget;
pub mod clock;
#[cfg(feature = "conformance")]
pub mod failures;
pub mod fault;
pub mod id;
#[cfg(feature = "conformance")]
pub mod mischief;
pub mod path;
pub mod signal;
pub mod span;
pub mod step;

pub use budget::Budget;
pub use clock::{Clock, ManualClock};
pub use fault::{Fault, FaultKind};
pub use id::{BatchId, Digest, Lane, ModuleDigest, Position, RunId, StreamName, SyncName};
pub use path::{Checked, Context, Handoff, Load, Object, Pulled, QueueName, Slice, Staged, Tick, Transformed};
pub use signal::{Severity, Signal};
pub use span::{Size, Span};
pub use step::{Outbox, Step};

/// A moment: microseconds are the finest unit anything here keeps.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

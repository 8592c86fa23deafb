//! The queues between functions: lanes in order, leases, deduplication, delay, dead letters.
//!
//! Owns the [`Queue`] trait, the embedded form on SQLite (feature `sqlite`, on by default), which is
//! for one machine only (many processes, one disk), and the one on SQS (feature `sqs`). Does not own
//! what the messages mean: that is `flow`.
//! Start reading at [`Queue`].

mod error;
mod lease;
pub mod memory;
mod queue;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "sqs")]
pub mod sqs;
mod wake;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(any(test, feature = "conformance"))]
pub mod faulty;

#[cfg(any(test, feature = "conformance"))]
pub use faulty::Faulty;

pub use error::Error;
pub use memory::Memory;
pub use queue::{DeadLetter, Depth, Limits, Outgoing, Queue, QueueExt, Receipt, Received, Sent};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
#[cfg(feature = "sqs")]
pub use sqs::Sqs;

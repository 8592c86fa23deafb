//! The queues between functions: lanes in order, leases, deduplication, delay, dead letters.
//!
//! Owns the [`Queue`] trait and the embedded form on SQLite, which is for one machine only (many
//! processes, one disk). Does not own what the messages mean: that is `flow`.
//! Start reading at [`Queue`].

mod error;
pub mod memory;
mod queue;
pub mod sqlite;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "conformance")]
pub mod faulty;

pub use error::Error;
pub use queue::{DeadLetter, Depth, Limits, Outgoing, Queue, QueueExt, Receipt, Received, Sent};

//! The suite every store runs: one function for each property, each on a store of its own.
//!
//! Start reading at [`suite`]; the properties lie by concern.
#![expect(clippy::unwrap_used, reason = "a suite says what failed by panicking")]

mod activations;
mod batches;
mod delivery;
mod fixtures;
mod handles;
mod keys;
mod lanes;
mod modules;
mod pins;
mod quarantine;
mod removal;
mod replays;
mod resume;
mod runs;
mod settle;
mod signals;
mod specs;
mod streams;
mod suite;
mod totals;

pub use handles::{Handle, Handles};
pub use suite::suite;

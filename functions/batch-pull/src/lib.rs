//! `batch-pull`: pulls slices from sources into staged batches.
//!
//! Owns planning a stream into lanes ([`plan`]) and pulling one lane ([`pull`]). Does not own any
//! source: they are made in [`wiring`].
//! Start reading at [`BatchPull`].

mod plan;
mod pull;
mod step;
pub mod wiring;

pub use step::{BatchPull, Limits, Sources};

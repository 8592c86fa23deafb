//! `batch-pull`: pulls slices from sources into staged batches.
//!
//! Owns planning a stream into lanes ([`plan`]), pulling one lane ([`pull`]) and, in place of that,
//! sending the raw batches of an earlier run again ([`replay`]). Does not own any
//! source: they are made in [`wiring`].
//! Start reading at [`BatchPull`].

mod plan;
mod pull;
mod replay;
mod step;
pub mod wiring;

pub use step::{BatchPull, Judge, Limits, Sources};

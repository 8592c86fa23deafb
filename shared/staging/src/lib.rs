//! The stage: where batches, quarantined rows and modules are kept between hops.
//!
//! Owns the [`Staging`] trait and its folder and memory forms. Does not own what the bytes mean:
//! batches are encoded by `batch`.
//! Start reading at [`Staging`].

mod error;
pub mod folder;
pub mod memory;
mod staging;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "conformance")]
pub mod faulty;

pub use error::Error;
pub use staging::{Entry, Staging, StagingExt};

//! The stage: where batches, quarantined rows and modules are kept between hops.
//!
//! Owns the [`Staging`] trait and its folder, S3 (feature `s3`) and memory forms. Does not own what
//! the bytes mean: batches are encoded by `batch`.
//! Start reading at [`Staging`], then [`folder`].

mod error;
pub mod folder;
mod key;
pub mod memory;
pub mod recent;
#[cfg(feature = "s3")]
pub mod s3;
mod staging;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(any(test, feature = "conformance"))]
pub mod faulty;

#[cfg(any(test, feature = "conformance"))]
pub use faulty::Faulty;

pub use error::Error;
pub use folder::Folder;
pub use memory::Memory;
pub use recent::Recent;
#[cfg(feature = "s3")]
pub use s3::S3;
pub use staging::{Entry, Staging, StagingExt};

//! The seam to where data comes from.
//!
//! Owns the [`Source`] and [`Reader`] traits and what they give. Does not own any technology:
//! that is `source-file`, `source-sqlite`, `source-postgres`.
//! Start reading at [`Source`].

mod error;
pub mod memory;
mod source;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "conformance")]
pub mod faulty;

pub use error::{Cause, Error};
pub use source::{Column, Discovered, Part, Plan, PlanRequest, Pulled, ReadRequest, Reader, Reject, Source};

//! The seam to where data goes.
//!
//! Owns the [`Destination`] trait and what it promises. Does not own any technology: that is
//! `destination-sqlite`, `destination-postgres`, `destination-file`.
//! Start reading at [`Destination`].

mod destination;
mod error;
pub mod memory;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "conformance")]
pub mod faulty;

pub use destination::{Destination, Incoming, Outcome, Target, Unfit};
pub use error::{Cause, Error, refuse_withdrawal};

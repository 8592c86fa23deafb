//! State: spec versions, runs, lanes, batches, bookmarks, the ledger, quarantine, signals, modules.
//!
//! Owns the [`Store`] trait, its records and its migrations. Does not own rows of data (`staging`)
//! nor messages (`queue`).
//! Start reading at [`record`], then [`Store`].

mod error;
mod methods;
pub mod record;
mod registry;
pub mod sqlite;
mod store;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "conformance")]
pub mod faulty;
#[cfg(feature = "conformance")]
mod wrapping;

pub use error::Error;
pub use sqlite::Sqlite;
pub use store::Store;

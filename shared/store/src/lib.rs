//! State: spec versions, runs, lanes, batches, bookmarks, the ledger, quarantine, signals, modules.
//!
//! Owns the [`Store`] trait, its records and its migrations. Does not own rows of data (`staging`)
//! nor messages (`queue`).
//! Start reading at [`record`], then [`Store`].

mod error;
#[cfg(feature = "sqlite")]
mod fingerprints;
#[cfg(feature = "sqlite")]
mod history;
#[cfg(any(feature = "sqlite", feature = "conformance"))]
mod methods;
#[cfg(feature = "sqlite")]
mod migrations;
pub mod record;
mod registry;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod store;
#[cfg(feature = "sqlite")]
mod tables;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "conformance")]
pub mod faulty;
#[cfg(feature = "conformance")]
mod wrapping;

pub use error::Error;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use store::Store;

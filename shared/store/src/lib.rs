//! State: spec versions, runs, lanes, batches, bookmarks, the ledger, quarantine, signals, modules.
//!
//! Owns the [`Store`] trait, its records and its migrations. Does not own rows of data (`staging`)
//! nor messages (`queue`).
//! Start reading at [`record`], then [`Store`].

mod error;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod fingerprints;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod history;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod lock;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "conformance"))]
mod methods;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod migrations;
mod open;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod record;
mod registry;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod store;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tables;
mod trouble;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "conformance")]
pub mod faulty;
#[cfg(feature = "conformance")]
mod wrapping;

pub use error::Error;
pub use open::open;
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use store::Store;
pub use trouble::Trouble;

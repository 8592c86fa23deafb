//! Typed Arrow batches: the column types that survive the path, and batches as bytes.
//!
//! Owns the column types ([`ColumnType`]) and their Arrow fields, schemas and values as people write
//! them ([`schema::parse_notation`], [`cells`]), and Arrow IPC ([`ipc`]).
//! Does not own where batches are kept (`staging`) nor what is right about them (`checks`).
//! Start reading at [`column_type`].

pub mod cells;
pub mod column_type;
mod error;
pub mod ipc;
mod notation;
pub mod quarantine;
pub mod schema;

pub use column_type::ColumnType;
pub use error::Error;

/// Name of the last column of a transformed batch: each row's number (`uint64`) in the staged batch.
pub const SOURCE_ROW: &str = "_millstream_row";

/// Prefix of every column and table that is ours; user columns may not begin with it.
pub const OWN_PREFIX: &str = "_millstream_";

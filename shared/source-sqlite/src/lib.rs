//! SQLite tables, views and queries as a source.
//!
//! Owns how SQLite's dynamically typed values become typed columns ([`SqliteSource`] says how) and
//! where a read goes on. Does not own when any of it happens: that is `batch-pull`.
//! Start reading at [`SqliteSource`].

mod bookmark;
mod builder;
mod column;
mod connection;
mod declared;
mod error;
mod exact;
mod iso;
mod plan;
mod reader;
mod relation;
mod source;
mod statement;
mod value;

pub use source::SqliteSource;

//! SQLite as a destination: one table a stream, with the ledger in the same file and transaction.
//!
//! Owns how column types are declared and written in SQLite ([`SqliteDestination`] says how), the
//! upsert, and the swap of `replace`. Does not own when any of it happens: that is `deliver`.
//! Start reading at [`SqliteDestination`].

mod cells;
mod connection;
mod declared;
mod destination;
mod error;
mod ledger;
mod rows;
mod shadow;
mod sql;
mod table;
mod text;

pub use destination::SqliteDestination;

//! The store in one SQLite file, which several processes of one machine may have open at once.
//!
//! Start reading at [`Sqlite::open`]. What both databases are asked is in `statements`; here lies
//! what SQLite alone has: its file, its errors, and fingerprints of keys in sorted segments.

mod dialect;
mod failure;
mod filter;
mod keys;
mod merge;
mod open;
mod pages;
mod segment_writer;
mod segments;
#[path = "../statements/mod.rs"]
mod statements;

pub use open::Sqlite;

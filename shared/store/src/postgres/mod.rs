//! The store in one schema of a PostgreSQL database, which any number of processes may have open.
//!
//! Start reading at [`Postgres::open`]. What both databases are asked is in `statements`; here lies
//! what PostgreSQL alone has: an address, locks, how its tables are brought up to date, what its
//! server's errors mean, and a row for each fingerprint of a key.

mod address;
mod dialect;
mod failure;
mod keys;
mod locks;
mod migrate;
mod open;
#[cfg_attr(feature = "sqlite", expect(clippy::duplicate_mod, reason = "one text, compiled for each database"))]
#[path = "../statements/mod.rs"]
mod statements;

pub use open::{Postgres, Settings};

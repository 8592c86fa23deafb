//! PostgreSQL as a destination, by binary COPY.
//!
//! Owns the tables a stream's rows go to, the ledger that makes each batch written once, and the
//! binary form of every column type. Does not own which batch is written when (`deliver`) nor how
//! rows are read from PostgreSQL (`source-postgres`).
//!
//! A batch is one transaction: a row in `_millstream_ledger`, then the batch by COPY. `append` copies
//! into the table; `merge` into a temporary table and from there by `INSERT … ON CONFLICT`; `replace`
//! into a shadow table that takes the table's place when the run is finished.
//!
//! JSON becomes `jsonb`: its values are kept exactly, numbers included, its spaces and the order of
//! its keys are not. A table that is there already may have a `json` or `text` column in its place.
//!
//! Start reading at [`PostgresDestination`].

mod connections;
mod deliver;
mod destination;
mod encode;
mod error;
mod layout;
mod ledger;
mod names;
mod numeric;
mod prepare;
mod replace;
mod wire;

pub use crate::destination::PostgresDestination;

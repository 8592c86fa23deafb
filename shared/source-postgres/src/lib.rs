//! PostgreSQL tables and queries as a source, by binary COPY.
//!
//! Owns what PostgreSQL has to say for itself: its catalog, its types and their binary form, its
//! errors, and the order in which rows are read. Does not own when something is read (`batch-pull`)
//! nor how values are written to PostgreSQL (`destination-postgres`).
//!
//! A part is read by one `COPY (SELECT …) TO STDOUT (FORMAT binary)`, so by one snapshot. Where a
//! reading can go on depends on what is read:
//!
//! * A table with a primary key is read in the key's order and goes on behind the last key, which
//!   stays right when rows change in between.
//! * A table without one is read in its physical order and goes on behind the last row's place
//!   (`ctid`): rows that were updated in between may come twice or not at all.
//! * A query, a view or a partitioned table without a primary key is read as it comes and goes on
//!   behind as many rows as were read: give a query an `ORDER BY` that leaves nothing open.
//! * An incremental stream is read in the order of its cursor and key, up to the greatest pair there
//!   was when it was planned.
//!
//! Start reading at [`PostgresSource`].

mod catalog;
mod civil;
mod columns;
mod copy;
mod error;
mod extract;
mod kind;
mod numeric;
mod plan;
mod reader;
mod render;
mod select;
mod session;
mod source;
mod tuples;

pub use crate::source::PostgresSource;

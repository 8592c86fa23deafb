//! The statements of the store, one file for each concern, in the order of the trait.
//!
//! SQLite and PostgreSQL understand the same text, so there is one: this folder is a module of
//! `sqlite` and of `postgres`, compiled once in each. What it needs to know of the database is in
//! the parent's `dialect`: the types, where a connection comes from, how a change begins, how rows
//! are taken. What no text can be the same for lies beside it there: opening, migrating, errors and
//! the fingerprints of keys.
//!
//! Statements are written for the stricter of the two, PostgreSQL: `$1` for a value, integers bound
//! as `i64`, `CAST(SUM(…) AS BIGINT)` where PostgreSQL would widen, `NULLS FIRST` where an order
//! meets NULL.
//!
//! A change reads what is committed. Where it decides by what it reads, it first takes the rows
//! (`taking!`) or, where there may be no row yet, a [`Lock`](crate::lock::Lock): the second one
//! waits and then sees what the first did. Whoever takes several takes them in this order: the
//! locks, a run, its streams, its lanes. In SQLite a change is alone from its begin, and taking is
//! reading.
//!
//! Functions generic over `sqlx::Database` would be compiled for both at once, but each would carry
//! a bound for every type it binds, and a mistake is then reported about the bounds. Here it is
//! reported about the types, at most twice.

use super::dialect;

mod activations;
mod batches;
mod bookmarks;
mod lanes;
mod measures;
mod modules;
mod notes;
mod pins;
mod quarantine;
mod raw;
mod removal;
mod runs;
pub(super) mod scopes;
mod settle;
mod signals;
mod specs;
mod streams;
mod totals;
mod trait_impl;

/// Rows written by one statement, each of 18 values at most: SQLite takes 32,766 values,
/// PostgreSQL 65,535.
const ROWS_AT_ONCE: usize = 1000;

//! The store in one schema of a PostgreSQL database, which any number of processes may have open.
//!
//! Transactions read what is committed. Where one decides by what it reads, it first takes the rows
//! (`FOR UPDATE`) or, where there is no row yet, a lock of `locks`: the second one waits and then
//! sees what the first did. Whoever takes several takes them in this order: the locks, a run, its
//! streams, its lanes.
//!
//! Start reading at [`Postgres::open`]; then one file for each concern, in the order of the trait.

mod activations;
mod address;
mod batches;
mod bookmarks;
mod failure;
mod keys;
mod lanes;
mod locks;
mod measures;
mod migrate;
mod modules;
mod notes;
mod open;
mod pins;
mod quarantine;
mod raw;
mod removal;
mod runs;
mod settle;
mod signals;
mod specs;
mod streams;
mod totals;
mod trait_impl;

pub use open::{Postgres, Settings};

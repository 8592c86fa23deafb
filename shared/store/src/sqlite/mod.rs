//! The store in one SQLite file, which several processes of one machine may have open at once.
//!
//! Start reading at [`Sqlite::open`]; then one file for each concern, in the order of the trait.

mod activations;
mod batches;
mod bookmarks;
mod failure;
mod filter;
mod keys;
mod lanes;
mod measures;
mod merge;
mod modules;
mod notes;
mod open;
mod pages;
mod pins;
mod quarantine;
mod raw;
mod removal;
mod runs;
mod segment_writer;
mod segments;
mod settle;
mod signals;
mod specs;
mod streams;
mod totals;
mod trait_impl;

pub use open::Sqlite;

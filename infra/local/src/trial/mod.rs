//! What a candidate would change, row by row.
//!
//! Rows are matched by the raw row they were made of. Memory holds one batch, the counts, and a few
//! examples of each change. Start reading at [`diff::Diff`].

pub(crate) mod diff;
mod fates;
pub(crate) mod report;

//! Pulls slices from sources into staged batches.
fn main() {}

//! Writes checked batches to the destination, effectively once.
fn main() {}

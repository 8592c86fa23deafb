//! Judges transformed batches and quarantines what fails.
fn main() {}

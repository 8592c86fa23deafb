//! Starts runs when they are due.
fn main() {}

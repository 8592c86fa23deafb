//! Millstream in one binary on embedded parts.
fn main() {}

//! Judges transformed batches and quarantines what fails.

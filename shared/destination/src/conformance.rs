//! The suite every destination runs.

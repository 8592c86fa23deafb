//! The suite every source runs.

//! SQLite as a destination.

//! SQLite tables and queries as a source.

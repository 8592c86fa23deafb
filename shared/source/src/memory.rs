//! A source in memory.

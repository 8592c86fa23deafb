//! A destination in memory.

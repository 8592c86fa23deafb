//! PostgreSQL as a source, against a live server.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what failed by panicking")]

mod database;
mod errors;
mod incremental;
#[path = "../../../../tests/support/postgres.rs"]
mod postgres;
mod reading;
mod types;

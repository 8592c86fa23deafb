//! PostgreSQL as a destination, against a live server.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test says what failed by panicking")]

mod database;
mod errors;
#[path = "../../../../tests/support/postgres.rs"]
mod postgres;
mod replacing;
mod round_trip;
mod suite;
mod tables;

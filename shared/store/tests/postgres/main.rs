//! The store on PostgreSQL, against a live server.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test says what failed by panicking")]

mod database;
mod errors;
mod keys;
mod opening;
#[path = "../../../../tests/support/postgres.rs"]
mod postgres;
mod racing;
mod server;
mod suite;
mod world;

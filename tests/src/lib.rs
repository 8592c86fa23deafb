//! End to end: the whole path in one process, on parts that can be made to fail.
//!
//! Owns a world that outlives processes ([`World`]) and a process that can be killed at any call it
//! makes ([`Process`]). Does not own the tests: they are in `tests/`.
//! Start reading at [`World`].

mod process;
mod world;

pub use process::{Kill, Process, When, Where};
pub use world::{Destined, Rule, World, Written};

//! The one retry policy of the whole project.
//!
//! Owns how long to wait before the next attempt and when to stop ([`Policy`]).
//! Does not own sleeping or randomness: the caller passes a random number in and waits.
//! Start reading at [`Policy`].

mod policy;

pub use policy::{Backoff, Jitter, Policy};

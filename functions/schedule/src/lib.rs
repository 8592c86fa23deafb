//! `schedule`: starts runs when they are due, and resumes those that were interrupted.
//!
//! Owns when a run is opened ([`Schedule`]) and what is sent when it starts or goes on ([`start`]).
//! Does not own the calendar: that is `calendar`.
//! Start reading at [`Schedule`].

pub mod start;
mod step;

pub use start::{Started, Starter};
pub use step::Schedule;

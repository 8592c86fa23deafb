//! The translated template: read, given its parameters, and turned into what is emulated.
//!
//! Pure: what resources became (their addresses) is passed in as [`Physical`].

mod document;
mod passed_over;
mod physical;
mod properties;
mod resolve;
mod resources;
mod stack;
mod triggers;

pub use document::Template;
pub use physical::{Named, Physical};
pub use resolve::{Bound, Place};
pub use stack::{Bucket, Environment, Function, Mapping, PassedOver, Queue, Rule, Stack, Target};

//! `transform`: puts staged batches through the stream's modules.
//!
//! Owns what happens to a batch between two objects in the stage ([`Transform`]), which modules it
//! is pinned to ([`pinning`]) and the guests it keeps open ([`guests`]). Does not own the sandbox:
//! it is wired in [`wiring`].
//! Start reading at [`Transform`].

mod chain;
mod guests;
mod pinning;
mod refusal;
mod step;
mod view;
pub mod wiring;

pub use chain::{Chained, Guest, Modules, Put, chain};
pub use step::{Transform, transformed_name, transformed_prefix};

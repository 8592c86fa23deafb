//! `deliver`: writes checked batches to the destination, effectively once.
//!
//! Owns the order of a lane's deliveries ([`batch`](crate::Deliver)), the end of streams and runs
//! ([`end`]) and what is cleaned up behind them ([`cleanup`]). Does not own any destination: they
//! are made in [`wiring`].
//! Start reading at [`Deliver`].

mod cleanup;
mod end;
mod replay;
mod step;
mod target;
pub mod wiring;

pub use step::{Deliver, Destinations};

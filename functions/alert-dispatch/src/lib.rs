//! `alert-dispatch`: turns signals into notifications and sends them.
//!
//! Owns when the groups of signals are looked at and kept ([`AlertDispatch`]). Does not own routing
//! and grouping (`alerting`) nor sending (`notify`).
//! Start reading at [`AlertDispatch`].

mod due;
mod step;
pub mod wiring;

pub use step::{AlertDispatch, Receivers};

//! Millstream in one binary on embedded parts.
//!
//! Owns the command line ([`opt`]), the home folder ([`home`]), the functions side by side in one
//! process ([`engine`]), what tries rules without them ([`lab`], `cases`), what
//! they would change (`trial`), what a replay sends (`replay`) and what people see ([`report`]). Does not own what any function does.
//! Start reading at [`commands`].

mod cases;
pub mod commands;
pub mod engine;
mod error;
pub mod home;
pub mod lab;
mod memory;
pub mod opt;
pub mod output;
mod parts;
mod progress;
pub mod registry;
mod replay;
pub mod report;
pub mod settings;
mod trial;

pub use error::Failure;

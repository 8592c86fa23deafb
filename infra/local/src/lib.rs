//! Millstream in one binary on embedded parts.
//!
//! Owns the command line ([`opt`]), the home folder ([`home`]), the functions side by side in one
//! process ([`engine`]) and what people see ([`report`]). Does not own what any function does.
//! Start reading at [`commands`].

pub mod commands;
pub mod engine;
mod error;
pub mod home;
pub mod opt;
pub mod output;
mod progress;
pub mod registry;
pub mod report;
pub mod settings;

pub use error::Failure;

//! Runs guest modules: limits, isolation, rows across; no compiler inside.
//!
//! Owns the engine's settings ([`engine_config`]), loading artifacts by digest ([`Sandbox::load`]),
//! the contract's host side ([`Module::open`], [`Guest::apply`]), the check of everything that
//! comes out, and the search for the rows a module cannot bear ([`isolate`]).
//! Does not own compiling (`sandbox-compiler`) nor where artifacts are kept (`staging`, `store`).
//! Start reading at [`engine`], then [`guest`]. Every call is plain computing: async callers use
//! a blocking task.

mod assemble;
mod contract;
pub mod engine;
mod error;
mod failure;
pub mod guest;
mod host;
mod isolate;
pub mod level;
mod lift;
pub mod limits;
mod lower;
mod module;
mod parts;
mod plan;
mod records;
mod world;

pub use engine::{Sandbox, engine_config};
pub use error::Error;
pub use failure::{Call, Trace};
pub use guest::{Guest, Output, Reject};
pub use host::LogLine;
pub use isolate::{Isolated, isolate};
pub use limits::{BadLimit, Limits};
pub use module::{Context, Module};
pub use world::World;

//! Drives a step on Lambda.
//!
//! Owns the settings every function reads ([`settings`]), the parts on AWS that follow from them
//! ([`Start`]), how a batch of SQS is worked through and answered for ([`batch`], after the [`plan`]),
//! what a tick of EventBridge does ([`ticks`]), how long an invocation may take ([`time`]) and what
//! Lambda is told when all of it fails ([`Failure`]).
//! Does not own what becomes of one message (`worker`) nor any function's wiring.
//! Start reading at [`run`], then [`batch`].

pub mod batch;
#[cfg(feature = "conformance")]
pub mod conformance;
mod event;
mod failure;
mod function;
mod logs;
mod mapped;
pub mod plan;
mod run;
pub mod settings;
mod start;
pub mod ticks;
pub mod time;

pub use event::Event;
pub use failure::Failure;
pub use function::Function;
pub use mapped::Mapped;
pub use run::run;
pub use settings::{Needs, Settings};
pub use start::Start;
pub use time::Time;

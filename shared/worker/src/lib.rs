//! Drives steps from the embedded queue: receive, decode, run within a budget, hand on, acknowledge.
//!
//! Owns the loop around a step ([`Worker`]), what happens to a message that fails
//! ([`undertaker`]), the embedded parts of one home ([`Parts`]), what a replay sends ([`replay`]) and
//! the process's settings.
//! Does not own what a step does, nor any source, destination or sandbox.
//! Start reading at [`Worker`].

mod ambient;
#[cfg(feature = "conformance")]
pub mod conformance;
mod gate;
mod keeping;
mod outbox;
mod parts;
mod quarantine;
pub mod replay;
mod serve;
pub mod settings;
mod specs;
mod stop;
pub mod undertaker;
mod worker;

pub use ambient::{Random, SystemClock, system_random};
pub use outbox::QueueOutbox;
pub use parts::Parts;
pub use serve::serve;
pub use settings::Settings;
pub use specs::{Specs, stream_of};
pub use stop::Stop;
pub use worker::{Worked, Worker};

//! Drives steps: decodes a message, looks whether there is work left, runs the step within a budget,
//! hands on, and answers for what failed.
//!
//! Owns what sees one message through ([`Attendant`]), the loop around it for embedded queues
//! ([`Worker`]), what follows from a message that fails for good ([`undertaker`]), the parts every
//! function works with ([`Parts`]) and what a replay sends ([`replay`]).
//! Does not own what a step does, nor any source, destination or sandbox, nor where the parts come
//! from: `infra/local` and `lambda-kit` make them.
//! Start reading at [`Attendant`].

mod ambient;
mod attendant;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod gate;
mod keeping;
mod outbox;
mod panicked;
mod parts;
mod quarantine;
pub mod replay;
pub mod settings;
mod specs;
mod stop;
pub mod undertaker;
mod worker;

pub use ambient::{Random, SystemClock, system_random};
pub use attendant::{Attendant, Seen};
pub use outbox::QueueOutbox;
pub use parts::Parts;
pub use settings::ProcessResolver;
pub use specs::{Specs, stream_of};
pub use stop::Stop;
pub use worker::{Worked, Worker};

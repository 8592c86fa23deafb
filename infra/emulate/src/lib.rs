//! Runs the functions of a translated template as AWS would, against an emulator of S3 and SQS.
//!
//! Owns what Lambda, its event source mappings and EventBridge's schedules do: the Runtime and Invoke
//! APIs, processes, batches, replies, repeats, the clock. Does not own the queues and buckets (they
//! are the endpoint's), what a function does, nor HTTP events.
//! Pure are reading the template ([`template`]), the events, what a reply means and when a rule
//! fires; the rest are thin shells around them.
//! Start reading at [`Emulation::start`].

mod aws;
mod counts;
mod emulation;
mod environment;
mod error;
mod functions;
mod http;
mod id;
mod invoke_api;
mod options;
mod pump;
mod runtime;
mod schedule;
mod start;
pub mod template;
mod told;
mod watch;

pub use counts::{Counts, FunctionCounts, MappingCounts};
pub use emulation::Emulation;
pub use error::Error;
pub use options::{Options, Runner, ScheduleClock};
pub use runtime::Outcome;
pub use told::{Tell, Told};

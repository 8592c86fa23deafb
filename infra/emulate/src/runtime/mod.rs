//! What runs a function: processes that speak the Runtime API.

mod api;
mod bootstrap;
mod outcome;
mod output;
mod pool;
mod process;

pub(crate) use bootstrap::Bootstrap;
pub(crate) use outcome::Job;
pub use outcome::Outcome;
pub(crate) use pool::Pool;

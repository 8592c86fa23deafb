//! Takes messages from queues to functions as Lambda's event source mappings do.

mod batch;
mod event;
mod groups;
mod poller;
mod reply;

pub(crate) use poller::{Poller, Stages};

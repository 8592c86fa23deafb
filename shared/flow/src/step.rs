//! What a function on the path is.

use async_trait::async_trait;

use crate::budget::Budget;
use crate::fault::Fault;
use crate::path::Handoff;
use crate::signal::Signal;

/// One function of the path: takes a handoff, gives others, within a time budget.
///
/// Every step may be run twice with the same handoff, late, or die half-way: what it gives has
/// derived ids, and what it changes outside is conditional or idempotent.
#[async_trait]
pub trait Step: Send + Sync {
    /// What it takes: a handoff, or for `schedule` a tick of the clock.
    type Takes: Send;
    /// What it gives.
    type Gives: Handoff;

    /// Does the work for one handoff. When it returns `Ok`, everything given is durably queued
    /// and the handoff may be acknowledged.
    async fn run(&self, taken: Self::Takes, outbox: &dyn Outbox<Self::Gives>, budget: &Budget) -> Result<(), Fault>;
}

/// Where a step puts what it gives. A call returns when the queue has it for good.
#[async_trait]
pub trait Outbox<G: Handoff>: Send + Sync {
    /// Hands on to the next function.
    async fn give(&self, handoff: G) -> Result<(), Fault>;
    /// Tells people.
    async fn signal(&self, signal: Signal) -> Result<(), Fault>;
}

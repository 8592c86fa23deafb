//! What is done at a tick of the clock.

use std::sync::Arc;

use async_trait::async_trait;
use flow::{Budget, Fault, QueueName, Step, Tick};
use store::Postgres;
use tokio::sync::OnceCell;
use worker::undertaker::Undertaker;
use worker::{Parts, QueueOutbox};

use crate::Mapped;

/// What takes ticks. A tick may come twice, late or never.
#[async_trait]
pub trait Ticks: Send + Sync {
    /// Does what is due at the tick's moment, within a budget.
    async fn tick(&self, tick: Tick, budget: &Budget) -> Result<(), Fault>;
}

/// A step that takes ticks.
pub struct Stepping<S> {
    step: S,
    outbox: QueueOutbox,
}

impl<S: Step<Takes = Tick>> Stepping<S> {
    /// Runs `step` at every tick.
    pub fn new(step: S, parts: &Parts) -> Self {
        Self { step, outbox: QueueOutbox::new(parts.queue.clone(), parts.store.clone()) }
    }
}

#[async_trait]
impl<S: Step<Takes = Tick>> Ticks for Stepping<S> {
    async fn tick(&self, tick: Tick, budget: &Budget) -> Result<(), Fault> {
        self.step.run(tick, &self.outbox, budget).await
    }
}

/// Tends the dead letters of every queue: of messages that killed whoever took them, nobody else has
/// seen to what follows. Most queues have none, so they are counted first.
pub struct Tending {
    mapped: Arc<dyn Mapped>,
    undertaker: Undertaker,
}

impl Tending {
    /// Tends the dead letters of these parts.
    #[must_use]
    pub fn new(parts: &Parts, mapped: Arc<dyn Mapped>) -> Self {
        let undertaker = Undertaker::new(parts.queue.clone(), parts.store.clone(), parts.clock.clone());
        Self { mapped, undertaker }
    }
}

#[async_trait]
impl Ticks for Tending {
    /// One queue that cannot be tended keeps no other from it: the first fault is returned.
    async fn tick(&self, _: Tick, _: &Budget) -> Result<(), Fault> {
        let mut outcome = Ok(());
        for queue in QueueName::ALL {
            let tended = match self.mapped.dead_count(queue).await {
                Ok(0) => Ok(()),
                Ok(_) => self.undertaker.tend(queue).await,
                Err(error) => Err(error.into()),
            };
            outcome = outcome.and(tended);
        }
        outcome
    }
}

/// Brings the store up to date, once in a process. One look says that it is already.
pub struct Preparing {
    store: Postgres,
    done: OnceCell<()>,
}

impl Preparing {
    /// Prepares this store.
    #[must_use]
    pub fn new(store: Postgres) -> Self {
        Self { store, done: OnceCell::new() }
    }
}

#[async_trait]
impl Ticks for Preparing {
    async fn tick(&self, _: Tick, _: &Budget) -> Result<(), Fault> {
        self.done.get_or_try_init(|| self.store.bring_up_to_date()).await?;
        Ok(())
    }
}

/// One after the other: each has its turn, whatever came of those before it, and the first fault is
/// returned.
pub struct InTurn(pub Vec<Box<dyn Ticks>>);

#[async_trait]
impl Ticks for InTurn {
    async fn tick(&self, tick: Tick, budget: &Budget) -> Result<(), Fault> {
        let mut outcome = Ok(());
        for each in &self.0 {
            outcome = outcome.and(each.tick(tick, budget).await);
        }
        outcome
    }
}

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use flow::{Fault, Handoff, Outbox, Signal};
use queue::{Queue, QueueExt};
use store::Store;

/// Puts what a step gives into the queues, and signals into the store as well.
#[derive(Clone)]
pub struct QueueOutbox {
    queue: Arc<dyn Queue>,
    store: Arc<dyn Store>,
}

impl QueueOutbox {
    /// Gives to these.
    #[must_use]
    pub fn new(queue: Arc<dyn Queue>, store: Arc<dyn Store>) -> Self {
        Self { queue, store }
    }
}

#[async_trait]
impl<G: Handoff> Outbox<G> for QueueOutbox {
    async fn give(&self, handoff: G) -> Result<(), Fault> {
        self.queue.hand_on(&handoff, Duration::ZERO).await?;
        Ok(())
    }

    async fn signal(&self, signal: Signal) -> Result<(), Fault> {
        self.queue.hand_on(&signal, Duration::ZERO).await?;
        self.store.keep_signal(&signal).await?;
        Ok(())
    }
}

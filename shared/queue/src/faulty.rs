//! A queue in which things go wrong: on command, or at random from a seed.
//!
//! Everything it does is something the trait allows or a process can meet: calls that fail with
//! or without effect, a process that stops, messages that come twice, late or out of order, and
//! leases that end under whoever works. It never loses a message.

mod script;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use flow::{Fault, QueueName};

pub use script::{Call, Chaos, Mischief, Script};

use crate::{DeadLetter, Depth, Error, Outgoing, Queue, Receipt, Received, Sent};
use script::Fate;

/// A queue with mischief. Several may share one script: what is counted is then the calls of all.
pub struct Faulty {
    inner: Arc<dyn Queue>,
    script: Arc<Script>,
    held: Mutex<HashMap<Receipt, Received>>,
}

impl Faulty {
    /// Wraps a queue.
    #[must_use]
    pub fn new(inner: Arc<dyn Queue>, script: Arc<Script>) -> Self {
        Self { inner, script, held: Mutex::default() }
    }

    /// What goes wrong in it.
    #[must_use]
    pub fn script(&self) -> &Arc<Script> {
        &self.script
    }

    fn fate(&self, call: Call) -> Result<Fate, Error> {
        self.script.fate(call).ok_or(Error::OnCommand)
    }

    /// Puts a copy of a received message behind everything in its group.
    async fn send_again(&self, message: &Received) -> Result<Sent, Error> {
        let copy = Outgoing {
            group: message.group.clone(),
            deduplication_id: format!("again:{}", message.receipt.token),
            body: message.body.clone(),
            delay: Duration::ZERO,
        };
        self.inner.send(message.receipt.queue, copy).await
    }

    /// Sends the oldest message of each group behind the others of its group.
    async fn overtake(&self, queue: QueueName, max: usize, lease: Duration) -> Result<(), Error> {
        for message in self.inner.receive(queue, max, lease).await? {
            match self.send_again(&message).await? {
                Sent::New | Sent::Accepted => self.inner.acknowledge(&message.receipt).await?,
                Sent::Duplicate => self.inner.give_back(&message.receipt, Duration::ZERO).await?,
            }
        }
        Ok(())
    }

    fn remember(&self, received: &[Received]) {
        self.held().extend(received.iter().map(|message| (message.receipt.clone(), message.clone())));
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Receipt, Received>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn acknowledge_with(&self, fate: &Fate, receipt: &Receipt) -> Result<(), Error> {
        let message = self.held().remove(receipt);
        if fate.has(Mischief::Redeliver) {
            return self.inner.give_back(receipt, Duration::ZERO).await;
        }
        if let Some(message) = message.filter(|_| fate.has(Mischief::RedeliverLate)) {
            self.send_again(&message).await?;
        }
        self.inner.acknowledge(receipt).await
    }
}

/// The answer of a call that has done its work.
fn answer<T>(fate: &Fate, answer: T) -> Result<T, Error> {
    fate.answer(answer).ok_or(Error::OnCommand)
}

#[async_trait]
impl Queue for Faulty {
    async fn send(&self, queue: QueueName, message: Outgoing) -> Result<Sent, Error> {
        let fate = self.fate(Call::Send)?;
        if fate.has(Mischief::Duplicate) {
            let deduplication_id = format!("{}:twin-{}", message.deduplication_id, self.script.calls());
            self.inner.send(queue, Outgoing { deduplication_id, ..message.clone() }).await?;
        }
        answer(&fate, self.inner.send(queue, message).await?)
    }

    async fn receive(&self, queue: QueueName, max: usize, lease: Duration) -> Result<Vec<Received>, Error> {
        let fate = self.fate(Call::Receive)?;
        if fate.has(Mischief::ReorderWithinGroups) {
            self.overtake(queue, max, lease).await?;
        }
        let lease = if fate.has(Mischief::ExpireLease) { Duration::ZERO } else { lease };
        let mut received = self.inner.receive(queue, max, lease).await?;
        self.remember(&received);
        if fate.has(Mischief::ReorderGroups) {
            received.reverse();
        }
        answer(&fate, received)
    }

    async fn wait(&self, queue: QueueName, timeout: Duration) {
        self.inner.wait(queue, timeout).await;
    }

    async fn acknowledge(&self, receipt: &Receipt) -> Result<(), Error> {
        let fate = self.fate(Call::Acknowledge)?;
        self.acknowledge_with(&fate, receipt).await?;
        answer(&fate, ())
    }

    async fn give_back(&self, receipt: &Receipt, delay: Duration) -> Result<(), Error> {
        let fate = self.fate(Call::GiveBack)?;
        self.held().remove(receipt);
        self.inner.give_back(receipt, delay).await?;
        answer(&fate, ())
    }

    async fn extend(&self, receipt: &Receipt, lease: Duration) -> Result<(), Error> {
        let fate = self.fate(Call::Extend)?;
        self.inner.extend(receipt, lease).await?;
        answer(&fate, ())
    }

    async fn dead_letter(&self, receipt: &Receipt, cause: &Fault) -> Result<(), Error> {
        let fate = self.fate(Call::DeadLetter)?;
        self.held().remove(receipt);
        self.inner.dead_letter(receipt, cause).await?;
        answer(&fate, ())
    }

    async fn depth(&self, queue: QueueName) -> Result<Depth, Error> {
        let fate = self.fate(Call::Depth)?;
        answer(&fate, self.inner.depth(queue).await?)
    }

    async fn dead_letters(&self, queue: QueueName) -> Result<Vec<DeadLetter>, Error> {
        let fate = self.fate(Call::DeadLetters)?;
        answer(&fate, self.inner.dead_letters(queue).await?)
    }

    async fn mark_reported(&self, dead_letter: &str) -> Result<(), Error> {
        let fate = self.fate(Call::MarkReported)?;
        self.inner.mark_reported(dead_letter).await?;
        answer(&fate, ())
    }

    async fn discard(&self, dead_letter: &str) -> Result<(), Error> {
        let fate = self.fate(Call::Discard)?;
        self.inner.discard(dead_letter).await?;
        answer(&fate, ())
    }

    async fn purge(&self, queue: QueueName, prefix: &str) -> Result<u64, Error> {
        let fate = self.fate(Call::Purge)?;
        answer(&fate, self.inner.purge(queue, prefix).await?)
    }
}

#[cfg(test)]
mod tests;

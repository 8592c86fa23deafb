use std::sync::Arc;
use std::time::Duration;

use flow::{Budget, Clock, Fault, FaultKind, Handoff, QueueName, Step};
use queue::{Queue, Received};

use crate::attendant::{Attendant, Seen};
use crate::keeping::keeping;
use crate::stop::Stop;

/// How long a message is leased. While its step runs the lease is lengthened at a third of this,
/// so it only ends when the process does; short enough that another takes over soon.
const LEASE: Duration = Duration::from_secs(30);

/// How long one step may work on one message before it hands itself on.
const STEP_BUDGET: Duration = Duration::from_secs(600);

/// Longest wait between two looks into an empty queue.
const IDLE: Duration = Duration::from_secs(1);

/// How long a worker waits when its queue or store failed: a message may be waiting, so looking
/// again at once would find the same failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Drives one step from one queue, in a loop: receives, leases, has the message seen through,
/// acknowledges.
pub struct Worker<S> {
    attendant: Attendant<S>,
    from: QueueName,
    queue: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
}

/// What became of one look into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// Nothing was there.
    Idle,
    /// A message was seen through.
    Seen(Seen),
}

impl<S> Worker<S>
where
    S: Step,
    S::Takes: Handoff,
{
    /// Drives `step` with what waits in `from`.
    pub fn new(step: Arc<S>, from: QueueName, parts: &crate::Parts) -> Self {
        let attendant = Attendant::for_loop(step, from, parts);
        Self { attendant, from, queue: parts.queue.clone(), clock: parts.clock.clone() }
    }

    /// Works until asked to stop. When the queue or the store itself fails, what may pass is logged
    /// and tried again after a pause; what will not (no room is left) ends the work with its fault.
    pub async fn work(&self, stop: &Stop) -> Result<(), Fault> {
        while !stop.is_raised() {
            match self.work_once(stop).await {
                Ok(Worked::Idle) => self.idle(stop).await,
                Ok(Worked::Seen(_)) => {}
                Err(fault) if fault.kind == FaultKind::Retry => {
                    tracing::error!(
                        queue = self.from.as_str(),
                        code = fault.code,
                        cause = fault.message,
                        "queue or store failed"
                    );
                    pause(stop).await;
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// Takes one message, if there is one, and sees it through.
    pub async fn work_once(&self, stop: &Stop) -> Result<Worked, Fault> {
        let received = self.queue.receive(self.from, 1, LEASE).await?;
        match received.into_iter().next() {
            Some(message) => self.see_through(&message, stop).await.map(Worked::Seen),
            None => Ok(Worked::Idle),
        }
    }

    async fn idle(&self, stop: &Stop) {
        tokio::select! {
            () = self.queue.wait(self.from, IDLE) => {}
            () = stop.wait() => {}
        }
    }

    async fn see_through(&self, message: &Received, stop: &Stop) -> Result<Seen, Fault> {
        let budget = Budget::of(STEP_BUDGET, self.clock.clone()).stopped_by(stop.flag());
        let attempt = keeping(self.keep_lease(message), self.attendant.attempt(message, &budget)).await?;
        let seen = self.attendant.answer(message, attempt).await?;
        if matches!(seen, Seen::Done | Seen::Dropped) {
            self.acknowledge(message).await?;
        }
        Ok(seen)
    }

    /// Lengthens the message's lease again and again.
    async fn keep_lease<T>(&self, message: &Received) -> T {
        loop {
            tokio::time::sleep(LEASE / 3).await;
            if let Err(error) = self.queue.extend(&message.receipt, LEASE).await {
                tracing::warn!(queue = self.from.as_str(), error = %error, "lease could not be lengthened");
            }
        }
    }

    /// A lost lease is fine here: whoever has the message now finds the work done.
    async fn acknowledge(&self, message: &Received) -> Result<(), Fault> {
        match self.queue.acknowledge(&message.receipt).await {
            Ok(()) | Err(queue::Error::LeaseLost) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

async fn pause(stop: &Stop) {
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => {}
        () = stop.wait() => {}
    }
}

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use flow::{Budget, Fault, FaultKind, Handoff, QueueName, Step};
use futures::FutureExt;
use queue::{Queue, Received};
use store::Store;
use tracing::Instrument;

use crate::Parts;
use crate::ambient::Random;
use crate::gate::{Gate, gate};
use crate::outbox::QueueOutbox;
use crate::panicked::panicked;
use crate::specs::Specs;
use crate::undertaker::Undertaker;

/// Sees messages through a step, one at a time, whoever received them: decodes, looks whether there
/// is work left, runs the step within a budget, and answers for what failed. What went well is left
/// to whoever received the message to acknowledge.
///
/// A step that panics fails its own message, as a fault of kind `bug`, and nothing else.
pub struct Attendant<S> {
    step: Arc<S>,
    from: QueueName,
    driver: Driver,
    queue: Arc<dyn Queue>,
    store: Arc<dyn Store>,
    specs: Arc<Specs>,
    outbox: QueueOutbox,
    undertaker: Undertaker,
    random: Random,
}

/// Who receives the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    /// A loop that has as much time as a step takes.
    Loop,
    /// Invocations that are killed when their time is over.
    Invocation,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It was processed, and can be acknowledged.
    Done,
    /// It had no work left, and can be acknowledged.
    Dropped,
    /// It failed, and was given back to be tried again.
    Retried,
    /// It failed for good, and is a dead letter.
    Buried,
}

/// What a step made of a message, before anybody answered for it.
pub(crate) enum Attempt {
    Done,
    Dropped,
    Failed { fault: Fault, policy: retry::Policy },
}

impl<S> Attendant<S>
where
    S: Step,
    S::Takes: Handoff,
{
    /// Sees messages of `from` through `step` for a loop on an embedded queue.
    pub fn for_loop(step: Arc<S>, from: QueueName, parts: &Parts) -> Self {
        Self::new(step, from, Driver::Loop, parts)
    }

    /// Sees messages of `from` through `step` for invocations. A step is cut off when its budget ends
    /// (a fault of kind `retry`), for the process may be killed soon after; and what follows from a
    /// dead letter is done without looking through the others, which is dear where the queues are
    /// not embedded.
    pub fn for_invocations(step: Arc<S>, from: QueueName, parts: &Parts) -> Self {
        Self::new(step, from, Driver::Invocation, parts)
    }

    fn new(step: Arc<S>, from: QueueName, driver: Driver, parts: &Parts) -> Self {
        Self {
            step,
            from,
            driver,
            queue: parts.queue.clone(),
            store: parts.store.clone(),
            specs: parts.specs.clone(),
            outbox: QueueOutbox::new(parts.queue.clone(), parts.store.clone()),
            undertaker: Undertaker::new(parts.queue.clone(), parts.store.clone(), parts.clock.clone()),
            random: parts.random.clone(),
        }
    }

    /// Sees a message through.
    ///
    /// # Errors
    /// When the queue or the store failed around the step. The message is nobody's fault then and
    /// was not answered for: it is leased until its lease ends or its receiver gives it back.
    pub async fn see_through(&self, message: &Received, budget: &Budget) -> Result<Seen, Fault> {
        let attempt = self.attempt(message, budget).await?;
        self.answer(message, attempt).await
    }

    /// Decodes, looks whether there is work left, and runs the step.
    pub(crate) async fn attempt(&self, message: &Received, budget: &Budget) -> Result<Attempt, Fault> {
        let handoff: S::Takes = match serde_json::from_str(&message.body) {
            Ok(handoff) => handoff,
            Err(error) => {
                let (fault, policy) = (self.unreadable(&error), retry::Policy::default());
                return Ok(Attempt::Failed { fault, policy });
            }
        };
        if let Gate::Closed(reason) = gate(self.store.as_ref(), &handoff).await? {
            tracing::debug!(queue = self.from.as_str(), group = message.group, reason, "message dropped");
            return Ok(Attempt::Dropped);
        }
        let span = span_of(self.from, &handoff, message.receives);
        let policy = self.policy_of(&handoff).await;
        match self.run(handoff, budget).instrument(span).await {
            Ok(()) => Ok(Attempt::Done),
            Err(fault) => Ok(Attempt::Failed { fault, policy }),
        }
    }

    /// Gives back what failed and may be tried again, and buries what may not.
    pub(crate) async fn answer(&self, message: &Received, attempt: Attempt) -> Result<Seen, Fault> {
        let (fault, policy) = match attempt {
            Attempt::Done => return Ok(Seen::Done),
            Attempt::Dropped => return Ok(Seen::Dropped),
            Attempt::Failed { fault, policy } => (fault, policy),
        };
        let wait = match fault.kind {
            FaultKind::Retry => policy.wait_after(message.receives, (self.random)(), fault.retry_after, Duration::MAX),
            FaultKind::Reject | FaultKind::Config | FaultKind::Bug => None,
        };
        match wait {
            Some(wait) => self.give_back(message, &fault, wait).await,
            None => self.bury(message, &fault).await,
        }
    }

    async fn run(&self, handoff: S::Takes, budget: &Budget) -> Result<(), Fault> {
        // What a step leaves behind when it panics is what it leaves when it is killed: it must be
        // able to be run again after both.
        let run = AssertUnwindSafe(self.step.run(handoff, &self.outbox, budget)).catch_unwind();
        let limit = match self.driver {
            Driver::Loop => Duration::MAX,
            Driver::Invocation => budget.remaining(),
        };
        match tokio::time::timeout(limit, run).await {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => Err(panicked(panic.as_ref())),
            Err(_) => Err(out_of_time(limit)),
        }
    }

    async fn give_back(&self, message: &Received, fault: &Fault, wait: Duration) -> Result<Seen, Fault> {
        tracing::warn!(
            queue = self.from.as_str(),
            group = message.group,
            code = fault.code,
            cause = fault.message,
            receives = message.receives,
            wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            "message will be tried again"
        );
        match self.queue.give_back(&message.receipt, wait).await {
            Ok(()) | Err(queue::Error::LeaseLost) => Ok(Seen::Retried),
            Err(error) => Err(error.into()),
        }
    }

    async fn bury(&self, message: &Received, fault: &Fault) -> Result<Seen, Fault> {
        match (self.queue.dead_letter(&message.receipt, fault).await, self.driver) {
            (Ok(()), Driver::Invocation) => self.undertaker.follow(self.from, message, fault).await?,
            (Ok(()), Driver::Loop) => self.undertaker.tend(self.from).await?,
            // Whoever has the message now sees to it.
            (Err(queue::Error::LeaseLost), _) => {}
            (Err(error), _) => return Err(error.into()),
        }
        Ok(Seen::Buried)
    }

    async fn policy_of(&self, handoff: &S::Takes) -> retry::Policy {
        let Some((context, _)) = handoff.belongs_to() else { return retry::Policy::default() };
        match self.specs.of(context).await {
            Ok(sync) => sync.retry.clone(),
            Err(_) => retry::Policy::default(),
        }
    }

    fn unreadable(&self, error: &serde_json::Error) -> Fault {
        let (line, column) = (error.line(), error.column());
        let message = format!("a message in `{}` is none of ours (line {line}, column {column})", self.from);
        Fault::new(FaultKind::Reject, "message_unreadable", message)
    }
}

fn out_of_time(limit: Duration) -> Fault {
    let message = format!(
        "the step was not done after the {:.1} s it had; give the function more time, or the stream smaller batches",
        limit.as_secs_f64()
    );
    Fault::new(FaultKind::Retry, "step_out_of_time", message)
}

fn span_of<H: Handoff>(queue: QueueName, handoff: &H, receives: u32) -> tracing::Span {
    let belongs_to = handoff.belongs_to();
    let context = belongs_to.map(|(context, _)| context);
    tracing::info_span!(
        "step",
        queue = queue.as_str(),
        sync = context.map(|context| context.sync.as_str()),
        run = context.map(|context| context.run.as_str()),
        stream = context.map(|context| context.stream.as_str()),
        batch = handoff.batch().map(|(batch, _)| batch.as_str()),
        receives
    )
}

#[cfg(test)]
mod tests;

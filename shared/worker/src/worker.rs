use std::sync::Arc;
use std::time::Duration;

use flow::{Budget, Clock, Fault, FaultKind, Handoff, QueueName, Step};
use queue::{Queue, Received};
use store::Store;
use tracing::Instrument;

use crate::ambient::Random;
use crate::gate::{Gate, gate};
use crate::keeping::keeping;
use crate::outbox::QueueOutbox;
use crate::specs::Specs;
use crate::stop::Stop;
use crate::undertaker::Undertaker;

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

/// Drives one step from one queue.
pub struct Worker<S> {
    step: Arc<S>,
    from: QueueName,
    queue: Arc<dyn Queue>,
    store: Arc<dyn Store>,
    specs: Arc<Specs>,
    outbox: QueueOutbox,
    undertaker: Undertaker,
    clock: Arc<dyn Clock>,
    random: Random,
}

/// What became of one look into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// Nothing was there.
    Idle,
    /// A message was processed and acknowledged.
    Done,
    /// A message had no work left and was acknowledged.
    Dropped,
    /// A message failed and will be tried again.
    Retried,
    /// A message failed for good.
    Buried,
}

impl<S> Worker<S>
where
    S: Step,
    S::Takes: Handoff,
{
    /// Drives `step` with what waits in `from`.
    pub fn new(step: Arc<S>, from: QueueName, parts: &crate::Parts) -> Self {
        Self {
            step,
            from,
            queue: parts.queue.clone(),
            store: parts.store.clone(),
            specs: parts.specs.clone(),
            outbox: QueueOutbox::new(parts.queue.clone(), parts.store.clone()),
            undertaker: Undertaker::new(parts.queue.clone(), parts.store.clone(), parts.clock.clone()),
            clock: parts.clock.clone(),
            random: parts.random.clone(),
        }
    }

    /// Works until asked to stop. When the queue or the store itself fails, what may pass is logged
    /// and tried again after a pause; what will not (no room is left) ends the work with its fault.
    pub async fn work(&self, stop: &Stop) -> Result<(), Fault> {
        while !stop.is_raised() {
            match self.work_once(stop).await {
                Ok(Worked::Idle) => self.idle(stop).await,
                Ok(_) => {}
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
            Some(message) => self.see_through(&message, stop).await,
            None => Ok(Worked::Idle),
        }
    }

    async fn idle(&self, stop: &Stop) {
        tokio::select! {
            () = self.queue.wait(self.from, IDLE) => {}
            () = stop.wait() => {}
        }
    }

    async fn see_through(&self, message: &Received, stop: &Stop) -> Result<Worked, Fault> {
        let handoff: S::Takes = match serde_json::from_str(&message.body) {
            Ok(handoff) => handoff,
            Err(error) => {
                let fault = Fault::new(
                    FaultKind::Reject,
                    "message_unreadable",
                    format!(
                        "a message in `{}` is none of ours (line {}, column {})",
                        self.from,
                        error.line(),
                        error.column()
                    ),
                );
                return self.bury(message, &fault).await;
            }
        };
        if let Gate::Closed(reason) = gate(self.store.as_ref(), &handoff).await? {
            tracing::debug!(queue = self.from.as_str(), group = message.group, reason, "message dropped");
            self.acknowledge(message).await?;
            return Ok(Worked::Dropped);
        }
        let span = span_of(self.from, &handoff, message.receives);
        let policy = self.policy_of(&handoff).await;
        match self.run_leased(handoff, message, stop).instrument(span).await {
            Ok(()) => {
                self.acknowledge(message).await?;
                Ok(Worked::Done)
            }
            Err(fault) => self.answer_failure(message, &fault, &policy).await,
        }
    }

    /// Runs the step while keeping the message's lease.
    async fn run_leased(&self, handoff: S::Takes, message: &Received, stop: &Stop) -> Result<(), Fault> {
        let budget = Budget::of(STEP_BUDGET, self.clock.clone()).stopped_by(stop.flag());
        let lengthen = async {
            loop {
                tokio::time::sleep(LEASE / 3).await;
                if let Err(error) = self.queue.extend(&message.receipt, LEASE).await {
                    tracing::warn!(queue = self.from.as_str(), error = %error, "lease could not be lengthened");
                }
            }
        };
        keeping(lengthen, self.step.run(handoff, &self.outbox, &budget)).await
    }

    async fn answer_failure(&self, message: &Received, fault: &Fault, policy: &retry::Policy) -> Result<Worked, Fault> {
        if fault.kind == FaultKind::Retry {
            let wait = policy.wait_after(message.receives, (self.random)(), fault.retry_after, Duration::MAX);
            if let Some(wait) = wait {
                tracing::warn!(
                    queue = self.from.as_str(),
                    group = message.group,
                    code = fault.code,
                    cause = fault.message,
                    receives = message.receives,
                    wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                    "message will be tried again"
                );
                return match self.queue.give_back(&message.receipt, wait).await {
                    Ok(()) | Err(queue::Error::LeaseLost) => Ok(Worked::Retried),
                    Err(error) => Err(error.into()),
                };
            }
        }
        self.bury(message, fault).await
    }

    async fn bury(&self, message: &Received, fault: &Fault) -> Result<Worked, Fault> {
        match self.queue.dead_letter(&message.receipt, fault).await {
            Ok(()) | Err(queue::Error::LeaseLost) => {}
            Err(error) => return Err(error.into()),
        }
        self.undertaker.tend(self.from).await?;
        Ok(Worked::Buried)
    }

    /// A lost lease is fine here: whoever has the message now finds the work done.
    async fn acknowledge(&self, message: &Received) -> Result<(), Fault> {
        match self.queue.acknowledge(&message.receipt).await {
            Ok(()) | Err(queue::Error::LeaseLost) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn policy_of(&self, handoff: &S::Takes) -> retry::Policy {
        let Some((context, _)) = handoff.belongs_to() else { return retry::Policy::default() };
        match self.specs.of(context).await {
            Ok(sync) => sync.retry.clone(),
            Err(_) => retry::Policy::default(),
        }
    }
}

async fn pause(stop: &Stop) {
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => {}
        () = stop.wait() => {}
    }
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

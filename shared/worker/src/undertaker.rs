//! What follows from a dead letter: its lane (or stream) is failed, the run is settled, people are told.

use std::sync::Arc;

use flow::{Clock, Context, Fault, Lane, Outbox, QueueName, RunId, Severity, Signal, StreamName};
use queue::{DeadLetter, Queue};
use serde::Deserialize;
use store::Store;
use store::record::RunState;

use crate::outbox::QueueOutbox;

/// Tends to dead letters nobody was told about yet. May be killed anywhere and be called again.
#[derive(Clone)]
pub struct Undertaker {
    queue: Arc<dyn Queue>,
    store: Arc<dyn Store>,
    outbox: QueueOutbox,
    clock: Arc<dyn Clock>,
}

/// The part of a message that says whose it is; a message that is none of ours has neither.
#[derive(Deserialize)]
struct Belonging {
    context: Option<Context>,
    lane: Option<Lane>,
}

impl Undertaker {
    /// Tends these queues.
    #[must_use]
    pub fn new(queue: Arc<dyn Queue>, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let outbox = QueueOutbox::new(queue.clone(), store.clone());
        Self { queue, store, outbox, clock }
    }

    /// Tends to every queue.
    pub async fn tend_all(&self) -> Result<(), Fault> {
        for queue in QueueName::ALL {
            self.tend(queue).await?;
        }
        Ok(())
    }

    /// Tends to one queue.
    pub async fn tend(&self, queue: QueueName) -> Result<(), Fault> {
        for letter in self.queue.dead_letters(queue).await? {
            if !letter.reported {
                self.report(&letter).await?;
                self.queue.mark_reported(&letter.id).await?;
            }
        }
        Ok(())
    }

    async fn report(&self, letter: &DeadLetter) -> Result<(), Fault> {
        tracing::error!(
            queue = letter.queue.as_str(),
            group = letter.group,
            code = letter.cause.code,
            receives = letter.receives,
            cause = letter.cause.message,
            "message became a dead letter"
        );
        let Some((context, lane)) = self.belonging(letter).await? else { return Ok(()) };
        self.fail(&context, lane.as_ref(), &letter.cause).await?;
        let about = format!("{}/{}", letter.queue, letter.group);
        let summary = format!("a message in `{}` could not be processed: {}", letter.queue, letter.cause);
        self.tell("dead_letter", &context, &about, summary).await?;
        let run = self.store.settle_run(&context.run, RunState::Failed, self.clock.now()).await?;
        if run.state == RunState::Failed {
            let cause = run.fault.as_ref().unwrap_or(&letter.cause);
            self.tell("run_failed", &context, "run", format!("run {} failed: {cause}", run.id)).await?;
        }
        Ok(())
    }

    /// Whose a message is: as it says itself, or, when it cannot be read, as its group does, which is
    /// named by run, stream and lane.
    async fn belonging(&self, letter: &DeadLetter) -> Result<Option<(Context, Option<Lane>)>, Fault> {
        if let Ok(Belonging { context: Some(context), lane }) = serde_json::from_str(&letter.body) {
            return Ok(Some((context, lane)));
        }
        let mut parts = letter.group.splitn(3, '/');
        let (Some(run), Some(stream), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return Ok(None) };
        let (Some(run), Ok(stream)) = (self.store.run(&RunId::from_text(run)).await?, StreamName::new(stream)) else {
            return Ok(None);
        };
        let lane = self.store.lane(&Lane::from_text(&letter.group)).await?.map(|record| record.lane);
        let context = Context { sync: run.sync, stream, version: run.version, run: run.id, attempt: run.attempt };
        Ok(Some((context, lane)))
    }

    async fn fail(&self, context: &Context, lane: Option<&Lane>, cause: &Fault) -> Result<(), Fault> {
        let still_this_attempt = self.store.run(&context.run).await?.is_some_and(|run| run.attempt == context.attempt);
        if !still_this_attempt {
            return Ok(());
        }
        match lane {
            Some(lane) => self.store.fail_lane(lane, cause).await?,
            None => self.store.fail_stream(&context.run, &context.stream, cause).await?,
        }
        Ok(())
    }

    async fn tell(&self, name: &str, context: &Context, about: &str, summary: String) -> Result<(), Fault> {
        let signal = Signal::of_run(name, Severity::Error, context, about, summary, self.clock.now());
        Outbox::<Signal>::signal(&self.outbox, signal).await
    }
}

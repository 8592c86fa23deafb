//! What follows from a dead letter: its lane (or stream) is failed, the run is settled, people are told.

use std::sync::Arc;
use std::time::Duration;

use flow::{Clock, Context, Fault, Lane, QueueName, RunId, Severity, Signal, StreamName};
use queue::{DeadLetter, Queue, QueueExt, Received};
use serde::Deserialize;
use store::Store;
use store::record::RunState;

/// Tends to dead letters nobody was told about yet. May be killed anywhere and be called again.
#[derive(Clone)]
pub struct Undertaker {
    queue: Arc<dyn Queue>,
    store: Arc<dyn Store>,
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
        Self { queue, store, clock }
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

    /// Does what follows from a message that was just buried. The letter is not marked: whoever tends
    /// the queue finds it, sees that all of it is done, and marks it.
    pub(crate) async fn follow(&self, queue: QueueName, message: &Received, cause: &Fault) -> Result<(), Fault> {
        let letter = DeadLetter {
            id: String::new(),
            queue,
            group: message.group.clone(),
            body: message.body.clone(),
            cause: cause.clone(),
            receives: message.receives,
            at: self.clock.now(),
            reported: false,
        };
        self.report(&letter).await
    }

    async fn report(&self, letter: &DeadLetter) -> Result<(), Fault> {
        let Some((context, lane)) = self.belonging(letter).await? else {
            log(letter);
            return Ok(());
        };
        self.fail(&context, lane.as_ref(), &letter.cause).await?;
        let about = format!("{}/{}", letter.queue, letter.group);
        let summary = format!("a message in `{}` could not be processed: {}", letter.queue, letter.cause);
        // What the store knows was logged by whoever told it.
        if self.tell("dead_letter", &context, &about, summary).await? {
            log(letter);
        }
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

    /// False when it was told before.
    async fn tell(&self, name: &str, context: &Context, about: &str, summary: String) -> Result<bool, Fault> {
        let signal = Signal::of_run(name, Severity::Error, context, about, summary, self.clock.now());
        self.queue.hand_on(&signal, Duration::ZERO).await?;
        Ok(self.store.keep_signal(&signal).await?)
    }
}

fn log(letter: &DeadLetter) {
    tracing::error!(
        queue = letter.queue.as_str(),
        group = letter.group,
        code = letter.cause.code,
        receives = letter.receives,
        cause = letter.cause.message,
        "message became a dead letter"
    );
}

//! A batch of messages, as SQS delivers it through Lambda's mapping.
//!
//! For every group in turn, message by message:
//! - done, or no work left: the mapping deletes it;
//! - failed, and may be tried again: it is hidden for as long as the retry policy says and reported as
//!   failed, and so is every later message of its group, untouched and given back at once;
//! - failed for good: it is sent to the dead letters with its cause, and what followed from it is done
//!   before the next message of its group is looked at;
//! - no time left: it and the rest of its group are given back untouched;
//! - the queue or the store itself failed: the message is given back for a while that grows with its
//!   receives, whatever its retry policy says, for it is not its fault.
//!
//! Groups are worked on side by side: none waits for the time another takes. So the batch size of the
//! mapping bounds how much is in memory at once.
//!
//! A message counts a receive each time it comes, given back untouched or not. Its retry policy counts
//! receives, so the messages behind one that keeps failing have fewer attempts left.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use flow::{Fault, Handoff, QueueName, Step};
use futures::future::join_all;
use queue::sqs::Delivered;
use queue::{Queue, Received};
use worker::{Attendant, Parts, Random, Seen};

use crate::plan::{self, Group};
use crate::{Mapped, Time};

/// With less than this for its step, a message that is not the first of its group is not begun.
const WORTH_BEGINNING: Duration = Duration::from_secs(1);

/// What takes the batches of one queue.
#[async_trait]
pub trait Batches: Send + Sync {
    /// Works a batch through. Returns the ids of the messages that are not done, in no order.
    ///
    /// # Errors
    /// When the queue or the store itself failed and nothing at all was done.
    async fn work(&self, batch: Vec<Delivered>, time: &Time) -> Result<Vec<String>, Fault>;
}

/// Puts the messages of a queue through a step.
pub struct Stepping<S> {
    attendant: Attendant<S>,
    from: QueueName,
    queue: Arc<dyn Queue>,
    mapped: Arc<dyn Mapped>,
    random: Random,
    worth_beginning: Duration,
}

/// What became of a group.
#[derive(Default)]
struct Worked {
    /// How many messages are done with, dead letters included.
    done: usize,
    /// The ids of those that are not.
    not_done: Vec<String>,
    /// Why the group was left, when it was for no fault of its own.
    trouble: Option<Fault>,
}

/// What became of a message.
enum Outcome {
    /// The mapping may delete it.
    Done,
    /// It comes again, and its group waits; the fault is none of its own.
    Left(Option<Fault>),
}

/// A message with the id the mapping knows it by.
struct Message {
    id: String,
    received: Received,
}

impl<S> Stepping<S>
where
    S: Step,
    S::Takes: Handoff,
{
    /// Puts what waits in `from` through `step`.
    pub fn new(step: Arc<S>, from: QueueName, parts: &Parts, mapped: Arc<dyn Mapped>) -> Self {
        Self {
            attendant: Attendant::for_invocations(step, from, parts),
            from,
            queue: parts.queue.clone(),
            mapped,
            random: parts.random.clone(),
            worth_beginning: WORTH_BEGINNING,
        }
    }

    /// Begins a message that is not the first of its group only with more than so much time for its
    /// step; 1 s where nothing is said. The first is begun with any: else a function whose time is short
    /// would never do anything.
    #[must_use]
    pub fn worth_beginning_with(self, least: Duration) -> Self {
        Self { worth_beginning: least, ..self }
    }

    async fn work_group(&self, group: Group, time: &Time) -> Worked {
        let adopt = |delivered: Delivered| Message {
            id: delivered.id.clone(),
            received: self.mapped.adopt(self.from, delivered),
        };
        let messages: Vec<Message> = group.into_iter().map(adopt).collect();
        let worked = self.work_messages(&messages, time).await;
        // A process lives for hours: what the mapping deletes must not stay here.
        messages.iter().for_each(|message| self.mapped.release(&message.received.receipt));
        worked
    }

    async fn work_messages(&self, messages: &[Message], time: &Time) -> Worked {
        let mut worked = Worked::default();
        for (number, message) in messages.iter().enumerate() {
            let least = if number == 0 { Duration::ZERO } else { self.worth_beginning };
            match self.work_message(message, least, time).await {
                Outcome::Done => worked.done += 1,
                Outcome::Left(trouble) => {
                    let rest = messages.get(number + 1..).unwrap_or_default();
                    let left = std::iter::once(message).chain(rest);
                    worked.not_done = left.map(|message| message.id.clone()).collect();
                    worked.trouble = trouble;
                    self.give_back_all(rest, time).await;
                    break;
                }
            }
        }
        worked
    }

    /// Sees a message through, unless there is no more than `least` for its step.
    async fn work_message(&self, message: &Message, least: Duration, time: &Time) -> Outcome {
        if time.work().is_below(least) {
            tracing::info!(queue = self.from.as_str(), group = message.received.group, "given back for want of time");
            self.give_back(message, Duration::ZERO, time).await;
            return Outcome::Left(None);
        }
        let seen = self.attendant.see_through(&message.received, time.work());
        match tokio::time::timeout(time.left(), seen).await {
            Ok(Ok(Seen::Done | Seen::Dropped | Seen::Buried)) => Outcome::Done,
            Ok(Ok(Seen::Retried)) => Outcome::Left(None),
            Ok(Err(fault)) => {
                self.trouble(message, &fault, time).await;
                Outcome::Left(Some(fault))
            }
            // There is time to answer and for nothing else: its lease ends by itself.
            Err(_) => Outcome::Left(None),
        }
    }

    /// Gives back a message that failed through no fault of its own.
    async fn trouble(&self, message: &Message, fault: &Fault, time: &Time) {
        let for_ever = retry::Policy { max_attempts: u32::MAX, ..retry::Policy::default() };
        let wait = for_ever.wait_after(message.received.receives, (self.random)(), fault.retry_after, Duration::MAX);
        tracing::warn!(
            queue = self.from.as_str(),
            code = fault.code,
            cause = fault.message,
            receives = message.received.receives,
            wait_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            "message given back: queue or store failed"
        );
        self.give_back(message, wait.unwrap_or_default(), time).await;
    }

    async fn give_back_all(&self, messages: &[Message], time: &Time) {
        for message in messages {
            self.give_back(message, Duration::ZERO, time).await;
        }
    }

    /// What cannot be given back, or not in time, comes again when its lease ends.
    async fn give_back(&self, message: &Message, wait: Duration, time: &Time) {
        let given_back = self.queue.give_back(&message.received.receipt, wait);
        match tokio::time::timeout(time.left(), given_back).await {
            Ok(Ok(()) | Err(queue::Error::LeaseLost)) | Err(_) => {}
            Ok(Err(error)) => {
                let fault = Fault::from(error);
                tracing::warn!(
                    queue = self.from.as_str(),
                    code = fault.code,
                    cause = fault.message,
                    "message could not be given back"
                );
            }
        }
    }
}

#[async_trait]
impl<S> Batches for Stepping<S>
where
    S: Step,
    S::Takes: Handoff,
{
    async fn work(&self, batch: Vec<Delivered>, time: &Time) -> Result<Vec<String>, Fault> {
        let groups = plan::groups(batch).into_iter().map(|group| self.work_group(group, time));
        let (mut done, mut not_done, mut trouble) = (0, Vec::new(), None);
        for worked in join_all(groups).await {
            done += worked.done;
            not_done.extend(worked.not_done);
            trouble = trouble.or(worked.trouble);
        }
        match trouble {
            // An error is counted and told, and lets the mapping slow down.
            Some(fault) if done == 0 => Err(fault),
            _ => Ok(not_done),
        }
    }
}

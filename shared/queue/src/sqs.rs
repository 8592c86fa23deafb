//! The queues on SQS: FIFO queues, each with a FIFO queue for its dead letters.
//!
//! A group is the message group, the deduplication id SQS's own, a lease the receipt handle with its
//! visibility timeout. The redrive policy of the queue, with [`Limits::max_receives`] as its
//! `maxReceiveCount`, buries what kills its receivers; what has a cause is buried by
//! [`dead_letter`](Queue::dead_letter) and carries it.
//!
//! Where SQS differs from what the trait says:
//! - **Deduplication** is remembered for 5 minutes, whatever [`Limits::deduplication_window`] says,
//!   and SQS does not tell a repeat from the first: every send is [`Sent::Accepted`]. Queues must
//!   keep `DeduplicationScope` at `queue`.
//! - **A delay of a single message** does not exist on FIFO queues, nor does an empty message: both
//!   are [`Error::Unsupported`]. [`give_back`](Queue::give_back) with a delay does.
//! - **A lease** is of whole seconds, rounded up, and of 12 hours at most, all its extensions
//!   together. One that has ended is refused though nobody took the message over. Answers are taken
//!   only from the instance that received the message, or [adopted](Sqs::adopt) it: what the message
//!   said is needed to bury it.
//! - **[`receive`](Queue::receive)** asks once for each message: in one answer SQS would give several
//!   of one group. It does not promise fairness between groups nobody works on.
//! - **[`wait`](Queue::wait)** is a long poll, and SQS leases what it finds: the message is kept for
//!   the next `receive`. When that never comes, it can be received when its lease has ended.
//! - **[`depth`](Queue::depth)** is right within a minute or so; what was given back with a delay
//!   counts as leased.
//! - **[`purge`](Queue::purge)** and the dead letters are looked through by receiving them, for SQS has
//!   no looking: messages are hidden meanwhile, each group's first ones of a queue that is purged
//!   count one receive more, and what somebody has leased stays. Both take a second at least.
//! - **Size**: SQS takes 1 MiB with all attributes (256 KiB until 2025, and where a queue's
//!   `MaximumMessageSize` says so). [`Limits::max_message_bytes`] counts the body and is refused before
//!   anything is sent; a dead letter needs up to 20 KiB more for its cause.
//! - **A receive whose answer is lost** on the way leases its message all the same.
//! - **Dead letters** are kept for the retention of their queue: 14 days at most.

mod client;
mod dead;
mod held;
mod message;
mod sweep;
mod trouble;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use aws_types::SdkConfig;
use flow::{Clock, Fault, QueueName};
use tokio::time::Instant;

use crate::{DeadLetter, Depth, Error, Limits, Outgoing, Queue, Receipt, Received, Sent, lease};

pub use client::{Addresses, Patience};
use held::{Held, Taken};
pub use message::GROUP;
use trouble::Asked;

/// SQS polls for no longer.
const LONGEST_POLL: Duration = Duration::from_secs(20);
const HALF_A_SECOND: Duration = Duration::from_millis(500);

/// A message as SQS delivered it to somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// SQS's id of the message.
    pub id: String,
    /// The receipt handle.
    pub handle: String,
    /// The attribute [`GROUP`] where the message has it, else its message group.
    pub group: String,
    /// The handoff as JSON.
    pub body: String,
    /// The approximate receive count.
    pub receives: u32,
}

/// The queues of one deployment. Clones and other processes share them.
#[derive(Clone)]
pub struct Sqs(Arc<Inner>);

struct Inner {
    config: SdkConfig,
    addresses: Addresses,
    patience: Patience,
    limits: Limits,
    clock: Arc<dyn Clock>,
    // Made by the first call: a client is the dearest part of a function's start.
    client: OnceLock<Client>,
    held: Held,
    // Two sweeps of one process would hide each other's messages.
    sweeping: tokio::sync::Mutex<()>,
}

impl Sqs {
    /// The queues at these addresses; nothing is asked of them yet. `config` is what all clients of
    /// the process share: region, credentials, connections.
    #[must_use]
    pub fn new(
        config: SdkConfig,
        addresses: Addresses,
        patience: Patience,
        limits: Limits,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let client = OnceLock::new();
        let (held, sweeping) = (Held::default(), tokio::sync::Mutex::default());
        Self(Arc::new(Inner { config, addresses, patience, limits, clock, client, held, sweeping }))
    }

    /// Takes over a message that was received elsewhere, as Lambda does before it calls a function:
    /// it can then be answered for here.
    #[must_use]
    pub fn adopt(&self, queue: QueueName, delivered: Delivered) -> Received {
        let Delivered { id, handle, group, body, receives } = delivered;
        let (attributes, at) = (Default::default(), self.0.clock.uptime());
        self.0.held.hand_out(queue, Taken { id, handle, group, body, receives, attributes, at, lease: Duration::ZERO })
    }

    /// Forgets a message that was [adopted](Sqs::adopt) and that somebody else answers for, as Lambda's
    /// mapping does when it deletes what is done: nothing is asked of SQS.
    pub fn release(&self, receipt: &Receipt) {
        self.0.held.let_go(receipt);
    }

    /// About how many dead letters a queue has, reported ones included; right within a minute or so.
    pub async fn dead_count(&self, queue: QueueName) -> Result<u64, Error> {
        Ok(self.0.counts(self.0.addresses.dead_letters(queue)?).await?.iter().sum())
    }

    /// Gives back what a wait took and nobody received. Without it, others get it when its lease ends.
    pub async fn close(&self) {
        for queue in QueueName::ALL {
            while let Some(taken) = self.0.held.next_waiting(queue) {
                // A process that ends cannot do more about it.
                let _ = self.0.change_visibility(queue, &taken.handle, Duration::ZERO, "give back").await;
            }
        }
    }
}

impl Inner {
    /// The client, made when it is first asked for.
    fn client(&self, queue: QueueName) -> Result<&Client, Error> {
        match self.client.get() {
            Some(client) => Ok(client),
            None => {
                let made = client::make(&self.config, queue, &self.addresses, &self.patience)?;
                Ok(self.client.get_or_init(|| made))
            }
        }
    }

    /// Receives up to `max` messages and leases them; waits up to `poll` for the first.
    async fn ask(&self, from: Place<'_>, max: usize, lease: Duration, poll: Duration) -> Result<Vec<Taken>, Error> {
        let uptime = self.clock.uptime();
        let request = self
            .client(from.queue)?
            .receive_message()
            .queue_url(from.address)
            .max_number_of_messages(i32::try_from(max).unwrap_or(client::BATCH))
            .visibility_timeout(client::seconds(lease))
            .wait_time_seconds(client::seconds(poll))
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        let answer = request.customize().config_override(self.patience.with_poll(poll)).send().await;
        let answer = answer.map_err(|error| from.asked("receive").failed(error))?;
        let messages = answer.messages.unwrap_or_default();
        Ok(messages.into_iter().filter_map(|message| message::taken(message, uptime, lease)).collect())
    }

    async fn change_visibility(
        &self,
        queue: QueueName,
        handle: &str,
        time: Duration,
        doing: &'static str,
    ) -> Result<(), Error> {
        let from = self.addresses.messages(queue)?;
        let request = self.client(queue)?.change_message_visibility().queue_url(from.address).receipt_handle(handle);
        let answer = request.visibility_timeout(client::seconds(time)).send().await;
        answer.map(drop).map_err(|error| from.asked(doing).failed(error))
    }

    /// Takes one message for `lease`, unless there is none.
    async fn take(&self, queue: QueueName, lease: Duration) -> Result<Option<Received>, Error> {
        while let Some(taken) = self.held.next_waiting(queue) {
            match self.renew(queue, taken, lease).await {
                Ok(taken) => return Ok(Some(self.held.hand_out(queue, taken))),
                // Its lease ended while it waited here: whoever has it now sees to it.
                Err(Error::LeaseLost) => {}
                Err(error) => return Err(error),
            }
        }
        let mut messages = self.ask(self.addresses.messages(queue)?, 1, lease, Duration::ZERO).await?;
        Ok(messages.pop().map(|taken| self.held.hand_out(queue, taken)))
    }

    /// Makes the lease of a message that waited here as long as was asked for.
    async fn renew(&self, queue: QueueName, taken: Taken, lease: Duration) -> Result<Taken, Error> {
        let waited = self.clock.uptime().saturating_sub(taken.at);
        if taken.lease == lease && waited < Duration::from_secs(1) {
            return Ok(taken);
        }
        self.change_visibility(queue, &taken.handle, lease, "receive").await?;
        Ok(Taken { at: self.clock.uptime(), lease, ..taken })
    }

    /// Asks once, for up to `poll`, and keeps what comes. Whether something did.
    async fn look(&self, queue: QueueName, poll: Duration) -> Result<bool, Error> {
        let lease = self.held.usual_lease(queue);
        let taken = self.ask(self.addresses.messages(queue)?, 1, lease, poll).await?;
        let is_any = !taken.is_empty();
        self.held.keep_waiting(queue, taken);
        Ok(is_any)
    }

    /// A lease that is over, by its answer or by itself, is held no more. After another failure it
    /// is: the same answer may be given again.
    fn settle(&self, receipt: &Receipt, answer: Result<(), Error>) -> Result<(), Error> {
        if matches!(answer, Ok(()) | Err(Error::LeaseLost)) {
            self.held.let_go(receipt);
        }
        answer
    }

    /// Makes a lease end `time` from now.
    async fn prolong(&self, receipt: &Receipt, time: Duration, doing: &'static str) -> Result<(), Error> {
        let answer = self.change_visibility(receipt.queue, &receipt.token, time, doing).await;
        if matches!(answer, Err(Error::LeaseLost)) {
            self.held.let_go(receipt);
        }
        answer
    }

    async fn delete(&self, receipt: &Receipt) -> Result<(), Error> {
        let from = self.addresses.messages(receipt.queue)?;
        let request = self.client(receipt.queue)?.delete_message().queue_url(from.address);
        let answer = request.receipt_handle(&receipt.token).send().await;
        answer.map(drop).map_err(|error| from.asked("acknowledge").failed(error))
    }

    /// Messages that can be received, that somebody has, and that are delayed.
    async fn counts(&self, from: Place<'_>) -> Result<[u64; 3], Error> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let request = self.client(from.queue)?.get_queue_attributes().queue_url(from.address);
        let answer = request.set_attribute_names(Some(names.to_vec())).send().await;
        let counts = answer.map_err(|error| from.asked("count").failed(error))?.attributes.unwrap_or_default();
        Ok(names.map(|name| counts.get(&name).and_then(|count| count.parse().ok()).unwrap_or_default()))
    }
}

/// A queue of SQS: where the messages of a queue are, or its dead letters.
#[derive(Clone, Copy)]
struct Place<'a> {
    queue: QueueName,
    address: &'a str,
}

impl<'a> Place<'a> {
    fn asked(self, doing: &'static str) -> Asked<'a> {
        Asked { doing, queue: self.queue, address: self.address }
    }
}

#[async_trait]
impl Queue for Sqs {
    async fn send(&self, queue: QueueName, message: Outgoing) -> Result<Sent, Error> {
        lease::check_size(&message, &self.0.limits)?;
        if !message.delay.is_zero() {
            return Err(Error::Unsupported { what: "delay a single message" });
        }
        if message.body.is_empty() {
            return Err(Error::Unsupported { what: "carry an empty message" });
        }
        let to = self.0.addresses.messages(queue)?;
        let group = message::name(&message.group);
        let request = self
            .0
            .client(queue)?
            .send_message()
            .queue_url(to.address)
            .message_deduplication_id(message::name(&message.deduplication_id))
            .set_message_attributes(message::group_attributes(&message.group, &group))
            .message_group_id(group)
            .message_body(message.body);
        request.send().await.map_err(|error| to.asked("send").failed(error))?;
        Ok(Sent::Accepted)
    }

    async fn receive(&self, queue: QueueName, max: usize, lease: Duration) -> Result<Vec<Received>, Error> {
        self.0.held.note_lease(queue, lease);
        let mut received: Vec<Received> = Vec::new();
        while received.len() < max {
            match self.0.take(queue, lease).await {
                // A lease of no length hides nothing: the group would come again and again.
                Ok(Some(message)) if received.iter().any(|other| other.group == message.group) => break,
                Ok(Some(message)) => received.push(message),
                Ok(None) => break,
                // What was received is leased: it must not get lost in an error.
                Err(_) if !received.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(received)
    }

    async fn wait(&self, queue: QueueName, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        while !self.0.held.has_waiting(queue) {
            let left = deadline.saturating_duration_since(Instant::now());
            // SQS polls for whole seconds: half a one too long or too short.
            let poll = Duration::from_secs((left + HALF_A_SECOND).as_secs()).min(LONGEST_POLL);
            // In a task of its own: given up half-way, a poll would lose what it has leased.
            let inner = self.0.clone();
            let look = tokio::spawn(async move { inner.look(queue, poll).await });
            let is_last = poll.is_zero();
            match look.await {
                Ok(Ok(true)) => return,
                Ok(Ok(false)) if !is_last => {}
                // The receive that follows the wait says what is wrong.
                _ => return tokio::time::sleep_until(deadline.min(Instant::now() + Duration::from_secs(1))).await,
            }
        }
    }

    async fn acknowledge(&self, receipt: &Receipt) -> Result<(), Error> {
        self.0.held.check(receipt)?;
        self.0.settle(receipt, self.0.delete(receipt).await)
    }

    async fn give_back(&self, receipt: &Receipt, delay: Duration) -> Result<(), Error> {
        self.0.held.check(receipt)?;
        let answer = self.0.change_visibility(receipt.queue, &receipt.token, delay, "give back").await;
        self.0.settle(receipt, answer)
    }

    async fn extend(&self, receipt: &Receipt, lease: Duration) -> Result<(), Error> {
        self.0.held.check(receipt)?;
        self.0.prolong(receipt, lease, "extend").await
    }

    /// Sends the message to the dead letters and then removes it. When the process ends between the
    /// two, it is received and buried again, under the same id.
    async fn dead_letter(&self, receipt: &Receipt, cause: &Fault) -> Result<(), Error> {
        let message = self.0.held.check(receipt)?;
        // Whose lease has ended buries nothing; who has it keeps it until both are done.
        self.0.prolong(receipt, self.0.patience.total * 2, "dead letter").await?;
        self.0.bury(receipt.queue, &message, cause).await?;
        self.0.settle(receipt, self.0.delete(receipt).await)
    }

    async fn depth(&self, queue: QueueName) -> Result<Depth, Error> {
        let (messages, dead) =
            (self.0.counts(self.0.addresses.messages(queue)?), self.0.counts(self.0.addresses.dead_letters(queue)?));
        let ([waiting, leased, delayed], dead) = tokio::try_join!(messages, dead)?;
        Ok(Depth { waiting, leased, delayed, dead: dead.iter().sum() })
    }

    async fn dead_letters(&self, queue: QueueName) -> Result<Vec<DeadLetter>, Error> {
        self.0.list_dead(queue).await
    }

    async fn mark_reported(&self, dead_letter: &str) -> Result<(), Error> {
        self.0.mark_dead(dead_letter).await
    }

    async fn discard(&self, dead_letter: &str) -> Result<(), Error> {
        self.0.discard_dead(dead_letter).await
    }

    async fn purge(&self, queue: QueueName, prefix: &str) -> Result<u64, Error> {
        self.0.purge(queue, prefix).await
    }
}

#[cfg(test)]
mod tests;

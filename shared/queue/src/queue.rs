use std::time::Duration;

use async_trait::async_trait;
use flow::{Fault, Handoff, QueueName, Timestamp};

use crate::Error;

/// Carries messages from function to function, at least once and in order within a group.
///
/// The guarantees, as SQS FIFO gives them:
/// - a message that [`send`](Queue::send) returned for survives the process;
/// - of the messages of one group in one queue only the oldest can be received, and only when it
///   is neither leased nor delayed: nothing overtakes inside a group, groups do not wait for each other;
/// - two sends of one deduplication id within [`Limits::deduplication_window`] are one message,
///   whether the first was consumed meanwhile or not;
/// - a received message is leased; when the lease ends without an answer it can be received again;
/// - a message received [`Limits::max_receives`] times without being acknowledged becomes a dead
///   letter instead of being received once more, and its group goes on.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Puts a message in.
    async fn send(&self, queue: QueueName, message: Outgoing) -> Result<Sent, Error>;

    /// Takes up to `max` messages, each from another group, leased for `lease`. Returns at once,
    /// with nothing when nothing can be received.
    async fn receive(&self, queue: QueueName, max: usize, lease: Duration) -> Result<Vec<Received>, Error>;

    /// Waits until something may be there to receive, or `timeout` is over. Wakes too often rather
    /// than too late.
    async fn wait(&self, queue: QueueName, timeout: Duration);

    /// Removes a received message for good.
    async fn acknowledge(&self, receipt: &Receipt) -> Result<(), Error>;

    /// Gives a received message back; it can be received again after `delay`. Its group waits with it.
    async fn give_back(&self, receipt: &Receipt, delay: Duration) -> Result<(), Error>;

    /// Lengthens the lease of a received message to `lease` from now.
    async fn extend(&self, receipt: &Receipt, lease: Duration) -> Result<(), Error>;

    /// Makes a received message a dead letter, with its cause.
    async fn dead_letter(&self, receipt: &Receipt, cause: &Fault) -> Result<(), Error>;

    /// How much is in a queue.
    async fn depth(&self, queue: QueueName) -> Result<Depth, Error>;

    /// The dead letters of a queue, oldest first.
    async fn dead_letters(&self, queue: QueueName) -> Result<Vec<DeadLetter>, Error>;

    /// Marks a dead letter as told to people, so that it is told once.
    async fn mark_reported(&self, dead_letter: &str) -> Result<(), Error>;

    /// Removes a dead letter; one that is not there is fine.
    async fn discard(&self, dead_letter: &str) -> Result<(), Error>;

    /// Removes every message of the groups whose name begins with `prefix` from a queue, leased or
    /// not. Returns how many.
    async fn purge(&self, queue: QueueName, prefix: &str) -> Result<u64, Error>;
}

/// What holds for every queue of one broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Receives without acknowledgement after which a message becomes a dead letter. Default 20:
    /// the retry policy gives up earlier, this catches messages that kill whoever takes them.
    pub max_receives: u32,
    /// How long a deduplication id is remembered. Default 5 minutes, as SQS does.
    pub deduplication_window: Duration,
    /// Largest message in bytes. Default 262,144: what SQS took until 2025, and every broker takes.
    /// Messages are references of a few hundred bytes; a larger one is a mistake.
    pub max_message_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_receives: 20, deduplication_window: Duration::from_secs(300), max_message_bytes: 262_144 }
    }
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// What must stay in order.
    pub group: String,
    /// Two of the same value are one message.
    pub deduplication_id: String,
    /// The handoff as JSON.
    pub body: String,
    /// How long before it can be received. Zero: at once.
    pub delay: Duration,
}

/// What became of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is in the queue.
    New,
    /// It was there before, or was within the window.
    Duplicate,
    /// It is in the queue, now or from before: this broker does not tell which.
    Accepted,
}

/// A message, leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Answers go by it.
    pub receipt: Receipt,
    /// Its group.
    pub group: String,
    /// The handoff as JSON.
    pub body: String,
    /// How often it was received, this time included.
    pub receives: u32,
}

/// Names one lease of one message. When the lease has ended and somebody else received the message,
/// answers by the old receipt are refused with [`Error::LeaseLost`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// The queue.
    pub queue: QueueName,
    /// The lease, in the broker's own words.
    pub token: String,
}

/// How much is in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Messages that are neither leased nor delayed (though their group may hold them back).
    pub waiting: u64,
    /// Messages somebody has leased.
    pub leased: u64,
    /// Messages whose delay is not over.
    pub delayed: u64,
    /// Dead letters.
    pub dead: u64,
}

/// A message that could not be processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id.
    pub id: String,
    /// The queue it was in.
    pub queue: QueueName,
    /// Its group.
    pub group: String,
    /// The handoff as JSON.
    pub body: String,
    /// Why; of kind `retry` with code `too_many_receives` when nobody said.
    pub cause: Fault,
    /// How often it was received.
    pub receives: u32,
    /// When it became one.
    pub at: Timestamp,
    /// Whether people were told.
    pub reported: bool,
}

/// Handoffs in queues.
#[async_trait]
pub trait QueueExt {
    /// Sends a handoff to the queue it names, after `delay`.
    async fn hand_on<H: Handoff>(&self, handoff: &H, delay: Duration) -> Result<Sent, Error>;
}

#[async_trait]
impl<Q: Queue + ?Sized> QueueExt for Q {
    async fn hand_on<H: Handoff>(&self, handoff: &H, delay: Duration) -> Result<Sent, Error> {
        let body = serde_json::to_string(handoff).map_err(Error::Encode)?;
        let message = Outgoing { group: handoff.group(), deduplication_id: handoff.deduplication_id(), body, delay };
        self.send(handoff.queue(), message).await
    }
}

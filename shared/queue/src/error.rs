use std::error::Error as StdError;

use flow::{Fault, FaultKind, QueueName};

/// What lies below an error, in the words of whoever met it first.
pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// Why a queue could not do something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lease has ended and the message is no longer this receiver's.
    #[error("the lease of the message has ended")]
    LeaseLost,
    /// The message is larger than the queue takes.
    #[error("message of {bytes} bytes is larger than the queue's limit of {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A handoff could not be written as JSON.
    #[error("encode the handoff")]
    Encode(#[source] serde_json::Error),
    /// The queue's database could not be opened or brought up to date.
    #[error("open the queue `{path}`")]
    Open {
        /// The file.
        path: String,
        /// What the database said.
        #[source]
        source: Cause,
    },
    /// No room is left on the disk.
    #[error("no room is left for the queue; free some space and run again")]
    Full(#[source] Cause),
    /// The database failed.
    #[error("{doing} in the queue's database")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: Cause,
    },
    /// What a row holds is none of ours.
    #[error("message in the queue is not readable")]
    Unreadable(#[source] serde_json::Error),
    /// The broker has no such thing.
    #[error("this kind of queue cannot {what}")]
    Unsupported {
        /// What was asked for, as in "delay a single message".
        what: &'static str,
    },
    /// The broker did not answer in time, broke off, or failed by itself.
    #[error("{doing} in queue `{queue}`: the broker is not available")]
    Unavailable {
        /// What was being done: `send`, `receive`, `acknowledge` …
        doing: &'static str,
        /// The queue.
        queue: QueueName,
        /// What came instead of an answer.
        #[source]
        source: Cause,
    },
    /// The broker asked for fewer requests, more often than there was time for.
    #[error("{doing} in queue `{queue}`: the broker asks for fewer requests")]
    Throttled {
        /// What was being done.
        doing: &'static str,
        /// The queue.
        queue: QueueName,
        /// Its answer.
        #[source]
        source: Cause,
    },
    /// The credentials are known and not allowed to do this.
    #[error(
        "{doing} in queue `{queue}`: access is denied; whoever sends needs `sqs:SendMessage`, whoever receives \
         `sqs:ReceiveMessage`, `sqs:DeleteMessage`, `sqs:ChangeMessageVisibility` and `sqs:GetQueueAttributes`, on the \
         queue and on its dead letters, and the use of their encryption key"
    )]
    Denied {
        /// What was being done.
        doing: &'static str,
        /// The queue.
        queue: QueueName,
        /// The answer.
        #[source]
        source: Cause,
    },
    /// There is no queue at the address.
    #[error("queue `{queue}` does not exist at `{address}`; check the address and its region")]
    NoQueue {
        /// The queue.
        queue: QueueName,
        /// Where it was looked for.
        address: String,
        /// The answer.
        #[source]
        source: Cause,
    },
    /// Nobody said where the queue is.
    #[error("no address is set for {what} of queue `{queue}`")]
    NoAddress {
        /// The queue.
        queue: QueueName,
        /// `the messages` or `the dead letters`.
        what: &'static str,
    },
    /// No region is set.
    #[error("no region is set for the queues")]
    NoRegion,
    /// There are no credentials, or they are not accepted.
    #[error("no credentials for queue `{queue}`, or they are not accepted; check the role or the keys in use")]
    Credentials {
        /// The queue.
        queue: QueueName,
        /// Why.
        #[source]
        source: Option<Cause>,
    },
    /// The broker takes the request for wrong.
    #[error("{doing} in queue `{queue}`: the broker refuses the request")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// The queue.
        queue: QueueName,
        /// The answer.
        #[source]
        source: Cause,
    },
    /// A fault wrapper was told to fail here.
    #[error("failure on command")]
    OnCommand,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let (kind, code) = match &error {
            Error::LeaseLost => (FaultKind::Retry, "lease_lost"),
            Error::TooLarge { .. } => (FaultKind::Bug, "message_too_large"),
            Error::Encode(_) => (FaultKind::Bug, "handoff_encode"),
            Error::Open { .. } => (FaultKind::Config, "queue_open"),
            Error::Full(_) => (FaultKind::Config, "queue_full"),
            Error::Database { .. } => (FaultKind::Retry, "queue_database"),
            Error::Unreadable(_) => (FaultKind::Bug, "message_unreadable"),
            Error::Unsupported { .. } => (FaultKind::Bug, "queue_unsupported"),
            Error::Unavailable { .. } => (FaultKind::Retry, "queue_unavailable"),
            Error::Throttled { .. } => (FaultKind::Retry, "queue_throttled"),
            Error::Denied { .. } => (FaultKind::Config, "queue_access_denied"),
            Error::NoQueue { .. } => (FaultKind::Config, "queue_missing"),
            Error::NoAddress { .. } => (FaultKind::Config, "queue_address"),
            Error::NoRegion => (FaultKind::Config, "queue_region"),
            Error::Credentials { .. } => (FaultKind::Config, "queue_credentials"),
            Error::Refused { .. } => (FaultKind::Config, "queue_refused"),
            Error::OnCommand => (FaultKind::Retry, "on_command"),
        };
        Fault::from_error(kind, code, &error)
    }
}

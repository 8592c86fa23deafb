use flow::{Fault, FaultKind};

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
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No room is left on the disk.
    #[error("no room is left for the queue; free some space and run again")]
    Full(#[source] sqlx::Error),
    /// The database failed.
    #[error("{doing} in the queue's database")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: sqlx::Error,
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
            Error::OnCommand => (FaultKind::Retry, "on_command"),
        };
        Fault::from_error(kind, code, &error)
    }
}

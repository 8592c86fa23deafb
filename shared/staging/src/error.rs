use flow::{Digest, Fault, FaultKind};

/// Why the stage could not do something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The object is not there.
    #[error("object `{key}` is not in the stage")]
    NotFound {
        /// Its key.
        key: String,
    },
    /// A key that would leave the stage: empty parts, `..`, a leading `/`.
    #[error("key `{key}` is not allowed in the stage")]
    BadKey {
        /// The key.
        key: String,
    },
    /// No room is left.
    #[error("no room is left in the stage for `{key}`; free some space or lower `raw: max_bytes`")]
    Full {
        /// The key that was being written.
        key: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The system refused or failed.
    #[error("{doing} `{key}`")]
    Io {
        /// What was being done: `open`, `write`, `read`, `delete`, `list`.
        doing: &'static str,
        /// The key.
        key: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The bytes are not those that were written.
    #[error("object `{key}` is damaged: expected digest {expected}, found {found}")]
    Damaged {
        /// The key.
        key: String,
        /// The digest it was written with.
        expected: Digest,
        /// The digest of what is there.
        found: Digest,
    },
    /// The bytes are no batch.
    #[error("read or write a batch")]
    Batch(#[source] batch::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let (kind, code) = match &error {
            Error::NotFound { .. } => (FaultKind::Bug, "object_missing"),
            Error::BadKey { .. } => (FaultKind::Bug, "object_key"),
            Error::Full { .. } => (FaultKind::Config, "stage_full"),
            Error::Io { .. } => (FaultKind::Retry, "stage_io"),
            Error::Damaged { .. } => (FaultKind::Bug, "object_damaged"),
            Error::Batch(_) => (FaultKind::Bug, "batch_unreadable"),
        };
        Fault::from_error(kind, code, &error)
    }
}

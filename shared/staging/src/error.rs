use std::error::Error as StdError;

use flow::{Digest, Fault, FaultKind};

/// What lies below an error, in the words of whoever met it first.
pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

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
    /// The object store did not answer in time, broke off, or failed by itself.
    #[error("{doing} `{key}`: the object store is not available")]
    Unavailable {
        /// What was being done: `write`, `read`, `delete`, `list`.
        doing: &'static str,
        /// The key.
        key: String,
        /// What came instead of an answer.
        #[source]
        source: Cause,
    },
    /// The object store asked for fewer requests, more often than there was time for.
    #[error("{doing} `{key}`: the object store asks for fewer requests")]
    Throttled {
        /// What was being done.
        doing: &'static str,
        /// The key.
        key: String,
        /// Its answer.
        #[source]
        source: Cause,
    },
    /// The credentials are known and not allowed to do this.
    #[error(
        "{doing} `{key}`: access to bucket `{bucket}` is denied; the role needs `s3:GetObject`, `s3:PutObject` and \
         `s3:DeleteObject` on its objects and `s3:ListBucket` on the bucket, and the use of its encryption key"
    )]
    Denied {
        /// What was being done.
        doing: &'static str,
        /// The key.
        key: String,
        /// The bucket.
        bucket: String,
        /// The answer.
        #[source]
        source: Cause,
    },
    /// There is no such bucket.
    #[error("bucket `{bucket}` does not exist; create it, or name another for the stage")]
    NoBucket {
        /// The bucket.
        bucket: String,
        /// The answer.
        #[source]
        source: Cause,
    },
    /// No region is set.
    #[error("no region is set for bucket `{bucket}`; set the stage's region to the bucket's")]
    NoRegion {
        /// The bucket.
        bucket: String,
    },
    /// The bucket is in another region.
    #[error("bucket `{bucket}` was looked for in {asked}, and is in {found}; set the stage's region to the bucket's")]
    Region {
        /// The bucket.
        bucket: String,
        /// Where it was looked for.
        asked: String,
        /// Where it is, or `another region` when nobody said.
        found: String,
    },
    /// There are no credentials, or they are not accepted.
    #[error("no credentials for bucket `{bucket}`, or they are not accepted; check the role or the keys in use")]
    Credentials {
        /// The bucket.
        bucket: String,
        /// Why.
        #[source]
        source: Option<Cause>,
    },
    /// The object store takes the request for wrong.
    #[error("{doing} `{key}`: the object store refuses the request")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// The key.
        key: String,
        /// The answer.
        #[source]
        source: Cause,
    },
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
            Error::Unavailable { .. } => (FaultKind::Retry, "stage_unavailable"),
            Error::Throttled { .. } => (FaultKind::Retry, "stage_throttled"),
            Error::Denied { .. } => (FaultKind::Config, "stage_access_denied"),
            Error::NoBucket { .. } => (FaultKind::Config, "stage_bucket"),
            Error::NoRegion { .. } | Error::Region { .. } => (FaultKind::Config, "stage_region"),
            Error::Credentials { .. } => (FaultKind::Config, "stage_credentials"),
            Error::Refused { .. } => (FaultKind::Config, "stage_refused"),
        };
        Fault::from_error(kind, code, &error)
    }
}

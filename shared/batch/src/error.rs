use flow::{Fault, FaultKind};

/// What can go wrong with a batch.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A batch could not be written as Arrow IPC.
    #[error("encode the batch as Arrow IPC")]
    Encode(#[source] arrow_schema::ArrowError),
    /// Bytes that should be a batch of ours are not.
    #[error("decode the batch from Arrow IPC")]
    Decode(#[source] arrow_schema::ArrowError),
    /// The bytes hold another number of batches than one.
    #[error("expected one record batch in the object, found {found}")]
    NotOneBatch {
        /// How many there are.
        found: usize,
    },
    /// A type in a schema text is not known.
    #[error("type `{text}` is not known; expected one of {}", crate::column_type::NOTATIONS)]
    UnknownType {
        /// What was written.
        text: String,
    },
    /// An Arrow type that no column type stands for.
    #[error("column `{column}` has Arrow type `{arrow_type}`, which is not supported")]
    UnsupportedType {
        /// The column.
        column: String,
        /// Its type, in Arrow's words.
        arrow_type: String,
    },
    /// A text is no schema.
    #[error("at letter {at} of the schema: {problem}")]
    Notation {
        /// Where, counted from 1.
        at: usize,
        /// What was expected and what came.
        problem: String,
    },
    /// A stored schema is no JSON of ours.
    #[error("read the stored schema")]
    Schema(#[source] serde_json::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let (kind, code) = match &error {
            Error::Encode(_) => (FaultKind::Bug, "batch_encode"),
            Error::Decode(_) => (FaultKind::Bug, "batch_decode"),
            Error::NotOneBatch { .. } => (FaultKind::Bug, "batch_count"),
            Error::UnknownType { .. } => (FaultKind::Config, "type_unknown"),
            Error::UnsupportedType { .. } => (FaultKind::Config, "type_unsupported"),
            Error::Notation { .. } => (FaultKind::Config, "schema_malformed"),
            Error::Schema(_) => (FaultKind::Bug, "schema_unreadable"),
        };
        Fault::from_error(kind, code, &error)
    }
}

use std::error::Error as StdError;

use flow::{Fault, FaultKind};

/// What a library said, kept whole: a seam does not know its adapters' libraries.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a source could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The other side cannot be reached or went away: trying again later may help.
    #[error("{doing}")]
    Unavailable {
        /// What was being done: `connect to the database`, `read the table \`orders\``.
        doing: String,
        /// What the library said.
        #[source]
        cause: Cause,
    },
    /// The address, a name or a permission is wrong: a person must act.
    #[error("{problem}")]
    Config {
        /// Stable code: `source_access`, `stream_not_found`, `file_not_found`, `header_changed`, `query_invalid`, …
        code: &'static str,
        /// What was expected, what came, what to do.
        problem: String,
        /// What the library said, when it was one.
        #[source]
        cause: Option<Cause>,
    },
    /// A column has a type that cannot be carried exactly.
    #[error("column `{column}` of `{stream}` has type `{source_type}`, which cannot be carried exactly; {advice}")]
    UnsupportedType {
        /// The stream.
        stream: String,
        /// The column.
        column: String,
        /// The type in the source's words.
        source_type: String,
        /// The way out: leave it out or cast it in a `query`, …
        advice: String,
    },
    /// The content is broken beyond single records (a truncated archive, a corrupt file).
    #[error("{doing}")]
    Corrupt {
        /// What was being read.
        doing: String,
        /// What the library said.
        #[source]
        cause: Cause,
    },
    /// A stored position or part is none of this source's.
    #[error("position `{text}` is not one of this source's")]
    BadPosition {
        /// The position.
        text: String,
    },
    /// A batch could not be built from values that had been checked.
    #[error("build a batch")]
    Build(#[source] Cause),
}

impl Error {
    /// A config error without a library behind it.
    pub fn config(code: &'static str, problem: impl Into<String>) -> Self {
        Error::Config { code, problem: problem.into(), cause: None }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let (kind, code) = match &error {
            Error::Unavailable { .. } => (FaultKind::Retry, "source_unavailable"),
            Error::Config { code, .. } => (FaultKind::Config, *code),
            Error::UnsupportedType { .. } => (FaultKind::Config, "type_unsupported"),
            Error::Corrupt { .. } => (FaultKind::Config, "source_corrupt"),
            Error::BadPosition { .. } => (FaultKind::Bug, "position_unreadable"),
            Error::Build(_) => (FaultKind::Bug, "batch_build"),
        };
        Fault::from_error(kind, code, &error)
    }
}

use std::error::Error as StdError;

use flow::{Fault, FaultKind};

/// What a library said, kept whole: a seam does not know its adapters' libraries.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a destination did not take a batch.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The other side cannot be reached, is busy, or went away: trying again later may help.
    #[error("{doing}")]
    Unavailable {
        /// What was being done.
        doing: String,
        /// What the library said.
        #[source]
        cause: Cause,
    },
    /// The address, a permission or the table that is there is wrong: a person must act.
    #[error("{problem}")]
    Config {
        /// Stable code: `destination_access`, `table_mismatch`, `disk_full`, `key_missing`, …
        code: &'static str,
        /// What was expected, what came, what to do.
        problem: String,
        /// What the library said, when it was one.
        #[source]
        cause: Option<Cause>,
    },
    /// A column has a type the destination cannot hold exactly.
    #[error("column `{column}` cannot be held exactly by the destination: {reason}")]
    UnsupportedType {
        /// The column.
        column: String,
        /// Why, and the way out.
        reason: String,
    },
    /// The destination refused the rows themselves (a constraint of the table that is there).
    #[error("{problem}")]
    Refused {
        /// What it said, without any value.
        problem: String,
        /// What the library said.
        #[source]
        cause: Option<Cause>,
    },
}

impl Error {
    /// A config error without a library behind it.
    pub fn config(code: &'static str, problem: impl Into<String>) -> Self {
        Error::Config { code, problem: problem.into(), cause: None }
    }
}

/// Refuses keys to take away from a target that is not merged by them.
pub fn refuse_withdrawal(target: &crate::Target, keys: &arrow_schema::Schema) -> Result<(), Error> {
    if target.disposition != spec::Disposition::Merge {
        let problem = format!("rows are taken away by key from a merge only, and stream `{}` is none", target.stream);
        return Err(Error::config("not_a_merge", problem));
    }
    let given: Vec<&String> = keys.fields().iter().map(|field| field.name()).collect();
    if given != target.primary_key.iter().collect::<Vec<_>>() {
        let problem =
            format!("the key of stream `{}` is ({}), not what came", target.stream, target.primary_key.join(", "));
        return Err(Error::config("key_mismatch", problem));
    }
    Ok(())
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let (kind, code) = match &error {
            Error::Unavailable { .. } => (FaultKind::Retry, "destination_unavailable"),
            Error::Config { code, .. } => (FaultKind::Config, *code),
            Error::UnsupportedType { .. } => (FaultKind::Config, "type_unsupported"),
            Error::Refused { .. } => (FaultKind::Config, "destination_refused"),
        };
        Fault::from_error(kind, code, &error)
    }
}

//! Why a plan cannot be interpreted.

use flow::{Fault, FaultKind};

/// A batch or a plan the interpreter cannot work with. What is wrong with a row is no error: the
/// row is rejected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The batch has other columns than the rule was checked against.
    #[error(
        "the rule was made for the columns {expected}; the batch has {came}: check the rule against the batch's schema again"
    )]
    Columns {
        /// The rule's input.
        expected: String,
        /// The batch's.
        came: String,
    },
    /// A batch of 2^32 rows or more.
    #[error("a batch has at most 4294967295 rows: cut it")]
    TooManyRows,
    /// A regular expression of the plan.
    #[error("a regular expression of the rule cannot be made")]
    Regexp(#[source] regex::Error),
    /// The plan contradicts itself.
    #[error("the rule's plan has {0}")]
    Plan(&'static str),
    /// The output does not go together.
    #[error("the rule's output cannot be put together")]
    Output(#[source] arrow_schema::ArrowError),
}

impl Error {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::Columns { .. } => "rule_columns",
            Error::TooManyRows => "rule_too_many_rows",
            Error::Regexp(_) => "rule_regexp",
            Error::Plan(_) | Error::Output(_) => "rule_interpreter",
        }
    }

    /// The fault: a person mends a rule, we mend the compiler.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let kind = match self {
            Error::Columns { .. } | Error::TooManyRows | Error::Regexp(_) => FaultKind::Config,
            Error::Plan(_) | Error::Output(_) => FaultKind::Bug,
        };
        Fault::from_error(kind, self.code(), self)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        error.fault()
    }
}

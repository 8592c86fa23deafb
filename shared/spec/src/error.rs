use flow::{Fault, FaultKind};

/// Why a spec was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file, or one of a rule it names, could not be read.
    #[error("read the spec `{path}`")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The text is no YAML, or a key or value is not one of ours.
    #[error("{message}")]
    Parse {
        /// Where, what came, what was expected, and the nearest right name.
        message: String,
    },
    /// A rule's file holds no rule.
    #[error("read the rule `{path}`: {message}")]
    Rule {
        /// The file.
        path: String,
        /// Where, what came, what was expected.
        message: String,
    },
    /// The keys are right but together make no sense.
    #[error("the spec has {} problem(s):\n{}", problems.len(), bulleted(problems))]
    Invalid {
        /// Each with its place.
        problems: Vec<String>,
    },
    /// A `${env:NAME}` that is not set, or a `${file:PATH}` that cannot be read.
    #[error("resolve `{reference}`: {reason}")]
    Unresolved {
        /// The reference itself, never its value.
        reference: String,
        /// Why.
        reason: String,
    },
    /// A stored spec is not one this version wrote.
    #[error("read the stored spec")]
    Stored(#[source] serde_json::Error),
}

fn bulleted(problems: &[String]) -> String {
    problems.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n")
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let (kind, code) = match &error {
            Error::Read { .. } => (FaultKind::Config, "spec_unreadable"),
            Error::Parse { .. } => (FaultKind::Config, "spec_malformed"),
            Error::Rule { .. } => (FaultKind::Config, "rule_malformed"),
            Error::Invalid { .. } => (FaultKind::Config, "spec_invalid"),
            Error::Unresolved { .. } => (FaultKind::Config, "secret_unresolved"),
            Error::Stored(_) => (FaultKind::Bug, "spec_stored"),
        };
        Fault::from_error(kind, code, &error)
    }
}

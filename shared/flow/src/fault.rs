//! What went wrong, sorted by who can mend it.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Who can mend a fault, and so what happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Time: the same message is tried again later, within the retry policy.
    Retry,
    /// Nobody: the message itself is bad. It becomes a dead letter at once.
    Reject,
    /// A person: a setting, a spec or a permission is wrong. Becomes a dead letter at once.
    Config,
    /// Us: something that cannot be happened. Becomes a dead letter at once.
    Bug,
}

impl FaultKind {
    /// The name as it stands in logs, metrics and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FaultKind::Retry => "retry",
            FaultKind::Reject => "reject",
            FaultKind::Config => "config",
            FaultKind::Bug => "bug",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An error at the edge of a function: its kind, its stable code, and a message that holds no
/// secret and no record's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Who can mend it.
    pub kind: FaultKind,
    /// Stable `snake_case` code: log field, metric label and, on Lambda, the error type.
    pub code: String,
    /// What was expected, what came, what to do.
    pub message: String,
    /// The earliest moment a retry makes sense, when the other side said so.
    pub retry_after: Option<Duration>,
}

impl Fault {
    /// A fault with a message of its own.
    pub fn new(kind: FaultKind, code: &str, message: impl Into<String>) -> Self {
        Self { kind, code: code.to_owned(), message: message.into(), retry_after: None }
    }

    /// A fault from an error: its message is the error and the chain of its sources, once each.
    pub fn from_error(kind: FaultKind, code: &str, error: &(dyn StdError + 'static)) -> Self {
        Self::new(kind, code, chain(error))
    }

    /// Says when trying again makes sense.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} [{}]", self.message, self.code)
    }
}

impl StdError for Fault {}

/// The error and its sources, joined by `: `. A source that repeats what stands already is left out.
#[must_use]
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let part = source.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("read the header")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_chain_says_each_source_once() {
        let error = Outer(std::io::Error::other("disk is gone"));
        let fault = Fault::from_error(FaultKind::Retry, "source_read", &error);
        assert_eq!(fault.to_string(), "read the header: disk is gone [source_read]");
    }
}

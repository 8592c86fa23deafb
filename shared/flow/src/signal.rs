//! Signals: what any function raises when people should know.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{Digest, Lane, RunId, StreamName, SyncName};
use crate::path::{Context, Handoff, QueueName};

/// How bad it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Somebody should look.
    Warning,
    /// Data is late, missing or wrong until somebody acts.
    #[default]
    Error,
}

impl Severity {
    /// The name as it stands in specs, logs and notifications.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Something people should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Derived from what happened, so that a repeat is the same signal.
    pub id: String,
    /// Stable `snake_case` name: `run_failed`, `dead_letter`, `error_limit_exceeded`, `check_failed`.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// The sync it concerns.
    pub sync: SyncName,
    /// The stream, when it is about one.
    pub stream: Option<StreamName>,
    /// The run, when it is about one.
    pub run: Option<RunId>,
    /// One line for people, without secrets or any record's content.
    pub summary: String,
    /// When it happened.
    pub at: Timestamp,
}

impl Signal {
    /// A signal about a run of a stream. `about` tells apart signals of one name in one run.
    #[must_use]
    pub fn of_run(
        name: &str,
        severity: Severity,
        context: &Context,
        about: &str,
        summary: String,
        at: Timestamp,
    ) -> Self {
        let identity = format!("{name}/{}/{}/{}/{about}", context.run, context.stream, context.attempt);
        Self {
            id: Digest::of(identity.as_bytes()).short().to_owned(),
            name: name.to_owned(),
            severity,
            sync: context.sync.clone(),
            stream: Some(context.stream.clone()),
            run: Some(context.run.clone()),
            summary,
            at,
        }
    }
}

impl Handoff for Signal {
    fn queue(&self) -> QueueName {
        QueueName::Signals
    }
    fn group(&self) -> String {
        self.sync.to_string()
    }
    fn deduplication_id(&self) -> String {
        self.id.clone()
    }
    fn belongs_to(&self) -> Option<(&Context, Option<&Lane>)> {
        None
    }
}

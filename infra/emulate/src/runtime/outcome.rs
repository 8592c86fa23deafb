use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

/// One invocation, as it is handed to a process.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) request_id: String,
    pub(crate) trace: String,
    pub(crate) payload: Bytes,
}

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The function replied.
    Reply(Bytes),
    /// The function reported an error: JSON with `errorType` and `errorMessage`.
    Error(Bytes),
    /// The process was killed for the time it took.
    TimedOut {
        /// The time it had.
        after: Duration,
    },
    /// The process ended, or stopped following the Runtime API.
    Crashed {
        /// How.
        how: String,
    },
    /// No process would start.
    NotStarted {
        /// Why.
        why: String,
    },
    /// As many invocations as the function may have were at work.
    Throttled,
}

impl Outcome {
    /// What whoever invoked the function is told: a reply as it is, else an error as Lambda writes it.
    #[must_use]
    pub fn body(&self, request_id: &str) -> Bytes {
        let error = |kind: &str, message: String| {
            let message = format!("RequestId: {request_id} Error: {message}");
            Bytes::from(json!({ "errorType": kind, "errorMessage": message }).to_string())
        };
        match self {
            Outcome::Reply(body) | Outcome::Error(body) => body.clone(),
            Outcome::TimedOut { after } => {
                error("Sandbox.Timedout", format!("Task timed out after {:.2} seconds", after.as_secs_f64()))
            }
            Outcome::Crashed { how } => error("Runtime.ExitError", format!("Runtime exited: {how}")),
            Outcome::NotStarted { why } => error("Runtime.InitError", why.clone()),
            Outcome::Throttled => error("TooManyRequestsException", "Rate Exceeded.".to_owned()),
        }
    }

    /// What to tell a person; nothing for a reply. Of an error the type alone: its message may be of
    /// any length, and the function has logged it.
    pub(crate) fn trouble(&self) -> Option<String> {
        match self {
            Outcome::Reply(_) => None,
            Outcome::Error(body) => Some(format!("it reported the error {}", error_type(body))),
            Outcome::TimedOut { after } => Some(format!("it was killed after its {} s", after.as_secs_f64())),
            Outcome::Crashed { how } => Some(format!("its process ended: {how}")),
            Outcome::NotStarted { why } => Some(format!("it does not start: {why}")),
            Outcome::Throttled => Some("all its places are taken".to_owned()),
        }
    }
}

fn error_type(body: &[u8]) -> String {
    let read: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let kind = read.as_ref().and_then(|body| body.get("errorType")?.as_str());
    kind.map_or("without a type".to_owned(), |kind| format!("`{kind}`"))
}

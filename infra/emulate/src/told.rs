use std::fmt;
use std::sync::Arc;

use flow::Timestamp;
use serde::Serialize;

/// Takes what there is to tell, as it happens.
pub type Tell = Arc<dyn Fn(Told) + Send + Sync>;

/// Something worth telling whoever watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Told {
    /// A function wrote a line.
    Line {
        /// The name of its binary.
        function: String,
        /// The line.
        line: String,
    },
    /// An invocation did not end with a reply.
    Failed {
        /// The name of its binary.
        function: String,
        /// The invocation.
        request_id: String,
        /// What happened.
        why: String,
    },
    /// Messages of a batch stay in the queue.
    Returned {
        /// The queue's logical id.
        queue: String,
        /// The name of the function's binary.
        function: String,
        /// How many stay.
        messages: usize,
        /// Of how many.
        of: usize,
        /// Why.
        why: String,
    },
    /// The queue's emulator did not do what it was asked.
    Queue {
        /// The queue's logical id.
        queue: String,
        /// What was asked for, and what came back.
        why: String,
    },
    /// A rule fired.
    Fired {
        /// Its logical id.
        rule: String,
        /// The moment it was due.
        time: Timestamp,
    },
    /// An asynchronous invocation is given up.
    Dropped {
        /// The name of the function's binary.
        function: String,
        /// The invocation.
        request_id: String,
        /// Why.
        why: String,
    },
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Told::Line { function, line } => write!(formatter, "{function} | {line}"),
            Told::Failed { function, request_id, why } => write!(formatter, "{function}: {why} (request {request_id})"),
            Told::Returned { queue, function, messages, of, why } => {
                write!(formatter, "{function}: {messages} of {of} message(s) stay in {queue}: {why}")
            }
            Told::Queue { queue, why } => write!(formatter, "{queue}: {why}"),
            Told::Fired { rule, time } => write!(formatter, "{rule} fired for {}", time.format("%FT%TZ")),
            Told::Dropped { function, request_id, why } => {
                write!(formatter, "{function}: the event of request {request_id} is dropped: {why}")
            }
        }
    }
}

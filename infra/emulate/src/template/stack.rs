use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use calendar::ScheduleExpression;
use serde::Serialize;
use serde_json::Value;

/// What is emulated of a template.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    /// The functions.
    pub functions: Vec<Function>,
    /// The queues.
    pub queues: Vec<Queue>,
    /// The buckets.
    pub buckets: Vec<Bucket>,
    /// What takes messages from queues to functions.
    pub mappings: Vec<Mapping>,
    /// What calls functions by the clock.
    pub rules: Vec<Rule>,
    /// What makes no difference here, or is switched off.
    pub passed_over: Vec<PassedOver>,
}

/// A Lambda function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its logical id.
    pub id: String,
    /// Its name on AWS.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The name of its binary: that of its zip.
    pub binary: String,
    /// How long an invocation may take. Default 3 s.
    pub timeout: Duration,
    /// Memory in MiB. Default 128. Told to the function, not enforced.
    pub memory: u32,
    /// The variables the template gives it.
    pub environment: Environment,
    /// At most so many invocations at once; `None` is as many as the account allows.
    pub reserved: Option<u32>,
    /// How often an asynchronous invocation that failed is repeated. Default 2.
    pub repeats: u32,
    /// How long an asynchronous invocation may wait to be begun before it is dropped. Default 6 h.
    pub longest_wait: Duration,
}

/// Variables of a function. Their values are never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(pub BTreeMap<String, String>);

/// A queue of SQS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its logical id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is a FIFO queue.
    pub is_fifo: bool,
    /// Its attributes, as SQS takes them, without `FifoQueue`.
    pub attributes: BTreeMap<String, String>,
    /// How long a message that was received is hidden. Default 30 s.
    pub visibility: Duration,
}

/// A bucket of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its logical id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// An event source mapping from a queue to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its logical id.
    pub id: String,
    /// The queue's logical id.
    pub queue: String,
    /// The queue's URL.
    pub queue_url: String,
    /// The queue's ARN.
    pub queue_arn: String,
    /// Whether the queue keeps the order of its groups.
    pub is_fifo: bool,
    /// The function's logical id.
    pub function: String,
    /// Messages in one invocation at most. Default 10.
    pub batch_size: usize,
    /// How long messages are gathered for a batch. Default none.
    pub window: Duration,
    /// Whether the function's reply names the messages that failed.
    pub reports_failures: bool,
    /// At most so many invocations at once; `None` is as many as the function may have.
    pub concurrency: Option<u32>,
}

/// A rule of EventBridge with a schedule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its logical id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// When it fires.
    pub expression: ScheduleExpression,
    /// The expression as it was written.
    pub written: String,
    /// What it calls.
    pub targets: Vec<Target>,
}

/// What a rule calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The function's logical id.
    pub function: String,
    /// The event in place of EventBridge's own.
    pub input: Option<Value>,
}

/// A resource that is not emulated, and why that makes no difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// Its logical id.
    pub resource: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Why.
    pub why: String,
}

impl Stack {
    /// A function by its logical id.
    #[must_use]
    pub fn function(&self, id: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.id == id)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

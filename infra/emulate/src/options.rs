use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flow::{Clock, Timestamp};

use crate::Tell;
use crate::template::{Place, Template};

/// What is emulated, and how.
#[derive(Clone)]
pub struct Options {
    /// The translated template.
    pub template: Template,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// The emulator of S3 and SQS, as `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// Another address that the functions are told of, as of a proxy that makes faults.
    pub functions_endpoint: Option<String>,
    /// What runs each function, by the name of its binary.
    pub runners: BTreeMap<String, Runner>,
    /// What runs those that are not named.
    pub runner: Option<Runner>,
    /// Port of the Invoke API on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Invocations of one function at once where the template reserves no fewer. On AWS the account's
    /// limit of 1,000 stands here; on one machine each is a process.
    pub concurrency: u32,
    /// Region, account and stack name.
    pub place: Place,
    /// Variables for every function beside those it has on AWS.
    pub environment: BTreeMap<String, String>,
    /// Folder to write each function's variables to, as `NAME.env` for `cargo lambda watch`.
    pub environment_files: Option<PathBuf>,
    /// The clock that schedules follow.
    pub schedule: ScheduleClock,
    /// Waits before the first repeat of an asynchronous invocation and before those after it. On AWS
    /// 1 and 2 minutes.
    pub repeat_after: [Duration; 2],
    /// The machine's clock, for deadlines and traces.
    pub clock: Arc<dyn Clock>,
    /// Takes what there is to tell.
    pub tell: Tell,
}

/// What runs a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runner {
    /// A ready-made bootstrap in this folder: `NAME/bootstrap` or `NAME`.
    Bootstraps(PathBuf),
    /// `cargo lambda watch` at this address.
    Watch(String),
}

/// The clock that schedules follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleClock {
    /// The machine's.
    Machine,
    /// One that starts here and moves when it is told to.
    Manual(Timestamp),
}

impl Options {
    /// The defaults: the machine's clock, a free port, ten invocations of a function at once, the
    /// stack `millstream` in `us-east-1`, nothing told.
    #[must_use]
    pub fn new(template: Template, endpoint: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            template,
            parameters: BTreeMap::new(),
            endpoint: endpoint.to_owned(),
            functions_endpoint: None,
            runners: BTreeMap::new(),
            runner: None,
            port: 0,
            concurrency: 10,
            place: Place {
                region: "us-east-1".to_owned(),
                account: "000000000000".to_owned(),
                stack: "millstream".to_owned(),
            },
            environment: BTreeMap::new(),
            environment_files: None,
            schedule: ScheduleClock::Machine,
            repeat_after: [Duration::from_secs(60), Duration::from_secs(120)],
            clock,
            tell: Arc::new(|_| {}),
        }
    }
}

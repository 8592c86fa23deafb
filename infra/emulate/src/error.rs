use std::path::PathBuf;

use flow::{Fault, FaultKind};

/// What keeps an emulation from starting, or a call to it from being answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The template's file cannot be read.
    #[error("the template `{}` cannot be read", path.display())]
    ReadTemplate {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The template is not a CloudFormation template in JSON.
    #[error("the template is no CloudFormation template in JSON")]
    ParseTemplate(#[source] serde_json::Error),
    /// The template still has a `Transform`: it is SAM's, not CloudFormation's.
    #[error("the template has a `Transform`; translate it to plain CloudFormation first")]
    NotTranslated,
    /// A parameter without a default was not given, and something emulated needs its value.
    #[error("{place} needs parameter `{name}`; give it as `--parameter {name}=VALUE`")]
    MissingParameter {
        /// Its name.
        name: String,
        /// Where it is needed.
        place: String,
    },
    /// A parameter was given that the template has not.
    #[error("the template has no parameter `{name}`{}", nearest.as_ref().map_or(String::new(), |nearest| format!("; did you mean `{nearest}`?")))]
    UnknownParameter {
        /// The name that was given.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// A parameter's value is not one of those the template allows.
    #[error("parameter `{name}` takes {}", listed(allowed))]
    ValueNotAllowed {
        /// The parameter.
        name: String,
        /// What it takes.
        allowed: Vec<String>,
    },
    /// A resource is of a type that would make functions run, or that they need, and is not emulated.
    #[error("resource `{resource}` is of type `{kind}`, which is not emulated")]
    UnknownType {
        /// Its logical id.
        resource: String,
        /// Its type.
        kind: String,
    },
    /// A property of a resource means something that is not emulated, or that AWS would refuse.
    #[error("{place}: {why}")]
    Unsupported {
        /// The resource and its property.
        place: String,
        /// Why not, or what is expected.
        why: String,
    },
    /// A value of the template refers to something whose value is not known here.
    #[error("{place} refers to `{reference}`, {why}")]
    Unresolved {
        /// Where the reference stands.
        place: String,
        /// What it names.
        reference: String,
        /// Why it has no value.
        why: String,
    },
    /// The address is none of an emulator.
    #[error("`{address}` is no address of an emulator; expected one like `http://127.0.0.1:4566`")]
    BadAddress {
        /// What was given.
        address: String,
    },
    /// The emulator of S3 and SQS did not answer, or refused what the template needs.
    #[error("cannot {doing} on {endpoint}; is an emulator of S3 and SQS there?")]
    Endpoint {
        /// What was asked for.
        doing: String,
        /// Where.
        endpoint: String,
        /// What came back.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No place was named where a function's bootstrap is.
    #[error("function `{function}` has neither a bootstrap nor a `cargo lambda watch` to run it")]
    NoRunner {
        /// The name of its binary.
        function: String,
    },
    /// A function was named that the template has not.
    #[error("the template has no function `{name}`; it has {}", listed(known))]
    UnknownFunction {
        /// The name that was given.
        name: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// A function's bootstrap is not there.
    #[error("no bootstrap for `{function}`: neither `{}` nor `{}` is a file", packed.display(), plain.display())]
    NoBootstrap {
        /// The name of its binary.
        function: String,
        /// Where `cargo lambda build` puts it.
        packed: PathBuf,
        /// Where `cargo build` puts it.
        plain: PathBuf,
    },
    /// A function's bootstrap may not be executed.
    #[error("the bootstrap `{}` of `{function}` is not executable", path.display())]
    NotExecutable {
        /// The name of its binary.
        function: String,
        /// The file.
        path: PathBuf,
    },
    /// A function's first process did not come to ask for work.
    #[error("function `{function}` does not start: {why}")]
    Init {
        /// The name of its binary.
        function: String,
        /// How it ended, and the last it said.
        why: String,
    },
    /// The port of the Invoke API cannot be had.
    #[error("port {port} cannot be listened on; name another with `--port`")]
    Port {
        /// The port.
        port: u16,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file with a function's environment cannot be written.
    #[error("cannot write `{}`", path.display())]
    WriteEnvironment {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The clock was to be moved, and is the machine's.
    #[error("the clock is the machine's; start with a clock of its own (`--manual-clock`) to move it")]
    ClockIsReal,
    /// The clock was to be moved back.
    #[error("the clock stands at {now} already and does not go back")]
    ClockGoesBack {
        /// Where it stands.
        now: flow::Timestamp,
    },
    /// Work was still going on, or messages were left, when the wait for it ended.
    #[error("not idle in time: {left}")]
    NotIdle {
        /// What was left.
        left: String,
    },
}

impl Error {
    /// The fault's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::ReadTemplate { .. } => "template_unreadable",
            Error::ParseTemplate(_) => "template_malformed",
            Error::NotTranslated => "template_not_translated",
            Error::MissingParameter { .. } => "parameter_missing",
            Error::UnknownParameter { .. } => "parameter_unknown",
            Error::ValueNotAllowed { .. } => "parameter_not_allowed",
            Error::UnknownType { .. } | Error::Unsupported { .. } => "template_unsupported",
            Error::Unresolved { .. } => "template_unresolved",
            Error::BadAddress { .. } => "address_invalid",
            Error::Endpoint { .. } => "endpoint_unavailable",
            Error::NoRunner { .. } => "runner_missing",
            Error::UnknownFunction { .. } => "function_unknown",
            Error::NoBootstrap { .. } => "bootstrap_missing",
            Error::NotExecutable { .. } => "bootstrap_not_executable",
            Error::Init { .. } => "function_init",
            Error::Port { .. } => "port_taken",
            Error::WriteEnvironment { .. } => "environment_write",
            Error::ClockIsReal => "clock_real",
            Error::ClockGoesBack { .. } => "clock_back",
            Error::NotIdle { .. } => "not_idle",
        }
    }

    fn kind(&self) -> FaultKind {
        match self {
            Error::ReadTemplate { .. }
            | Error::ParseTemplate(_)
            | Error::NotTranslated
            | Error::MissingParameter { .. }
            | Error::UnknownParameter { .. }
            | Error::ValueNotAllowed { .. }
            | Error::UnknownType { .. }
            | Error::Unsupported { .. }
            | Error::Unresolved { .. }
            | Error::BadAddress { .. }
            | Error::NoRunner { .. }
            | Error::UnknownFunction { .. }
            | Error::NoBootstrap { .. }
            | Error::NotExecutable { .. }
            | Error::Port { .. }
            | Error::WriteEnvironment { .. }
            | Error::ClockIsReal
            | Error::ClockGoesBack { .. } => FaultKind::Config,
            Error::Endpoint { .. } | Error::Init { .. } | Error::NotIdle { .. } => FaultKind::Retry,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::from_error(error.kind(), error.code(), &error)
    }
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

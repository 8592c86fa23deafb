use std::time::Duration;

use flow::{Digest, Fault, FaultKind};

use crate::failure::{Call, Trace};

/// What went wrong below us, when the runtime says it.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong with a module. No text of a module that may hold a row's values is in
/// `Display`; see [`Error::reason`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine could not be made: its settings contradict the build.
    #[error("make the engine that runs modules")]
    Engine(#[source] Source),
    /// No thread for the ticker.
    #[error("start the thread that ends calls in time")]
    Ticker(#[source] std::io::Error),
    /// The artifact's bytes are not what the compiler wrote.
    #[error("the artifact of module `{}` has digest `{}` instead of `{}`; add the module again", module.short(), found.short(), expected.short())]
    ArtifactDigest {
        /// The module.
        module: Digest,
        /// The recorded digest.
        expected: Digest,
        /// The bytes' digest.
        found: Digest,
    },
    /// The artifact's file could not be read.
    #[error("read the artifact of module `{}`", module.short())]
    ArtifactUnreadable {
        /// The module.
        module: Digest,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The artifact is for another runtime version, machine or settings.
    #[error("the artifact of module `{}` was not compiled for `{engine}`; compile the module again", module.short())]
    ArtifactIncompatible {
        /// The module.
        module: Digest,
        /// What it should have been compiled for.
        engine: String,
        /// What the runtime says.
        #[source]
        source: Source,
    },
    /// The module's imports or exports are not the contract's.
    #[error("module `{}` does not fit the contract: neither `{}` nor `{}`", module.short(), crate::World::Columns.name(), crate::World::Records.name())]
    Contract {
        /// The module.
        module: Digest,
        /// Which import or export.
        #[source]
        source: Source,
    },
    /// An instance could not be made, for another reason than a trap.
    #[error("the module could not be started")]
    Start(#[source] Source),
    /// The input has a column no module can be given.
    #[error("the module cannot be given this input")]
    Input(#[source] batch::Error),
    /// The module's `open` said no.
    #[error("the module refuses what it was opened with: {message}")]
    Refused {
        /// Its words.
        message: String,
    },
    /// What `open` gave cannot be done.
    #[error("the module's plan is wrong: {what}")]
    Plan {
        /// What is wrong with it.
        what: String,
    },
    /// A new instance gave another plan than the first for the same input.
    #[error("the module gave another plan when it was opened again; a plan may depend on fields and config alone")]
    PlanChanged,
    /// The batch is not the one the guest was opened for.
    #[error("the batch's columns are not those the module was opened with")]
    OtherInput,
    /// A call took longer than its limit.
    #[error("the module was stopped in {} after {limit:?}{}", trace.call, trace.place())]
    Time {
        /// The limit.
        limit: Duration,
        /// Where it was.
        trace: Box<Trace>,
    },
    /// The module asked for more memory than its limit.
    #[error("the module asked for {wanted} bytes of memory in {}; its limit is {limit}{}", trace.call, trace.place())]
    Memory {
        /// The limit in bytes.
        limit: u64,
        /// What it asked for, in all.
        wanted: u64,
        /// Where it was.
        trace: Box<Trace>,
    },
    /// The module asked for more table entries than its limit.
    #[error("the module asked for {wanted} table entries in {}; its limit is {limit}", trace.call)]
    Tables {
        /// The limit.
        limit: usize,
        /// What it asked for, in all.
        wanted: usize,
        /// Where it was.
        trace: Box<Trace>,
    },
    /// The module called itself too deeply.
    #[error("the module ran out of stack in {}{}", trace.call, trace.place())]
    Stack {
        /// Where it was.
        trace: Box<Trace>,
    },
    /// The module gave more than its limit.
    #[error("the module gave more than {limit} bytes for one batch")]
    OutputBytes {
        /// The limit in bytes.
        limit: usize,
    },
    /// The module trapped: a panic, a division by zero, a read outside its memory.
    #[error("the module trapped in {}: {reason}{}", trace.call, trace.place())]
    Trap {
        /// The runtime's words.
        reason: String,
        /// Where it was.
        trace: Box<Trace>,
    },
    /// What came out breaks the contract.
    #[error("the module's output is wrong: {what}")]
    Output {
        /// Which part, without any value of it.
        what: String,
    },
    /// The module's `apply` said that it cannot do the batch.
    #[error("the module gave up on the batch")]
    GaveUp {
        /// Its words; they may hold values.
        message: String,
    },
    /// Too many rows of a batch bring the module to fall: it is the module, not the rows.
    #[error("the module fails on {rows} of the first {tried} rows of a batch of {of} and was stopped")]
    FailsEverywhere {
        /// Rows it failed on.
        rows: usize,
        /// Rows that were looked at until the search was given up.
        tried: usize,
        /// Rows in the batch.
        of: usize,
        /// How it failed last.
        #[source]
        last: Box<Error>,
    },
    /// Rows could not be taken from the input or put together.
    #[error("put the module's output together")]
    Assemble(#[source] arrow_schema::ArrowError),
}

impl Error {
    pub(crate) fn engine(error: wasmtime::Error) -> Self {
        Error::Engine(error.into())
    }

    /// Stable code: log field, metric label, and what stands in quarantine beside a row.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::Engine(_) => "sandbox_engine",
            Error::Ticker(_) => "sandbox_ticker",
            Error::ArtifactDigest { .. } => "artifact_digest",
            Error::ArtifactUnreadable { .. } => "artifact_unreadable",
            Error::ArtifactIncompatible { .. } => "artifact_incompatible",
            Error::Contract { .. } => "module_contract",
            Error::Start(_) => "module_start",
            Error::Input(_) => "module_input",
            Error::Refused { .. } => "module_refused",
            Error::Plan { .. } => "module_plan",
            Error::PlanChanged => "module_plan_changed",
            Error::OtherInput => "module_other_input",
            Error::Time { .. } => "module_time",
            Error::Memory { .. } => "module_memory",
            Error::Tables { .. } => "module_tables",
            Error::Stack { .. } => "module_stack",
            Error::OutputBytes { .. } => "module_output_bytes",
            Error::Trap { .. } => "module_trap",
            Error::Output { .. } => "module_output",
            Error::GaveUp { .. } => "module_gave_up",
            Error::FailsEverywhere { .. } => "module_fails_everywhere",
            Error::Assemble(_) => "module_assemble",
        }
    }

    /// Whether rows of the batch may have caused it, so that a search for them makes sense.
    #[must_use]
    pub fn may_be_the_rows(&self) -> bool {
        match self {
            Error::Time { trace, .. }
            | Error::Memory { trace, .. }
            | Error::Tables { trace, .. }
            | Error::Stack { trace }
            | Error::Trap { trace, .. } => trace.call == Call::Apply,
            Error::OutputBytes { .. } | Error::Output { .. } | Error::GaveUp { .. } => true,
            Error::Engine(_)
            | Error::Ticker(_)
            | Error::ArtifactDigest { .. }
            | Error::ArtifactUnreadable { .. }
            | Error::ArtifactIncompatible { .. }
            | Error::Contract { .. }
            | Error::Start(_)
            | Error::Input(_)
            | Error::Refused { .. }
            | Error::Plan { .. }
            | Error::PlanChanged
            | Error::OtherInput
            | Error::FailsEverywhere { .. }
            | Error::Assemble(_) => false,
        }
    }

    /// The reason for the module's author, with the module's own last words: it may hold values
    /// of the row and belongs beside it in quarantine, never in a log.
    #[must_use]
    pub fn reason(&self) -> String {
        let words = match self {
            Error::Time { trace, .. }
            | Error::Memory { trace, .. }
            | Error::Tables { trace, .. }
            | Error::Stack { trace }
            | Error::Trap { trace, .. } => trace.last_words.as_deref(),
            Error::GaveUp { message } => Some(message.as_str()),
            _ => None,
        };
        match words {
            Some(words) => format!("{self}; it said: {words}"),
            None => flow::fault::chain(self),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let kind = match &error {
            Error::Engine(_) | Error::OtherInput | Error::Assemble(_) => FaultKind::Bug,
            Error::Ticker(_) | Error::ArtifactUnreadable { .. } => FaultKind::Retry,
            Error::ArtifactDigest { .. }
            | Error::ArtifactIncompatible { .. }
            | Error::Contract { .. }
            | Error::Start(_)
            | Error::Input(_)
            | Error::Refused { .. }
            | Error::Plan { .. }
            | Error::PlanChanged
            | Error::Time { .. }
            | Error::Memory { .. }
            | Error::Tables { .. }
            | Error::Stack { .. }
            | Error::OutputBytes { .. }
            | Error::Trap { .. }
            | Error::Output { .. }
            | Error::GaveUp { .. }
            | Error::FailsEverywhere { .. } => FaultKind::Config,
        };
        Fault::from_error(kind, error.code(), &error)
    }
}

use std::time::Duration;

use flow::{Fault, FaultKind, Size, Span};
use sandbox::World;

pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a module is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither a component nor a core module.
    #[error("the file is no WebAssembly module; expected a component, or a core module built against the contract")]
    NotWasm,
    /// No core module where only one can be made a component.
    #[error("the file is no core WebAssembly module; a component is added as it is")]
    NotCore,
    /// The bytes begin like WebAssembly but are damaged, or use what is switched off.
    #[error("the module is not valid")]
    Invalid(#[source] Source),
    /// More bytes than are taken.
    #[error("the module has {bytes} bytes; at most {limit} are taken")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// More of something than is compiled.
    #[error("the module has {found} {what}; at most {limit} are compiled")]
    TooMany {
        /// What.
        what: &'static str,
        /// How many.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// A function too long to compile in reasonable time.
    #[error("function {index} of the module has {bytes} bytes; at most {limit} are compiled")]
    FunctionTooLarge {
        /// Its number in its core module.
        index: u32,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// An import that is not the contract's.
    #[error(
        "the module imports `{import}`; a module has no import but `log` of `{}`: no WASI, clock, network, files or environment",
        world.name()
    )]
    ForeignImport {
        /// Its name.
        import: String,
        /// The world it looks like.
        world: World,
    },
    /// An export of the contract is not there.
    #[error("the module does not export `{export}`; it must be built for the world `{}` or `{}`", world.name(), other(*world).name())]
    MissingExport {
        /// Its name.
        export: &'static str,
        /// The world it looks like.
        world: World,
    },
    /// A core module that could not be made a component.
    #[error("the core module could not be wrapped into a component")]
    Wrap(#[source] Source),
    /// The compiler refused it.
    #[error("the module could not be compiled")]
    Compile(#[source] Source),
    /// It does not load or start in the sandbox.
    #[error("the compiled module does not start")]
    Start(#[from] sandbox::Error),
    /// Compiling took longer than it may.
    #[error(
        "compiling the module was stopped after {} of {what}; build it smaller (large functions take longest), or allow more with `--limit {name}=…`",
        Span(*limit)
    )]
    CompileTime {
        /// The name of the limit.
        name: &'static str,
        /// What was measured.
        what: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// Compiling needed more memory than it may.
    #[error(
        "compiling the module needs more than {} of memory; build it smaller, or allow more with `--limit compile_memory=…`",
        Size(*limit)
    )]
    CompileMemory {
        /// The limit in bytes.
        limit: u64,
    },
    /// The process that compiled it died.
    #[error(
        "the process that compiled the module died ({how}); the module was not added, and nothing else was touched"
    )]
    CompileCrashed {
        /// How.
        how: String,
    },
    /// The process that compiles could not be started or talked to.
    #[error("run the process that compiles modules")]
    Child(#[source] std::io::Error),
    /// What the process that compiles found.
    #[error("{}", .0.message)]
    Found(Fault),
}

impl Error {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Error::NotWasm => "module_not_wasm",
            Error::NotCore => "module_not_core",
            Error::Invalid(_) => "module_invalid",
            Error::TooLarge { .. } => "module_too_large",
            Error::TooMany { .. } => "module_too_many_parts",
            Error::FunctionTooLarge { .. } => "module_function_too_large",
            Error::ForeignImport { .. } => "module_import",
            Error::MissingExport { .. } => "module_export",
            Error::Wrap(_) => "module_wrap",
            Error::Compile(_) => "module_compile",
            Error::Start(error) => error.code(),
            Error::CompileTime { .. } => "module_compile_time",
            Error::CompileMemory { .. } => "module_compile_memory",
            Error::CompileCrashed { .. } => "module_compile_crashed",
            Error::Child(_) => "module_compile_start",
            Error::Found(fault) => &fault.code,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        match error {
            Error::Start(error) => error.into(),
            Error::Found(fault) => fault,
            Error::Child(_) => Fault::from_error(FaultKind::Retry, error.code(), &error),
            Error::NotWasm
            | Error::NotCore
            | Error::Invalid(_)
            | Error::TooLarge { .. }
            | Error::TooMany { .. }
            | Error::FunctionTooLarge { .. }
            | Error::ForeignImport { .. }
            | Error::MissingExport { .. }
            | Error::Wrap(_)
            | Error::Compile(_)
            | Error::CompileTime { .. }
            | Error::CompileMemory { .. }
            | Error::CompileCrashed { .. } => Fault::from_error(FaultKind::Config, error.code(), &error),
        }
    }
}

fn other(world: World) -> World {
    match world {
        World::Columns => World::Records,
        World::Records => World::Columns,
    }
}

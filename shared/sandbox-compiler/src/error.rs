use flow::{Fault, FaultKind};
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
}

impl Error {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
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
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        match error {
            Error::Start(error) => error.into(),
            Error::NotWasm
            | Error::NotCore
            | Error::Invalid(_)
            | Error::TooLarge { .. }
            | Error::TooMany { .. }
            | Error::FunctionTooLarge { .. }
            | Error::ForeignImport { .. }
            | Error::MissingExport { .. }
            | Error::Wrap(_)
            | Error::Compile(_) => Fault::from_error(FaultKind::Config, error.code(), &error),
        }
    }
}

fn other(world: World) -> World {
    match world {
        World::Columns => World::Records,
        World::Records => World::Columns,
    }
}

use flow::{Fault, FaultKind};

use crate::Trouble;

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that must be there is not.
    #[error("{what} `{name}` is not in the store")]
    NotFound {
        /// What kind of thing: `run`, `spec version`, `lane`, …
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A module's name and version are taken by other bytes.
    #[error("module `{name}@{version}` is there with another digest; give the new one another version")]
    VersionTaken {
        /// Name.
        name: String,
        /// Version.
        version: String,
    },
    /// The database could not be opened or brought up to date.
    #[error("open the store `{path}`")]
    Open {
        /// The file; or the server, its database and the schema.
        path: String,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An address names no store this program has.
    #[error("the store's address is not usable: {problem}")]
    Address {
        /// What is wrong with it; holds nothing of the address.
        problem: &'static str,
    },
    /// The database's server did not do it.
    #[error("{doing} in the store: {trouble}")]
    Server {
        /// What was being done.
        doing: &'static str,
        /// Why not.
        trouble: Trouble,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// No room is left on the disk.
    #[error("no room is left for the store; free some space and run again")]
    Full(#[source] sqlx::Error),
    /// The database failed.
    #[error("{doing} in the store's database")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
    /// What a row holds is none of ours.
    #[error("{what} in the store is not readable")]
    Unreadable {
        /// What kind of thing.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A fault wrapper was told to fail here.
    #[error("failure on command")]
    OnCommand,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let (kind, code) = match &error {
            Error::NotFound { .. } => (FaultKind::Config, "not_found"),
            Error::VersionTaken { .. } => (FaultKind::Config, "version_taken"),
            Error::Open { .. } => (FaultKind::Config, "store_open"),
            Error::Address { .. } => (FaultKind::Config, "store_address"),
            Error::Server { trouble, .. } => (trouble.kind(), trouble.code()),
            Error::Full(_) => (FaultKind::Config, "store_full"),
            Error::Database { .. } => (FaultKind::Retry, "store_database"),
            Error::Unreadable { .. } => (FaultKind::Bug, "store_unreadable"),
            Error::OnCommand => (FaultKind::Retry, "on_command"),
        };
        Fault::from_error(kind, code, &error)
    }
}

/// Something that must be there is not.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn not_found(what: &'static str, name: impl ToString) -> Error {
    Error::NotFound { what, name: name.to_string() }
}

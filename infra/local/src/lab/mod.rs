//! Rules and modules at work outside of the path: on batches that are in the stage, or on rows of
//! a case file. Nothing is written to the home: what checks must remember from one batch to the
//! next lies in a store of its own that is gone with the [`Lab`].
//!
//! Start reading at [`Line`].

mod candidate;
mod line;
mod place;

use std::sync::Arc;

use flow::{Fault, FaultKind, ModuleDigest};
use store::Store;
use tempfile::TempDir;
use transform::wiring::SandboxedModules;
use worker::Parts;

pub use candidate::{Candidate, Ready};
pub use line::{Line, Lined, Outcome, Stage};
pub use place::{Place, config, name_of};

use crate::registry::{NO_LIMITS, Registry};

/// A sandbox and a memory for checks.
pub struct Lab {
    pub(crate) parts: Parts,
    pub(crate) registry: Registry,
    pub(crate) modules: SandboxedModules,
    /// Keys that were seen, for `unique` checks and for comparing the keys of whole runs.
    pub(crate) keys: Arc<dyn Store>,
    _folder: TempDir,
}

impl Lab {
    /// Makes one; modules that were added come from `parts`.
    pub async fn new(parts: &Parts) -> Result<Self, Fault> {
        let unusable = |error: std::io::Error| {
            let message = format!("make a temporary folder: {error}; name another place with TMPDIR");
            Fault::new(FaultKind::Config, "temporary_folder", message)
        };
        let folder = tempfile::Builder::new().prefix("millstream-").tempdir().map_err(unusable)?;
        let keys = store::Sqlite::open(&folder.path().join("keys.db")).await?;
        let registry = Registry::of_this_binary(parts)?;
        let modules = registry.modules()?;
        Ok(Self { parts: parts.clone(), registry, modules, keys: Arc::new(keys), _folder: folder })
    }

    /// Compiles a module's bytes and takes it into the sandbox.
    pub async fn lend(&self, bytes: Vec<u8>) -> Result<ModuleDigest, Fault> {
        let prepared = self.registry.prepare(bytes, NO_LIMITS).await?;
        self.modules.lend(&prepared.digest, prepared.artifact, prepared.artifact_digest).await?;
        Ok(prepared.digest)
    }
}

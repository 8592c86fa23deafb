//! Opens modules in the sandbox, from the artifacts the store knows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use batch::quarantine::Entry;
use flow::{Context, Fault, FaultKind, ModuleDigest, Severity, Timestamp};
use sandbox::{Limits, Module, Sandbox};
use spec::TransformSpec;
use staging::Staging;
use store::Store;
use worker::Parts;

use crate::chain::{Guest, Modules, Put};

/// Loads modules by digest, each once a process.
pub struct SandboxedModules {
    sandbox: Arc<Sandbox>,
    store: Arc<dyn Store>,
    staging: Arc<dyn Staging>,
    loaded: Mutex<HashMap<ModuleDigest, Module>>,
}

impl SandboxedModules {
    /// Makes the sandbox; modules come from the parts' store and stage.
    pub fn new(parts: &Parts, limits: Limits) -> Result<Self, Fault> {
        Ok(Self {
            sandbox: Arc::new(Sandbox::new(limits)?),
            store: parts.store.clone(),
            staging: parts.staging.clone(),
            loaded: Mutex::default(),
        })
    }

    /// Takes in a module that is in no store: one that is tried. `artifact_digest` must be what our
    /// own compiler gave for the artifact just now.
    pub async fn lend(
        &self,
        module: &ModuleDigest,
        artifact: Vec<u8>,
        artifact_digest: flow::Digest,
    ) -> Result<(), Fault> {
        let (sandbox, digest) = (self.sandbox.clone(), module.clone());
        let loaded = blocking(move || sandbox.load(&artifact, &artifact_digest, &digest)).await?;
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).insert(module.clone(), loaded);
        Ok(())
    }

    async fn module(&self, digest: &ModuleDigest) -> Result<Module, Fault> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned();
        if let Some(module) = loaded {
            return Ok(module);
        }
        let unknown =
            || Fault::new(FaultKind::Config, "module_unknown", format!("no module with digest {digest} was added"));
        let record = self.store.module(digest).await?.ok_or_else(unknown)?;
        let artifact = self.staging.get(&record.artifact_key).await?;
        let sandbox = self.sandbox.clone();
        let module = blocking(move || sandbox.load(&artifact, &record.artifact_digest, &record.digest)).await?;
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.clone(), module.clone());
        Ok(module)
    }
}

#[async_trait]
impl Modules for SandboxedModules {
    async fn open(
        &self,
        transform: &TransformSpec,
        schema: &SchemaRef,
        context: &Context,
        due: Timestamp,
    ) -> Result<Box<dyn Guest>, Fault> {
        let unpinned = || {
            Fault::new(
                FaultKind::Bug,
                "module_unpinned",
                format!("module `{}` is not pinned to a digest", transform.module),
            )
        };
        let module = self.module(transform.digest.as_ref().ok_or_else(unpinned)?).await?;
        let within = sandbox::Context { sync: context.sync.clone(), stream: context.stream.clone(), run_clock: due };
        let (schema, config) = (schema.clone(), transform.config.clone());
        let guest = blocking(move || module.open(&schema, &config, &within)).await?;
        let name = transform.module.split('@').next().unwrap_or_default().to_owned();
        Ok(Box::new(SandboxedGuest { name, guest }))
    }
}

/// A guest under the name its module has in the spec.
struct SandboxedGuest {
    name: String,
    guest: sandbox::Guest,
}

impl Guest for SandboxedGuest {
    fn schema(&self) -> SchemaRef {
        self.guest.schema()
    }

    fn apply(&mut self, rows: &RecordBatch) -> Result<Put, Fault> {
        let isolated = sandbox::isolate(&mut self.guest, rows);
        for line in self.guest.take_log() {
            tracing::debug!(module = self.name, line = ?line, "module said");
        }
        let output = isolated?.output;
        let rejects = output.rejects.into_iter().map(|reject| self.entry(reject)).collect();
        Ok(Put { rows: output.rows, source_rows: output.source_rows, rejects })
    }
}

impl SandboxedGuest {
    /// What a module says of a row may hold its values, so it is kept as a value: beside the row
    /// only, never in a summary.
    fn entry(&self, reject: sandbox::Reject) -> Entry {
        Entry {
            row: Some(u64::from(reject.row)),
            rule: self.name.clone(),
            column: reject.column,
            reason: format!("refused by module `{}`", self.name),
            code: reject.code,
            severity: Severity::Error,
            value: Some(reject.message),
            ..Entry::default()
        }
    }
}

async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, Fault>
where
    T: Send + 'static,
    E: Into<Fault> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(Into::into),
        Err(error) => Err(Fault::from_error(FaultKind::Bug, "sandbox_panicked", &error)),
    }
}

//! Opens modules in the sandbox, from the artifacts the store knows.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use batch::quarantine::Entry;
use flow::{Context, Fault, FaultKind, ModuleDigest, Severity, Timestamp};
use sandbox::{Limits, Module, Sandbox};
use spec::{Rule, TransformSpec};
use staging::Staging;
use store::Store;
use store::record::ModuleRecord;
use worker::Parts;

use crate::chain::{Guest, Modules, Put};

/// Loads modules by digest, each once a process.
pub struct SandboxedModules {
    sandbox: Arc<Sandbox>,
    limits: Limits,
    store: Arc<dyn Store>,
    staging: Arc<dyn Staging>,
    compiler: Option<Arc<dyn Recompile>>,
    rules: Option<Arc<dyn RuleModules>>,
    loaded: Mutex<HashMap<ModuleDigest, Module>>,
}

/// Mends what cannot be loaded, in a process that has a compiler.
#[async_trait]
pub trait Recompile: Send + Sync {
    /// Compiles a module anew from its bytes and records the artifact.
    async fn recompile(&self, module: &ModuleDigest) -> Result<(), Fault>;
}

/// Gives rules as modules.
#[async_trait]
pub trait RuleModules: Send + Sync {
    /// The module a rule is for these columns: compiled and added where it was not yet.
    async fn module_of(&self, name: &str, rule: &Rule, schema: &SchemaRef) -> Result<ModuleDigest, Fault>;
}

impl SandboxedModules {
    /// Makes the sandbox; modules come from the parts' store and stage.
    pub fn new(parts: &Parts, limits: Limits) -> Result<Self, Fault> {
        Ok(Self {
            sandbox: Arc::new(Sandbox::new(limits.clone())?),
            limits,
            store: parts.store.clone(),
            staging: parts.staging.clone(),
            compiler: None,
            rules: None,
            loaded: Mutex::default(),
        })
    }

    /// Compiles anew what was made for another machine or version, or is damaged.
    #[must_use]
    pub fn with_compiler(self, compiler: Arc<dyn Recompile>) -> Self {
        Self { compiler: Some(compiler), ..self }
    }

    /// Opens rules too.
    #[must_use]
    pub fn with_rules(self, rules: Arc<dyn RuleModules>) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// The digest of the module a transform is for these columns.
    async fn digest_of(&self, transform: &TransformSpec, schema: &SchemaRef) -> Result<ModuleDigest, Fault> {
        match (&transform.rule, &self.rules) {
            (None, _) => transform.digest.clone().ok_or_else(|| {
                let message = format!("module `{}` is not pinned to a digest", transform.module);
                Fault::new(FaultKind::Bug, "module_unpinned", message)
            }),
            (Some(rule), Some(rules)) => rules.module_of(transform.name(), rule, schema).await,
            (Some(_), None) => {
                let message =
                    format!("rule `{}` needs the rule compiler, which this process has not", transform.name());
                Err(Fault::new(FaultKind::Config, "rules_unavailable", message))
            }
        }
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

    /// The module of this digest, loaded, under its own limits.
    pub async fn module(&self, digest: &ModuleDigest) -> Result<Module, Fault> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned();
        if let Some(module) = loaded {
            return Ok(module);
        }
        let module = match (self.load(digest).await, &self.compiler) {
            (Err(fault), Some(compiler)) if CURED_BY_COMPILING.contains(&fault.code.as_str()) => {
                tracing::info!(module = digest.short(), code = fault.code, "module is compiled anew");
                compiler.recompile(digest).await?;
                self.load(digest).await?
            }
            (loaded, _) => loaded?,
        };
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.clone(), module.clone());
        Ok(module)
    }

    async fn load(&self, digest: &ModuleDigest) -> Result<Module, Fault> {
        let unknown =
            || Fault::new(FaultKind::Config, "module_unknown", format!("no module with digest {digest} was added"));
        let record = self.store.module(digest).await?.ok_or_else(unknown)?;
        let limits = own_limits(&self.limits, &record)?;
        let sandbox = self.sandbox.clone();
        let module = match self.staging.local_path(&record.artifact_key).filter(|path| path.is_file()) {
            Some(file) => blocking(move || sandbox.load_file(&file, &record.artifact_digest, &record.digest)).await?,
            None => {
                let artifact = self.staging.get(&record.artifact_key).await?;
                blocking(move || sandbox.load(&artifact, &record.artifact_digest, &record.digest)).await?
            }
        };
        Ok(module.with_limits(limits))
    }
}

/// Codes of faults that a new artifact mends, as long as the module's own bytes are there.
const CURED_BY_COMPILING: [&str; 3] = ["artifact_digest", "artifact_incompatible", "object_missing"];

/// These limits with the module's own.
pub fn own_limits(limits: &Limits, record: &ModuleRecord) -> Result<Limits, Fault> {
    let own: BTreeMap<String, String> = serde_json::from_str(&record.limits)
        .map_err(|error| Fault::from_error(FaultKind::Bug, "limits_unreadable", &error))?;
    let own = own.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Ok(limits.clone().with_own(own)?)
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
        let module = self.module(&self.digest_of(transform, schema).await?).await?;
        let within = sandbox::Context { sync: context.sync.clone(), stream: context.stream.clone(), run_clock: due };
        let (schema, config) = (schema.clone(), transform.config.clone());
        let guest = blocking(move || module.open(&schema, &config, &within)).await?;
        Ok(Box::new(SandboxedGuest { name: transform.name().to_owned(), is_rule: transform.rule.is_some(), guest }))
    }
}

/// A guest under the name its module has in the spec.
struct SandboxedGuest {
    name: String,
    is_rule: bool,
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
    /// only, never in a summary. What a rule says names columns and types alone.
    fn entry(&self, reject: sandbox::Reject) -> Entry {
        let (reason, value) = match self.is_rule {
            true => (reject.message, None),
            false => (format!("refused by module `{}`", self.name), Some(reject.message)),
        };
        Entry {
            row: Some(u64::from(reject.row)),
            rule: self.name.clone(),
            column: reject.column,
            reason,
            code: reject.code,
            severity: Severity::Error,
            value,
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

//! The registry of modules: added under a name and version and never changed, active one version
//! at a time, found by reference, compiled for this binary's engine.
//!
//! Start reading at [`add()`]; then [`catalog`], [`opening`], [`judge`], [`verify`].

pub mod catalog;
pub mod conflicts;
pub mod judge;
pub mod opening;
pub mod rules;
pub mod verify;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use flow::{Digest, Fault, FaultKind, ModuleDigest};
use sandbox::{Limits, Sandbox};
use sandbox_compiler::{CompileLimits, Compiler, Prepared};
use serde_json::Value;
use store::record::{DeclaredSchema, ModuleRecord};
use transform::wiring::{Recompile, own_limits};
use worker::Parts;

pub use catalog::Catalog;

/// Section of a component that holds its own limits: a digest stands for how a module runs, so the
/// same code under other limits has another.
const LIMITS_SECTION: &str = "millstream:limits";

/// No limits of a module's own, as the store keeps them.
pub(crate) const NO_LIMITS: &str = "{}";

/// A module to be added.
#[derive(Debug, Clone)]
pub struct NewModule {
    /// A component, or a core module built against the contract.
    pub bytes: Vec<u8>,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Limits of its own: texts by name.
    pub limits: BTreeMap<String, String>,
    /// What to open it with once, to see that it can be.
    pub trial: Option<Trial>,
    /// Who adds it.
    pub by: String,
}

/// What a module is opened with when it is added.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The columns.
    pub schema: SchemaRef,
    /// The config.
    pub config: Value,
}

/// Compiles and adds modules.
#[derive(Clone)]
pub struct Registry {
    parts: Parts,
    program: PathBuf,
}

impl Registry {
    /// Compiles in child processes of `program`, which is this very binary.
    #[must_use]
    pub fn new(parts: &Parts, program: PathBuf) -> Self {
        Self { parts: parts.clone(), program }
    }

    /// Compiles in child processes of the binary that runs.
    pub fn of_this_binary(parts: &Parts) -> Result<Self, Fault> {
        // Stays this very binary when another version takes its place on the disk meanwhile.
        let running = Path::new("/proc/self/exe");
        if running.exists() {
            return Ok(Self::new(parts, running.to_owned()));
        }
        let lost = |error| Fault::from_error(FaultKind::Config, "binary_lost", &error);
        Ok(Self::new(parts, std::env::current_exe().map_err(lost)?))
    }

    /// What everything works with.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Checks a module's bytes, compiles it, opens it where there is something to open it with,
    /// and adds it. The same bytes under the same name and version are added already.
    pub async fn add(&self, module: NewModule) -> Result<ModuleRecord, Fault> {
        let limits = limits_text(&module.limits)?;
        let mut prepared = self.prepare(module.bytes, &limits).await?;
        if !module.limits.is_empty() {
            append_custom_section(&mut prepared.component, LIMITS_SECTION, limits.as_bytes());
            prepared.digest = Digest::of(&prepared.component);
        }
        let mut record = ModuleRecord {
            key: format!("modules/{}.wasm", prepared.digest),
            artifact_key: format!("artifacts/{}.cwasm", prepared.artifact_digest),
            digest: prepared.digest.clone(),
            name: module.name,
            version: module.version,
            world: prepared.world.clone(),
            bytes: prepared.component.len() as u64,
            artifact_digest: prepared.artifact_digest.clone(),
            engine: prepared.engine.clone(),
            limits,
            schema: None,
            added_at: self.parts.clock.now(),
            added_by: module.by,
        };
        self.refuse_other(&record).await?;
        let prepared = Arc::new(prepared);
        if let Some(trial) = module.trial {
            record.schema = Some(try_out(prepared.clone(), &record, trial).await?);
        }
        self.parts.staging.put(&record.key, prepared.component.clone().into()).await?;
        self.parts.staging.put(&record.artifact_key, prepared.artifact.clone().into()).await?;
        self.parts.store.add_module(&record).await?;
        Ok(record)
    }

    /// Compiles a module again when its artifact was made for another engine (an older binary's,
    /// another machine's), or is damaged.
    pub async fn refresh(&self, digest: &ModuleDigest) -> Result<(), Fault> {
        let record = self.record(digest).await?;
        if record.engine == sandbox::engine::compatibility() {
            return Ok(());
        }
        self.recompile(digest).await
    }

    /// The module of this digest.
    pub async fn record(&self, digest: &ModuleDigest) -> Result<ModuleRecord, Fault> {
        let missing =
            || Fault::new(FaultKind::Config, "module_unknown", format!("no module with digest {digest} was added"));
        self.parts.store.module(digest).await?.ok_or_else(missing)
    }

    /// The bytes of a module, as they were added.
    pub async fn component(&self, record: &ModuleRecord) -> Result<Vec<u8>, Fault> {
        let damaged = |how: String| {
            let message = format!("module `{}@{}` is damaged in the stage: {how}", record.name, record.version);
            Fault::new(FaultKind::Config, "module_damaged", format!("{message}; add the same file again"))
        };
        let bytes = match self.parts.staging.get(&record.key).await {
            Err(staging::Error::NotFound { .. }) => return Err(damaged("its object is gone".to_owned())),
            bytes => bytes?,
        };
        let found = Digest::of(&bytes);
        match found == record.digest {
            true => Ok(bytes.to_vec()),
            false => Err(damaged(format!("expected digest {}, found {}", record.digest.short(), found.short()))),
        }
    }

    pub(crate) async fn prepare(&self, bytes: Vec<u8>, limits: &str) -> Result<Prepared, Fault> {
        let own = own_texts(limits)?;
        let compile_limits = CompileLimits::of_module(pairs(&own))?;
        let compiler = Compiler::new(&self.program).with_limits(compile_limits);
        blocking(move || Ok(compiler.prepare(&bytes)?)).await
    }

    /// What is immutable about a version is refused to change.
    async fn refuse_other(&self, new: &ModuleRecord) -> Result<(), Fault> {
        let modules = self.parts.store.modules().await?;
        let there = modules.iter().find(|module| module.name == new.name && module.version == new.version);
        let what = match there {
            Some(there) if there.limits != new.limits => "other limits",
            Some(there) if there.digest != new.digest => "another digest",
            _ => return Ok(()),
        };
        let message = format!(
            "module `{}@{}` is there with {what} and is never changed; give the new one another --version",
            new.name, new.version
        );
        Err(Fault::new(FaultKind::Config, "version_taken", message))
    }
}

#[async_trait]
impl Recompile for Registry {
    async fn recompile(&self, digest: &ModuleDigest) -> Result<(), Fault> {
        let record = self.record(digest).await?;
        let prepared = self.prepare(self.component(&record).await?, &record.limits).await?;
        let compiled = ModuleRecord {
            artifact_key: format!("artifacts/{}.cwasm", prepared.artifact_digest),
            artifact_digest: prepared.artifact_digest,
            engine: prepared.engine,
            ..record.clone()
        };
        self.parts.staging.put(&compiled.artifact_key, prepared.artifact.into()).await?;
        self.parts.store.add_module(&compiled).await?;
        if compiled.artifact_key != record.artifact_key {
            self.parts.staging.delete(&record.artifact_key).await?;
        }
        Ok(())
    }
}

/// Appends a section that means nothing to whoever runs the component.
fn append_custom_section(component: &mut Vec<u8>, name: &str, contents: &[u8]) {
    let mut section = Vec::new();
    leb128(&mut section, name.len());
    section.extend(name.as_bytes());
    section.extend(contents);
    component.push(0);
    leb128(component, section.len());
    component.extend(section);
}

fn leb128(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Opens the module once; what it says it gives is kept with what it was given.
async fn try_out(prepared: Arc<Prepared>, record: &ModuleRecord, trial: Trial) -> Result<DeclaredSchema, Fault> {
    let limits = own_limits(&Limits::default(), record)?;
    let input = batch::schema::to_json(&trial.schema)?;
    let context = opening::nowhere(&record.name)?;
    let output = blocking(move || {
        let sandbox = Sandbox::new(Limits::default())?;
        let loaded = sandbox.load(&prepared.artifact, &prepared.artifact_digest, &prepared.digest)?;
        let guest = loaded.with_limits(limits).open(&trial.schema, &trial.config, &context)?;
        Ok(batch::schema::to_json(&guest.schema())?)
    });
    Ok(DeclaredSchema { input, output: output.await? })
}

/// The limits as they are kept, each one checked.
fn limits_text(limits: &BTreeMap<String, String>) -> Result<String, Fault> {
    Limits::default().with_own(pairs(limits))?;
    CompileLimits::of_module(pairs(limits))?;
    serde_json::to_string(limits).map_err(|error| Fault::from_error(FaultKind::Bug, "limits_unwritable", &error))
}

/// The limits of a module as people gave them.
pub(crate) fn own_texts(limits: &str) -> Result<BTreeMap<String, String>, Fault> {
    serde_json::from_str(limits).map_err(|error| Fault::from_error(FaultKind::Bug, "limits_unreadable", &error))
}

fn pairs(limits: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    limits.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    let ended = |error| Fault::from_error(FaultKind::Bug, "compile_panicked", &error);
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}

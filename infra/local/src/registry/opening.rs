//! Whether a version can take its place in the saved specs before it is activated.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use flow::{Context, Fault, FaultKind, StreamName, SyncName, Timestamp};
use sandbox::Limits;
use serde::Serialize;
use spec::{Stream, TransformSpec};
use store::record::{ModuleRecord, Run};
use transform::Modules;
use transform::wiring::SandboxedModules;

use super::{Catalog, Registry};

/// How many runs of a sync are looked at for the columns of a stream.
const RUNS: u32 = 20;

/// A stream that names a module by its bare name, and whether a version of it fits there.
#[derive(Debug, Clone, Serialize)]
pub struct Opened {
    /// The sync.
    pub sync: SyncName,
    /// The stream.
    pub stream: StreamName,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of opening a version for a stream.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It can be opened with the stream's columns.
    Fits,
    /// The stream was never planned: its columns are not known yet.
    NotPlanned,
    /// It cannot.
    Refused {
        /// Stable code.
        code: String,
        /// The reason.
        reason: String,
    },
}

impl Registry {
    /// Loads a version and opens it in every stream of a saved spec that follows its name, among
    /// the stream's other transforms, with the columns the stream was last planned with.
    pub async fn try_in_saved_specs(&self, module: &ModuleRecord) -> Result<Vec<Opened>, Fault> {
        let modules = self.modules()?;
        let loaded = modules.module(&module.digest).await?;
        super::blocking(move || Ok(loaded.probe()?)).await?;
        let catalog = Catalog::read(self.parts().store.as_ref()).await?;
        let mut all = Vec::new();
        for saved in self.parts().store.latest_specs().await? {
            let sync = spec::load::from_stored(&saved.text)?;
            for stream in sync.streams.iter().filter(|stream| is_followed_in(stream, &module.name)) {
                let outcome = match self.last_planned(&sync.name, &stream.name).await? {
                    None => Outcome::NotPlanned,
                    Some(planned) => open(&modules, &catalog, module, stream, &planned).await?,
                };
                all.push(Opened { sync: sync.name.clone(), stream: stream.name.clone(), outcome });
            }
        }
        Ok(all)
    }

    /// Loads modules and rules; what cannot be loaded is compiled anew.
    pub fn modules(&self) -> Result<SandboxedModules, Fault> {
        let compiler = Arc::new(self.clone());
        let modules = SandboxedModules::new(self.parts(), Limits::default())?;
        Ok(modules.with_compiler(compiler.clone()).with_rules(compiler))
    }

    /// The columns a stream was staged with in the last run that planned it.
    pub async fn last_schema(&self, sync: &SyncName, stream: &StreamName) -> Result<Option<SchemaRef>, Fault> {
        Ok(self.last_planned(sync, stream).await?.map(|planned| planned.schema))
    }

    async fn last_planned(&self, sync: &SyncName, stream: &StreamName) -> Result<Option<Planned>, Fault> {
        let store = &self.parts().store;
        for run in store.runs(Some(sync), RUNS).await? {
            let streams = store.run_streams(&run.id).await?;
            let plan = streams.into_iter().find(|planned| planned.stream == *stream).and_then(|stream| stream.plan);
            if let Some(plan) = plan {
                return Ok(Some(Planned { schema: batch::schema::from_json(&plan.schema)?, run }));
            }
        }
        Ok(None)
    }
}

/// Where a module is opened that is in no stream yet: under its own name.
pub(super) fn nowhere(module: &str) -> Result<sandbox::Context, Fault> {
    let invalid = |error: flow::id::BadName| Fault::from_error(FaultKind::Config, "name_invalid", &error);
    let sync = SyncName::new(module).map_err(invalid)?;
    let stream = StreamName::new(module).map_err(invalid)?;
    Ok(sandbox::Context { sync, stream, run_clock: Timestamp::UNIX_EPOCH })
}

struct Planned {
    run: Run,
    schema: SchemaRef,
}

async fn open(
    modules: &SandboxedModules,
    catalog: &Catalog,
    module: &ModuleRecord,
    stream: &Stream,
    planned: &Planned,
) -> Result<Outcome, Fault> {
    let run = &planned.run;
    let context = Context {
        sync: run.sync.clone(),
        stream: stream.name.clone(),
        version: run.version,
        run: run.id.clone(),
        attempt: run.attempt,
    };
    let mut schema = planned.schema.clone();
    for transform in &stream.transforms {
        let digest = match (follows(transform, &module.name), transform.follows) {
            (true, _) => Some(module.digest.clone()),
            (false, true) => catalog.active(transform.name()).map(|active| active.digest.clone()),
            (false, false) => None,
        };
        let transform = TransformSpec { digest: digest.or(transform.digest.clone()), ..transform.clone() };
        match modules.open(&transform, &schema, &context, run.due_at).await {
            Ok(guest) => schema = guest.schema(),
            Err(fault) if fault.kind == FaultKind::Retry => return Err(fault),
            Err(fault) => {
                let reason = format!("transform `{}`: {}", transform.name(), fault.message);
                return Ok(Outcome::Refused { code: fault.code, reason });
            }
        }
    }
    Ok(Outcome::Fits)
}

fn is_followed_in(stream: &Stream, name: &str) -> bool {
    stream.transforms.iter().any(|transform| follows(transform, name))
}

fn follows(transform: &TransformSpec, name: &str) -> bool {
    transform.follows && transform.name() == name
}

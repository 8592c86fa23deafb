//! Whether a module is what was added, and gives the same each time.

use flow::{BatchId, Context, Digest, Fault, FaultKind, ModuleDigest, StreamName, Timestamp};
use serde::Serialize;
use spec::{Stream, Sync, TransformSpec};
use staging::StagingExt;
use store::record::{BatchRecord, ModuleRecord, Pin, RunState};
use transform::wiring::{Recompile, SandboxedModules};
use transform::{Guest, Modules};

use super::Registry;

/// Kept batches of a sync that are looked through.
const MOST_KEPT: u32 = 100_000;

/// Runs of a sync that are looked through for batches that failed.
const RUNS: u32 = 20;

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// What became of the artifact.
    pub artifact: Artifact,
    /// Kept batches that were put through the module.
    pub replayed: usize,
    /// Each of them.
    pub batches: Vec<Replayed>,
}

/// What became of the artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Artifact {
    /// It is the one that was recorded, and loads.
    Sound,
    /// It was made for another engine; it was compiled anew.
    RecompiledForThisEngine,
    /// It was damaged or gone; it was compiled anew.
    RecompiledAfterDamage,
}

/// A kept batch that was put through the module twice, in fresh instances.
#[derive(Debug, Clone, Serialize)]
pub struct Replayed {
    /// The sync.
    pub sync: String,
    /// The stream.
    pub stream: StreamName,
    /// The batch.
    pub batch: BatchId,
    /// Rows that went in.
    pub rows: u64,
    /// Digest of what came out.
    pub output: Digest,
    /// Whether it came out the same both times.
    pub same: bool,
    /// Whether it is what was recorded; `None` when that is kept no more, or was made with other
    /// modules.
    pub as_recorded: Option<bool>,
}

impl Verified {
    /// Whether everything was as it must be.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.batches.iter().all(|batch| batch.same && batch.as_recorded != Some(false))
    }
}

impl Registry {
    /// Checks a module's bytes and artifact, and puts the newest kept batches of the streams that
    /// use it through it.
    pub async fn verify(&self, module: &ModuleRecord, batches: usize) -> Result<Verified, Fault> {
        self.component(module).await?;
        let artifact = self.verify_artifact(module).await?;
        let mut replayed = Vec::new();
        for candidate in self.candidates(module, batches).await? {
            replayed.push(self.replay(module, candidate).await?);
        }
        Ok(Verified { artifact, replayed: replayed.len(), batches: replayed })
    }

    async fn verify_artifact(&self, module: &ModuleRecord) -> Result<Artifact, Fault> {
        let of_another_engine = module.engine != sandbox::engine::compatibility();
        let without_compiler = SandboxedModules::new(self.parts(), sandbox::Limits::default())?;
        if !of_another_engine && without_compiler.module(&module.digest).await.is_ok() {
            return Ok(Artifact::Sound);
        }
        self.recompile(&module.digest).await?;
        // What it says now is what is wrong with it.
        without_compiler.module(&module.digest).await?;
        Ok(match of_another_engine {
            true => Artifact::RecompiledForThisEngine,
            false => Artifact::RecompiledAfterDamage,
        })
    }

    /// The newest kept batches of streams that use the module, with what to put them through.
    async fn candidates(&self, module: &ModuleRecord, most: usize) -> Result<Vec<Candidate>, Fault> {
        let mut all = Vec::new();
        for saved in self.parts().store.latest_specs().await? {
            let sync = spec::load::from_stored(&saved.text)?;
            let uses = |stream: &&Stream| stream.transforms.iter().any(|transform| is_of(transform, module));
            if !sync.streams.iter().any(|stream| uses(&stream)) {
                continue;
            }
            for batch in self.kept(&sync).await? {
                let stream = sync.streams.iter().filter(uses).find(|stream| stream.name == batch.stream);
                if let Some(stream) = stream {
                    all.push(Candidate { sync: sync.clone(), stream: stream.clone(), batch });
                }
            }
        }
        all.sort_by_key(|candidate| std::cmp::Reverse(candidate.batch.staged_at));
        all.truncate(most);
        Ok(all)
    }

    /// The batches of a sync whose raw objects are there: of ended runs, and of those that failed,
    /// where what was made of them may be kept, too.
    async fn kept(&self, sync: &Sync) -> Result<Vec<BatchRecord>, Fault> {
        let store = &self.parts().store;
        let mut kept = store.kept_raw(&sync.name, MOST_KEPT).await?;
        for run in store.runs(Some(&sync.name), RUNS).await? {
            if !matches!(run.state, RunState::Failed | RunState::Running) {
                continue;
            }
            for lane in store.lanes(&run.id).await? {
                kept.extend(store.batches(&lane.lane, 0).await?);
            }
        }
        Ok(kept)
    }

    async fn replay(&self, module: &ModuleRecord, candidate: Candidate) -> Result<Replayed, Fault> {
        let Candidate { sync, stream, batch } = candidate;
        let store = &self.parts().store;
        let unknown = || Fault::new(FaultKind::Bug, "run_unknown", format!("run `{}` is not in the store", batch.run));
        let run = store.run(&batch.run).await?.ok_or_else(unknown)?;
        let context = Context {
            sync: sync.name.clone(),
            stream: stream.name.clone(),
            version: run.version,
            run: run.id.clone(),
            attempt: run.attempt,
        };
        let pins = store.pins(&batch.id).await?;
        // What was recorded was made by the transforms of the run's own spec.
        let spec_then = self.parts().specs.get(&sync.name, run.version).await?;
        let stream_then = spec_then.stream(&stream.name).filter(|then| is_pinned_to(then, &pins, &module.digest));
        let (stream, digests, is_as_then) = match stream_then {
            Some(then) => (then, pins.into_iter().map(|pin| pin.digest).collect(), true),
            None => (&stream, digests_with(&stream, module)?, false),
        };
        let chain = Chain { transforms: &stream.transforms, digests, context: &context, due: run.due_at };
        let raw = self.parts().staging.get_batch(&batch.raw).await?;
        let first = self.put_through(&chain, &raw).await?;
        let second = self.put_through(&chain, &raw).await?;
        let recorded = if is_as_then { self.recorded(&context, &batch.id).await? } else { None };
        Ok(Replayed {
            sync: sync.name.to_string(),
            stream: stream.name.clone(),
            batch: batch.id,
            rows: batch.raw.rows,
            same: first == second,
            as_recorded: recorded.map(|recorded| recorded == first.rows),
            output: first.rows,
        })
    }

    /// Digests of what a chain of fresh instances makes of a batch.
    async fn put_through(&self, chain: &Chain<'_>, raw: &arrow_array::RecordBatch) -> Result<Made, Fault> {
        let modules = self.modules()?;
        let mut schema = raw.schema();
        let mut guests: Vec<Box<dyn Guest>> = Vec::new();
        for (transform, digest) in chain.transforms.iter().zip(&chain.digests) {
            let transform = TransformSpec { digest: Some(digest.clone()), ..transform.clone() };
            let guest = modules.open(&transform, &schema, chain.context, chain.due).await?;
            schema = guest.schema();
            guests.push(guest);
        }
        let raw = raw.clone();
        super::blocking(move || {
            let chained = transform::chain(&mut guests, &raw)?;
            let rejects = batch::quarantine::to_batch(&chained.rejects, Some(&raw))?;
            Ok(Made {
                rows: Digest::of(&batch::ipc::encode(&chained.rows)?),
                rejects: Digest::of(&batch::ipc::encode(&rejects)?),
            })
        })
        .await
    }

    /// Digest of what `transform` made of a batch, while it is kept.
    async fn recorded(&self, context: &Context, batch: &BatchId) -> Result<Option<Digest>, Fault> {
        let prefix = format!("{}/{}-", transform::transformed_prefix(context), transform::transformed_name(batch));
        let Some(entry) = self.parts().staging.list(&prefix).await?.into_iter().next() else { return Ok(None) };
        Ok(Some(Digest::of(&self.parts().staging.get(&entry.key).await?)))
    }
}

struct Candidate {
    sync: Sync,
    stream: Stream,
    batch: BatchRecord,
}

struct Chain<'a> {
    transforms: &'a [TransformSpec],
    digests: Vec<ModuleDigest>,
    context: &'a Context,
    due: Timestamp,
}

#[derive(PartialEq, Eq)]
struct Made {
    rows: Digest,
    rejects: Digest,
}

fn is_of(transform: &TransformSpec, module: &ModuleRecord) -> bool {
    transform.digest.as_ref() == Some(&module.digest) || transform.follows && transform.name() == module.name
}

fn is_pinned_to(stream: &Stream, pins: &[Pin], digest: &ModuleDigest) -> bool {
    pins.len() == stream.transforms.len() && pins.iter().any(|pin| pin.digest == *digest)
}

/// The digests of a stream's transforms with the module in its place.
fn digests_with(stream: &Stream, module: &ModuleRecord) -> Result<Vec<ModuleDigest>, Fault> {
    let digest = |transform: &TransformSpec| match is_of(transform, module) {
        true => Ok(module.digest.clone()),
        false => transform.digest.clone().ok_or_else(|| {
            let message = format!("module `{}` is not pinned to a digest", transform.module);
            Fault::new(FaultKind::Bug, "module_unpinned", message)
        }),
    };
    stream.transforms.iter().map(digest).collect()
}

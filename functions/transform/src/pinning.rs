//! Which modules a batch is transformed with: fixed in the store before the first row is, so that
//! whoever meets the batch again uses the same, and newly activated versions come in between two
//! batches, never within one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::SchemaRef;
use flow::{BatchId, Context, Fault, FaultKind, ModuleDigest, Outbox, Transformed};
use spec::TransformSpec;
use store::record::{Activation, Pin, Pinning as Answer, Pins};
use worker::Parts;

use crate::chain::{Guest, Modules};
use crate::guests::{Guests, StreamKey};
use crate::refusal;

/// How often in a row something else may be activated before the batch is tried again later.
const TRIES: usize = 8;

/// Streams whose modules are remembered; those forgotten are looked up again.
const KEPT_VIEWS: usize = 1000;

/// Pins batches and opens what they are pinned to.
pub(crate) struct Pinning {
    parts: Parts,
    modules: Arc<dyn Modules>,
    guests: Guests,
    views: Mutex<HashMap<StreamKey, Vec<Pin>>>,
}

/// A batch to be transformed.
pub(crate) struct Job<'a> {
    pub(crate) context: &'a Context,
    pub(crate) transforms: &'a [TransformSpec],
    pub(crate) batch: &'a BatchId,
    pub(crate) schema: SchemaRef,
}

/// What a batch is transformed with, opened.
pub(crate) struct Pinned {
    pub(crate) modules: Vec<ModuleDigest>,
    pub(crate) guests: Vec<Box<dyn Guest>>,
}

impl Pinning {
    pub(crate) fn new(parts: Parts, modules: Arc<dyn Modules>) -> Self {
        Self { parts, modules, guests: Guests::default(), views: Mutex::default() }
    }

    /// Fixes what a batch is transformed with, and opens it. One call to the store, unless
    /// something was activated since the stream's last batch.
    pub(crate) async fn pin(&self, job: &Job<'_>, outbox: &dyn Outbox<Transformed>) -> Result<Pinned, Fault> {
        let mut view = match self.view(&job.key()) {
            Some(view) => view,
            None => pins_of_spec(job.transforms)?,
        };
        for _ in 0..TRIES {
            let pins = Pins {
                batch: job.batch.clone(),
                run: job.context.run.clone(),
                stream: job.context.stream.clone(),
                version: job.context.version,
                modules: view.clone(),
                at: self.parts.clock.now(),
            };
            match self.parts.store.pin_batch(&pins).await? {
                Answer::Held(held) => {
                    self.remember(job.key(), view);
                    let modules = digests(&held);
                    let guests = self.open(job, &modules).await?;
                    return Ok(Pinned { modules, guests });
                }
                Answer::Moved { activations, in_use } => {
                    view = self.follow(job, view, in_use, &activations, outbox).await?;
                }
            }
        }
        let message = format!("modules of stream `{}` are activated faster than they are taken up", job.context.stream);
        Err(Fault::new(FaultKind::Retry, "activations_unsettled", message))
    }

    /// Keeps guests that did well for the next batch.
    pub(crate) fn give_back(&self, job: &Job<'_>, modules: Vec<ModuleDigest>, guests: Vec<Box<dyn Guest>>) {
        self.guests.give_back(job.key(), modules, job.schema.clone(), guests);
    }

    /// What the stream goes on with in view of these activations: what they say where that can be
    /// opened, else what it has.
    async fn follow(
        &self,
        job: &Job<'_>,
        view: Vec<Pin>,
        in_use: Vec<Pin>,
        activations: &[Activation],
        outbox: &dyn Outbox<Transformed>,
    ) -> Result<Vec<Pin>, Fault> {
        // Another process may have begun the stream: what its batches have is what counts.
        let has_begun = in_use.len() == view.len();
        let now = in_view(if has_begun { in_use } else { view }, activations);
        let output = if has_begun { Some(self.output(job, &now).await?) } else { None };
        let mut problems = Vec::new();
        let followed = self.followed(job, &now, activations, output.as_ref(), &mut problems).await?;
        for (activation, problem) in &problems {
            refusal::tell(&self.parts, job.context, activation, problem, outbox).await?;
        }
        Ok(followed)
    }

    async fn followed<'a>(
        &self,
        job: &Job<'_>,
        now: &[Pin],
        activations: &'a [Activation],
        output: Option<&SchemaRef>,
        problems: &mut Vec<(&'a Activation, Fault)>,
    ) -> Result<Vec<Pin>, Fault> {
        let changed: Vec<&Activation> =
            activations.iter().filter(|activation| with(now, activation).as_slice() != now).collect();
        let all = changed.iter().fold(now.to_vec(), |pins, activation| with(&pins, activation));
        let has_nothing_to_try = changed.is_empty() && output.is_some();
        if has_nothing_to_try {
            return Ok(all);
        }
        let Some(problem) = self.problem(job, &all, output).await? else { return Ok(all) };
        match changed.as_slice() {
            [] => return self.go_back(job, now, activations, problem, problems).await,
            [one] => problems.push((*one, problem)),
            several => {
                let mut pins = now.to_vec();
                for activation in several {
                    let next = with(&pins, activation);
                    match self.problem(job, &next, output).await? {
                        None => pins = next,
                        Some(problem) => problems.push((*activation, problem)),
                    }
                }
                return Ok(pins);
            }
        }
        Ok(now.to_vec())
    }

    /// At the begin of a run: what is active is what the spec was saved with, and it cannot be
    /// opened. What was active before may be.
    async fn go_back<'a>(
        &self,
        job: &Job<'_>,
        now: &[Pin],
        activations: &'a [Activation],
        problem: Fault,
        problems: &mut Vec<(&'a Activation, Fault)>,
    ) -> Result<Vec<Pin>, Fault> {
        for activation in activations {
            let Some(replaced) = &activation.replaced else { continue };
            let before = replace(now, &activation.name, replaced);
            if self.problem(job, &before, None).await?.is_none() {
                problems.push((activation, problem));
                return Ok(before);
            }
        }
        // There is nothing to fall back on: opening the batch's modules says why.
        Ok(now.to_vec())
    }

    /// Why a stream cannot go on with these modules: `None` when it can. They stay open.
    async fn problem(&self, job: &Job<'_>, pins: &[Pin], output: Option<&SchemaRef>) -> Result<Option<Fault>, Fault> {
        let modules = digests(pins);
        let guests = match self.open(job, &modules).await {
            Ok(guests) => guests,
            Err(fault) if fault.kind == FaultKind::Retry => return Err(fault),
            Err(fault) => return Ok(Some(fault)),
        };
        let given = output_of(job, &guests);
        if output.is_some_and(|output| *output != given) {
            return Ok(Some(refusal::other_columns(job.context)));
        }
        self.give_back(job, modules, guests);
        Ok(None)
    }

    /// The columns the stream's batches have been given so far.
    async fn output(&self, job: &Job<'_>, pins: &[Pin]) -> Result<SchemaRef, Fault> {
        let modules = digests(pins);
        let guests = self.open(job, &modules).await?;
        let output = output_of(job, &guests);
        self.give_back(job, modules, guests);
        Ok(output)
    }

    async fn open(&self, job: &Job<'_>, digests: &[ModuleDigest]) -> Result<Vec<Box<dyn Guest>>, Fault> {
        if digests.len() != job.transforms.len() {
            let message = format!("batch `{}` is pinned to other modules than its stream has", job.batch);
            return Err(Fault::new(FaultKind::Bug, "pins_unfit", message));
        }
        if let Some(guests) = self.guests.take(&job.key(), digests, &job.schema) {
            return Ok(guests);
        }
        let run = &job.context.run;
        let unknown = || Fault::new(FaultKind::Bug, "run_unknown", format!("run `{run}` is not in the store"));
        let due = self.parts.store.run(run).await?.ok_or_else(unknown)?.due_at;
        let mut schema = job.schema.clone();
        let mut guests = Vec::with_capacity(digests.len());
        for (transform, digest) in job.transforms.iter().zip(digests) {
            let pinned = TransformSpec { digest: Some(digest.clone()), ..transform.clone() };
            let guest = self.modules.open(&pinned, &schema, job.context, due).await?;
            schema = guest.schema();
            guests.push(guest);
        }
        Ok(guests)
    }

    fn view(&self, key: &StreamKey) -> Option<Vec<Pin>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn remember(&self, key: StreamKey, view: Vec<Pin>) {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        if views.len() >= KEPT_VIEWS && !views.contains_key(&key) {
            views.clear();
        }
        views.insert(key, view);
    }
}

impl Job<'_> {
    fn key(&self) -> StreamKey {
        let context = self.context;
        StreamKey { run: context.run.clone(), stream: context.stream.clone(), version: context.version }
    }
}

/// What the spec was saved with, before any activation was looked at.
fn pins_of_spec(transforms: &[TransformSpec]) -> Result<Vec<Pin>, Fault> {
    let pins = transforms.iter().map(|transform| {
        let unpinned = || {
            let message = format!("module `{}` is not pinned to a digest", transform.module);
            Fault::new(FaultKind::Bug, "module_unpinned", message)
        };
        Ok(Pin {
            module: transform.name().to_owned(),
            digest: transform.digest.clone().ok_or_else(unpinned)?,
            activation: transform.follows.then_some(0),
        })
    });
    pins.collect()
}

/// The same modules, in view of these activations.
fn in_view(pins: Vec<Pin>, activations: &[Activation]) -> Vec<Pin> {
    let seen = |name: &str| activations.iter().find(|activation| activation.name == name);
    let view = |pin: Pin| {
        let activation = pin.activation.map(|_| seen(&pin.module).map_or(0, |activation| activation.ordinal));
        Pin { activation, ..pin }
    };
    pins.into_iter().map(view).collect()
}

/// The modules with what an activation says in place of what follows its name. A name that has
/// become inactive changes nothing for streams at work.
fn with(pins: &[Pin], activation: &Activation) -> Vec<Pin> {
    match &activation.active {
        Some(active) => replace(pins, &activation.name, &active.digest),
        None => pins.to_vec(),
    }
}

fn replace(pins: &[Pin], name: &str, digest: &ModuleDigest) -> Vec<Pin> {
    let replaced = |pin: &Pin| match pin.activation.is_some() && pin.module == name {
        true => Pin { digest: digest.clone(), ..pin.clone() },
        false => pin.clone(),
    };
    pins.iter().map(replaced).collect()
}

fn digests(pins: &[Pin]) -> Vec<ModuleDigest> {
    pins.iter().map(|pin| pin.digest.clone()).collect()
}

fn output_of(job: &Job<'_>, guests: &[Box<dyn Guest>]) -> SchemaRef {
    guests.last().map_or_else(|| job.schema.clone(), |guest| guest.schema())
}

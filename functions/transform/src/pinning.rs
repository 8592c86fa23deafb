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
use crate::view::{begun, digests, in_view, pins_of_spec, replace, with};

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

/// What a stream goes on with.
struct Followed {
    modules: Vec<Pin>,
    /// Whether the next batch need not look at the same activations again.
    is_settled: bool,
}

impl Followed {
    fn settled(modules: Vec<Pin>) -> Self {
        Self { modules, is_settled: true }
    }
}

/// Whether a stream can go on with some modules.
enum Verdict {
    Fits,
    Refused(Fault),
    /// They are out of reach at the moment.
    Later,
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
        let mut is_settled = true;
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
                    if is_settled {
                        self.remember(job.key(), view);
                    }
                    let modules = digests(&held);
                    let guests = self.open(job, &modules).await?;
                    return Ok(Pinned { modules, guests });
                }
                Answer::Moved { activations, in_use } => {
                    let followed = self.follow(job, &view, &in_use, &activations, outbox).await?;
                    (view, is_settled) = (followed.modules, followed.is_settled);
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
        view: &[Pin],
        in_use: &[Pin],
        activations: &[Activation],
        outbox: &dyn Outbox<Transformed>,
    ) -> Result<Followed, Fault> {
        // Another process, or an earlier version of the spec, may have begun the stream: the columns
        // its batches have are what counts.
        let begun = begun(view, in_use);
        let now = in_view(begun.as_deref().unwrap_or(view), activations);
        let output = if begun.is_some() { self.output(job, &now).await? } else { None };
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
    ) -> Result<Followed, Fault> {
        let changed: Vec<&Activation> =
            activations.iter().filter(|activation| with(now, activation).as_slice() != now).collect();
        if changed.is_empty() && output.is_some() {
            return Ok(Followed::settled(now.to_vec()));
        }
        let all = changed.iter().fold(now.to_vec(), |pins, activation| with(&pins, activation));
        let problem = match self.try_out(job, &all, output).await? {
            Verdict::Fits => return Ok(Followed::settled(all)),
            Verdict::Later => return Ok(Followed { modules: now.to_vec(), is_settled: false }),
            Verdict::Refused(problem) => problem,
        };
        match changed.as_slice() {
            [] => self.go_back(job, now, activations, problem, problems).await,
            [one] => {
                problems.push((*one, problem));
                Ok(Followed::settled(now.to_vec()))
            }
            several => self.follow_one_by_one(job, now, several, output, problems).await,
        }
    }

    /// Not all of what was activated at once can be taken up; some of it may be.
    async fn follow_one_by_one<'a>(
        &self,
        job: &Job<'_>,
        now: &[Pin],
        changed: &[&'a Activation],
        output: Option<&SchemaRef>,
        problems: &mut Vec<(&'a Activation, Fault)>,
    ) -> Result<Followed, Fault> {
        let mut followed = Followed::settled(now.to_vec());
        for activation in changed {
            let next = with(&followed.modules, activation);
            match self.try_out(job, &next, output).await? {
                Verdict::Fits => followed.modules = next,
                Verdict::Later => followed.is_settled = false,
                Verdict::Refused(problem) => problems.push((*activation, problem)),
            }
        }
        Ok(followed)
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
    ) -> Result<Followed, Fault> {
        for activation in activations {
            let Some(replaced) = &activation.replaced else { continue };
            let before = replace(now, &activation.name, replaced);
            if before.as_slice() != now && matches!(self.try_out(job, &before, None).await?, Verdict::Fits) {
                problems.push((activation, problem));
                return Ok(Followed::settled(before));
            }
        }
        // There is nothing to fall back on: opening the batch's modules says why.
        Ok(Followed::settled(now.to_vec()))
    }

    /// Whether a stream can go on with these modules, and gives the same columns as before. What
    /// fits stays open.
    async fn try_out(&self, job: &Job<'_>, pins: &[Pin], output: Option<&SchemaRef>) -> Result<Verdict, Fault> {
        let modules = digests(pins);
        let guests = match self.open(job, &modules).await {
            Ok(guests) => guests,
            // What is at work goes on, and the next batch tries again.
            Err(fault) if fault.kind == FaultKind::Retry && output.is_some() => return Ok(Verdict::Later),
            Err(fault) if fault.kind == FaultKind::Retry => return Err(fault),
            Err(fault) => return Ok(Verdict::Refused(fault)),
        };
        let given = output_of(job, &guests);
        if output.is_some_and(|output| *output != given) {
            return Ok(Verdict::Refused(refusal::other_columns(job.context)));
        }
        self.give_back(job, modules, guests);
        Ok(Verdict::Fits)
    }

    /// The columns the stream's batches have been given so far; `None` when that cannot be said any
    /// more, because the spec has changed since.
    async fn output(&self, job: &Job<'_>, pins: &[Pin]) -> Result<Option<SchemaRef>, Fault> {
        let modules = digests(pins);
        let guests = match self.open(job, &modules).await {
            Ok(guests) => guests,
            Err(fault) if fault.kind == FaultKind::Retry => return Err(fault),
            Err(_) => return Ok(None),
        };
        let output = output_of(job, &guests);
        self.give_back(job, modules, guests);
        Ok(Some(output))
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

fn output_of(job: &Job<'_>, guests: &[Box<dyn Guest>]) -> SchemaRef {
    guests.last().map_or_else(|| job.schema.clone(), |guest| guest.schema())
}

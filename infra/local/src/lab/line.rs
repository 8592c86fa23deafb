//! One stream's transforms and checks, put to staged batches as the path would.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_schema::SchemaRef;
use batch::SOURCE_ROW;
use batch::quarantine::Entry;
use checks::{Failure, OnFailure, Quality, Suite};
use flow::{BatchId, Context, Fault, FaultKind, RunId, StreamName, SyncName, Timestamp};
use serde_json::Value;
use spec::TransformSpec;
use transform::{Guest, Modules};

use super::{Candidate, Lab};

/// A transform of a line.
#[derive(Debug, Clone)]
pub enum Stage {
    /// One that is in a spec.
    Live(TransformSpec),
    /// One that is tried in its place.
    Tried {
        /// What is tried.
        candidate: Arc<Candidate>,
        /// Its config.
        config: Value,
    },
}

/// Transforms and checks of one stream.
pub struct Line<'a> {
    lab: &'a Lab,
    /// Keeps the keys of one line apart from those of another.
    name: &'static str,
    stages: Vec<Stage>,
    quality: Quality,
    open: Option<Open>,
}

/// Whose batch is put in: what transforms may know of it, and what `unique` goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lined {
    /// The sync.
    pub sync: SyncName,
    /// The stream.
    pub stream: StreamName,
    /// The run that read it.
    pub run: RunId,
    /// The version of the spec it ran with.
    pub version: u32,
    /// When it was due: the modules' clock.
    pub due: Timestamp,
}

struct Open {
    of: Lined,
    schema: SchemaRef,
    guests: Vec<Box<dyn Guest>>,
    suite: Arc<Suite>,
}

/// What became of a batch.
pub struct Outcome {
    /// The rows the transforms gave.
    pub rows: RecordBatch,
    /// For each of them, its row in the raw batch.
    pub sources: Vec<u64>,
    /// The rows the transforms refused.
    pub rejects: Vec<Entry>,
    /// What the checks found wrong with the rows given.
    pub failures: Vec<Failure>,
    /// For each row given, whether the checks let it go on.
    pub goes_on: Vec<bool>,
    /// Why nothing came of the batch, when nothing did: then every row counts as refused.
    pub fault: Option<Fault>,
    /// Time the transforms took.
    pub elapsed: Duration,
}

impl<'a> Line<'a> {
    /// Puts a line together. Lines of one lab have names of their own.
    #[must_use]
    pub fn new(lab: &'a Lab, name: &'static str, stages: Vec<Stage>, quality: Quality) -> Self {
        Self { lab, name, stages, quality, open: None }
    }

    /// Puts a batch through. A fault of the transforms is part of the outcome; another is returned.
    pub async fn put(&mut self, of: &Lined, batch: &BatchId, raw: &RecordBatch) -> Result<Outcome, Fault> {
        let mut open = match self.open.take() {
            Some(open) if open.of == *of && open.schema == raw.schema() => open,
            _ => self.open(of, &raw.schema()).await?,
        };
        let begun = Instant::now();
        let (guests, chained) = apply(open.guests, raw.clone()).await?;
        let elapsed = begun.elapsed();
        open.guests = guests;
        let outcome = match chained {
            Ok(chained) => {
                let (rows, sources) = without_source_row(chained.rows);
                let failures = self.judge(of, &open.suite, batch, &rows).await?;
                let goes_on = goes_on(&open.suite, &failures, rows.num_rows());
                Outcome { rows, sources, rejects: chained.rejects, failures, goes_on, fault: None, elapsed }
            }
            Err(fault) if fault.kind == FaultKind::Bug => return Err(fault),
            Err(fault) => Outcome::nothing(fault, elapsed),
        };
        self.open = Some(open);
        Ok(outcome)
    }

    /// The columns the line gives for batches it is open for.
    #[must_use]
    pub fn schema(&self) -> Option<SchemaRef> {
        let open = self.open.as_ref()?;
        Some(open.guests.last().map_or_else(|| open.schema.clone(), |guest| guest.schema()))
    }

    /// The checks of the line, once it is open.
    #[must_use]
    pub fn suite(&self) -> Option<Arc<Suite>> {
        self.open.as_ref().map(|open| open.suite.clone())
    }

    /// Opens the transforms for batches of this schema.
    pub async fn make_ready(&mut self, of: &Lined, schema: &SchemaRef) -> Result<(), Fault> {
        self.open = Some(self.open(of, schema).await?);
        Ok(())
    }

    async fn open(&self, of: &Lined, schema: &SchemaRef) -> Result<Open, Fault> {
        let context = Context {
            sync: of.sync.clone(),
            stream: of.stream.clone(),
            version: of.version,
            run: of.run.clone(),
            attempt: 1,
        };
        let mut columns = schema.clone();
        let mut guests = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let transform = match stage {
                Stage::Live(transform) => transform.clone(),
                Stage::Tried { candidate, config } => {
                    let ready = candidate.ready(self.lab, &columns).await?;
                    let module = format!("{}@sha256:{}", ready.name, ready.digest);
                    TransformSpec {
                        module,
                        digest: Some(ready.digest),
                        follows: false,
                        rule: None,
                        config: config.clone(),
                    }
                }
            };
            let guest = self.lab.modules.open(&transform, &columns, &context, of.due).await?;
            columns = guest.schema();
            guests.push(guest);
        }
        let suite = Arc::new(Suite::compile(&self.quality, &columns)?);
        Ok(Open { of: of.clone(), schema: schema.clone(), guests, suite })
    }

    async fn judge(
        &self,
        of: &Lined,
        suite: &Suite,
        batch: &BatchId,
        rows: &RecordBatch,
    ) -> Result<Vec<Failure>, Fault> {
        let judgement = suite.judge(rows);
        let mut failures = judgement.failures;
        for keys in &judgement.unique {
            let scope = format!("{}/{}", self.name, suite.check(keys.check).name());
            let seen = self.lab.keys.remember_keys(&of.run, &scope, batch, &keys.keys).await?;
            failures.extend(suite.duplicates(rows, keys, &seen));
        }
        Ok(failures)
    }
}

impl Outcome {
    /// Of a batch nothing came of.
    #[must_use]
    pub fn nothing(fault: Fault, elapsed: Duration) -> Self {
        Self {
            rows: RecordBatch::new_empty(Arc::new(arrow_schema::Schema::empty())),
            sources: Vec::new(),
            rejects: Vec::new(),
            failures: Vec::new(),
            goes_on: Vec::new(),
            fault: Some(fault),
            elapsed,
        }
    }

    /// Rows that go on to the destination.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.goes_on.iter().filter(|goes_on| **goes_on).count() as u64
    }
}

type Applied = (Vec<Box<dyn Guest>>, Result<transform::Chained, Fault>);

/// Runs the guests where they may keep a processor busy.
async fn apply(mut guests: Vec<Box<dyn Guest>>, raw: RecordBatch) -> Result<Applied, Fault> {
    let work = tokio::task::spawn_blocking(move || {
        let chained = transform::chain(&mut guests, &raw);
        (guests, chained)
    });
    work.await.map_err(|error| Fault::from_error(FaultKind::Bug, "transform_panicked", &error))
}

fn without_source_row(mut rows: RecordBatch) -> (RecordBatch, Vec<u64>) {
    let Ok(place) = rows.schema().index_of(SOURCE_ROW) else { return (rows, Vec::new()) };
    let sources = rows.remove_column(place);
    let sources = sources.as_primitive_opt::<UInt64Type>().map(|sources| sources.values().to_vec());
    (rows, sources.unwrap_or_default())
}

fn goes_on(suite: &Suite, failures: &[Failure], rows: usize) -> Vec<bool> {
    let mut goes_on = vec![true; rows];
    for failure in failures {
        let stays = suite.check(failure.check).on_failure() == OnFailure::Quarantine;
        if let Some(row) = goes_on.get_mut(failure.row as usize).filter(|_| stays) {
            *row = false;
        }
    }
    goes_on
}

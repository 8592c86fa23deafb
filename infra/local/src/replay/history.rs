//! What runs delivered of a stream, and the rules they had.

use std::sync::Arc;

use flow::{Fault, RunId, StreamName};
use spec::{Stream, Sync};
use store::record::{BatchRecord, RawFilter, Run};
use worker::Parts;

use crate::Failure;
use crate::lab::{Lab, Line, Lined, Stage};

/// The replayed run and what came after it.
pub(crate) struct History {
    /// The run that is replayed.
    pub(crate) run: Run,
    /// Every run of the sync that began later, in their order, replays among them.
    pub(crate) later: Vec<Run>,
}

impl History {
    pub(crate) async fn of(parts: &Parts, run: Run) -> Result<Self, Failure> {
        let mut later = parts.store.runs(Some(&run.sync), u32::MAX).await?;
        later.retain(|other| other.started_at > run.started_at && other.id != run.id);
        later.reverse();
        Ok(Self { run, later })
    }

    /// Later runs that read the source and delivered something of the stream.
    pub(crate) async fn later_readers(&self, parts: &Parts, stream: &StreamName) -> Result<Vec<RunId>, Failure> {
        let mut readers = Vec::new();
        for run in self.later.iter().filter(|run| run.replay.is_none()) {
            if parts.store.totals(&run.id, stream).await?.delivered_batches > 0 {
                readers.push(run.id.clone());
            }
        }
        Ok(readers)
    }
}

/// The batches a run delivered of a stream, in their order. Refuses when the rows of some are gone.
pub(crate) async fn delivered(parts: &Parts, run: &Run, stream: &StreamName) -> Result<Vec<BatchRecord>, Failure> {
    let filter = RawFilter { sync: run.sync.clone(), stream: stream.clone(), run: Some(run.id.clone()), since: None };
    let mut batches = parts.store.raw_batches(&filter, u32::MAX).await?;
    if batches.gone > 0 {
        let message = format!(
            "the raw rows of {} batch(es) of run `{}` are gone, so what it delivered cannot be made again; \
             lengthen `raw.retain` for the next time, or read the source again with `millstream state reset`",
            batches.gone, run.id
        );
        return Err(Failure::input("raw_gone", message));
    }
    batches.kept.retain(|batch| batch.delivered_at.is_some());
    Ok(batches.kept)
}

/// Whose batches these are.
pub(crate) fn lined(run: &Run, stream: &StreamName) -> Lined {
    Lined { sync: run.sync.clone(), stream: stream.clone(), run: run.id.clone(), version: run.version, due: run.due_at }
}

/// The rules a run had for a stream; `None` when its spec had no such stream.
pub(crate) async fn line_of_run<'a>(lab: &'a Lab, run: &Run, stream: &StreamName) -> Result<Option<Line<'a>>, Fault> {
    let sync: Arc<Sync> = lab.parts.specs.get(&run.sync, run.version).await?;
    Ok(sync.stream(stream).map(|stream| line(lab, "delivered", stream)))
}

/// The rules of a stream.
pub(crate) fn line<'a>(lab: &'a Lab, name: &'static str, stream: &Stream) -> Line<'a> {
    let stages = stream.transforms.iter().cloned().map(Stage::Live).collect();
    Line::new(lab, name, stages, stream.quality.clone())
}

//! Starting a run, or going on with one that did not end.

use flow::path::{Pulled, StagedBatch};
use flow::{Context, Fault, Lane, Load, Outbox, RunId, Slice, Staged, StreamName, SyncName, Timestamp};
use store::record::{LaneRecord, LaneState, Run, RunState, StreamState};
use worker::Parts;

/// Starts runs.
#[derive(Clone)]
pub struct Starter {
    parts: Parts,
}

/// What was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// A new run.
    New(Run),
    /// A run that had not ended goes on.
    Resumed(Run),
}

impl Started {
    /// The run.
    #[must_use]
    pub fn run(&self) -> &Run {
        match self {
            Started::New(run) | Started::Resumed(run) => run,
        }
    }
}

impl Starter {
    /// Starts runs on these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// Goes on with the sync's last run when it failed or was interrupted, else opens a new one due
    /// at `due`. Either way it runs with spec `version` from here on.
    ///
    /// Call it only when no other process works on the sync: an interrupted run is taken over.
    pub async fn start_or_resume(
        &self,
        sync: &SyncName,
        version: u32,
        due: Timestamp,
        outbox: &dyn Outbox<Pulled>,
    ) -> Result<Started, Fault> {
        let last = self.parts.store.runs(Some(sync), 1).await?.into_iter().next();
        if let Some(run) = last.filter(|run| matches!(run.state, RunState::Running | RunState::Failed)) {
            // A replay has its own rules; only a replay asked for again may change them.
            let version = if run.replay.is_some() { run.version } else { version };
            return self.resume(&run, version, outbox).await.map(Started::Resumed);
        }
        self.start(sync, version, due, outbox).await.map(Started::New)
    }

    /// Takes a run over that failed or was interrupted, with this spec version.
    pub async fn resume(&self, run: &Run, version: u32, outbox: &dyn Outbox<Pulled>) -> Result<Run, Fault> {
        let resumed = self.parts.store.resume_run(&run.id, version, run.attempt).await?;
        self.send_again(&resumed, outbox).await?;
        Ok(resumed)
    }

    /// Opens a replay, or finds it open, and asks for its streams to be planned.
    pub async fn replay(&self, new: &Run, streams: &[StreamName], outbox: &dyn Outbox<Pulled>) -> Result<Run, Fault> {
        self.open(new.clone(), streams, outbox).await
    }

    /// Opens the run that was due at `due`, or finds it open, and asks for its streams to be planned.
    pub async fn start(
        &self,
        sync: &SyncName,
        version: u32,
        due: Timestamp,
        outbox: &dyn Outbox<Pulled>,
    ) -> Result<Run, Fault> {
        let spec = self.parts.specs.get(sync, version).await?;
        let streams: Vec<StreamName> = spec.streams.iter().map(|stream| stream.name.clone()).collect();
        let new = Run {
            id: RunId::derive(sync, due),
            sync: sync.clone(),
            version,
            attempt: 1,
            state: RunState::Running,
            due_at: due,
            started_at: self.parts.clock.now(),
            ended_at: None,
            fault: None,
            replay: None,
        };
        self.open(new, &streams, outbox).await
    }

    async fn open(&self, new: Run, streams: &[StreamName], outbox: &dyn Outbox<Pulled>) -> Result<Run, Fault> {
        let is_new = self.parts.store.open_run(&new, streams).await?;
        let run = if is_new { new } else { self.parts.store.run(&new.id).await?.unwrap_or(new) };
        if run.state == RunState::Running {
            self.send_plans(&run, outbox).await?;
        }
        Ok(run)
    }

    async fn send_plans(&self, run: &Run, outbox: &dyn Outbox<Pulled>) -> Result<(), Fault> {
        for stream in self.parts.store.run_streams(&run.id).await? {
            if stream.state == StreamState::Unplanned {
                let context = context_of(run, &stream.stream);
                outbox.give(Pulled::Slice(Slice { context, lane: None, part: 0 })).await?;
            }
        }
        Ok(())
    }

    /// Everything of a resumed run that is not delivered is sent once more, in the order of its
    /// lanes; what earlier attempts still have in the queues is dropped by their attempt's number.
    async fn send_again(&self, run: &Run, outbox: &dyn Outbox<Pulled>) -> Result<(), Fault> {
        self.send_plans(run, outbox).await?;
        for lane in self.parts.store.lanes(&run.id).await? {
            match lane.state {
                LaneState::Pulling | LaneState::Failed => {
                    let context = context_of(run, &lane.stream);
                    outbox.give(Pulled::Slice(Slice { context, lane: Some(lane.lane), part: 0 })).await?;
                }
                LaneState::Pulled => self.send_lane(run, &lane, outbox).await?,
                LaneState::Finished => self.send_end(run, &lane.lane, &lane.stream, lane.staged, outbox).await?,
            }
        }
        Ok(())
    }

    async fn send_lane(&self, run: &Run, lane: &LaneRecord, outbox: &dyn Outbox<Pulled>) -> Result<(), Fault> {
        for batch in self.parts.store.batches(&lane.lane, lane.delivered).await? {
            let load = Load::Batch(StagedBatch { id: batch.id, sequence: batch.sequence, raw: batch.raw });
            let context = context_of(run, &lane.stream);
            outbox.give(Pulled::Staged(Staged { context, lane: lane.lane.clone(), load })).await?;
        }
        self.send_end(run, &lane.lane, &lane.stream, lane.staged, outbox).await
    }

    /// A finished lane's end is sent as well: its stream may have been killed before it was finished.
    async fn send_end(
        &self,
        run: &Run,
        lane: &Lane,
        stream: &StreamName,
        batches: u64,
        outbox: &dyn Outbox<Pulled>,
    ) -> Result<(), Fault> {
        let load = Load::End { batches };
        outbox.give(Pulled::Staged(Staged { context: context_of(run, stream), lane: lane.clone(), load })).await
    }
}

fn context_of(run: &Run, stream: &StreamName) -> Context {
    Context {
        sync: run.sync.clone(),
        stream: stream.clone(),
        version: run.version,
        run: run.id.clone(),
        attempt: run.attempt,
    }
}

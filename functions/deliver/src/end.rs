//! The ends: of a lane, of a stream when its last lane ends, of a run when its last stream does.

use flow::{Context, Fault, FaultKind, Lane, Outbox, Position, Severity, Signal};
use spec::{Sync, SyncMode};
use store::record::{CONCLUSIONS, NOTHING_READ, RunState, StreamState};

use crate::step::{Deliver, too_early};

impl Deliver {
    pub(crate) async fn end(
        &self,
        context: &Context,
        lane: &Lane,
        batches: u64,
        outbox: &dyn Outbox<Signal>,
    ) -> Result<(), Fault> {
        let unknown = || Fault::new(FaultKind::Bug, "lane_unknown", format!("lane `{lane}` is not in the store"));
        let record = self.parts.store.lane(lane).await?.ok_or_else(unknown)?;
        if record.delivered < batches {
            return Err(too_early(lane, record.delivered));
        }
        let progress = self.parts.store.finish_lane(lane).await?;
        if progress.finished == progress.lanes {
            self.finish_stream(context).await?;
        }
        self.finish_run(context, outbox).await
    }

    async fn finish_stream(&self, context: &Context) -> Result<(), Fault> {
        let sync = self.parts.specs.of(context).await?;
        let destination = self.destination_of(&sync)?;
        let target = self.target_at_end(context, &sync).await?;
        self.prepare(destination.as_ref(), &target).await?;
        let replay = self.replay_of(context).await?;
        if let Some(replay) = &replay {
            self.withdraw(context, replay, destination.as_ref(), &target).await?;
        }
        destination.finish(&target).await?;
        let bookmark = match &replay {
            // What is read next is no business of rows that were read before.
            Some(replay) => {
                self.parts.store.resolve_quarantine(&replay.of, &context.stream, &context.run).await?;
                None
            }
            None => self.bookmark(context, &sync).await?,
        };
        Ok(self
            .parts
            .store
            .finish_stream(&context.run, &context.stream, bookmark.as_ref(), self.parts.clock.now())
            .await?)
    }

    /// Where an incremental stream goes on next time: where its one lane ended.
    async fn bookmark(&self, context: &Context, sync: &Sync) -> Result<Option<Position>, Fault> {
        if worker::stream_of(sync, &context.stream)?.sync_mode != SyncMode::Incremental {
            return Ok(None);
        }
        let lanes = self.parts.store.lanes(&context.run).await?;
        let mut own = lanes.into_iter().filter(|lane| lane.stream == context.stream);
        let position = own.next().and_then(|lane| lane.delivered_position);
        Ok(position.filter(|position| position.as_str() != NOTHING_READ))
    }

    /// Closes the run when nothing of it is at work any more. The signals come first: they are
    /// told again if this is killed before the run is closed, and known again then.
    async fn finish_run(&self, context: &Context, outbox: &dyn Outbox<Signal>) -> Result<(), Fault> {
        let streams = self.parts.store.run_streams(&context.run).await?;
        let all_finished = streams.iter().all(|stream| stream.state == StreamState::Finished);
        let mut done_as = RunState::Succeeded;
        if all_finished {
            for stream in &streams {
                if !self.parts.store.measures(&context.run, &stream.stream, CONCLUSIONS).await?.is_empty() {
                    done_as = RunState::Degraded;
                }
            }
            self.tell(context, done_as, outbox).await?;
        }
        let run = self.parts.store.settle_run(&context.run, done_as, self.parts.clock.now()).await?;
        match run.state {
            RunState::Succeeded | RunState::Degraded => self.clean_up(context).await,
            RunState::Failed => {
                let cause = run.fault.map(|fault| fault.to_string()).unwrap_or_default();
                let summary = format!("run {} failed: {cause}", run.id);
                let now = self.parts.clock.now();
                outbox.signal(Signal::of_run("run_failed", Severity::Error, context, "run", summary, now)).await
            }
            RunState::Running | RunState::Abandoned => Ok(()),
        }
    }

    async fn tell(&self, context: &Context, done_as: RunState, outbox: &dyn Outbox<Signal>) -> Result<(), Fault> {
        let (name, severity, how) = match done_as {
            RunState::Degraded => ("run_degraded", Severity::Warning, "ended degraded"),
            _ => ("run_succeeded", Severity::Info, "succeeded"),
        };
        let summary = format!("run {} of {} {how}", context.run, context.sync);
        outbox.signal(Signal::of_run(name, severity, context, "run", summary, self.parts.clock.now())).await
    }
}

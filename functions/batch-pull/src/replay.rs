//! A replay's lane: the raw batches of an earlier run, in their order, in place of a source's.

use flow::path::Pulled;
use flow::{Budget, Context, Fault, FaultKind, Outbox, Position};
use store::record::{Hop, Replay, Staging, StreamPlan, Tally};

use crate::pull::{Pull, Read};
use crate::step::BatchPull;

/// What stands for the one part of a replayed stream: what an earlier run read side by side is sent
/// one after the other, so that a later row of a key stays the later one.
const PART: &str = "replay";

impl BatchPull {
    pub(crate) async fn replay_of(&self, context: &Context) -> Result<Option<Replay>, Fault> {
        Ok(self.parts.store.run(&context.run).await?.and_then(|run| run.replay))
    }

    /// The plan of the run that is replayed, in one lane.
    pub(crate) async fn plan_replay(&self, context: &Context, replay: &Replay) -> Result<StreamPlan, Fault> {
        let streams = self.parts.store.run_streams(&replay.of).await?;
        let read = streams.into_iter().find(|stream| stream.stream == context.stream).and_then(|stream| stream.plan);
        let missing = || {
            let message = format!("run `{}` never read stream `{}`", replay.of, context.stream);
            Fault::new(FaultKind::Config, "stream_unknown", message)
        };
        let plan = StreamPlan { parts: vec![PART.to_owned()], ..read.ok_or_else(missing)? };
        Ok(self.parts.store.plan_stream(&context.run, &context.stream, &plan).await?)
    }
}

impl Pull<'_> {
    pub(crate) async fn replay(
        mut self,
        replay: &Replay,
        part: u32,
        outbox: &dyn Outbox<Pulled>,
        budget: &Budget,
    ) -> Result<(), Fault> {
        let listed = self.function.parts.replayed_stream(replay, &self.context.stream).await?.batches;
        let staged = usize::try_from(self.record.staged).unwrap_or(usize::MAX);
        for batch in listed.into_iter().skip(staged) {
            if !self.has_room(budget).await? {
                return outbox.give(Pulled::Slice(self.rest(part))).await;
            }
            let (id, rows) = (self.batch_id(), batch.object.rows);
            let tally = Tally { rows_in: rows, rows_out: rows, ..Tally::default() };
            self.function.parts.store.tally(&id, Hop::BatchPull, tally).await?;
            let position = Position::from_text(batch.from.as_str());
            let read = Read { id, raw: batch.object, position, rejected: 0 };
            if self.record_staged(read, outbox).await? == Staging::Overtaken {
                return Ok(());
            }
        }
        self.end(outbox).await
    }
}

//! What the end of a replay takes away: keys that an earlier run delivered and no row has any more.

use destination::{Destination, Incoming, Target};
use flow::{Context, Fault, Lane};
use staging::StagingExt;
use store::record::Replay;

use crate::step::Deliver;

impl Deliver {
    pub(crate) async fn replay_of(&self, context: &Context) -> Result<Option<Replay>, Fault> {
        Ok(self.parts.store.run(&context.run).await?.and_then(|run| run.replay))
    }

    /// After every row of the replay is there, and before anybody may see the stream as finished.
    pub(crate) async fn withdraw(
        &self,
        context: &Context,
        replay: &Replay,
        destination: &dyn Destination,
        target: &Target,
    ) -> Result<(), Fault> {
        let listed = self.parts.replayed_stream(replay, &context.stream).await?;
        let lane = Lane::of_run(&context.run, &context.stream, 0);
        let after = listed.batches.len();
        for (number, keys) in listed.withdrawn.iter().enumerate() {
            let rows = self.parts.staging.get_batch(&keys.object).await?;
            let batch = keys.withdrawal(&context.run);
            let incoming = Incoming { batch, lane: lane.clone(), sequence: (after + number) as u64, rows };
            destination.withdraw(target, incoming).await?;
        }
        Ok(())
    }
}

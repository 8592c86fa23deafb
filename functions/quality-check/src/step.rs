use async_trait::async_trait;
use flow::path::{CheckedBatch, TransformedBatch};
use flow::{Budget, Checked, Context, Fault, Lane, Load, Outbox, Step, Transformed};
use store::record::{Hop, Tally};
use worker::Parts;

/// Judges batches by the stream's checks.
pub struct QualityCheck {
    pub(crate) parts: Parts,
}

impl QualityCheck {
    /// Works with these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts }
    }
}

#[async_trait]
impl Step for QualityCheck {
    type Takes = Transformed;
    type Gives = Checked;

    async fn run(&self, taken: Transformed, outbox: &dyn Outbox<Checked>, _: &Budget) -> Result<(), Fault> {
        let Transformed { context, lane, load } = taken;
        let load = match load {
            Load::Batch(batch) => Load::Batch(self.check(&context, batch).await?),
            Load::End { batches } => {
                self.end(&context, &lane, outbox).await?;
                Load::End { batches }
            }
        };
        outbox.give(Checked { context, lane, load }).await
    }
}

impl QualityCheck {
    async fn check(&self, context: &Context, batch: TransformedBatch) -> Result<CheckedBatch, Fault> {
        let sync = self.parts.specs.of(context).await?;
        let stream = worker::stream_of(&sync, &context.stream)?;
        if stream.quality.checks.is_empty() {
            let tally = Tally { rows_in: batch.data.rows, rows_out: batch.data.rows, ..Tally::default() };
            self.parts.store.tally(&batch.id, Hop::QualityCheck, tally).await?;
            return Ok(CheckedBatch { id: batch.id, sequence: batch.sequence, data: batch.data, selection: None });
        }
        self.judge(context, &stream.quality, batch).await
    }

    /// The last lane's end brings the verdicts on the whole run.
    async fn end(&self, context: &Context, lane: &Lane, outbox: &dyn Outbox<Checked>) -> Result<(), Fault> {
        let progress = self.parts.store.end_checks(lane).await?;
        if progress.checked < progress.lanes {
            return Ok(());
        }
        self.conclude(context, outbox).await
    }
}

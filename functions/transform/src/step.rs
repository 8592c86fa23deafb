use std::sync::Arc;

use arrow_array::RecordBatch;
use async_trait::async_trait;
use flow::path::{StagedBatch, TransformedBatch};
use flow::{Budget, Context, Fault, FaultKind, Load, Object, Outbox, Staged, Step, Transformed};
use spec::Stream;
use staging::StagingExt;
use store::record::{Hop, Tally};
use worker::Parts;

use crate::chain::{Chained, Guest, Modules, chain};
use crate::pinning::{Job, Pinning};

/// Puts staged batches through the stream's modules.
pub struct Transform {
    parts: Parts,
    pinning: Pinning,
}

impl Transform {
    /// Opens modules with `modules`.
    #[must_use]
    pub fn new(parts: Parts, modules: Arc<dyn Modules>) -> Self {
        Self { pinning: Pinning::new(parts.clone(), modules), parts }
    }
}

#[async_trait]
impl Step for Transform {
    type Takes = Staged;
    type Gives = Transformed;

    async fn run(&self, staged: Staged, outbox: &dyn Outbox<Transformed>, _: &Budget) -> Result<(), Fault> {
        let load = match staged.load {
            Load::End { batches } => Load::End { batches },
            Load::Batch(batch) => Load::Batch(self.transform(&staged.context, batch, outbox).await?),
        };
        outbox.give(Transformed { context: staged.context, lane: staged.lane, load }).await
    }
}

impl Transform {
    async fn transform(
        &self,
        context: &Context,
        batch: StagedBatch,
        outbox: &dyn Outbox<Transformed>,
    ) -> Result<TransformedBatch, Fault> {
        let sync = self.parts.specs.of(context).await?;
        let stream = worker::stream_of(&sync, &context.stream)?;
        let data = if stream.transforms.is_empty() {
            self.tally(&batch, batch.raw.rows, 0).await?;
            batch.raw.clone()
        } else {
            self.put_through(context, stream, &batch, outbox).await?
        };
        Ok(TransformedBatch { id: batch.id, sequence: batch.sequence, raw: batch.raw, data })
    }

    async fn put_through(
        &self,
        context: &Context,
        stream: &Stream,
        batch: &StagedBatch,
        outbox: &dyn Outbox<Transformed>,
    ) -> Result<Object, Fault> {
        let raw = self.parts.staging.get_batch(&batch.raw).await?;
        let job = Job { context, transforms: &stream.transforms, batch: &batch.id, schema: raw.schema() };
        let pinned = self.pinning.pin(&job, outbox).await?;
        let (guests, raw, chained) = apply(pinned.guests, raw).await?;
        self.pinning.give_back(&job, pinned.modules, guests);
        self.parts.quarantine(context, &batch.id, Hop::Transform, &chained.rejects, Some(&raw)).await?;
        let prefix = transformed_prefix(context);
        let object = self.parts.staging.put_batch(&prefix, &transformed_name(&batch.id), &chained.rows).await?;
        self.tally(batch, object.rows, chained.rejects.len() as u64).await?;
        Ok(object)
    }

    async fn tally(&self, batch: &StagedBatch, rows_out: u64, quarantined: u64) -> Result<(), Fault> {
        let tally = Tally { rows_in: batch.raw.rows, rows_out, quarantined, passed_with_failure: 0 };
        Ok(self.parts.store.tally(&batch.id, Hop::Transform, tally).await?)
    }
}

/// Where in the stage the transformed batches of a stream's run are kept until they are delivered.
#[must_use]
pub fn transformed_prefix(context: &Context) -> String {
    format!("work/{}/{}", context.run, context.stream)
}

/// How the object of a transformed batch is called there; its digest follows.
#[must_use]
pub fn transformed_name(batch: &flow::BatchId) -> String {
    format!("{batch}-transformed")
}

/// Runs the guests where they may keep a processor busy.
async fn apply(
    mut guests: Vec<Box<dyn Guest>>,
    raw: RecordBatch,
) -> Result<(Vec<Box<dyn Guest>>, RecordBatch, Chained), Fault> {
    let span = tracing::Span::current();
    let work = tokio::task::spawn_blocking(move || {
        let chained = span.in_scope(|| chain(&mut guests, &raw));
        chained.map(|chained| (guests, raw, chained))
    });
    work.await.map_err(|error| Fault::from_error(FaultKind::Bug, "transform_panicked", &error))?
}

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
use crate::guests::{ChainKey, Guests};

/// Puts staged batches through the stream's modules.
pub struct Transform {
    parts: Parts,
    modules: Arc<dyn Modules>,
    guests: Guests,
}

impl Transform {
    /// Opens modules with `modules`.
    #[must_use]
    pub fn new(parts: Parts, modules: Arc<dyn Modules>) -> Self {
        Self { parts, modules, guests: Guests::default() }
    }
}

#[async_trait]
impl Step for Transform {
    type Takes = Staged;
    type Gives = Transformed;

    async fn run(&self, staged: Staged, outbox: &dyn Outbox<Transformed>, _: &Budget) -> Result<(), Fault> {
        let load = match staged.load {
            Load::End { batches } => Load::End { batches },
            Load::Batch(batch) => Load::Batch(self.transform(&staged.context, batch).await?),
        };
        outbox.give(Transformed { context: staged.context, lane: staged.lane, load }).await
    }
}

impl Transform {
    async fn transform(&self, context: &Context, batch: StagedBatch) -> Result<TransformedBatch, Fault> {
        let sync = self.parts.specs.of(context).await?;
        let stream = worker::stream_of(&sync, &context.stream)?;
        let data = if stream.transforms.is_empty() {
            self.tally(&batch, batch.raw.rows, 0).await?;
            batch.raw.clone()
        } else {
            self.put_through(context, stream, &batch).await?
        };
        Ok(TransformedBatch { id: batch.id, sequence: batch.sequence, raw: batch.raw, data })
    }

    async fn put_through(&self, context: &Context, stream: &Stream, batch: &StagedBatch) -> Result<Object, Fault> {
        let raw = self.parts.staging.get_batch(&batch.raw).await?;
        let key = ChainKey { run: context.run.clone(), stream: context.stream.clone(), version: context.version };
        let schema = raw.schema();
        let guests = match self.guests.take(&key, &schema) {
            Some(guests) => guests,
            None => self.open(context, stream, &raw).await?,
        };
        let (guests, raw, chained) = apply(guests, raw).await?;
        self.guests.give_back(key, schema, guests);
        self.parts.quarantine(context, &batch.id, Hop::Transform, &chained.rejects, Some(&raw)).await?;
        let prefix = format!("work/{}/{}", context.run, context.stream);
        let object = self.parts.staging.put_batch(&prefix, &format!("{}-transformed", batch.id), &chained.rows).await?;
        self.tally(batch, object.rows, chained.rejects.len() as u64).await?;
        Ok(object)
    }

    async fn open(&self, context: &Context, stream: &Stream, raw: &RecordBatch) -> Result<Vec<Box<dyn Guest>>, Fault> {
        let unknown =
            || Fault::new(FaultKind::Bug, "run_unknown", format!("run `{}` is not in the store", context.run));
        let due = self.parts.store.run(&context.run).await?.ok_or_else(unknown)?.due_at;
        let mut schema = raw.schema();
        let mut guests = Vec::with_capacity(stream.transforms.len());
        for transform in &stream.transforms {
            let guest = self.modules.open(transform, &schema, context, due).await?;
            schema = guest.schema();
            guests.push(guest);
        }
        Ok(guests)
    }

    async fn tally(&self, batch: &StagedBatch, rows_out: u64, quarantined: u64) -> Result<(), Fault> {
        let tally = Tally { rows_in: batch.raw.rows, rows_out, quarantined, passed_with_failure: 0 };
        Ok(self.parts.store.tally(&batch.id, Hop::Transform, tally).await?)
    }
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

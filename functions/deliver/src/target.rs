//! What the destination is told about a stream of a run.

use arrow_schema::SchemaRef;
use destination::Target;
use flow::{BatchId, Context, Fault, FaultKind};
use spec::{Disposition, Sync};

use crate::step::Deliver;

/// Name under which the store keeps the columns a stream's run delivers: the end of a stream may be
/// met by a process that saw no batch of it.
const DELIVERED_SCHEMA: &str = "millstream:delivered-schema";

impl Deliver {
    /// The target for batches of this schema.
    pub(crate) async fn target(&self, context: &Context, sync: &Sync, schema: SchemaRef) -> Result<Target, Fault> {
        let text = batch::schema::to_json(&schema)?;
        let key = BatchId::from_text(context.stream.as_str());
        self.parts.store.keep_measure(&context.run, &context.stream, DELIVERED_SCHEMA, &key, &text).await?;
        self.target_with(context, sync, schema).await
    }

    /// The target as the batches of the run had it.
    pub(crate) async fn target_at_end(&self, context: &Context, sync: &Sync) -> Result<Target, Fault> {
        let kept = self.parts.store.measures(&context.run, &context.stream, DELIVERED_SCHEMA).await?;
        let missing = || {
            Fault::new(
                FaultKind::Bug,
                "schema_missing",
                format!("no batch of run `{}` was delivered before its end", context.run),
            )
        };
        let schema = batch::schema::from_json(kept.first().ok_or_else(missing)?)?;
        self.target_with(context, sync, schema).await
    }

    async fn target_with(&self, context: &Context, sync: &Sync, schema: SchemaRef) -> Result<Target, Fault> {
        let stream = worker::stream_of(sync, &context.stream)?;
        let primary_key = if stream.primary_key.is_empty() {
            let streams = self.parts.store.run_streams(&context.run).await?;
            let own = streams.into_iter().find(|candidate| candidate.stream == context.stream);
            own.and_then(|stream| stream.plan).map(|plan| plan.primary_key).unwrap_or_default()
        } else {
            stream.primary_key.clone()
        };
        if let Some(missing) = primary_key.iter().find(|column| schema.index_of(column).is_err()) {
            return Err(Fault::new(
                FaultKind::Config,
                "key_missing",
                format!(
                    "primary key column `{missing}` of stream `{}` is not among the columns to deliver",
                    context.stream
                ),
            ));
        }
        if stream.write_disposition == Disposition::Merge && primary_key.is_empty() {
            return Err(Fault::new(
                FaultKind::Config,
                "key_missing",
                format!(
                    "stream `{}` merges, but neither its spec nor its source names a primary key; add `primary_key`",
                    context.stream
                ),
            ));
        }
        Ok(Target {
            sync: context.sync.clone(),
            stream: context.stream.clone(),
            run: context.run.clone(),
            schema,
            disposition: stream.write_disposition,
            primary_key,
        })
    }
}

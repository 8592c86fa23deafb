//! Planning: the schema is fixed for the run and the stream is cut into lanes.

use arrow_schema::Schema;
use batch::OWN_PREFIX;
use flow::path::Pulled;
use flow::{Context, Fault, FaultKind, Lane, Outbox, Slice};
use source::PlanRequest;
use spec::{Stream, Sync, SyncMode};
use store::record::StreamPlan;

use crate::step::BatchPull;

impl BatchPull {
    pub(crate) async fn plan(&self, context: &Context, outbox: &dyn Outbox<Pulled>) -> Result<(), Fault> {
        let plan = match self.plan_of(context).await? {
            Some(plan) => plan,
            None => match self.replay_of(context).await? {
                Some(replay) => self.plan_replay(context, &replay).await?,
                None => self.make_plan(context).await?,
            },
        };
        for number in 0..plan.parts.len() {
            let lane = Lane::of_run(&context.run, &context.stream, number);
            outbox.give(Pulled::Slice(Slice { context: context.clone(), lane: Some(lane), part: 0 })).await?;
        }
        Ok(())
    }

    pub(crate) async fn plan_of(&self, context: &Context) -> Result<Option<StreamPlan>, Fault> {
        let streams = self.parts.store.run_streams(&context.run).await?;
        Ok(streams.into_iter().find(|stream| stream.stream == context.stream).and_then(|stream| stream.plan))
    }

    async fn make_plan(&self, context: &Context) -> Result<StreamPlan, Fault> {
        let sync = self.parts.specs.of(context).await?;
        let stream = worker::stream_of(&sync, &context.stream)?;
        let bookmark = match stream.sync_mode {
            SyncMode::Incremental => self.parts.store.bookmark(&context.sync, &context.stream).await?,
            SyncMode::FullRefresh => None,
        };
        let request = PlanRequest { stream, bookmark: bookmark.as_ref().map(|bookmark| &bookmark.position) };
        let planned = self.sources.source_of(&sync)?.plan(request).await?;
        check_names(&sync, stream, &planned.schema)?;
        if let Some(judge) = &self.judge {
            judge.judge(context, stream, &planned.schema).await?;
        }
        let plan = StreamPlan {
            schema: batch::schema::to_json(&planned.schema)?,
            primary_key: planned.primary_key,
            parts: planned.parts.into_iter().map(|part| part.0).collect(),
        };
        Ok(self.parts.store.plan_stream(&context.run, &context.stream, &plan).await?)
    }
}

fn check_names(sync: &Sync, stream: &Stream, schema: &Schema) -> Result<(), Fault> {
    match schema.fields().iter().find(|field| field.name().starts_with(OWN_PREFIX)) {
        None => Ok(()),
        Some(field) => Err(Fault::new(
            FaultKind::Config,
            "column_name_reserved",
            format!(
                "column `{}` of stream `{}` in `{}` begins with `{OWN_PREFIX}`, which is ours; rename it in a `query`",
                field.name(),
                stream.name,
                sync.name
            ),
        )),
    }
}

//! Pulling one lane: read, stage, hand on; again until the lane's end or the budget's.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use batch::quarantine::Entry;
use flow::id::BatchOrigin;
use flow::path::{Pulled, StagedBatch};
use flow::{BatchId, Budget, Context, Fault, FaultKind, Lane, Load, Object, Outbox, Position, Severity, Slice, Staged};
use source::{Part, ReadRequest, Reader, Reject};
use staging::StagingExt;
use store::record::{BatchRecord, Hop, LaneRecord, LaneState, NOTHING_READ, Staging, StreamPlan, Tally};

use crate::step::BatchPull;

/// Name of the rule that a record broke which could not be read.
const READ_RULE: &str = "read";

/// How often a paused pull looks whether it may go on.
const PAUSE: Duration = Duration::from_millis(10);

impl BatchPull {
    pub(crate) async fn pull(
        &self,
        slice: &Slice,
        lane: &Lane,
        outbox: &dyn Outbox<Pulled>,
        budget: &Budget,
    ) -> Result<(), Fault> {
        let context = &slice.context;
        let record = self.parts.store.lane(lane).await?.ok_or_else(|| unknown(lane))?;
        self.give_again(context, &record, outbox).await?;
        if record.state != LaneState::Pulling {
            return self.give_end(context, &record, outbox).await;
        }
        let plan = self.plan_of(context).await?.ok_or_else(|| unknown(lane))?;
        let pull = Pull { function: self, context, plan, record };
        match self.replay_of(context).await? {
            Some(replay) => pull.replay(&replay, slice.part, outbox, budget).await,
            None => pull.go(slice.part, outbox, budget).await,
        }
    }

    /// Gives what is staged and not delivered once more: whoever staged it may have died before
    /// giving it. The queue drops what it knows, later functions what is done.
    async fn give_again(
        &self,
        context: &Context,
        record: &LaneRecord,
        outbox: &dyn Outbox<Pulled>,
    ) -> Result<(), Fault> {
        for batch in self.parts.store.batches(&record.lane, record.delivered).await? {
            outbox.give(staged(context, &batch)).await?;
        }
        Ok(())
    }

    async fn give_end(&self, context: &Context, record: &LaneRecord, outbox: &dyn Outbox<Pulled>) -> Result<(), Fault> {
        let load = Load::End { batches: record.staged };
        outbox.give(Pulled::Staged(Staged { context: context.clone(), lane: record.lane.clone(), load })).await
    }
}

/// One lane being pulled.
pub(crate) struct Pull<'a> {
    pub(crate) function: &'a BatchPull,
    pub(crate) context: &'a Context,
    plan: StreamPlan,
    pub(crate) record: LaneRecord,
}

impl Pull<'_> {
    async fn go(mut self, part: u32, outbox: &dyn Outbox<Pulled>, budget: &Budget) -> Result<(), Fault> {
        let nothing_read =
            self.record.staged_position.as_ref().is_some_and(|position| position.as_str() == NOTHING_READ);
        let mut reader = if nothing_read { None } else { Some(self.reader().await?) };
        let mut next = read(&mut reader).await?;
        while let Some(pulled) = next {
            if !self.has_room(budget).await? {
                // What was read ahead is dropped: whoever takes the rest reads it again.
                return outbox.give(Pulled::Slice(self.rest(part))).await;
            }
            let (moved, following) = tokio::join!(self.stage(pulled, outbox), read(&mut reader));
            if moved? == Staging::Overtaken {
                tracing::info!(lane = self.record.lane.as_str(), "another pull of the lane is ahead");
                return Ok(());
            }
            next = following?;
        }
        self.end(outbox).await
    }

    pub(crate) fn rest(&self, part: u32) -> Slice {
        Slice { context: self.context.clone(), lane: Some(self.record.lane.clone()), part: part + 1 }
    }

    async fn reader(&self) -> Result<Box<dyn Reader>, Fault> {
        let sync = self.function.parts.specs.of(self.context).await?;
        let stream = worker::stream_of(&sync, &self.context.stream)?;
        let source = self.function.sources.source_of(&sync)?;
        let request = ReadRequest {
            stream,
            schema: batch::schema::from_json(&self.plan.schema)?,
            part: &Part(self.record.part.clone()),
            position: self.record.staged_position.as_ref(),
        };
        Ok(source.read(request).await?)
    }

    /// Waits while too much of the run is staged and not delivered. False when the budget ends first.
    pub(crate) async fn has_room(&self, budget: &Budget) -> Result<bool, Fault> {
        loop {
            if budget.is_below(self.function.limits.reserve) {
                return Ok(false);
            }
            let undelivered = self.function.parts.store.undelivered_bytes(&self.context.run).await?;
            if undelivered <= self.function.limits.undelivered_bytes {
                return Ok(true);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn stage(&mut self, pulled: source::Pulled, outbox: &dyn Outbox<Pulled>) -> Result<Staging, Fault> {
        let id = self.batch_id();
        let rejected = pulled.rejects.len() as u64;
        let rows = pulled.rows.num_rows() as u64;
        let raw = self.put(&id, pulled.rows).await?;
        let store = &self.function.parts.store;
        let entries: Vec<Entry> = pulled.rejects.into_iter().map(quarantine_entry).collect();
        self.function.parts.quarantine(self.context, &id, Hop::BatchPull, &entries, None).await?;
        let tally = Tally { rows_in: rows + rejected, rows_out: rows, quarantined: rejected, passed_with_failure: 0 };
        store.tally(&id, Hop::BatchPull, tally).await?;
        let read = Read { id, raw, position: pulled.position, rejected };
        self.record_staged(read, outbox).await
    }

    /// Records a batch whose rows are in the stage, and hands it on.
    pub(crate) async fn record_staged(&mut self, read: Read, outbox: &dyn Outbox<Pulled>) -> Result<Staging, Fault> {
        let store = &self.function.parts.store;
        let batch = BatchRecord {
            id: read.id,
            run: self.context.run.clone(),
            stream: self.context.stream.clone(),
            lane: self.record.lane.clone(),
            sequence: self.record.staged,
            position: read.position,
            raw: read.raw,
            rejected: read.rejected,
            staged_at: self.function.parts.clock.now(),
            delivered_at: None,
        };
        if store.stage_batch(&batch, self.context.attempt).await? == Staging::Overtaken {
            return Ok(Staging::Overtaken);
        }
        outbox.give(staged(self.context, &batch)).await?;
        self.record.staged += 1;
        self.record.staged_position = Some(batch.position);
        Ok(Staging::Moved)
    }

    pub(crate) fn batch_id(&self) -> BatchId {
        BatchId::derive(BatchOrigin {
            sync: &self.context.sync,
            stream: &self.context.stream,
            version: self.context.version,
            lane: &self.record.lane,
            position: self.record.staged_position.as_ref(),
        })
    }

    async fn put(&self, id: &BatchId, rows: RecordBatch) -> Result<Object, Fault> {
        let prefix = format!("raw/{}/{}/{}", self.context.sync, self.context.stream, self.context.run);
        let staging = self.function.parts.staging.clone();
        Ok(staging.put_batch(&prefix, id.as_str(), &rows).await?)
    }

    pub(crate) async fn end(mut self, outbox: &dyn Outbox<Pulled>) -> Result<(), Fault> {
        if self.record.staged == 0 {
            let empty = source::Pulled {
                rows: RecordBatch::new_empty(Arc::clone(&batch::schema::from_json(&self.plan.schema)?)),
                rejects: Vec::new(),
                position: Position::from_text(NOTHING_READ),
            };
            if self.stage(empty, outbox).await? == Staging::Overtaken {
                return Ok(());
            }
        }
        let ended =
            self.function.parts.store.end_pull(&self.record.lane, self.record.staged, self.context.attempt).await?;
        match ended {
            Staging::Moved => self.function.give_end(self.context, &self.record, outbox).await,
            Staging::Overtaken => Ok(()),
        }
    }
}

/// A batch whose rows are in the stage.
pub(crate) struct Read {
    pub(crate) id: BatchId,
    pub(crate) raw: Object,
    pub(crate) position: Position,
    pub(crate) rejected: u64,
}

async fn read(reader: &mut Option<Box<dyn Reader>>) -> Result<Option<source::Pulled>, Fault> {
    match reader {
        Some(reader) => Ok(reader.next().await?),
        None => Ok(None),
    }
}

fn quarantine_entry(reject: Reject) -> Entry {
    Entry {
        row: None,
        rule: READ_RULE.to_owned(),
        column: reject.column,
        code: reject.code.to_owned(),
        severity: Severity::Error,
        reason: reject.reason,
        value: reject.value,
        place: Some(reject.place),
        record: Some(reject.record),
    }
}

fn staged(context: &Context, batch: &BatchRecord) -> Pulled {
    let load = Load::Batch(StagedBatch { id: batch.id.clone(), sequence: batch.sequence, raw: batch.raw.clone() });
    Pulled::Staged(Staged { context: context.clone(), lane: batch.lane.clone(), load })
}

fn unknown(lane: &Lane) -> Fault {
    Fault::new(FaultKind::Bug, "lane_unknown", format!("lane `{lane}` is not in the store"))
}

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_select::filter::filter_record_batch;
use async_trait::async_trait;
use batch::SOURCE_ROW;
use destination::{Destination, Incoming, Outcome, Target};
use flow::path::CheckedBatch;
use flow::{Budget, Checked, Context, Fault, FaultKind, Lane, Load, Outbox, RunId, Signal, Step, StreamName};
use spec::Sync;
use staging::StagingExt;
use store::record::{LedgerEntry, Turn};
use worker::Parts;

/// Delivers batches and ends streams and runs.
pub struct Deliver {
    pub(crate) parts: Parts,
    destinations: Arc<dyn Destinations>,
    prepared: Mutex<HashSet<(RunId, StreamName)>>,
}

/// Gives the destination of a sync.
pub trait Destinations: Send + std::marker::Sync {
    /// The destination a spec names, its secrets resolved.
    fn destination_of(&self, sync: &Sync) -> Result<Arc<dyn Destination>, Fault>;
}

impl Deliver {
    /// Delivers to these destinations.
    #[must_use]
    pub fn new(parts: Parts, destinations: Arc<dyn Destinations>) -> Self {
        Self { parts, destinations, prepared: Mutex::default() }
    }
}

#[async_trait]
impl Step for Deliver {
    type Takes = Checked;
    /// Nothing follows: a delivery ends in the ledger. Only signals are raised.
    type Gives = Signal;

    async fn run(&self, checked: Checked, outbox: &dyn Outbox<Signal>, _: &Budget) -> Result<(), Fault> {
        match checked.load {
            Load::Batch(batch) => self.deliver(&checked.context, &checked.lane, batch).await,
            Load::End { batches } => self.end(&checked.context, &checked.lane, batches, outbox).await,
        }
    }
}

impl Deliver {
    async fn deliver(&self, context: &Context, lane: &Lane, checked: CheckedBatch) -> Result<(), Fault> {
        match self.parts.store.turn(lane, checked.sequence).await? {
            Turn::Now => {}
            Turn::Done => return Ok(()),
            Turn::TooEarly => return Err(too_early(lane, checked.sequence)),
        }
        let rows = self.rows(&checked).await?;
        let sync = self.parts.specs.of(context).await?;
        let destination = self.destinations.destination_of(&sync)?;
        let target = self.target(context, &sync, rows.schema()).await?;
        self.prepare(destination.as_ref(), &target).await?;
        let all_rows = rows.num_rows() as u64;
        let incoming = Incoming { batch: checked.id.clone(), lane: lane.clone(), sequence: checked.sequence, rows };
        let rows = match destination.deliver(&target, incoming).await? {
            Outcome::Written { rows } => rows,
            Outcome::AlreadyThere => all_rows,
        };
        let entry = LedgerEntry {
            batch: checked.id.clone(),
            run: context.run.clone(),
            stream: context.stream.clone(),
            lane: lane.clone(),
            sequence: checked.sequence,
            rows,
            delivered_at: self.parts.clock.now(),
        };
        self.parts.store.record_delivery(&entry).await?;
        self.drop_work(&checked).await;
        Ok(())
    }

    /// The batch's rows that go on, without the column that is ours.
    async fn rows(&self, checked: &CheckedBatch) -> Result<RecordBatch, Fault> {
        let mut rows = self.parts.staging.get_batch(&checked.data).await?;
        if let Ok(position) = rows.schema().index_of(SOURCE_ROW) {
            rows.remove_column(position);
        }
        let Some(selection) = &checked.selection else { return Ok(rows) };
        let selection = self.parts.staging.get_batch(selection).await?;
        let keep = selection.column(0).as_boolean_opt().filter(|keep| keep.len() == rows.num_rows());
        let keep = keep
            .ok_or_else(|| Fault::new(FaultKind::Bug, "selection_unreadable", "a selection does not fit its batch"))?;
        filter_record_batch(&rows, keep).map_err(|error| Fault::from_error(FaultKind::Bug, "batch_build", &error))
    }

    pub(crate) fn destination_of(&self, sync: &Sync) -> Result<Arc<dyn Destination>, Fault> {
        self.destinations.destination_of(sync)
    }

    /// Makes a target ready, once a process.
    pub(crate) async fn prepare(&self, destination: &dyn Destination, target: &Target) -> Result<(), Fault> {
        let key = (target.run.clone(), target.stream.clone());
        let is_prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).contains(&key);
        if !is_prepared {
            if let Some(unfit) = destination.unfit(&target.schema).into_iter().next() {
                return Err(destination::Error::UnsupportedType { column: unfit.column, reason: unfit.reason }.into());
            }
            destination.prepare(target).await?;
            self.prepared.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        }
        Ok(())
    }
}

pub(crate) fn too_early(lane: &Lane, sequence: u64) -> Fault {
    let message = format!("batch {sequence} of lane `{lane}` came before an earlier one was delivered");
    Fault::new(FaultKind::Retry, "out_of_turn", message)
}

//! `deliver` alone: each batch once, in its turn, and the end of a run.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;

use arrow_array::{BooleanArray, Int64Array, RecordBatch};
use arrow_schema::{Field, Schema};
use batch::ColumnType;
use deliver::{Deliver, Destinations};
use destination::Destination;
use destination::faulty::{Call, Failure, Script};
use destination::memory::MemoryDestination;
use flow::path::CheckedBatch;
use flow::{BatchId, Checked, Context, Fault, FaultKind, Lane, Load, Object, Position, Timestamp};
use staging::StagingExt;
use store::record::{BatchRecord, RunState};
use worker::Parts;
use worker::conformance::{Rig, events_that_stay};

const SPEC: &str = "
version: 1
sync: shop
source: { type: sqlite, path: shop.db }
destination: { type: sqlite, path: warehouse.db }
streams: [{ name: orders, write_disposition: append }]
";

/// An open run of one stream whose one lane has two staged batches of three rows.
struct World {
    rig: Rig,
    function: Deliver,
    context: Context,
    lane: Lane,
    destination: Arc<MemoryDestination>,
    script: Arc<Script>,
}

struct One(Arc<dyn Destination>);

impl Destinations for One {
    fn destination_of(&self, _: &spec::Sync) -> Result<Arc<dyn Destination>, Fault> {
        Ok(self.0.clone())
    }
}

impl World {
    async fn new() -> Self {
        let rig = Rig::new().await;
        let (destination, script) = (Arc::new(MemoryDestination::new()), Script::new());
        let faulty = destination::faulty::Faulty::new(destination.clone(), script.clone());
        let function = Deliver::new(rig.parts.clone(), Arc::new(One(Arc::new(faulty))));
        let context = rig.open_run(&rig.save(SPEC).await, "orders").await;
        let lane = rig.plan(&context).await;
        let parts = &rig.parts;
        for sequence in 0..2 {
            parts.store.stage_batch(&record(parts, &context, &lane, sequence).await, 1).await.unwrap();
        }
        parts.store.end_pull(&lane, 2, 1).await.unwrap();
        Self { rig, function, context, lane, destination, script }
    }

    /// Delivers a staged batch without its second row.
    async fn deliver(&self, sequence: u64) -> Result<(), Fault> {
        let staged = self.rig.parts.store.batches(&self.lane, sequence).await.unwrap().remove(0);
        let keep = BooleanArray::from(vec![true, false, true]);
        let selection = put(&self.rig.parts, "work", ColumnType::Bool.field("keep", false), Arc::new(keep)).await;
        let batch = CheckedBatch { id: staged.id, sequence, data: staged.raw, selection: Some(selection) };
        self.run(Load::Batch(batch)).await
    }

    async fn run(&self, load: Load<CheckedBatch>) -> Result<(), Fault> {
        let checked = Checked { context: self.context.clone(), lane: self.lane.clone(), load };
        self.rig.run(&self.function, checked).await
    }

    fn rows_there(&self) -> usize {
        self.destination.rows(&self.context.stream).map_or(0, |rows| rows.num_rows())
    }
}

async fn put(parts: &Parts, prefix: &str, field: Field, column: arrow_array::ArrayRef) -> Object {
    let rows = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![column]).unwrap();
    parts.staging.put_batch(prefix, "rows", &rows).await.unwrap()
}

async fn record(parts: &Parts, context: &Context, lane: &Lane, sequence: u64) -> BatchRecord {
    let ids = Arc::new(Int64Array::from_iter_values((0..3).map(|row| sequence as i64 * 3 + row)));
    BatchRecord {
        id: BatchId::from_text(&format!("b{sequence}")),
        run: context.run.clone(),
        stream: context.stream.clone(),
        lane: lane.clone(),
        sequence,
        position: Position::from_text(sequence.to_string()),
        raw: put(parts, "raw", ColumnType::Int64.field("id", false), ids).await,
        rejected: 0,
        staged_at: Timestamp::UNIX_EPOCH,
        delivered_at: None,
    }
}

#[test]
fn every_event_is_a_checked_load_and_stays_what_it_is() {
    assert_eq!(events_that_stay::<Checked>(env!("CARGO_MANIFEST_DIR")), 2);
}

#[test]
fn lambdas_event_has_a_batch_and_its_lanes_end() {
    assert_eq!(lambda_kit::conformance::messages::<Checked>(env!("CARGO_MANIFEST_DIR")).len(), 2);
}

#[tokio::test]
async fn the_selected_rows_are_written_and_the_last_end_closes_the_run() {
    let world = World::new().await;
    world.deliver(0).await.unwrap();
    world.deliver(1).await.unwrap();
    assert_eq!(world.rows_there(), 4);
    assert!(world.rig.parts.staging.list("work/").await.unwrap().is_empty());
    world.run(Load::End { batches: 2 }).await.unwrap();
    let run = world.rig.parts.store.run(&world.context.run).await.unwrap().unwrap();
    assert_eq!(run.state, RunState::Succeeded);
    assert_eq!(world.rig.parts.store.signals(None, 10).await.unwrap()[0].name, "run_succeeded");
}

#[tokio::test]
async fn a_batch_out_of_turn_is_tried_again_later() {
    let world = World::new().await;
    for early in [world.deliver(1).await, world.run(Load::End { batches: 2 }).await] {
        let fault = early.unwrap_err();
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Retry, "out_of_turn"));
    }
    assert_eq!(world.rows_there(), 0);
}

#[tokio::test]
async fn a_batch_delivered_twice_is_written_once() {
    let world = World::new().await;
    world.script.fail_next(Call::Deliver, Failure::AnswerLost);
    assert_eq!(world.deliver(0).await.unwrap_err().kind, FaultKind::Retry);
    world.deliver(0).await.unwrap();
    world.deliver(0).await.unwrap();
    assert_eq!((world.rows_there(), world.destination.batches(&world.context.stream)), (2, 1));
    assert_eq!(world.rig.parts.store.lane(&world.lane).await.unwrap().unwrap().delivered, 1);
}

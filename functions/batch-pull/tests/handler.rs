//! `batch-pull` alone: planning a stream and pulling one of its lanes.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::Schema;
use batch::ColumnType;
use batch_pull::{BatchPull, Limits, Sources};
use flow::{Context, Fault, FaultKind, Lane, Load, QueueName, Slice, Staged};
use queue::faulty::Mischief;
use source::Source;
use source::faulty::{Call, Failure};
use source::memory::MemorySource;
use worker::conformance::{Rig, events_that_stay};

const SPEC: &str = "
version: 1
sync: shop
source: { type: sqlite, path: shop.db }
destination: { type: sqlite, path: warehouse.db }
streams: [{ name: orders, batch: { rows: 2 } }]
";

/// An open run of one stream of six rows, which the source cuts into two parts.
struct World {
    rig: Rig,
    function: BatchPull,
    context: Context,
    source: Arc<source::faulty::Script>,
}

struct One(Arc<dyn Source>);

impl Sources for One {
    fn source_of(&self, _: &spec::Sync) -> Result<Arc<dyn Source>, Fault> {
        Ok(self.0.clone())
    }
}

impl World {
    async fn new() -> Self {
        let rig = Rig::new().await;
        let context = rig.open_run(&rig.save(SPEC).await, "orders").await;
        let script = source::faulty::Script::new();
        let rows = MemorySource::new().with("orders", &["id"], vec![rows()]).split_into(2);
        let source = source::faulty::Faulty::new(Arc::new(rows), script.clone());
        let function = BatchPull::new(rig.parts.clone(), Arc::new(One(Arc::new(source))), Limits::default());
        Self { rig, function, context, source: script }
    }

    fn lane(&self) -> Lane {
        Lane::of_run(&self.context.run, &self.context.stream, 0)
    }

    async fn run(&self, lane: Option<Lane>) -> Result<(), Fault> {
        self.rig.run(&self.function, Slice { context: self.context.clone(), lane, part: 0 }).await
    }
}

fn rows() -> RecordBatch {
    let schema = Schema::new(vec![ColumnType::Int64.field("id", false)]);
    RecordBatch::try_new(Arc::new(schema), vec![Arc::new(Int64Array::from_iter_values(0..6))]).unwrap()
}

/// Sequence and rows of each batch; for an end, the batches it counts.
fn shapes(given: &[Staged]) -> Vec<(&str, u64, u64)> {
    let shape = |staged: &Staged| match &staged.load {
        Load::Batch(batch) => ("batch", batch.sequence, batch.raw.rows),
        Load::End { batches } => ("end", *batches, 0),
    };
    given.iter().map(shape).collect()
}

#[test]
fn every_event_is_a_slice_and_stays_what_it_is() {
    assert_eq!(events_that_stay::<Slice>(env!("CARGO_MANIFEST_DIR")), 2);
}

#[test]
fn lambdas_event_has_two_slices() {
    assert_eq!(lambda_kit::conformance::messages::<Slice>(env!("CARGO_MANIFEST_DIR")).len(), 2);
}

#[tokio::test]
async fn a_stream_is_planned_into_lanes_and_a_lane_is_staged_batch_by_batch_to_its_end() {
    let world = World::new().await;
    world.run(None).await.unwrap();
    let lanes: Vec<Slice> = world.rig.given(QueueName::Slices).await;
    assert_eq!(lanes.len(), 2);
    assert!(lanes.iter().any(|slice| slice.lane == Some(world.lane())));
    world.run(Some(world.lane())).await.unwrap();
    let given: Vec<Staged> = world.rig.given(QueueName::Staged).await;
    assert_eq!(shapes(&given), [("batch", 0, 2), ("batch", 1, 1), ("end", 2, 0)]);
    assert_eq!(world.rig.parts.staging.list("raw/shop/orders/").await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_source_that_is_unavailable_is_tried_again_and_nothing_is_given() {
    let world = World::new().await;
    world.source.fail_next(Call::Plan, Failure::Unavailable);
    assert_eq!(world.run(None).await.unwrap_err().kind, FaultKind::Retry);
    assert!(world.rig.given::<Slice>(QueueName::Slices).await.is_empty());
    world.run(None).await.unwrap();
    world.source.fail_next(Call::Next, Failure::Unavailable);
    assert_eq!(world.run(Some(world.lane())).await.unwrap_err().kind, FaultKind::Retry);
    assert!(world.rig.given::<Staged>(QueueName::Staged).await.is_empty());
}

#[tokio::test]
async fn a_batch_that_was_staged_and_not_sent_is_given_again() {
    let world = World::new().await;
    world.run(None).await.unwrap();
    world.rig.queue.plan(Mischief::FailBefore, Some(queue::faulty::Call::Send), 1);
    world.run(Some(world.lane())).await.unwrap_err();
    let staged = world.rig.parts.store.batches(&world.lane(), 0).await.unwrap();
    assert_eq!(staged.len(), 1);
    assert!(world.rig.given::<Staged>(QueueName::Staged).await.is_empty());
    world.run(Some(world.lane())).await.unwrap();
    let given: Vec<Staged> = world.rig.given(QueueName::Staged).await;
    assert_eq!(shapes(&given), [("batch", 0, 2), ("batch", 1, 1), ("end", 2, 0)]);
    assert!(matches!(&given[0].load, Load::Batch(batch) if batch.id == staged[0].id && batch.raw == staged[0].raw));
}

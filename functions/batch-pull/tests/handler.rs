//! `batch-pull` alone: planning a stream and pulling one of its lanes.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::Schema;
use batch::ColumnType;
use batch_pull::{BatchPull, Limits, Sources};
use flow::{
    Budget, Context, Fault, FaultKind, Lane, Load, ManualClock, QueueName, RunId, Slice, Staged, Step, StreamName,
    SyncName, Timestamp,
};
use queue::faulty::Mischief;
use source::Source;
use source::faulty::{Call, Failure};
use source::memory::MemorySource;
use store::record::{Run, RunState};
use tempfile::TempDir;
use worker::{Parts, QueueOutbox};

const SPEC: &str = "
version: 1
sync: shop
source: { type: sqlite, path: shop.db }
destination: { type: sqlite, path: warehouse.db }
streams: [{ name: orders, batch: { rows: 2 } }]
";

/// An open run of one stream of six rows, which the source cuts into two parts.
struct World {
    parts: Parts,
    function: BatchPull,
    context: Context,
    source: Arc<source::faulty::Script>,
    queue: Arc<queue::faulty::Script>,
    _folder: TempDir,
}

struct One(Arc<dyn Source>);

impl Sources for One {
    fn source_of(&self, _: &spec::Sync) -> Result<Arc<dyn Source>, Fault> {
        Ok(self.0.clone())
    }
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at_epoch());
        let queue: Arc<queue::faulty::Script> = Arc::default();
        let memory = Arc::new(queue::Memory::new(queue::Limits::default(), clock.clone()));
        let faulty = Arc::new(queue::Faulty::new(memory, queue.clone()));
        let store = Arc::new(store::Sqlite::open(&folder.path().join("state.db")).await.unwrap());
        let parts = Parts::new(faulty, store, Arc::new(staging::Memory::new()), clock);
        let context = open_run(&parts, &folder).await;
        let script = source::faulty::Script::new();
        let rows = MemorySource::new().with("orders", &["id"], vec![rows()]).split_into(2);
        let source = source::faulty::Faulty::new(Arc::new(rows), script.clone());
        let function = BatchPull::new(parts.clone(), Arc::new(One(Arc::new(source))), Limits::default());
        Self { parts, function, context, source: script, queue, _folder: folder }
    }

    fn lane(&self) -> Lane {
        Lane::of_run(&self.context.run, &self.context.stream, 0)
    }

    async fn run(&self, lane: Option<Lane>) -> Result<(), Fault> {
        let outbox = QueueOutbox::new(self.parts.queue.clone(), self.parts.store.clone());
        let budget = Budget::unlimited(self.parts.clock.clone());
        self.function.run(Slice { context: self.context.clone(), lane, part: 0 }, &outbox, &budget).await
    }

    async fn given<H: serde::de::DeserializeOwned>(&self, queue: QueueName) -> Vec<H> {
        let mut given = Vec::new();
        while let Some(message) = self.parts.queue.receive(queue, 1, Duration::from_secs(30)).await.unwrap().pop() {
            given.push(serde_json::from_str(&message.body).unwrap());
            self.parts.queue.acknowledge(&message.receipt).await.unwrap();
        }
        given
    }
}

async fn open_run(parts: &Parts, folder: &TempDir) -> Context {
    let (sync, stream) = (SyncName::new("shop").unwrap(), StreamName::new("orders").unwrap());
    let due = Timestamp::UNIX_EPOCH;
    let loaded = spec::load::text_at(SPEC, folder.path()).unwrap();
    let pinned = loaded.pin(|module| Err(module.to_owned())).unwrap();
    parts.store.save_spec(&sync, &pinned.digest, &pinned.text, due).await.unwrap();
    let run = Run {
        id: RunId::derive(&sync, due),
        sync: sync.clone(),
        version: 1,
        attempt: 1,
        state: RunState::Running,
        due_at: due,
        started_at: due,
        ended_at: None,
        fault: None,
        replay: None,
    };
    parts.store.open_run(&run, std::slice::from_ref(&stream)).await.unwrap();
    Context { sync, stream, version: 1, run: run.id, attempt: 1 }
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
    let events = concat!(env!("CARGO_MANIFEST_DIR"), "/events");
    let mut seen = 0;
    for event in std::fs::read_dir(events).unwrap() {
        let text = std::fs::read_to_string(event.unwrap().path()).unwrap();
        let slice: Slice = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_value(slice).unwrap(), serde_json::from_str::<serde_json::Value>(&text).unwrap());
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[tokio::test]
async fn a_stream_is_planned_into_lanes_and_a_lane_is_staged_batch_by_batch_to_its_end() {
    let world = World::new().await;
    world.run(None).await.unwrap();
    let lanes: Vec<Slice> = world.given(QueueName::Slices).await;
    assert_eq!(lanes.len(), 2);
    assert!(lanes.iter().any(|slice| slice.lane == Some(world.lane())));
    world.run(Some(world.lane())).await.unwrap();
    let given: Vec<Staged> = world.given(QueueName::Staged).await;
    assert_eq!(shapes(&given), [("batch", 0, 2), ("batch", 1, 1), ("end", 2, 0)]);
    assert_eq!(world.parts.staging.list("raw/shop/orders/").await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_source_that_is_unavailable_is_tried_again_and_nothing_is_given() {
    let world = World::new().await;
    world.source.fail_next(Call::Plan, Failure::Unavailable);
    assert_eq!(world.run(None).await.unwrap_err().kind, FaultKind::Retry);
    assert!(world.given::<Slice>(QueueName::Slices).await.is_empty());
    world.run(None).await.unwrap();
    world.source.fail_next(Call::Next, Failure::Unavailable);
    assert_eq!(world.run(Some(world.lane())).await.unwrap_err().kind, FaultKind::Retry);
    assert!(world.given::<Staged>(QueueName::Staged).await.is_empty());
}

#[tokio::test]
async fn a_batch_that_was_staged_and_not_sent_is_given_again() {
    let world = World::new().await;
    world.run(None).await.unwrap();
    world.queue.plan(Mischief::FailBefore, Some(queue::faulty::Call::Send), 1);
    world.run(Some(world.lane())).await.unwrap_err();
    let staged = world.parts.store.batches(&world.lane(), 0).await.unwrap();
    assert_eq!(staged.len(), 1);
    assert!(world.given::<Staged>(QueueName::Staged).await.is_empty());
    world.run(Some(world.lane())).await.unwrap();
    let given: Vec<Staged> = world.given(QueueName::Staged).await;
    assert_eq!(shapes(&given), [("batch", 0, 2), ("batch", 1, 1), ("end", 2, 0)]);
    assert!(matches!(&given[0].load, Load::Batch(batch) if batch.id == staged[0].id && batch.raw == staged[0].raw));
}

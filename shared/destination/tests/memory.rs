//! The memory destination runs the suite, and fails where it is told to.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use async_trait::async_trait;
use batch::ColumnType;
use destination::conformance::{Fixture, suite};
use destination::faulty::{Call, Failure, Faulty, Script};
use destination::memory::MemoryDestination;
use destination::{Destination, Error, Incoming, Outcome, Target};
use flow::{BatchId, Lane, RunId, StreamName, SyncName};
use spec::Disposition;

struct Memory(Arc<MemoryDestination>);

#[async_trait]
impl Fixture for Memory {
    fn open(&self) -> Arc<dyn Destination> {
        self.0.clone()
    }

    async fn rows(&self, target: &Target) -> Option<RecordBatch> {
        self.0.rows(&target.stream)
    }
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![ColumnType::Int64.field("id", false)]))
}

fn target() -> Target {
    Target {
        sync: SyncName::new("shop").unwrap(),
        stream: StreamName::new("orders").unwrap(),
        run: RunId::from_text("shop-1"),
        schema: schema(),
        disposition: Disposition::Append,
        primary_key: Vec::new(),
    }
}

fn incoming() -> Incoming {
    let rows = RecordBatch::try_new(schema(), vec![Arc::new(Int64Array::from(vec![1, 2]))]).unwrap();
    Incoming { batch: BatchId::from_text("b0"), lane: Lane::from_text("shop-1/orders/0"), sequence: 0, rows }
}

#[tokio::test]
async fn the_memory_destination_passes() {
    suite(&Memory(Arc::new(MemoryDestination::new()))).await;
}

#[tokio::test]
async fn a_lost_answer_leaves_the_rows_and_an_unreachable_destination_none() {
    let memory = Arc::new(MemoryDestination::new());
    let script = Script::new();
    script.fail(Call::Deliver, 1, Failure::Unavailable);
    script.fail(Call::Deliver, 2, Failure::AnswerLost);
    let destination = Faulty::new(memory.clone(), script.clone());
    let target = target();
    destination.prepare(&target).await.unwrap();
    for rows_there in [0, 2] {
        assert!(matches!(destination.deliver(&target, incoming()).await, Err(Error::Unavailable { .. })));
        assert_eq!(memory.rows(&target.stream).unwrap().num_rows(), rows_there);
    }
    assert_eq!(destination.deliver(&target, incoming()).await.unwrap(), Outcome::AlreadyThere);
    assert_eq!((script.calls(Call::Deliver), memory.batches(&target.stream)), (3, 1));
}

//! `transform` alone, with a module that refuses order 7.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt64Type};
use arrow_array::{Int64Array, RecordBatch, UInt32Array};
use arrow_schema::{Schema, SchemaRef};
use arrow_select::take::take_record_batch;
use async_trait::async_trait;
use batch::quarantine::Entry;
use batch::{ColumnType, SOURCE_ROW};
use flow::path::{StagedBatch, TransformedBatch};
use flow::{BatchId, Context, Digest, Fault, FaultKind, Lane, Load, Object, QueueName, Staged, Timestamp, Transformed};
use spec::TransformSpec;
use staging::StagingExt;
use store::record::QuarantineFilter;
use transform::{Guest, Modules, Put, Transform};
use worker::conformance::{Rig, events_that_stay};

const SPEC: &str = "
version: 1
sync: shop
source: { type: sqlite, path: shop.db }
destination: { type: sqlite, path: warehouse.db }
streams: [{ name: orders, transforms: [{ module: refuser }] }, { name: refunds }]
";

struct Refuser;

#[async_trait]
impl Modules for Refuser {
    async fn open(
        &self,
        _: &TransformSpec,
        schema: &SchemaRef,
        _: &Context,
        _: Timestamp,
    ) -> Result<Box<dyn Guest>, Fault> {
        Ok(Box::new(RefusesSeven(schema.clone())))
    }
}

struct RefusesSeven(SchemaRef);

impl Guest for RefusesSeven {
    fn schema(&self) -> SchemaRef {
        self.0.clone()
    }

    fn apply(&mut self, rows: &RecordBatch) -> Result<Put, Fault> {
        let ids = rows.column(0).as_primitive::<Int64Type>().values();
        let (refused, kept): (Vec<u32>, Vec<u32>) = (0..ids.len() as u32).partition(|row| ids[*row as usize] == 7);
        let entry = |row: u32| Entry { row: Some(row.into()), rule: "refuser".to_owned(), ..Entry::default() };
        let source_rows = UInt32Array::from(kept);
        let rows = take_record_batch(rows, &source_rows).unwrap();
        Ok(Put { rows, source_rows, rejects: refused.into_iter().map(entry).collect() })
    }
}

/// An open run; the stage is empty.
struct World {
    rig: Rig,
    context: Context,
}

impl World {
    async fn of_stream(stream: &str) -> Self {
        let rig = Rig::new().await;
        let context = rig.open_run(&rig.save(SPEC).await, stream).await;
        Self { rig, context }
    }

    /// What the step makes of a load.
    async fn run(&self, load: Load<StagedBatch>) -> Result<Load<TransformedBatch>, Fault> {
        let lane = Lane::of_run(&self.context.run, &self.context.stream, 0);
        let staged = Staged { context: self.context.clone(), lane, load };
        self.rig.run(&Transform::new(self.rig.parts.clone(), Arc::new(Refuser)), staged).await?;
        Ok(self.rig.given::<Transformed>(QueueName::Transformed).await.remove(0).load)
    }
}

fn staged(raw: Object) -> Load<StagedBatch> {
    Load::Batch(StagedBatch { id: BatchId::from_text("b0"), sequence: 0, raw })
}

fn object_that_is_nowhere() -> Object {
    Object { key: "raw/gone.arrow".to_owned(), digest: Digest::of(b"gone"), bytes: 4, rows: 3 }
}

#[test]
fn every_event_is_a_staged_load_and_stays_what_it_is() {
    assert_eq!(events_that_stay::<Staged>(env!("CARGO_MANIFEST_DIR")), 2);
}

#[test]
fn lambdas_event_has_a_batch_and_its_lanes_end() {
    assert_eq!(lambda_kit::conformance::messages::<Staged>(env!("CARGO_MANIFEST_DIR")).len(), 2);
}

#[tokio::test]
async fn rows_keep_their_numbers_and_what_the_module_refuses_goes_to_quarantine() {
    let world = World::of_stream("orders").await;
    let schema = Arc::new(Schema::new(vec![ColumnType::Int64.field("id", false)]));
    let rows = RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from(vec![6, 7, 8]))]).unwrap();
    let raw = world.rig.parts.staging.put_batch("raw", "b0", &rows).await.unwrap();
    let Load::Batch(given) = world.run(staged(raw.clone())).await.unwrap() else { panic!("a batch became an end") };
    assert_eq!((&given.raw, given.data.rows), (&raw, 2));
    let data = world.rig.parts.staging.get_batch(&given.data).await.unwrap();
    assert_eq!(data.column(0).as_primitive::<Int64Type>().values(), &[6, 8]);
    assert_eq!(data.column_by_name(SOURCE_ROW).unwrap().as_primitive::<UInt64Type>().values(), &[0, 2]);
    let quarantined = world.rig.parts.store.quarantined(&QuarantineFilter::default(), 10).await.unwrap();
    assert_eq!(quarantined.len(), 1);
    assert_eq!((quarantined[0].rule.as_str(), quarantined[0].rows), ("refuser", 1));
    let kept = world.rig.parts.staging.get_batch(&quarantined[0].object).await.unwrap();
    assert_eq!(kept.column_by_name("id").unwrap().as_primitive::<Int64Type>().values(), &[7]);
}

#[tokio::test]
async fn a_stream_without_transforms_passes_the_reference_on_and_leaves_the_stage_alone() {
    let world = World::of_stream("refunds").await;
    let raw = object_that_is_nowhere();
    let Load::Batch(given) = world.run(staged(raw.clone())).await.unwrap() else { panic!("a batch became an end") };
    assert_eq!((&given.raw, &given.data), (&raw, &raw));
    assert!(world.rig.parts.staging.list("").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_end_passes_as_it_is() {
    let world = World::of_stream("orders").await;
    assert_eq!(world.run(Load::End { batches: 4 }).await.unwrap(), Load::End { batches: 4 });
}

#[tokio::test]
async fn a_raw_batch_that_is_gone_is_a_fault_and_nothing_is_given() {
    let world = World::of_stream("orders").await;
    let fault = world.run(staged(object_that_is_nowhere())).await.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Bug, "object_missing"));
    assert_eq!(world.rig.parts.queue.depth(QueueName::Transformed).await.unwrap(), queue::Depth::default());
}

//! `quality-check` alone: rows that fail, and checks that stop the lane.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::Schema;
use batch::{ColumnType, SOURCE_ROW};
use flow::path::{CheckedBatch, TransformedBatch};
use flow::{BatchId, Checked, Context, Fault, FaultKind, Lane, Load, QueueName, Transformed};
use quality_check::QualityCheck;
use staging::StagingExt;
use store::record::QuarantineFilter;
use worker::conformance::{Rig, events_that_stay};

/// An open run of one stream with one lane, under these checks.
struct World {
    rig: Rig,
    context: Context,
    lane: Lane,
}

impl World {
    async fn with_checks(checks: &str) -> Self {
        let rig = Rig::new().await;
        let spec = format!(
            "{{ version: 1, sync: shop, source: {{ type: sqlite, path: shop.db }}, \
             destination: {{ type: sqlite, path: warehouse.db }}, \
             streams: [{{ name: orders, quality: {{ checks: [{checks}] }} }}] }}"
        );
        let context = rig.open_run(&rig.save(&spec).await, "orders").await;
        let lane = rig.plan(&context).await;
        Self { rig, context, lane }
    }

    /// What the step makes of a load.
    async fn run(&self, load: Load<TransformedBatch>) -> Result<Load<CheckedBatch>, Fault> {
        let taken = Transformed { context: self.context.clone(), lane: self.lane.clone(), load };
        self.rig.run(&QualityCheck::new(self.rig.parts.clone()), taken).await?;
        Ok(self.rig.given::<Checked>(QueueName::Checked).await.remove(0).load)
    }

    /// Four rows were read, the second did not leave the transforms, the third has no name.
    async fn batch(&self) -> Load<TransformedBatch> {
        let names = [Some("a"), Some("b"), None, Some("d")];
        let raw = self.put("raw", names, None).await;
        let data = self.put("work", [names[0], names[2], names[3]], Some([0, 2, 3])).await;
        Load::Batch(TransformedBatch { id: BatchId::from_text("b0"), sequence: 0, raw, data })
    }

    async fn put<const ROWS: usize>(
        &self,
        prefix: &str,
        names: [Option<&str>; ROWS],
        numbers: Option<[u64; ROWS]>,
    ) -> flow::Object {
        let mut fields = vec![ColumnType::Int64.field("id", false), ColumnType::Utf8.field("name", true)];
        let ids = Int64Array::from_iter_values(0..ROWS as i64);
        let mut columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(StringArray::from(names.to_vec()))];
        if let Some(numbers) = numbers {
            fields.push(ColumnType::UInt64.field(SOURCE_ROW, false));
            columns.push(Arc::new(UInt64Array::from(numbers.to_vec())));
        }
        let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        self.rig.parts.staging.put_batch(prefix, "b0", &rows).await.unwrap()
    }
}

#[test]
fn every_event_is_a_transformed_load_and_stays_what_it_is() {
    assert_eq!(events_that_stay::<Transformed>(env!("CARGO_MANIFEST_DIR")), 2);
}

#[test]
fn lambdas_event_has_a_batch_and_its_lanes_end() {
    assert_eq!(lambda_kit::conformance::messages::<Transformed>(env!("CARGO_MANIFEST_DIR")).len(), 2);
}

#[tokio::test]
async fn a_failing_row_goes_to_quarantine_with_rule_column_and_the_number_it_was_read_under() {
    let world = World::with_checks("{ not_null: [name] }").await;
    let batch = world.batch().await;
    let Load::Batch(given) = world.run(batch).await.unwrap() else { panic!("a batch became an end") };
    let selection = world.rig.parts.staging.get_batch(given.selection.as_ref().unwrap()).await.unwrap();
    let keep: Vec<bool> = selection.column(0).as_boolean().values().iter().collect();
    assert_eq!(keep, [true, false, true]);
    let quarantined = world.rig.parts.store.quarantined(&QuarantineFilter::default(), 10).await.unwrap();
    assert_eq!(quarantined.len(), 1);
    let entry = &quarantined[0];
    assert_eq!((entry.rule.as_str(), entry.column.as_deref(), entry.rows), ("not_null(name)", Some("name"), 1));
    let rows = world.rig.parts.staging.get_batch(&entry.object).await.unwrap();
    assert_eq!(rows.column_by_name(SOURCE_ROW).unwrap().as_primitive::<UInt64Type>().values(), &[2]);
}

#[tokio::test]
async fn a_check_that_aborts_is_for_a_person_and_nothing_is_given() {
    let world = World::with_checks("{ not_null: [name], on_failure: abort }").await;
    let batch = world.batch().await;
    let fault = world.run(batch).await.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "check_aborted"));
    assert_eq!(world.rig.parts.queue.depth(QueueName::Checked).await.unwrap(), queue::Depth::default());
    assert!(world.rig.parts.store.quarantined(&QuarantineFilter::default(), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_stream_without_checks_passes_the_reference_on() {
    let world = World::with_checks("").await;
    let Load::Batch(batch) = world.batch().await else { panic!("a batch became an end") };
    let Load::Batch(given) = world.run(Load::Batch(batch.clone())).await.unwrap() else { panic!("it became an end") };
    assert_eq!((given.data, given.selection), (batch.data, None));
}

#[tokio::test]
async fn the_last_end_brings_the_verdict_on_the_whole_run_and_passes() {
    let world = World::with_checks("{ not_null: [name] }, { row_count: { min: 9 }, on_failure: pass }").await;
    let batch = world.batch().await;
    world.run(batch).await.unwrap();
    assert!(world.rig.parts.store.signals(None, 10).await.unwrap().is_empty());
    assert_eq!(world.run(Load::End { batches: 1 }).await.unwrap(), Load::End { batches: 1 });
    let signals = world.rig.parts.store.signals(None, 10).await.unwrap();
    assert!(signals.iter().any(|signal| signal.name == "check_failed"), "{signals:?}");
}

//! `quality-check` alone: rows that fail, and checks that stop the lane.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::Schema;
use batch::{ColumnType, SOURCE_ROW};
use flow::path::{CheckedBatch, TransformedBatch};
use flow::{
    BatchId, Budget, Checked, Context, Fault, FaultKind, Lane, Load, ManualClock, QueueName, RunId, Step, StreamName,
    SyncName, Timestamp, Transformed,
};
use quality_check::QualityCheck;
use staging::StagingExt;
use store::record::{QuarantineFilter, Run, RunState, StreamPlan};
use tempfile::TempDir;
use worker::{Parts, QueueOutbox};

/// An open run of one stream with one lane, under these checks.
struct World {
    parts: Parts,
    context: Context,
    lane: Lane,
    _folder: TempDir,
}

impl World {
    async fn with_checks(checks: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at_epoch());
        let queue = Arc::new(queue::Memory::new(queue::Limits::default(), clock.clone()));
        let store = Arc::new(store::Sqlite::open(&folder.path().join("state.db")).await.unwrap());
        let parts = Parts::new(queue, store, Arc::new(staging::Memory::new()), clock);
        let context = open_run(&parts, &folder, checks).await;
        let lane = Lane::of_run(&context.run, &context.stream, 0);
        Self { parts, context, lane, _folder: folder }
    }

    /// What the step makes of a load.
    async fn run(&self, load: Load<TransformedBatch>) -> Result<Load<CheckedBatch>, Fault> {
        let outbox = QueueOutbox::new(self.parts.queue.clone(), self.parts.store.clone());
        let budget = Budget::unlimited(self.parts.clock.clone());
        let taken = Transformed { context: self.context.clone(), lane: self.lane.clone(), load };
        QualityCheck::new(self.parts.clone()).run(taken, &outbox, &budget).await?;
        let message = self.parts.queue.receive(QueueName::Checked, 1, Duration::from_secs(30)).await.unwrap().remove(0);
        self.parts.queue.acknowledge(&message.receipt).await.unwrap();
        let given: Checked = serde_json::from_str(&message.body).unwrap();
        Ok(given.load)
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
        self.parts.staging.put_batch(prefix, "b0", &rows).await.unwrap()
    }
}

async fn open_run(parts: &Parts, folder: &TempDir, checks: &str) -> Context {
    let (sync, stream, due) =
        (SyncName::new("shop").unwrap(), StreamName::new("orders").unwrap(), Timestamp::UNIX_EPOCH);
    let text = format!(
        "{{ version: 1, sync: shop, source: {{ type: sqlite, path: shop.db }}, \
         destination: {{ type: sqlite, path: warehouse.db }}, \
         streams: [{{ name: orders, quality: {{ checks: [{checks}] }} }}] }}"
    );
    let loaded = spec::load::text_at(&text, folder.path()).unwrap();
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
    let plan = StreamPlan { schema: "[]".to_owned(), primary_key: Vec::new(), parts: vec!["all".to_owned()] };
    parts.store.plan_stream(&run.id, &stream, &plan).await.unwrap();
    Context { sync, stream, version: 1, run: run.id, attempt: 1 }
}

#[test]
fn every_event_is_a_transformed_load_and_stays_what_it_is() {
    let events = concat!(env!("CARGO_MANIFEST_DIR"), "/events");
    let mut seen = 0;
    for event in std::fs::read_dir(events).unwrap() {
        let text = std::fs::read_to_string(event.unwrap().path()).unwrap();
        let taken: Transformed = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_value(taken).unwrap(), serde_json::from_str::<serde_json::Value>(&text).unwrap());
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[tokio::test]
async fn a_failing_row_goes_to_quarantine_with_rule_column_and_the_number_it_was_read_under() {
    let world = World::with_checks("{ not_null: [name] }").await;
    let batch = world.batch().await;
    let Load::Batch(given) = world.run(batch).await.unwrap() else { panic!("a batch became an end") };
    let selection = world.parts.staging.get_batch(given.selection.as_ref().unwrap()).await.unwrap();
    let keep: Vec<bool> = selection.column(0).as_boolean().values().iter().collect();
    assert_eq!(keep, [true, false, true]);
    let quarantined = world.parts.store.quarantined(&QuarantineFilter::default(), 10).await.unwrap();
    assert_eq!(quarantined.len(), 1);
    let entry = &quarantined[0];
    assert_eq!((entry.rule.as_str(), entry.column.as_deref(), entry.rows), ("not_null(name)", Some("name"), 1));
    let rows = world.parts.staging.get_batch(&entry.object).await.unwrap();
    assert_eq!(rows.column_by_name(SOURCE_ROW).unwrap().as_primitive::<UInt64Type>().values(), &[2]);
}

#[tokio::test]
async fn a_check_that_aborts_is_for_a_person_and_nothing_is_given() {
    let world = World::with_checks("{ not_null: [name], on_failure: abort }").await;
    let batch = world.batch().await;
    let fault = world.run(batch).await.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "check_aborted"));
    assert_eq!(world.parts.queue.depth(QueueName::Checked).await.unwrap(), queue::Depth::default());
    assert!(world.parts.store.quarantined(&QuarantineFilter::default(), 10).await.unwrap().is_empty());
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
    assert!(world.parts.store.signals(None, 10).await.unwrap().is_empty());
    assert_eq!(world.run(Load::End { batches: 1 }).await.unwrap(), Load::End { batches: 1 });
    let signals = world.parts.store.signals(None, 10).await.unwrap();
    assert!(signals.iter().any(|signal| signal.name == "check_failed"), "{signals:?}");
}

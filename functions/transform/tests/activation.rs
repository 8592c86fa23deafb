//! Versions that are activated while batches are transformed: each batch has one of them, and the
//! store knows which.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{Schema, SchemaRef};
use async_trait::async_trait;
use batch::ColumnType;
use flow::path::StagedBatch;
use flow::{
    BatchId, Clock, Context, Digest, Fault, FaultKind, Lane, Load, RunId, Signal, Staged, StreamName, SyncName,
    Timestamp,
};
use spec::TransformSpec;
use staging::StagingExt;
use store::faulty::{Calls, Failure};
use store::record::{Activate, ModuleRecord, Pin};
use transform::{Guest, Modules, Put, Transform};
use worker::conformance::Rig;

/// Modules by digest: what each does is its own name.
#[derive(Default)]
struct Shelf {
    behaviours: Mutex<HashMap<Digest, String>>,
    opened: Mutex<Vec<String>>,
    /// Nothing can be opened for the time being.
    is_away: AtomicBool,
}

#[async_trait]
impl Modules for Shelf {
    async fn open(
        &self,
        transform: &TransformSpec,
        schema: &SchemaRef,
        _: &Context,
        _: Timestamp,
    ) -> Result<Box<dyn Guest>, Fault> {
        let digest = transform.digest.clone().unwrap();
        let behaviour = self.behaviours.lock().unwrap()[&digest].clone();
        self.opened.lock().unwrap().push(behaviour.clone());
        if behaviour.starts_with("broken") {
            return Err(Fault::new(FaultKind::Config, "module_refused", "the module refuses"));
        }
        if self.is_away.load(Ordering::Relaxed) {
            return Err(Fault::new(FaultKind::Retry, "stage_io", "the stage is away"));
        }
        let mark = if behaviour.starts_with("wider") { "other_mark" } else { "mark" };
        let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
        fields.push(Arc::new(ColumnType::Utf8.field(mark, false)));
        Ok(Box::new(Marker { behaviour, schema: Arc::new(Schema::new(fields)) }))
    }
}

struct Marker {
    behaviour: String,
    schema: SchemaRef,
}

impl Guest for Marker {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn apply(&mut self, rows: &RecordBatch) -> Result<Put, Fault> {
        let marks: StringArray = (0..rows.num_rows()).map(|_| Some(self.behaviour.as_str())).collect();
        let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
        columns.push(Arc::new(marks));
        let rows = RecordBatch::try_new(self.schema.clone(), columns).unwrap();
        let source_rows = UInt32Array::from_iter_values(0..rows.num_rows() as u32);
        Ok(Put { rows, source_rows, rejects: Vec::new() })
    }
}

/// A run at work on `orders`, whose one transform follows `marker`.
struct World {
    rig: Rig,
    shelf: Arc<Shelf>,
    context: Context,
}

impl World {
    /// A world in which this version is active, and the spec was saved with it.
    async fn with(version: &str) -> Self {
        Self::of_module("marker", version).await
    }

    async fn of_module(reference: &str, version: &str) -> Self {
        let rig = Rig::new().await;
        let (sync, stream) = (SyncName::new("shop").unwrap(), StreamName::new("orders").unwrap());
        let context = Context { sync, stream, version: 1, run: RunId::from_text("nobody's"), attempt: 1 };
        let mut world = Self { rig, shelf: Arc::default(), context };
        world.activate(version).await;
        world.save(reference, version).await;
        world.open_run().await;
        world
    }

    async fn save(&self, reference: &str, version: &str) {
        let spec = format!(
            "{{ version: 1, sync: shop, source: {{ type: sqlite, path: shop.db }}, \
             destination: {{ type: sqlite, path: warehouse.db }}, \
             streams: [{{ name: orders, transforms: [{{ module: '{reference}' }}] }}] }}"
        );
        self.rig.save_with(&spec, |_| digest_of(version)).await;
    }

    async fn open_run(&mut self) {
        self.rig.clock.advance(Duration::from_secs(60));
        self.context.run = self.rig.open_run(&self.context.sync, "orders").await.run;
    }

    async fn add(&self, version: &str) {
        let digest = digest_of(version);
        self.shelf.behaviours.lock().unwrap().insert(digest.clone(), version.to_owned());
        let record = ModuleRecord {
            key: format!("modules/{digest}"),
            artifact_key: "artifact".to_owned(),
            artifact_digest: digest.clone(),
            digest,
            name: "marker".to_owned(),
            version: version.to_owned(),
            world: "world".to_owned(),
            bytes: 1,
            engine: "engine".to_owned(),
            limits: "{}".to_owned(),
            schema: None,
            added_at: self.rig.clock.now(),
            added_by: "ann".to_owned(),
        };
        self.rig.parts.store.add_module(&record).await.unwrap();
    }

    async fn activate(&self, version: &str) {
        self.add(version).await;
        let activate = Activate { name: "marker", version, by: "ann", at: self.rig.clock.now() };
        self.rig.parts.store.activate(&activate).await.unwrap();
    }

    /// A process that transforms.
    fn process(&self) -> Transform {
        Transform::new(self.rig.parts.clone(), self.shelf.clone())
    }

    /// The marks on a batch that this process transformed: one, or the batch is of two versions.
    async fn mark(&self, process: &Transform, batch: &str) -> String {
        let marks = self.transform(process, batch).await.unwrap();
        assert!(marks.windows(2).all(|pair| pair[0] == pair[1]), "{marks:?}");
        marks.first().unwrap().clone()
    }

    async fn transform(&self, process: &Transform, batch: &str) -> Result<Vec<String>, Fault> {
        let schema = Arc::new(Schema::new(vec![ColumnType::Int64.field("id", false)]));
        let rows = RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from(vec![1, 2, 3]))]).unwrap();
        let raw = self.rig.parts.staging.put_batch("raw", batch, &rows).await.unwrap();
        let load = Load::Batch(StagedBatch { id: BatchId::from_text(batch), sequence: 0, raw });
        self.rig.clock.advance(Duration::from_secs(1));
        let lane = Lane::of_run(&self.context.run, &self.context.stream, 0);
        let staged = Staged { context: self.context.clone(), lane, load };
        let given = self.rig.run_recorded(process, staged).await?.remove(0);
        let Load::Batch(given) = given.load else { panic!("a batch became an end") };
        let data = self.rig.parts.staging.get_batch(&given.data).await.unwrap();
        Ok(data.column(1).as_string::<i32>().iter().map(|mark| mark.unwrap().to_owned()).collect())
    }

    async fn pinned(&self, batch: &str) -> Vec<String> {
        let pins: Vec<Pin> = self.rig.parts.store.pins(&BatchId::from_text(batch)).await.unwrap();
        let behaviours = self.shelf.behaviours.lock().unwrap();
        pins.iter().map(|pin| behaviours[&pin.digest].clone()).collect()
    }

    async fn signals(&self) -> Vec<Signal> {
        self.rig.parts.store.signals(None, 100).await.unwrap()
    }
}

fn digest_of(version: &str) -> Digest {
    Digest::of(version.as_bytes())
}

#[tokio::test]
async fn an_activation_is_taken_up_by_the_next_batch_and_the_store_knows_by_which() {
    let world = World::with("one").await;
    let process = world.process();
    assert_eq!(world.mark(&process, "b0").await, "one");
    world.activate("two").await;
    assert_eq!(world.mark(&process, "b1").await, "two");
    assert_eq!((world.pinned("b0").await, world.pinned("b1").await), (vec!["one".to_owned()], vec!["two".to_owned()]));
    assert_eq!(world.signals().await, []);
}

#[tokio::test]
async fn a_batch_that_comes_again_has_what_it_had_in_any_process() {
    let world = World::with("one").await;
    let first = world.process();
    assert_eq!(world.mark(&first, "b0").await, "one");
    world.activate("two").await;
    assert_eq!(world.mark(&first, "b1").await, "two");
    for process in [first, world.process()] {
        assert_eq!(world.mark(&process, "b0").await, "one");
        assert_eq!(world.mark(&process, "b1").await, "two");
    }
}

#[tokio::test]
async fn a_pin_holds_even_when_whoever_made_it_never_learnt_of_it() {
    let world = World::with("one").await;
    let process = world.process();
    world.mark(&process, "b0").await;
    world.rig.store.fail_next(Calls::Of("pin_batch"), Failure::AnswerLost);
    assert_eq!(world.transform(&process, "b1").await.unwrap_err().code, "on_command");
    world.activate("two").await;
    assert_eq!(world.mark(&process, "b1").await, "one");
    assert_eq!(world.mark(&world.process(), "b1").await, "one");
    assert_eq!(world.mark(&process, "b2").await, "two");
}

#[tokio::test]
async fn a_signal_that_could_not_be_kept_is_raised_by_the_next_batch() {
    let world = World::with("one").await;
    let process = world.process();
    world.mark(&process, "b0").await;
    world.activate("broken").await;
    world.rig.store.fail_next(Calls::Of("refuse_activation"), Failure::Refused);
    assert!(world.transform(&process, "b1").await.is_err());
    assert_eq!(world.mark(&process, "b1").await, "one");
    assert_eq!((world.signals().await.len(), world.rig.parts.store.refusals("marker").await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn going_back_is_an_activation_too() {
    let world = World::with("one").await;
    let process = world.process();
    world.activate("two").await;
    assert_eq!(world.mark(&process, "b0").await, "two");
    world.rig.parts.store.deactivate("marker", "bob", world.rig.clock.now()).await.unwrap();
    assert_eq!(world.mark(&process, "b1").await, "one");
    // With nothing left to go back to, what is at work goes on.
    world.rig.parts.store.deactivate("marker", "bob", world.rig.clock.now()).await.unwrap();
    assert_eq!(world.mark(&process, "b2").await, "one");
    assert_eq!(world.mark(&world.process(), "b3").await, "one");
}

#[tokio::test]
async fn a_broken_version_leaves_the_old_one_at_work_and_is_told_once() {
    let world = World::with("one").await;
    let process = world.process();
    world.mark(&process, "b0").await;
    world.activate("broken").await;
    for batch in ["b1", "b2"] {
        assert_eq!(world.mark(&process, batch).await, "one");
        assert_eq!(world.pinned(batch).await, ["one"]);
    }
    assert_eq!(world.mark(&world.process(), "b3").await, "one");
    let signals = world.signals().await;
    let [signal] = signals.as_slice() else { panic!("{signals:?}") };
    assert_eq!((signal.name.as_str(), signal.severity), ("module_activation_failed", flow::Severity::Warning));
    assert!(signal.summary.contains("marker@broken") && signal.summary.contains("[module_refused]"), "{signal:?}");
    let refusals = world.rig.parts.store.refusals("marker").await.unwrap();
    assert_eq!((refusals.len(), refusals[0].ordinal, refusals[0].code.as_str()), (1, 2, "module_refused"));
    // The next activation is another matter.
    world.activate("three").await;
    assert_eq!(world.mark(&process, "b4").await, "three");
}

#[tokio::test]
async fn other_columns_wait_for_the_next_run() {
    let mut world = World::with("one").await;
    let process = world.process();
    world.mark(&process, "b0").await;
    world.activate("wider").await;
    assert_eq!(world.mark(&process, "b1").await, "one");
    // Not even a process that comes to it later takes it up.
    assert_eq!(world.mark(&world.process(), "b2").await, "one");
    let refusals = world.rig.parts.store.refusals("marker").await.unwrap();
    assert_eq!((refusals.len(), refusals[0].code.as_str()), (1, "module_output_changed"));
    assert!(refusals[0].reason.contains("next run"), "{refusals:?}");
    assert_eq!(world.signals().await.len(), 1);
    world.open_run().await;
    assert_eq!(world.mark(&process, "c0").await, "wider");
    assert_eq!(world.pinned("c0").await, ["wider"]);
}

#[tokio::test]
async fn a_run_that_begins_with_a_broken_version_falls_back_on_the_one_before() {
    let world = World::with("one").await;
    world.activate("broken").await;
    // Saved before the activation: what the spec has is what is fallen back on.
    assert_eq!(world.mark(&world.process(), "b0").await, "one");
    assert_eq!(world.signals().await.len(), 1);

    // Saved after it: what was active before.
    let mut world = World::with("one").await;
    world.activate("broken").await;
    world.save("marker", "broken").await;
    world.context.version = 2;
    assert_eq!(world.mark(&world.process(), "b0").await, "one");
    assert_eq!(world.pinned("b0").await, ["one"]);
    assert_eq!(world.signals().await.len(), 1);
}

#[tokio::test]
async fn with_nothing_to_fall_back_on_the_reason_is_the_batchs_fault() {
    let world = World::with("broken").await;
    let fault = world.transform(&world.process(), "b0").await.unwrap_err();
    assert_eq!(fault.code, "module_refused");
}

#[tokio::test]
async fn what_is_out_of_reach_for_now_is_tried_again_by_the_next_batch() {
    let world = World::with("one").await;
    let process = world.process();
    world.mark(&process, "b0").await;
    world.activate("two").await;
    world.shelf.is_away.store(true, Ordering::Relaxed);
    assert_eq!(world.mark(&process, "b1").await, "one");
    world.shelf.is_away.store(false, Ordering::Relaxed);
    assert_eq!(world.mark(&process, "b2").await, "two");
    assert_eq!(world.pinned("b1").await, ["one"]);
    assert_eq!(world.signals().await, []);
    // Where nothing is open yet, there is nothing to go on with.
    world.shelf.is_away.store(true, Ordering::Relaxed);
    let fault = world.transform(&world.process(), "b3").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Retry);
    assert!(world.pinned("b3").await.is_empty());
}

#[tokio::test]
async fn a_resumed_run_keeps_its_columns_whatever_its_spec_was_saved_with() {
    let mut world = World::with("one").await;
    world.mark(&world.process(), "b0").await;
    world.activate("wider").await;
    world.save("marker", "wider").await;
    world.context.version = 2;
    assert_eq!(world.mark(&world.process(), "b1").await, "one");
    world.activate("two").await;
    world.save("marker", "two").await;
    world.context.version = 3;
    assert_eq!(world.mark(&world.process(), "b2").await, "two");
    // A version the spec names is what it says.
    world.save("marker@three", "three").await;
    world.add("three").await;
    world.context.version = 4;
    assert_eq!(world.mark(&world.process(), "b3").await, "three");
}

#[tokio::test]
async fn a_fixed_version_follows_nothing() {
    let world = World::of_module("marker@one", "one").await;
    let process = world.process();
    world.mark(&process, "b0").await;
    world.activate("two").await;
    assert_eq!(world.mark(&process, "b1").await, "one");
}

#[tokio::test]
async fn a_batch_costs_one_call_to_pin_and_opens_nothing_while_nothing_changes() {
    let world = World::with("one").await;
    let process = world.process();
    world.mark(&process, "b0").await;
    let calls = world.rig.store.calls(Calls::Of("pin_batch"));
    for batch in ["b1", "b2", "b3"] {
        world.mark(&process, batch).await;
    }
    assert_eq!(world.rig.store.calls(Calls::Of("pin_batch")), calls + 3);
    assert_eq!(world.shelf.opened.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_meet_the_same_batch_at_once_give_the_same() {
    let world = World::with("one").await;
    let (left, right) = (world.process(), world.process());
    world.mark(&left, "b0").await;
    for round in 0..10 {
        let batch = format!("r{round}");
        let (one, two) = tokio::join!(world.transform(&left, &batch), async {
            world.activate(&format!("v{round}")).await;
            world.transform(&right, &batch).await
        });
        let pinned = world.pinned(&batch).await;
        for marks in [one.unwrap(), two.unwrap()] {
            assert_eq!(marks, vec![pinned[0].clone(); 3], "round {round}");
        }
    }
}

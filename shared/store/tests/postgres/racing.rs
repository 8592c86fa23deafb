//! Many stores at once at the same rows: one wins, and nobody is lost.

use std::collections::BTreeSet;
use std::sync::Arc;

use flow::{BatchId, Digest, Fault, FaultKind, RunId, Severity, Signal};
use store::record::{
    Activate, Hop, LaneState, ModuleRecord, Pin, Pinning, Pins, QuarantineFilter, Quarantined, RunState, Staging, Turn,
};
use store::{Error, Store};
use tokio::task::JoinSet;

use crate::database::Database;
use crate::world::{at, batch, delivery, object, open_run, plan, planned_run, stream, sync};

/// A store of its own for each of so many processes.
async fn stores(database: &Database, number: usize) -> Vec<Arc<dyn Store>> {
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    for _ in 0..number {
        stores.push(database.store("racing").await);
    }
    stores
}

/// What all of them got, each at work on a thread.
async fn all<T: Send + 'static>(tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    tasks.collect::<JoinSet<T>>().join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_batch_is_staged_and_delivered_by_one_of_many() {
    let database = Database::new("racing_batches").await;
    let stores = stores(&database, 6).await;
    let (run, lanes) = planned_run(&*stores[0], 0, 1).await;
    for sequence in 0..20 {
        let batch = batch(&run, &lanes[0], sequence);
        let staged = all(stores.iter().cloned().map(|store| {
            let batch = batch.clone();
            async move { store.stage_batch(&batch, 1).await.unwrap() }
        }))
        .await;
        assert_eq!(staged.iter().filter(|staging| **staging == Staging::Moved).count(), 1, "{staged:?}");
        let entry = delivery(&batch);
        let turns = all(stores.iter().cloned().map(|store| {
            let entry = entry.clone();
            async move { store.record_delivery(&entry).await.unwrap() }
        }))
        .await;
        assert_eq!(turns.iter().filter(|turn| **turn == Turn::Now).count(), 1, "{turns:?}");
        assert!(turns.iter().all(|turn| *turn != Turn::TooEarly), "{turns:?}");
    }
    let lane = stores[0].lane(&lanes[0]).await.unwrap().unwrap();
    assert_eq!((lane.staged, lane.delivered), (20, 20));
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn of_lanes_that_end_at_once_one_sees_that_all_have() {
    let database = Database::new("racing_lanes").await;
    let stores = stores(&database, 6).await;
    for round in 0..20 {
        let (_, lanes) = planned_run(&*stores[0], round, stores.len()).await;
        for lane in &lanes {
            stores[0].end_pull(lane, 0, 1).await.unwrap();
        }
        let tasks = || stores.iter().cloned().zip(lanes.clone());
        let checked = all(tasks().map(|(store, lane)| async move { store.end_checks(&lane).await.unwrap() })).await;
        let counts: BTreeSet<u64> = checked.iter().map(|progress| progress.checked).collect();
        assert_eq!(counts, (1..=6).collect(), "each counts one more than the one before");
        let finished = all(tasks().map(|(store, lane)| async move { store.finish_lane(&lane).await.unwrap() })).await;
        let counts: BTreeSet<u64> = finished.iter().map(|progress| progress.finished).collect();
        assert_eq!(counts, (1..=6).collect());
    }
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn streams_are_planned_at_once_and_lanes_keep_one_order() {
    let database = Database::new("racing_plans").await;
    let stores = stores(&database, 6).await;
    let names = ["a", "b", "c", "d", "e", "f"];
    for round in 0..10 {
        let run = open_run(&*stores[0], round, &names).await;
        all(stores.iter().cloned().zip(names).map(|(store, name)| {
            let run = run.clone();
            async move { store.plan_stream(&run, &stream(name), &plan(3)).await.unwrap() }
        }))
        .await;
        let lanes = stores[0].lanes(&run).await.unwrap();
        assert_eq!(lanes.len(), 18);
        let changes = lanes.windows(2).filter(|pair| pair[0].stream != pair[1].stream).count();
        assert_eq!(changes, 5, "the lanes of a stream lie together");
    }
    let ordinals = database.number("SELECT COUNT(DISTINCT (run, ordinal)) FROM racing.lanes").await;
    assert_eq!(ordinals, 180);
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_run_that_fails_resumes_and_settles_at_once_never_deadlocks() {
    let database = Database::new("racing_runs").await;
    let stores = stores(&database, 6).await;
    for round in 0..15 {
        let (run, lanes) = planned_run(&*stores[0], round, 6).await;
        let fault = Fault::new(FaultKind::Config, "gone", "the table is gone");
        let results = all(stores.iter().cloned().zip(lanes.clone()).enumerate().map(|(number, (store, lane))| {
            let (run, fault) = (run.clone(), fault.clone());
            async move {
                match number % 3 {
                    0 => store.fail_lane(&lane, &fault).await?,
                    1 => {
                        store.end_pull(&lane, 0, 1).await?;
                    }
                    _ => {
                        store.resume_run(&run, 1, 1).await?;
                    }
                }
                store.finish_lane(&lane).await?;
                store.finish_stream(&run, &stream("orders"), None, at(1)).await?;
                store.settle_run(&run, RunState::Succeeded, at(2)).await
            }
        }))
        .await;
        for result in results {
            result.unwrap();
        }
        let attempt = stores[0].run(&run).await.unwrap().unwrap().attempt;
        assert!(attempt <= 2, "of two that resume an attempt one counts");
        let lanes = stores[0].lanes(&run).await.unwrap();
        assert!(lanes.iter().all(|lane| lane.attempt == attempt || lane.state == LaneState::Finished), "{lanes:?}");
    }
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn specs_signals_and_notes_that_come_at_once_are_all_told_apart() {
    let database = Database::new("racing_texts").await;
    let stores = stores(&database, 6).await;
    for round in 0..10_u32 {
        let results = all(stores.iter().cloned().enumerate().map(|(number, store)| async move {
            let text = format!("text {round} {number}");
            let version = store.save_spec(&sync(), &Digest::of(text.as_bytes()), &text, at(1)).await.unwrap().version;
            let signal = |id: String| Signal {
                id,
                name: "run_failed".to_owned(),
                severity: Severity::Error,
                sync: sync(),
                stream: None,
                run: None,
                summary: "it failed".to_owned(),
                at: at(1),
            };
            let own = store.keep_signal(&signal(text)).await.unwrap();
            let shared = store.keep_signal(&signal(format!("shared {round}"))).await.unwrap();
            let written = store.write_note("groups", u64::from(round), "text").await.unwrap();
            (version, own, shared, written)
        }))
        .await;
        let versions: BTreeSet<u32> = results.iter().map(|(version, ..)| *version).collect();
        assert_eq!(versions, (round * 6 + 1..=round * 6 + 6).collect());
        assert!(results.iter().all(|(_, own, ..)| *own));
        assert_eq!(results.iter().filter(|(_, _, shared, _)| *shared).count(), 1);
        assert_eq!(results.iter().filter(|(.., written)| *written).count(), 1);
    }
    assert_eq!(stores[0].signals(None, 1000).await.unwrap().len(), 70);
    assert_eq!(stores[0].note("groups").await.unwrap().revision, 10);
    database.drop().await;
}

fn entry(batch: &BatchId, rule: &str) -> Quarantined {
    Quarantined {
        id: format!("{batch}:{rule}"),
        sync: sync(),
        stream: stream("orders"),
        run: RunId::from_text("run"),
        batch: batch.clone(),
        hop: Hop::QualityCheck,
        rule: rule.to_owned(),
        column: None,
        code: "not_null".to_owned(),
        reason: "is null".to_owned(),
        severity: Severity::Error,
        rows: 1,
        object: object("quarantine/1"),
        at: at(1),
        resolved_by: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_batch_that_is_checked_many_times_at_once_is_in_quarantine_once() {
    let database = Database::new("racing_quarantine").await;
    let stores = stores(&database, 6).await;
    for round in 0..10 {
        let batch = BatchId::from_text(&format!("batch {round}"));
        // More than one statement takes.
        let entries: Vec<Quarantined> = (0..1500).map(|rule| entry(&batch, &format!("rule {rule:04}"))).collect();
        all(stores.iter().cloned().map(|store| {
            let (batch, entries) = (batch.clone(), entries.clone());
            async move { store.quarantine(&batch, Hop::QualityCheck, &entries).await.unwrap() }
        }))
        .await;
        let filter = QuarantineFilter { id: Some(format!("{batch}:rule 1499")), ..QuarantineFilter::default() };
        assert_eq!(stores[0].quarantined(&filter, 9).await.unwrap(), entries[1499..]);
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM racing.quarantine").await, 15_000);
    database.drop().await;
}

fn module(version: &str) -> ModuleRecord {
    ModuleRecord {
        digest: Digest::of(version.as_bytes()),
        name: "clean".to_owned(),
        version: version.to_owned(),
        world: "world".to_owned(),
        bytes: 1,
        key: "modules/1".to_owned(),
        artifact_key: "artifacts/1".to_owned(),
        artifact_digest: Digest::of(b"artifact"),
        engine: "engine".to_owned(),
        limits: "{}".to_owned(),
        schema: None,
        added_at: at(1),
        added_by: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_batch_is_pinned_once_and_never_behind_an_activation() {
    let database = Database::new("racing_pins").await;
    let stores = stores(&database, 6).await;
    for version in ["1", "2"] {
        stores[0].add_module(&module(version)).await.unwrap();
    }
    for round in 0..20_u64 {
        let version = if round % 2 == 0 { "1" } else { "2" };
        let activating = {
            let store = stores[0].clone();
            tokio::spawn(async move {
                store.activate(&Activate { name: "clean", version, by: "ann", at: at(1) }).await.unwrap();
            })
        };
        let pin = Pin { module: "clean".to_owned(), digest: Digest::of(b"as seen"), activation: Some(round) };
        let pinned = all(stores[1..].iter().cloned().enumerate().map(|(number, store)| {
            let digest = Digest::of(format!("{number}").as_bytes());
            let pins = Pins {
                batch: BatchId::from_text(&format!("batch {round}")),
                run: RunId::from_text("run"),
                stream: stream("orders"),
                version: 1,
                modules: vec![Pin { digest, ..pin.clone() }],
                at: at(1),
            };
            async move { store.pin_batch(&pins).await.unwrap() }
        }))
        .await;
        activating.await.unwrap();
        let held: Vec<&Vec<Pin>> = pinned
            .iter()
            .filter_map(|pinning| if let Pinning::Held(pins) = pinning { Some(pins) } else { None })
            .collect();
        assert!(held.windows(2).all(|pair| pair[0] == pair[1]), "{pinned:?}");
        let late = Pins {
            batch: BatchId::from_text(&format!("late {round}")),
            run: RunId::from_text("run"),
            stream: stream("orders"),
            version: 1,
            modules: vec![pin],
            at: at(1),
        };
        assert!(matches!(stores[1].pin_batch(&late).await.unwrap(), Pinning::Moved { .. }));
    }
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_version_that_many_add_at_once_has_the_bytes_of_one() {
    let database = Database::new("racing_modules").await;
    let stores = stores(&database, 6).await;
    for round in 0..10 {
        let added = all(stores.iter().cloned().enumerate().map(|(number, store)| async move {
            let digest = Digest::of(format!("{round} {number}").as_bytes());
            store.add_module(&ModuleRecord { digest, ..module(&round.to_string()) }).await
        }))
        .await;
        assert_eq!(added.iter().filter(|added| added.is_ok()).count(), 1);
        assert!(added.iter().all(|added| matches!(added, Ok(()) | Err(Error::VersionTaken { .. }))), "{added:?}");
    }
    database.drop().await;
}

//! Fingerprints of keys by the hundred thousand, and from several stores at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use flow::{BatchId, RunId};
use store::Store;
use tokio::sync::Barrier;

use crate::database::Database;

fn key(number: usize) -> u128 {
    (number as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_key_that_many_batches_have_at_once_is_new_for_one() {
    let database = Database::new("keys_racing").await;
    let run = RunId::from_text("run");
    let mut stores = Vec::new();
    for _ in 0..8 {
        stores.push(database.store("keys").await);
    }
    for round in 0..10 {
        let (check, together) = (format!("check {round}"), Arc::new(Barrier::new(8)));
        let mut tasks = Vec::new();
        for (number, store) in stores.iter().cloned().enumerate() {
            let (run, check, together) = (run.clone(), check.clone(), together.clone());
            // The same keys in another order for each: rotated, and every other batch backwards.
            let mut keys: Vec<u128> = (0..1000).map(|row| key((row + number * 125) % 1000)).collect();
            if number % 2 == 1 {
                keys.reverse();
            }
            tasks.push(tokio::spawn(async move {
                let batch = BatchId::from_text(&format!("batch {number}"));
                together.wait().await;
                let known = store.remember_keys(&run, &check, &batch, &keys).await.unwrap();
                assert_eq!(store.remember_keys(&run, &check, &batch, &keys).await.unwrap(), known, "asked again");
                (keys, known)
            }));
        }
        let mut new: HashMap<u128, usize> = HashMap::new();
        for task in tasks {
            let (keys, known) = task.await.unwrap();
            for (key, known) in keys.into_iter().zip(known) {
                *new.entry(key).or_default() += usize::from(!known);
            }
        }
        assert_eq!(new.len(), 1000);
        assert!(new.values().all(|times| *times == 1), "each is new once");
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM keys.unique_scopes").await, 10);
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_large_batch_is_kept_in_parts_and_forgotten_whole() {
    let database = Database::new("keys_large").await;
    let store: Arc<dyn Store> = database.store("keys").await;
    let run = RunId::from_text("run");
    let batch = |number: usize| BatchId::from_text(&format!("batch {number}"));
    let keys: Vec<u128> = (0..120_000).map(key).collect();
    let known = store.remember_keys(&run, "id", &batch(0), &keys).await.unwrap();
    assert!(!known.contains(&true));
    let mixed: Vec<usize> = (0..240_000).step_by(3).collect();
    let asked: Vec<u128> = mixed.iter().map(|number| key(*number)).collect();
    let known = store.remember_keys(&run, "id", &batch(1), &asked).await.unwrap();
    let expected: Vec<bool> = mixed.iter().map(|number| *number < 120_000).collect();
    assert_eq!(known, expected);
    store.forget_keys(&run).await.unwrap();
    let rows = "SELECT (SELECT COUNT(*) FROM keys.unique_keys) + (SELECT COUNT(*) FROM keys.unique_owners) \
                + (SELECT COUNT(*) FROM keys.unique_scopes)";
    assert_eq!(database.number(rows).await, 0);
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn keys_that_are_forgotten_while_others_come_leave_nothing_behind() {
    let database = Database::new("keys_forgetting").await;
    let run = RunId::from_text("run");
    let remembering: Vec<_> = {
        let mut tasks = Vec::new();
        for number in 0..4 {
            let (store, run) = (database.store("keys").await, run.clone());
            tasks.push(tokio::spawn(async move {
                for round in 0..20 {
                    let batch = BatchId::from_text(&format!("batch {number} {round}"));
                    let keys: Vec<u128> = (0..200).map(|row| key(number * 1_000_000 + round * 1000 + row)).collect();
                    let known = store.remember_keys(&run, "id", &batch, &keys).await.unwrap();
                    assert!(!known.contains(&true), "nobody else has these");
                }
            }));
        }
        tasks
    };
    let store: Arc<dyn Store> = database.store("keys").await;
    while remembering.iter().any(|task| !task.is_finished()) {
        store.forget_keys(&run).await.unwrap();
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    for task in remembering {
        task.await.unwrap();
    }
    store.forget_keys(&run).await.unwrap();
    assert_eq!(database.number("SELECT COUNT(*) FROM keys.unique_keys").await, 0);
    assert_eq!(database.number("SELECT COUNT(*) FROM keys.unique_owners").await, 0);
    database.drop().await;
}

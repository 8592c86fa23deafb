//! The suite every store runs, each property in a schema of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use store::conformance::{Handles, suite};
use store::postgres::Settings;
use store::{Postgres, Store};

use crate::database::Database;

/// Names of schemas nobody has yet.
fn schemas() -> impl Fn() -> String {
    let made = AtomicUsize::new(0);
    move || format!("suite_{}", made.fetch_add(1, Ordering::Relaxed))
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn one_store_keeps_the_contract() {
    let database = Database::new("suite_one").await;
    let next = schemas();
    suite(async || database.store(&next()).await as Arc<dyn Store>).await;
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn two_stores_on_one_schema_keep_the_contract() {
    let database = Database::new("suite_two").await;
    let next = schemas();
    suite(async || {
        let schema = next();
        let (one, two) = (database.store(&schema).await, database.store(&schema).await);
        let calls = AtomicUsize::new(0);
        Arc::new(Handles::new(move || {
            let is_even = calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
            let store = if is_even { one.clone() } else { two.clone() };
            Box::pin(async move { Ok(store as Arc<dyn Store>) })
        })) as Arc<dyn Store>
    })
    .await;
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_store_connected_anew_for_every_call_keeps_the_contract() {
    let database = Database::new("suite_anew").await;
    let next = schemas();
    suite(async || {
        let schema = next();
        database.store(&schema).await.close().await;
        let url = database.url(&schema);
        Arc::new(Handles::new(move || {
            let store = Postgres::lazy(&url, Settings::default());
            Box::pin(async move { Ok(Arc::new(store?) as Arc<dyn Store>) })
        })) as Arc<dyn Store>
    })
    .await;
    database.drop().await;
}

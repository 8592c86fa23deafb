//! The suite every store runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use store::conformance::{Handles, suite};
use store::postgres::Settings;
use store::{Postgres, Store};

use crate::database::Database;

/// Makes the schema as it was when it was new. Much faster than a new one for each property.
const EMPTY: &str = "SET session_replication_role = replica; \
    DO $$ DECLARE emptied REGCLASS; BEGIN \
      FOR emptied IN SELECT oid FROM pg_class WHERE relnamespace = 'suite'::REGNAMESPACE \
        AND relkind = 'r' AND relname <> '_sqlx_migrations' \
      LOOP EXECUTE 'DELETE FROM ' || emptied; END LOOP; \
    END $$";

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn one_store_keeps_the_contract() {
    let database = Database::new("suite_one").await;
    let store = database.store("suite").await;
    suite(async || {
        database.run(EMPTY).await;
        store.clone() as Arc<dyn Store>
    })
    .await;
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn two_stores_on_one_schema_keep_the_contract() {
    let database = Database::new("suite_two").await;
    let (one, two) = (database.store("suite").await, database.store("suite").await);
    suite(async || {
        database.run(EMPTY).await;
        let (one, two) = (one.clone(), two.clone());
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
    database.store("suite").await.close().await;
    suite(async || {
        database.run(EMPTY).await;
        let url = database.url("suite");
        Arc::new(Handles::new(move || {
            let store = Postgres::lazy(&url, Settings::default());
            Box::pin(async move { Ok(Arc::new(store?) as Arc<dyn Store>) })
        })) as Arc<dyn Store>
    })
    .await;
    database.drop().await;
}

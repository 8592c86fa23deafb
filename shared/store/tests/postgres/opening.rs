//! Opening: what is made, what is brought up to date, what is refused, who waits.

use std::collections::BTreeSet;
use std::sync::Arc;

use flow::{Digest, Fault, FaultKind};
use store::postgres::Settings;
use store::record::ModuleRecord;
use store::{Error, Postgres, Store, Trouble};

use crate::database::Database;
use crate::world::{at, sync};

async fn save_spec(store: &dyn Store, text: &str) -> u32 {
    store.save_spec(&sync(), &Digest::of(text.as_bytes()), text, at(1)).await.unwrap().version
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn ten_may_open_a_new_schema_at_once() {
    let database = Arc::new(Database::new("opening_at_once").await);
    for round in 0..3 {
        let mut opening = Vec::new();
        for number in 0..10 {
            let url = database.url(&format!("round_{round}"));
            opening.push(tokio::spawn(async move {
                let store = Postgres::open(&url).await.unwrap();
                save_spec(&store, &format!("text {number}")).await
            }));
        }
        let mut versions = BTreeSet::new();
        for task in opening {
            versions.insert(task.await.unwrap());
        }
        assert_eq!(versions, (1..=10).collect());
        let applied = format!("SELECT COUNT(*) - COUNT(DISTINCT version) FROM round_{round}._sqlx_migrations");
        assert_eq!(database.number(&applied).await, 0);
    }
    Arc::into_inner(database).unwrap().drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_store_keeps_its_state_and_schemas_are_apart() {
    let database = Database::new("opening_again").await;
    let one = database.store("one").await;
    save_spec(&*one, "one").await;
    one.close().await;
    let two = store::open(&database.url("two")).await.unwrap();
    assert_eq!(two.latest_specs().await.unwrap(), []);
    assert_eq!(save_spec(&*two, "two").await, 1);
    let one = store::open(&database.url("one")).await.unwrap();
    assert_eq!(one.latest_specs().await.unwrap()[0].text, "one");
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn without_a_schema_in_the_address_it_is_millstream() {
    let database = Database::new("opening_default").await;
    let url = database.url("x").replace("?schema=x", "").replace("&schema=x", "");
    save_spec(&Postgres::open(&url).await.unwrap(), "one").await;
    assert_eq!(database.number("SELECT COUNT(*) FROM millstream.spec_versions").await, 1);
    database.drop().await;
}

/// Opening must be refused for a person to mend, with these words.
async fn check_refused(database: &Database, schema: &str, words: &str) {
    let error = Postgres::open(&database.url(schema)).await.expect_err("it is refused");
    assert!(matches!(error, Error::Open { .. }), "{error:?}");
    let fault = Fault::from(error);
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "store_open"));
    assert!(fault.message.contains(words) && fault.message.contains(schema), "{}", fault.message);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn another_programs_schema_is_refused_and_left_alone() {
    let database = Database::new("opening_foreign").await;
    database.run("CREATE SCHEMA music; CREATE TABLE music.songs (title TEXT)").await;
    check_refused(&database, "music", "another program has tables in it").await;
    database.run("CREATE TABLE music._sqlx_migrations (version BIGINT)").await;
    check_refused(&database, "music", "another program has tables in it").await;
    assert_eq!(database.number("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'music'").await, 2);
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_newer_or_changed_store_is_refused() {
    let database = Database::new("opening_newer").await;
    for schema in ["newer", "changed"] {
        database.store(schema).await;
    }
    database.run("INSERT INTO newer._sqlx_migrations VALUES (9999, 'from the future', now(), TRUE, '', 0)").await;
    check_refused(&database, "newer", "a newer version of millstream wrote it (its migration 9999").await;
    database.run("UPDATE changed._sqlx_migrations SET checksum = 'x' WHERE version = 2").await;
    check_refused(&database, "changed", "migration 2 was previously applied but has been modified").await;
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_store_that_is_behind_is_brought_up_to_date_and_keeps_its_state() {
    let database = Database::new("opening_behind").await;
    let store = database.store("behind").await;
    save_spec(&*store, "one").await;
    database.run("DROP TABLE behind.unique_keys; DELETE FROM behind._sqlx_migrations WHERE version = 8").await;
    let store = database.store("behind").await;
    assert_eq!(database.number("SELECT COUNT(*) FROM behind.unique_keys").await, 0);
    assert_eq!(store.latest_specs().await.unwrap().len(), 1);
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn one_that_only_connects_works_once_somebody_brings_it_up_to_date() {
    let database = Database::new("opening_lazily").await;
    let store = Postgres::lazy(&database.url("lazy"), Settings::default()).unwrap();
    let error = store.latest_specs().await.unwrap_err();
    assert!(matches!(error, Error::Server { trouble: Trouble::NotPrepared, .. }), "{error:?}");
    assert_eq!(Fault::from(error).kind, FaultKind::Config);
    for _ in 0..2 {
        Postgres::lazy(&database.url("lazy"), Settings::default()).unwrap().bring_up_to_date().await.unwrap();
    }
    assert_eq!(store.latest_specs().await.unwrap(), []);
    assert_eq!(save_spec(&store, "one").await, 1);
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn names_are_in_the_order_of_bytes_whatever_the_databases_language() {
    let database =
        Database::with_options("opening_language", "LOCALE_PROVIDER icu ICU_LOCALE 'en' ENCODING 'UTF8'").await;
    assert_eq!(database.number("SELECT COUNT(*) WHERE 'a' < 'B'").await, 1, "the language sorts otherwise");
    let store = database.store("language").await;
    for name in ["a", "B", "b"] {
        let module = ModuleRecord {
            digest: Digest::of(name.as_bytes()),
            name: name.to_owned(),
            version: "1".to_owned(),
            world: "world".to_owned(),
            bytes: 1,
            key: "m".to_owned(),
            artifact_key: "a".to_owned(),
            artifact_digest: Digest::of(b"a"),
            engine: "engine".to_owned(),
            limits: "{}".to_owned(),
            schema: None,
            added_at: at(1),
            added_by: String::new(),
        };
        store.add_module(&module).await.unwrap();
    }
    let names: Vec<String> = store.modules().await.unwrap().into_iter().map(|module| module.name).collect();
    assert_eq!(names, ["B", "a", "b"]);
    database.drop().await;
}

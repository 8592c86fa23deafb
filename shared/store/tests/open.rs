//! Opening: what is brought up to date, what is refused, who waits.
#![expect(clippy::expect_used, reason = "a test says what failed by panicking")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use flow::{Digest, Fault, FaultKind, RunId, SyncName, Timestamp};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use store::{Error, Sqlite, Store};
use tempfile::TempDir;

fn file() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("state.db");
    (folder, path)
}

async fn connect(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.expect("a connection")
}

async fn execute(path: &Path, statement: &'static str) {
    let mut connection = connect(path).await;
    sqlx::raw_sql(statement).execute(&mut connection).await.expect("it executes");
    connection.close().await.expect("it closes");
}

async fn save_spec(store: &Sqlite, text: &str) -> Result<u32, Error> {
    let shop = SyncName::new("shop").expect("a name");
    store.save_spec(&shop, &Digest::of(text.as_bytes()), text, Timestamp::UNIX_EPOCH).await.map(|spec| spec.version)
}

async fn migrations(path: &Path) -> Vec<(i64, String)> {
    let mut connection = connect(path).await;
    sqlx::query_as("SELECT version, installed_on FROM _sqlx_migrations ORDER BY version")
        .fetch_all(&mut connection)
        .await
        .expect("the migrations")
}

/// Opening must be refused for a person to mend, with these words.
async fn check_refused(path: &Path, words: &str) {
    let error = Sqlite::open(path).await.expect_err("it is refused");
    assert!(matches!(error, Error::Open { .. }), "{error:?}");
    let fault = Fault::from(error);
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "store_open"));
    assert!(fault.message.contains(words), "{}", fault.message);
}

#[tokio::test]
async fn a_file_is_brought_up_to_date_once_and_keeps_its_state() {
    let (_folder, path) = file();
    let store = Sqlite::open(&path).await.expect("it opens");
    save_spec(&store, "one").await.expect("it is saved");
    store.close().await;
    let before = migrations(&path).await;
    let store = Sqlite::open(&path).await.expect("it opens again");
    assert_eq!(migrations(&path).await, before);
    assert!(!before.is_empty());
    assert_eq!(store.latest_specs().await.expect("the specs").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_a_new_file_at_once() {
    for _ in 0..5 {
        let (_folder, path) = file();
        let opened: Vec<_> = (0..8)
            .map(|number| {
                let path = path.clone();
                tokio::spawn(async move {
                    let store = Sqlite::open(&path).await?;
                    save_spec(&store, &format!("text {number}")).await
                })
            })
            .collect();
        let mut versions = Vec::new();
        for task in opened {
            versions.push(task.await.expect("it ends").expect("it opens and saves"));
        }
        versions.sort_unstable();
        assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_waits_for_a_process_that_is_writing() {
    let (_folder, path) = file();
    let mut other = connect(&path).await;
    sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut other).await.expect("the log is on");
    let transaction = other.begin_with("BEGIN IMMEDIATE").await.expect("it begins");
    let opening = tokio::spawn({
        let path = path.clone();
        async move { Sqlite::open(&path).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!opening.is_finished(), "it waits");
    transaction.rollback().await.expect("it ends");
    opening.await.expect("it ends").expect("it opens");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let (_folder, path) = file();
    let text = "not a database, but long enough to look at ".repeat(50);
    std::fs::write(&path, &text).expect("it is written");
    check_refused(&path, "it is no SQLite database").await;
    assert_eq!(std::fs::read_to_string(&path).expect("it is read"), text);
}

#[tokio::test]
async fn another_programs_database_is_refused_and_left_alone() {
    let (_folder, path) = file();
    execute(&path, "CREATE TABLE songs (title TEXT)").await;
    check_refused(&path, "another program's database").await;
    let mut connection = connect(&path).await;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema").fetch_all(&mut connection).await.expect("the tables");
    assert_eq!(tables, ["songs"]);
}

#[tokio::test]
async fn a_newer_versions_database_is_refused() {
    let (_folder, path) = file();
    Sqlite::open(&path).await.expect("it opens").close().await;
    execute(
        &path,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'from the future', TRUE, x'00', 0)",
    )
    .await;
    check_refused(&path, "a newer version of millstream wrote it (its migration 9999").await;
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_refused() {
    let (folder, _) = file();
    check_refused(&folder.path().join("missing").join("state.db"), "unable to open database file").await;
}

#[tokio::test]
async fn a_word_this_version_does_not_know_is_an_error_without_the_word() {
    let (_folder, path) = file();
    let store = Sqlite::open(&path).await.expect("it opens");
    execute(
        &path,
        "INSERT INTO runs (run, sync_name, version, attempt, state, due_at, started_at) \
         VALUES ('a', 'shop', 1, 1, 'sleeping', 0, 0)",
    )
    .await;
    let fault = Fault::from(store.run(&RunId::from_text("a")).await.expect_err("it is not readable"));
    assert_eq!(fault.code, "store_unreadable");
    assert!(fault.message.contains("`state`") && !fault.message.contains("sleeping"), "{}", fault.message);
}

#[tokio::test]
async fn a_damaged_page_of_keys_is_an_error() {
    let (_folder, path) = file();
    let store = Sqlite::open(&path).await.expect("it opens");
    let run = RunId::from_text("a");
    let batch = flow::BatchId::from_text("b");
    store.remember_keys(&run, "id", &batch, &[1, 2, 3]).await.expect("it remembers");
    for damage in ["UPDATE unique_pages SET entries = x'0102'", "DELETE FROM unique_pages"] {
        execute(&path, damage).await;
        let error = store.remember_keys(&run, "id", &batch, &[1]).await.expect_err("it is damaged");
        assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
    }
}

/// The files of the migrations before modules had activations.
async fn first_migrations(folder: &Path) -> sqlx::migrate::Migrator {
    let old = folder.join("migrations");
    std::fs::create_dir(&old).expect("a folder");
    let all = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).expect("the migrations");
    for file in all.map(|file| file.expect("a file")) {
        if *file.file_name() < *"0005" {
            std::fs::copy(file.path(), old.join(file.file_name())).expect("it is copied");
        }
    }
    sqlx::migrate::Migrator::new(old.as_path()).await.expect("migrations")
}

#[tokio::test]
async fn the_newest_versions_of_an_older_store_are_active() {
    let (folder, path) = file();
    let mut connection = connect(&path).await;
    sqlx::raw_sql("PRAGMA application_id = 0x6d696c73").execute(&mut connection).await.expect("it executes");
    first_migrations(folder.path()).await.run(&mut connection).await.expect("an older store");
    for (name, version, second) in [("clean", "2", 10), ("clean", "1", 20), ("mask", "1", 5), ("mask", "2", 5)] {
        let digest = Digest::of(format!("{name}{version}").as_bytes());
        sqlx::query("INSERT INTO modules VALUES (?, ?, ?, 'world', 1, 'm', 'a', ?, 'engine', ?)")
            .bind(name)
            .bind(version)
            .bind(digest.as_str())
            .bind(digest.as_str())
            .bind(second)
            .execute(&mut connection)
            .await
            .expect("a module");
    }
    connection.close().await.expect("it closes");
    let store = Sqlite::open(&path).await.expect("it opens");
    let activations = Store::activations(&store, None).await.expect("the activations");
    let active: Vec<_> = activations
        .iter()
        .map(|change| (change.name.as_str(), change.active.as_ref().map_or("none", |active| &active.version)))
        .collect();
    assert_eq!(active, [("clean", "1"), ("mask", "2")]);
    let modules = Store::modules(&store).await.expect("the modules");
    assert!(modules.iter().all(|module| module.limits == "{}" && module.schema.is_none()), "{modules:?}");
}

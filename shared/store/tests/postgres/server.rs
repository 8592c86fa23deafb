//! A server that lets go of its connections, and one that holds things up.

use std::sync::Arc;
use std::time::Duration;

use flow::{Fault, FaultKind};
use sqlx::Connection as _;
use store::postgres::Settings;
use store::record::{Staging, Turn};
use store::{Error, Postgres, Store, Trouble};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::database::Database;
use crate::postgres::run;
use crate::world::{batch, delivery, planned_run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn the_call_after_the_server_let_go_works() {
    let database = Database::new("server_restart").await;
    let store: Arc<dyn Store> = database.store("server").await;
    let (run, lanes) = planned_run(&*store, 0, 1).await;
    for sequence in 0..5 {
        assert!(database.terminate_stores().await >= 1);
        let batch = batch(&run, &lanes[0], sequence);
        assert_eq!(store.stage_batch(&batch, 1).await.unwrap(), Staging::Moved);
        assert!(database.terminate_stores().await >= 1);
        assert_eq!(store.batches(&lanes[0], 0).await.unwrap().len() as u64, sequence + 1);
        assert!(database.terminate_stores().await >= 1);
        assert_eq!(store.record_delivery(&delivery(&batch)).await.unwrap(), Turn::Now);
    }
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_call_that_is_cut_off_is_tried_again_and_has_done_nothing() {
    let database = Database::new("server_cut_off").await;
    let store: Arc<dyn Store> = database.store("server").await;
    let (run_id, lanes) = planned_run(&*store, 0, 1).await;
    let first = batch(&run_id, &lanes[0], 0);
    // The lane moves, and the batch's row has to wait.
    let mut other = database.connect().await;
    let mut holding = other.begin().await.unwrap();
    run(&mut holding, "LOCK TABLE server.batches IN ACCESS EXCLUSIVE MODE").await;
    let staging = tokio::spawn({
        let (store, first) = (store.clone(), first.clone());
        async move { store.stage_batch(&first, 1).await }
    });
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'millstream' \
                   AND datname = current_database() AND wait_event_type = 'Lock'";
    while database.number(waiting).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    database.terminate_stores().await;
    let error = staging.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Server { trouble: Trouble::Unavailable, .. }), "{error:?}");
    let fault = Fault::from(error);
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Retry, "store_unavailable"));
    holding.rollback().await.unwrap();
    assert_eq!(store.lane(&lanes[0]).await.unwrap().unwrap().staged, 0);
    assert_eq!(store.stage_batch(&first, 1).await.unwrap(), Staging::Moved);
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_row_that_is_held_for_long_is_given_up_to_be_tried_again() {
    let database = Database::new("server_held").await;
    let store: Arc<dyn Store> = database.store("server").await;
    let (run_id, lanes) = planned_run(&*store, 0, 1).await;
    let mut other = database.connect().await;
    let mut holding = other.begin().await.unwrap();
    run(&mut holding, "SELECT 1 FROM server.lanes FOR UPDATE").await;
    let error = store.stage_batch(&batch(&run_id, &lanes[0], 0), 1).await.unwrap_err();
    assert!(matches!(error, Error::Server { trouble: Trouble::Conflict, .. }), "{error:?}");
    let fault = Fault::from(error);
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Retry, "store_conflict"));
    holding.rollback().await.unwrap();
    assert_eq!(store.stage_batch(&batch(&run_id, &lanes[0], 0), 1).await.unwrap(), Staging::Moved);
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_call_that_is_dropped_half_way_holds_up_nobody() {
    let database = Database::new("server_dropped").await;
    let store: Arc<dyn Store> = database.store("server").await;
    let (run_id, lanes) = planned_run(&*store, 0, 1).await;
    let first = batch(&run_id, &lanes[0], 0);
    let mut other = database.connect().await;
    let mut holding = other.begin().await.unwrap();
    run(&mut holding, "LOCK TABLE server.batches IN ACCESS EXCLUSIVE MODE").await;
    let cut = tokio::time::timeout(Duration::from_millis(300), store.stage_batch(&first, 1)).await;
    assert!(cut.is_err(), "it waits for the table");
    holding.rollback().await.unwrap();
    assert_eq!(store.stage_batch(&first, 1).await.unwrap(), Staging::Moved);
    assert_eq!(store.lane(&lanes[0]).await.unwrap().unwrap().staged, 1);
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_column_that_a_newer_version_adds_meanwhile_disturbs_nobody() {
    let database = Database::new("server_newer").await;
    let store: Arc<dyn Store> = database.store("server").await;
    let (run_id, lanes) = planned_run(&*store, 0, 1).await;
    for column in ["one", "two"] {
        for _ in 0..3 {
            assert!(store.run(&run_id).await.unwrap().is_some());
            assert!(store.lane(&lanes[0]).await.unwrap().is_some());
        }
        for table in ["runs", "lanes"] {
            database.run(&format!("ALTER TABLE server.{table} ADD COLUMN {column} TEXT")).await;
        }
    }
    assert!(store.run(&run_id).await.unwrap().is_some());
    assert_eq!(store.stage_batch(&batch(&run_id, &lanes[0], 0), 1).await.unwrap(), Staging::Moved);
    assert!(store.lane(&lanes[0]).await.unwrap().is_some());
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn statements_do_not_add_up_on_the_server() {
    let database = Database::new("server_prepared").await;
    let settings = Settings { connections: 1, ..Settings::default() };
    let store = Postgres::open_with(&database.url("server"), settings).await.unwrap();
    assert!(store.write_note("a", 0, "text").await.unwrap());
    // What a session has prepared it alone sees: the note tells of it.
    database.run("ALTER TABLE server.notes RENAME TO real_notes").await;
    database
        .run(
            "CREATE VIEW server.notes AS SELECT name, body, \
             (SELECT COUNT(*) FROM pg_prepared_statements) AS revision FROM server.real_notes",
        )
        .await;
    for _ in 0..20 {
        store.note("a").await.unwrap();
    }
    let kept = store.note("a").await.unwrap().revision;
    assert!(kept <= 1, "{kept} are kept");
    database.drop().await;
}

/// A way to the server. What is on it when it falls silent stays so, without being closed.
async fn way_to(server: String, silence: Arc<Notify>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (server, silence) = (server.clone(), silence.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await.unwrap();
                let silent = silence.notified();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    () = silent => std::future::pending().await,
                }
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_connection_that_fell_silent_is_replaced() {
    let database = Database::new("server_silent").await;
    let url = database.url("server");
    let (before, rest) = url.split_once('@').unwrap();
    let (server, path) = rest.split_once('/').unwrap();
    let silence = Arc::new(Notify::new());
    let port = way_to(server.to_owned(), silence.clone()).await;
    let store = Postgres::open(&format!("{before}@127.0.0.1:{port}/{path}")).await.unwrap();
    assert!(store.write_note("a", 0, "first").await.unwrap());
    silence.notify_waiters();
    let written = tokio::time::timeout(Duration::from_secs(10), store.write_note("a", 1, "second")).await;
    assert!(written.expect("it does not wait for ever").unwrap());
    database.drop().await;
}

//! What a server says becomes a fault a person or a retry can mend, and never tells a password.

use std::time::Duration;

use flow::{Fault, FaultKind};
use store::postgres::Settings;
use store::{Error, Postgres, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::database::Database;

const PASSWORD: &str = "s3cret-of-ann";

fn check(error: Error, kind: FaultKind, code: &str, words: &str) {
    let debug = format!("{error:?}");
    let fault = Fault::from(error);
    assert_eq!((fault.kind, fault.code.as_str()), (kind, code), "{}", fault.message);
    assert!(fault.message.contains(words), "{}", fault.message);
    assert!(!fault.message.contains(PASSWORD) && !debug.contains(PASSWORD), "{debug}");
}

/// The port of a server that refuses everybody in these words.
async fn refusing(sqlstate: &'static str, message: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut startup = [0; 1024];
            let _ = client.read(&mut startup).await;
            let fields = format!("SFATAL\0VFATAL\0C{sqlstate}\0M{message}\0\0");
            let length = u32::try_from(fields.len() + 4).unwrap();
            let _ = client.write_all(&[b"E", &length.to_be_bytes()[..], fields.as_bytes()].concat()).await;
        }
    });
    port
}

async fn open_error(port: u16) -> Error {
    let url = format!("postgres://ann:{PASSWORD}@127.0.0.1:{port}/state?sslmode=disable");
    let settings = Settings { wait: Duration::from_millis(500), ..Settings::default() };
    Postgres::open_with(&url, settings).await.unwrap_err()
}

#[tokio::test]
async fn a_server_that_refuses_says_why() {
    let cases = [
        ("28P01", "password authentication failed for user \"ann\"", FaultKind::Config, "store_access"),
        ("28000", "no pg_hba.conf entry for host", FaultKind::Config, "store_access"),
        ("3D000", "database \"state\" does not exist", FaultKind::Config, "store_access"),
        ("53300", "sorry, too many clients already", FaultKind::Retry, "store_connections"),
        ("57P03", "the database system is starting up", FaultKind::Retry, "store_unavailable"),
    ];
    for (sqlstate, message, kind, code) in cases {
        check(open_error(refusing(sqlstate, message).await).await, kind, code, message);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    check(open_error(port).await, FaultKind::Retry, "store_unavailable", "its server does not answer");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    // Takes connections and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    check(open_error(port).await, FaultKind::Retry, "store_unavailable", "its server does not answer");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_being_quoted() {
    for url in [format!("mysql://ann:{PASSWORD}@db/state"), PASSWORD.to_owned()] {
        check(store::open(&url).await.err().unwrap(), FaultKind::Config, "store_address", "expected `postgres://");
    }
    let url = format!("postgres://ann:{PASSWORD}@127.0.0.1:1/state");
    let lazy = Postgres::lazy(&url, Settings::default()).unwrap();
    assert!(!format!("{lazy:?}").contains(PASSWORD));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn what_the_server_raises_has_its_code() {
    let database = Database::new("errors_raised").await;
    let store = database.store("errors").await;
    database
        .run(
            "CREATE FUNCTION errors.raise() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = NEW.body; END $$; \
             CREATE TRIGGER raise BEFORE INSERT ON errors.notes FOR EACH ROW EXECUTE FUNCTION errors.raise()",
        )
        .await;
    let cases = [
        ("40001", FaultKind::Retry, "store_conflict", "somebody else is at the same rows: "),
        ("40P01", FaultKind::Retry, "store_conflict", "as told"),
        ("57014", FaultKind::Retry, "store_unavailable", "as told"),
        ("53200", FaultKind::Retry, "store_unavailable", "as told"),
        ("53100", FaultKind::Config, "store_full", "no room is left for the store"),
        ("42501", FaultKind::Config, "store_rights", "its user may not do that"),
        ("25006", FaultKind::Config, "store_read_only", "is it a replica?"),
        ("23514", FaultKind::Bug, "store_refused", "as told"),
        ("P0001", FaultKind::Retry, "store_database", "write a note"),
    ];
    for (sqlstate, kind, code, words) in cases {
        check(store.write_note("a", 0, sqlstate).await.unwrap_err(), kind, code, words);
        assert_eq!(store.note("a").await.unwrap().revision, 0, "nothing is done and the connection is good");
    }
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_text_the_server_cannot_hold_is_not_tried_again() {
    let database = Database::new("errors_text").await;
    let store = database.store("errors").await;
    let error = store.write_note("a", 0, "before\0behind").await.unwrap_err();
    check(error, FaultKind::Bug, "store_refused", "its server does not take what we wrote");
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn tables_that_are_not_there_are_asked_for() {
    let database = Database::new("errors_empty").await;
    let store = Postgres::lazy(&database.url("errors"), Settings::default()).unwrap();
    let error = store.latest_specs().await.unwrap_err();
    check(error, FaultKind::Config, "store_not_prepared", "bring it up to date with a user who may create them");
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_user_with_few_rights_is_told_and_one_with_enough_needs_no_more() {
    let database = Database::new("errors_rights").await;
    let user = "millstream_store_few_rights";
    let forget_user = format!(
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{user}') THEN \
         DROP OWNED BY {user}; DROP ROLE {user}; END IF; END $$"
    );
    database.run(&forget_user).await;
    database.run(&format!("CREATE ROLE {user} LOGIN")).await;
    let url = database.url_as(user, "errors");
    check(Postgres::open(&url).await.unwrap_err(), FaultKind::Config, "store_rights", "permission denied");
    database.store("errors").await;
    check(Postgres::open(&url).await.unwrap_err(), FaultKind::Config, "store_rights", "permission denied");
    database
        .run(&format!(
            "GRANT USAGE ON SCHEMA errors TO {user}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA errors TO {user}"
        ))
        .await;
    let store = Postgres::open(&url).await.unwrap();
    assert!(store.write_note("a", 0, "text").await.unwrap());
    store.close().await;
    database.run(&forget_user).await;
    database.drop().await;
}

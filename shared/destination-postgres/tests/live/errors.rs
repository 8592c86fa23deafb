//! What goes wrong leaves nothing behind and is said without a value or a secret.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, StringArray};
use destination::{Destination, Error, Outcome};
use destination_postgres::PostgresDestination;
use flow::{Fault, FaultKind};
use spec::Disposition;

use crate::database::{Database, batch, field, incoming, plain, plain_rows, target};
use crate::postgres::{server_url, with_database};

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_server_that_is_not_there_is_tried_again_and_a_wrong_database_or_right_is_not() {
    let mut database = Database::new("access").await;
    let target = plain(Disposition::Append);
    let fault = async |url: &str| -> Fault {
        PostgresDestination::new(url, "shop").unwrap().prepare(&target).await.unwrap_err().into()
    };
    let refused = fault("postgres://me:s3cret@127.0.0.1:9/shop").await;
    assert_eq!((refused.kind, refused.code.as_str()), (FaultKind::Retry, "destination_unavailable"));
    assert!(refused.message.contains("127.0.0.1:9") && !refused.message.contains("s3cret"), "{refused}");
    let missing = fault(&with_database(&server_url(), "millstream_no_such")).await;
    assert_eq!((missing.kind, missing.code.as_str()), (FaultKind::Config, "destination_access"));
    database.run("DROP ROLE IF EXISTS millstream_guest; CREATE ROLE millstream_guest LOGIN PASSWORD 's3cret'").await;
    let guest_url = format!("postgres://millstream_guest:s3cret@{}", database.url.rsplit('@').next().unwrap());
    let guest = fault(&guest_url).await;
    assert_eq!((guest.kind, guest.code.as_str()), (FaultKind::Config, "destination_access"));
    assert!(guest.message.contains("schema `shop`") && !guest.message.contains("s3cret"), "{guest}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn refused_rows_name_the_constraint_or_column_but_no_value_and_leave_nothing() {
    let mut database = Database::new("refused").await;
    database
        .run(
            "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int8 CONSTRAINT one_each UNIQUE, name text NOT NULL,
                doc jsonb, CONSTRAINT no_seven CHECK (id <> 7777))",
        )
        .await;
    let target =
        target(Disposition::Append, vec![field("id", "int64"), field("name", "utf8"), field("doc", "json")], &[]);
    let destination = database.destination();
    destination.prepare(&target).await.unwrap();
    for (number, ids, names, docs, part) in [
        (0, [7001, 7001], ["secret", "b"], ["1", "1"], "`one_each`"),
        (1, [7001, 7777], ["secret", "b"], ["1", "1"], "`no_seven`"),
        (2, [7001, 7002], ["secret", "b"], ["1", "{secret"], "`doc`"),
        (3, [7001, 7002], ["secret", "b"], ["1", "\"secret\\u0000\""], "`doc`"),
        (4, [7001, 7002], ["secret\0", "b"], ["1", "1"], "`name`"),
        (5, [7001, 7002], ["secret", ""], ["1", "1"], "`name`"),
    ] {
        let name = |name: &'static str| (!name.is_empty()).then_some(name);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(ids.to_vec())),
            Arc::new(StringArray::from(names.map(name).to_vec())),
            Arc::new(StringArray::from(docs.to_vec())),
        ];
        let error = destination.deliver(&target, incoming(&target, number, batch(&target, columns))).await.unwrap_err();
        let shown = format!("{error:?} {}", Fault::from_error(FaultKind::Bug, "x", &error));
        assert!(matches!(&error, Error::Refused { problem, .. } if problem.contains(part)), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains("7001") && !shown.contains("7777"), "{shown}");
    }
    assert_eq!(database.number("SELECT count(*) FROM shop.orders").await, 0);
    assert_eq!(database.number("SELECT count(*) FROM shop._millstream_ledger").await, 0);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_connection_that_was_closed_is_made_again_and_one_that_breaks_can_be_tried_again() {
    let mut database = Database::new("broken").await;
    let (destination, target) = (database.destination(), plain(Disposition::Append));
    destination.prepare(&target).await.unwrap();
    let end_all = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'millstream'";
    assert_eq!(database.number(end_all).await, 1);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let one = incoming(&target, 0, plain_rows(&target, &[(1, None)]));
    assert_eq!(destination.deliver(&target, one.clone()).await.unwrap(), Outcome::Written { rows: 1 });

    // The delivery waits for a lock when its connection is ended.
    database.run("BEGIN; LOCK TABLE shop.orders").await;
    let two = incoming(&target, 1, plain_rows(&target, &[(2, None)]));
    let (outcome, _) = tokio::join!(destination.deliver(&target, two.clone()), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(database.number(end_all).await, 1);
    });
    assert!(matches!(outcome, Err(Error::Unavailable { .. })), "{outcome:?}");
    database.run("COMMIT").await;
    assert_eq!(destination.deliver(&target, two).await.unwrap(), Outcome::Written { rows: 1 });
    assert_eq!(destination.deliver(&target, one).await.unwrap(), Outcome::AlreadyThere);
    assert_eq!(database.number("SELECT count(*) FROM shop.orders").await, 2);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_delivery_that_is_dropped_half_way_is_all_there_or_not_at_all() {
    let mut database = Database::new("dropped").await;
    let (destination, target) = (database.destination(), plain(Disposition::Merge));
    destination.prepare(&target).await.unwrap();
    let rows: Vec<(i64, Option<&str>)> = (0..20_000).map(|id| (id, Some("a name of some length"))).collect();
    let mut cut_short = 0;
    for number in 0..15 {
        let next = incoming(&target, number, plain_rows(&target, &rows));
        let limit = Duration::from_millis(number * 8);
        cut_short += u32::from(tokio::time::timeout(limit, destination.deliver(&target, next.clone())).await.is_err());
        destination.deliver(&target, next).await.unwrap();
        assert_eq!(database.number("SELECT count(*) FROM shop.orders").await, 20_000);
        assert_eq!(
            database.number("SELECT count(*) FROM shop._millstream_ledger").await,
            i64::try_from(number + 1).unwrap()
        );
    }
    assert!(cut_short > 0, "no delivery was cut short");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn what_was_not_prepared_or_is_gone_is_said() {
    let mut database = Database::new("gone").await;
    let (destination, target) = (database.destination(), plain(Disposition::Append));
    let one = incoming(&target, 0, plain_rows(&target, &[(1, None)]));
    let early = destination.deliver(&target, one.clone()).await.unwrap_err();
    assert!(matches!(early, Error::Config { code: "not_prepared", .. }), "{early:?}");
    destination.prepare(&target).await.unwrap();
    database.run("DROP TABLE shop.orders").await;
    let late = destination.deliver(&target, one.clone()).await.unwrap_err();
    assert!(matches!(late, Error::Config { code: "not_prepared", .. }), "{late:?}");
    database.run("CREATE TABLE shop.orders (id int4, name text)").await;
    let changed = destination.deliver(&target, one).await.unwrap_err();
    assert!(matches!(changed, Error::Config { code: "table_mismatch", .. }), "{changed:?}");
}

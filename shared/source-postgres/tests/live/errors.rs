//! What is wrong is said in words a person can act on, without a password or a value.

use flow::{Fault, FaultKind};
use source::{PlanRequest, Source};
use source_postgres::PostgresSource;
use spec::Stream;

use crate::database::{Database, declared, open, query, table};
use crate::postgres::{server_url, with_database};

async fn fault(source: &PostgresSource, stream: &Stream) -> Fault {
    source.plan(PlanRequest { stream, bookmark: None }).await.unwrap_err().into()
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_server_that_is_not_there_is_tried_again_and_a_wrong_database_is_not() {
    let nobody = PostgresSource::new("postgres://me:s3cret@127.0.0.1:9/shop").unwrap();
    let refused = fault(&nobody, &table("orders")).await;
    assert_eq!((refused.kind, refused.code.as_str()), (FaultKind::Retry, "source_unavailable"));
    assert!(refused.message.contains("127.0.0.1:9") && !refused.message.contains("s3cret"), "{refused}");
    let elsewhere = PostgresSource::new(&with_database(&server_url(), "millstream_no_such")).unwrap();
    let missing = fault(&elsewhere, &table("orders")).await;
    assert_eq!((missing.kind, missing.code.as_str()), (FaultKind::Config, "source_access"));
    assert!(missing.message.contains("millstream_no_such"), "{missing}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn each_mistake_has_its_code_and_its_way_out() {
    let mut database = Database::new("mistakes").await;
    database.run("CREATE TABLE orders (id int4 PRIMARY KEY, tags text[], span interval)").await;
    database.run("CREATE TABLE plain (id int4, \"_millstream_row\" int4)").await;
    database.run("CREATE TABLE nothing ()").await;
    let source = database.source();
    for (stream, code, part) in [
        (table("order"), "stream_not_found", "did you mean `public.orders`?"),
        (table("other.orders"), "stream_not_found", "did you mean `public.orders`?"),
        (table("orders"), "type_unsupported", "`\"tags\"::text AS \"tags\"`"),
        (query("SELECT 1 AS a, interval '1 s' AS b"), "type_unsupported", "column `b`"),
        (query("SELECT nope FROM orders"), "query_invalid", "nope"),
        (query("SELEC 1"), "query_invalid", "syntax error"),
        (query("SELECT id FROM orders WHERE id = $1"), "query_invalid", "parameters"),
        (query("SELECT 1 AS a, 2 AS a"), "query_invalid", "two columns `a`"),
        (table("plain"), "column_name_reserved", "_millstream_row"),
        (table("nothing"), "query_invalid", "no columns"),
        (declared(query("SELECT 1 AS id"), "id", "int64", true), "type_mismatch", "`int32`"),
        (declared(query("SELECT 1 AS id"), "idd", "int32", true), "column_not_found", "did you mean `id`?"),
    ] {
        let fault = fault(&source, &stream).await;
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, code), "{fault}");
        assert!(fault.message.contains(part), "{fault}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_query_that_fails_on_a_value_does_not_show_it_and_nothing_can_be_written() {
    let mut database = Database::new("values").await;
    database
        .run("CREATE TABLE orders (id int4 PRIMARY KEY, name text); INSERT INTO orders VALUES (1, 'topsecret')")
        .await;
    database.run("CREATE FUNCTION spoil() RETURNS int4 LANGUAGE sql AS 'DELETE FROM orders RETURNING id'").await;
    let source = database.source();
    for (text, code) in
        [("SELECT name::int4 AS n FROM orders", "query_failed"), ("SELECT spoil() AS n", "query_invalid")]
    {
        let stream = query(text);
        let plan = crate::database::plan(&source, &stream, None).await;
        let error = open(&source, &stream, &plan, None).await.next().await.unwrap_err();
        assert!(!format!("{error:?}").contains("topsecret"), "{error:?}");
        let fault: Fault = error.into();
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, code), "{fault}");
        assert!(!fault.message.contains("topsecret"), "{fault}");
    }
    assert_eq!(database.number("SELECT count(*) FROM orders").await, 1);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_table_that_changed_since_the_plan_is_an_error_and_never_other_values() {
    let mut database = Database::new("changed").await;
    database
        .run("CREATE TABLE orders (id int4 PRIMARY KEY, amount int4, note text); INSERT INTO orders VALUES (1, 7, 'x')")
        .await;
    let (source, stream) = (database.source(), table("orders"));
    let plan = crate::database::plan(&source, &stream, None).await;
    // The same four bytes would be another number.
    database.run("ALTER TABLE orders ALTER amount TYPE float4").await;
    let pulled = open(&source, &stream, &plan, None).await.next().await.unwrap().unwrap();
    assert_eq!(crate::database::texts(&[pulled], "amount"), [Some("7".to_owned())]);
    database.run("ALTER TABLE orders DROP note").await;
    let fault: Fault = open(&source, &stream, &plan, None).await.next().await.unwrap_err().into();
    assert_eq!(fault.code, "query_invalid", "{fault}");
}

//! Rows come out once, in order, and can be gone on from anywhere.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{Int64Array, RecordBatch, StringArray};
use arrow_schema::Schema;
use batch::ColumnType;
use source::conformance::{Case, suite};
use source::{Error, Source};

use crate::database::{Database, open, plan, query, read, rest, table, texts};

/// Ids from 1 on and a text, every third of which is NULL and every fifth empty.
fn expected(rows: i64, nullable: [bool; 2]) -> RecordBatch {
    let fields = vec![ColumnType::Int64.field("id", nullable[0]), ColumnType::Utf8.field("name", nullable[1])];
    let name = |id: i64| (id % 3 != 0).then(|| if id % 5 == 0 { String::new() } else { format!("name {id}") });
    let ids = Int64Array::from_iter_values(1..=rows);
    let names: StringArray = (1..=rows).map(name).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![Arc::new(ids), Arc::new(names)]).unwrap()
}

const ROWS: &str = "SELECT id, CASE WHEN id % 3 = 0 THEN NULL WHEN id % 5 = 0 THEN '' ELSE 'name ' || id END \
    FROM generate_series(1, 40) AS id";

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_table_with_a_key_holds_to_the_suite() {
    let mut database = Database::new("suite_key").await;
    database.run("CREATE TABLE orders (id int8 PRIMARY KEY, name text)").await;
    // Written backwards: the order is the key's, not the heap's.
    database.run(&format!("INSERT INTO orders {ROWS} ORDER BY id DESC")).await;
    let expected = [expected(40, [false, true])];
    suite(Case { source: &database.source(), stream: &table("orders"), expected: &expected }).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_table_without_a_key_holds_to_the_suite() {
    let mut database = Database::new("suite_heap").await;
    database.run("CREATE TABLE orders (id int8, name text)").await;
    database.run(&format!("INSERT INTO orders {ROWS}")).await;
    let expected = [expected(40, [true, true])];
    suite(Case { source: &database.source(), stream: &table("public.orders"), expected: &expected }).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_query_a_view_and_a_partitioned_table_hold_to_the_suite() {
    let mut database = Database::new("suite_query").await;
    let expected = [expected(40, [true, true])];
    let stream = query(&format!("SELECT * FROM ({ROWS}) AS r(id, name) ORDER BY id -- the end"));
    database.run("CREATE TABLE orders (id int8, name text) PARTITION BY RANGE (id)").await;
    database.run("CREATE TABLE low PARTITION OF orders FOR VALUES FROM (0) TO (20)").await;
    database.run("CREATE TABLE high PARTITION OF orders FOR VALUES FROM (20) TO (100)").await;
    database.run(&format!("INSERT INTO orders {ROWS}")).await;
    database.run("CREATE VIEW seen AS SELECT * FROM orders").await;
    for stream in [query("SELECT id::int8, name FROM orders ORDER BY id"), table("seen"), table("orders")] {
        suite(Case { source: &database.source(), stream: &stream, expected: &expected }).await;
    }
    let narrow = read(&database.source(), &stream, None).await;
    assert_eq!(narrow.iter().map(|pulled| pulled.rows.num_rows()).sum::<usize>(), 40);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn an_empty_table_holds_to_the_suite() {
    let mut database = Database::new("suite_empty").await;
    database.run("CREATE TABLE orders (id int8 PRIMARY KEY, name text NOT NULL)").await;
    let expected = [expected(0, [false, false])];
    suite(Case { source: &database.source(), stream: &table("orders"), expected: &expected }).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_resumed_reading_keeps_every_row_once_while_rows_are_updated() {
    let mut database = Database::new("resumed").await;
    database.run("CREATE TABLE orders (code text, day date, note text, PRIMARY KEY (code, day))").await;
    database
        .run(
            "INSERT INTO orders SELECT 'it''s ' || i % 5, date '2024-01-01' + i / 5, 'a' FROM generate_series(0, 49) i",
        )
        .await;
    let (source, stream) = (database.source(), table("orders"));
    let plan = plan(&source, &stream, None).await;
    assert_eq!(plan.primary_key, ["code", "day"]);
    let mut reader = open(&source, &stream, &plan, None).await;
    let mut read = vec![reader.next().await.unwrap().unwrap(), reader.next().await.unwrap().unwrap()];
    drop(reader);
    // Every row moves to another place in the heap.
    database.run("UPDATE orders SET note = 'b'").await;
    let position = read.last().unwrap().position.clone();
    read.extend(rest(open(&source, &stream, &plan, Some(&position)).await).await);
    let mut keys: Vec<_> = texts(&read, "code").into_iter().zip(texts(&read, "day")).collect();
    assert_eq!(keys.len(), 50);
    keys.dedup();
    assert_eq!(keys.len(), 50);
    assert!(keys.is_sorted());
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn batches_end_at_their_bytes_and_a_row_larger_than_a_batch_comes_alone() {
    let mut database = Database::new("bytes").await;
    database.run("CREATE TABLE orders (id int4 PRIMARY KEY, note text)").await;
    database.run("INSERT INTO orders SELECT i, repeat('x', i * 100000) FROM generate_series(1, 6) i").await;
    let mut stream = table("orders");
    stream.batch.bytes = flow::Size(250_000);
    let sizes: Vec<usize> =
        read(&database.source(), &stream, None).await.iter().map(|pulled| pulled.rows.num_rows()).collect();
    assert_eq!(sizes, [2, 1, 1, 1, 1]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_dropped_reader_ends_its_statement() {
    let mut database = Database::new("dropped").await;
    database.run("CREATE TABLE orders (id int8 PRIMARY KEY, name text)").await;
    database.run("INSERT INTO orders SELECT i, repeat('x', 100) FROM generate_series(1, 200000) i").await;
    let (source, stream) = (database.source(), table("orders"));
    let plan = plan(&source, &stream, None).await;
    let mut reader = open(&source, &stream, &plan, None).await;
    reader.next().await.unwrap().unwrap();
    let running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND application_name = 'millstream' AND query LIKE 'COPY%'";
    assert_eq!(database.number(running).await, 1);
    drop(reader);
    let mut is_running = true;
    for _ in 0..200 {
        is_running = database.number(running).await > 0;
        if !is_running {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(!is_running, "the statement goes on without its reader");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_server_that_goes_away_half_way_can_be_tried_again() {
    let mut database = Database::new("gone").await;
    database.run("CREATE TABLE orders (id int8 PRIMARY KEY, name text)").await;
    database.run("INSERT INTO orders SELECT i, repeat('x', 100) FROM generate_series(1, 200000) i").await;
    let (source, stream) = (database.source(), table("orders"));
    let plan = plan(&source, &stream, None).await;
    let mut reader = open(&source, &stream, &plan, None).await;
    reader.next().await.unwrap().unwrap();
    database
        .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'")
        .await;
    let error = loop {
        match reader.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a reading that was cut short came to an end"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn discover_lists_tables_and_views_with_columns_and_keys() {
    let mut database = Database::new("discover").await;
    database.run("CREATE SCHEMA shop; CREATE TABLE shop.\"odd.name\" (b int4, a text NOT NULL, tags text[], PRIMARY KEY (a, b))").await;
    database
        .run("CREATE VIEW seen AS SELECT 1::numeric(9,2) AS amount; CREATE TABLE _millstream_ledger (a int4)")
        .await;
    let found = database.source().discover().await.unwrap();
    let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["public.seen", "shop.\"odd.name\""]);
    assert_eq!(found[0].columns[0].column_type.map(|found| found.to_string()).as_deref(), Some("decimal(9,2)"));
    assert_eq!(found[1].primary_key, ["a", "b"]);
    let columns: Vec<_> = found[1]
        .columns
        .iter()
        .map(|column| {
            (column.name.as_str(), column.source_type.as_str(), column.column_type.is_some(), column.nullable)
        })
        .collect();
    assert_eq!(columns, [("b", "integer", true, false), ("a", "text", true, false), ("tags", "text[]", false, true)]);
    assert!(
        database
            .source()
            .plan(source::PlanRequest { stream: &table("shop.\"odd.name\""), bookmark: None })
            .await
            .is_err()
    );
}

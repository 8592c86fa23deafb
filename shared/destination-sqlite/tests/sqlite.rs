//! What is SQLite's own: declared tables, users' tables, their indexes, files that are none.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Schema, SchemaRef};
use batch::ColumnType;
use destination::{Destination, Error, Incoming, Outcome, Target};
use destination_sqlite::SqliteDestination;
use flow::{BatchId, Lane, RunId, StreamName, SyncName};
use spec::Disposition;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

const PRICE: ColumnType = ColumnType::Decimal { precision: 12, scale: 2 };

fn schema() -> SchemaRef {
    let name = ColumnType::Utf8.field("name", true);
    Arc::new(Schema::new(vec![ColumnType::Int64.field("id", false), name, PRICE.field("price", true)]))
}

fn target(disposition: Disposition, run: &str) -> Target {
    Target {
        sync: SyncName::new("shop").unwrap(),
        stream: StreamName::new("orders").unwrap(),
        run: RunId::from_text(run),
        schema: schema(),
        disposition,
        primary_key: vec!["id".to_owned()],
    }
}

fn incoming(batch: &str, ids: std::ops::Range<i64>) -> Incoming {
    let names: StringArray = ids.clone().map(|id| (id % 2 == 0).then(|| format!("name {id}"))).collect();
    let prices: Decimal128Array = ids.clone().map(|id| Some(i128::from(id))).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(ids)),
        Arc::new(names),
        Arc::new(prices.with_precision_and_scale(12, 2).unwrap()),
    ];
    let rows = RecordBatch::try_new(schema(), columns).unwrap();
    Incoming { batch: BatchId::from_text(batch), lane: Lane::from_text("lane"), sequence: 0, rows }
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn run_sql(path: &Path, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connect(path).await).await.unwrap();
}

async fn text(path: &Path, query: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut connect(path).await).await.unwrap()
}

#[tokio::test]
async fn a_merged_table_has_types_not_null_and_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    let destination = SqliteDestination::new(&path);
    let target = target(Disposition::Merge, "shop-1");
    destination.prepare(&target).await.unwrap();
    let sql = text(&path, "SELECT sql FROM sqlite_schema WHERE name = 'orders'").await;
    for part in ["\"id\" INTEGER NOT NULL", "\"name\" TEXT,", "\"price\" DECIMAL TEXT(12,2),", "PRIMARY KEY (\"id\")"] {
        assert!(sql.contains(part), "{part} is missing in {sql}");
    }
    assert_eq!(destination.location(&target), format!("{}, table orders", path.display()));
}

#[tokio::test]
async fn a_batch_of_many_statements_is_whole_whatever_its_last_one_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    let destination = SqliteDestination::new(&path);
    let target = target(Disposition::Append, "shop-1");
    destination.prepare(&target).await.unwrap();
    let mut expected = 0;
    for rows in [1, 255, 256, 257, 1000, 10_240] {
        let batch = incoming(&format!("b{rows}"), expected..expected + rows);
        let written = destination.deliver(&target, batch).await.unwrap();
        assert_eq!(written, Outcome::Written { rows: rows.unsigned_abs() });
        expected += rows;
    }
    let sums = "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || max(id) || ' ' || count(name) || ' ' ||
                sum(price = printf('%d.%02d', id / 100, id % 100)) FROM orders";
    assert_eq!(
        text(&path, sums).await,
        format!("{expected} {expected} {} {} {expected}", expected - 1, (expected + 1) / 2)
    );
}

#[tokio::test]
async fn replace_keeps_indexes_triggers_and_views() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    run_sql(
        &path,
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, old TEXT, name TEXT);
         INSERT INTO orders VALUES (99, 'old', 'old');
         CREATE INDEX by_name ON orders (name);
         CREATE VIEW named AS SELECT name FROM orders WHERE name IS NOT NULL;
         CREATE TABLE log (id INTEGER);
         CREATE TRIGGER logged AFTER DELETE ON orders BEGIN INSERT INTO log VALUES (old.id); END;
         CREATE TABLE lines (id INTEGER REFERENCES orders (id) ON DELETE CASCADE); INSERT INTO lines VALUES (99);",
    )
    .await;
    let destination = SqliteDestination::new(&path);
    for run in ["shop-1", "shop-2"] {
        let target = target(Disposition::Replace, run);
        destination.prepare(&target).await.unwrap();
        destination.deliver(&target, incoming(run, 0..10)).await.unwrap();
        destination.finish(&target).await.unwrap();
    }
    let things = "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema
                  WHERE name NOT LIKE '\\_millstream%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY name)";
    assert_eq!(text(&path, things).await, "by_name lines log logged named orders");
    let counts = "SELECT (SELECT count(*) FROM orders) || ' ' || (SELECT count(*) FROM named) || ' ' ||
                  (SELECT count(*) FROM log) || ' ' || (SELECT count(*) FROM lines)";
    assert_eq!(text(&path, counts).await, "10 5 0 1");
    let shadows = "SELECT count(*) || '' FROM sqlite_schema WHERE name LIKE '\\_millstream\\_new%' ESCAPE '\\'";
    assert_eq!(text(&path, shadows).await, "0");
}

#[tokio::test]
async fn a_users_constraint_refuses_the_whole_batch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    run_sql(&path, "CREATE TABLE orders (id INTEGER, name TEXT, price TEXT, CHECK (id < 900))").await;
    let destination = SqliteDestination::new(&path);
    let target = target(Disposition::Append, "shop-1");
    destination.prepare(&target).await.unwrap();
    let refused = destination.deliver(&target, incoming("b0", 0..1000)).await.unwrap_err();
    assert!(matches!(refused, Error::Refused { .. }), "{refused:?}");
    assert_eq!(text(&path, "SELECT count(*) || '' FROM orders").await, "0");
    let written = destination.deliver(&target, incoming("b0", 0..900)).await.unwrap();
    assert_eq!(written, Outcome::Written { rows: 900 }, "a refused batch is not in the ledger");
}

#[tokio::test]
async fn tables_that_do_not_fit_are_refused_before_anything_is_written() {
    for (table, disposition, code, word) in [
        ("CREATE TABLE orders (id INTEGER, name TEXT, price REAL)", Disposition::Append, "table_mismatch", "`price`"),
        ("CREATE TABLE orders (id INTEGER, name TEXT)", Disposition::Append, "table_mismatch", "`price`"),
        (
            "CREATE TABLE orders (id INTEGER, name TEXT, price TEXT, must TEXT NOT NULL)",
            Disposition::Append,
            "table_mismatch",
            "`must`",
        ),
        ("CREATE TABLE orders (id INTEGER, name TEXT, price TEXT)", Disposition::Merge, "key_missing", "`id`"),
        ("CREATE VIEW orders AS SELECT 1 AS id", Disposition::Replace, "table_mismatch", "`orders`"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warehouse.db");
        run_sql(&path, table).await;
        match SqliteDestination::new(&path).prepare(&target(disposition, "shop-1")).await {
            Err(Error::Config { code: found, problem, .. }) => {
                assert_eq!(found, code, "{table}");
                assert!(problem.contains(word), "{problem}");
            }
            other => assert!(other.is_err(), "{table}: {other:?}"),
        }
        let left = text(&path, "SELECT group_concat(name, ' ') FROM sqlite_schema").await;
        assert_eq!(left, "orders", "{table}");
    }
}

#[tokio::test]
async fn a_users_unique_index_will_do_to_merge_by() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    run_sql(&path, "CREATE TABLE orders (ID BIGINT, name, price, note TEXT); CREATE UNIQUE INDEX u ON orders (id)")
        .await;
    let destination = SqliteDestination::new(&path);
    let target = target(Disposition::Merge, "shop-1");
    destination.prepare(&target).await.unwrap();
    destination.deliver(&target, incoming("b0", 0..10)).await.unwrap();
    destination.deliver(&target, incoming("b1", 5..20)).await.unwrap();
    assert_eq!(text(&path, "SELECT count(*) || '' FROM orders").await, "20");
}

#[tokio::test]
async fn a_file_that_is_no_database_and_a_folder_in_its_place_are_for_a_person_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "just some notes, and quite a lot of them. ".repeat(50)).unwrap();
    for (path, code) in [(path.as_path(), "not_a_database"), (folder.path(), "destination_access")] {
        let refused = SqliteDestination::new(path).prepare(&target(Disposition::Append, "shop-1")).await.unwrap_err();
        assert!(matches!(refused, Error::Config { code: found, .. } if found == code), "{refused:?}");
    }
    let below_a_file = path.join("warehouse.db");
    let refused = SqliteDestination::new(below_a_file).prepare(&target(Disposition::Append, "shop-1")).await;
    assert!(matches!(refused, Err(Error::Config { code: "destination_access", .. })), "{refused:?}");
}

#[tokio::test]
async fn a_file_that_was_removed_meanwhile_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    let destination = SqliteDestination::new(&path);
    let target = target(Disposition::Append, "shop-1");
    destination.prepare(&target).await.unwrap();
    destination.deliver(&target, incoming("b0", 0..10)).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    destination.prepare(&target).await.unwrap();
    destination.deliver(&target, incoming("b0", 0..10)).await.unwrap();
    assert_eq!(text(&path, "SELECT count(*) || '' FROM orders").await, "10");
}

//! What is SQLite's own: loose types, cursors, broken files.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

mod ground;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use batch::ColumnType;
use flow::Position;
use ground::{File, limits, query, read, table, with_column};
use source::{Error, PlanRequest, Pulled, Source};
use source_sqlite::SqliteSource;
use spec::{Stream, SyncMode};

fn ids(batches: &[Pulled]) -> Vec<i64> {
    batches.iter().flat_map(|pulled| pulled.rows.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::Config { code, .. } => code,
        Error::UnsupportedType { .. } => "type_unsupported",
        _ => "another",
    }
}

#[tokio::test]
async fn discover_lists_tables_and_views_with_what_they_declare() {
    let file = File::made_by(
        "CREATE TABLE orders (a TEXT, id INTEGER NOT NULL, x, PRIMARY KEY (id, a));
         CREATE VIEW named AS SELECT a, 1 + 1 AS sum FROM orders;
         CREATE TABLE gone (id INTEGER); CREATE VIEW broken AS SELECT id FROM gone; DROP TABLE gone;
         CREATE TABLE _millstream_ledger (id INTEGER); CREATE TABLE k (id INTEGER PRIMARY KEY AUTOINCREMENT);",
    )
    .await;
    let discovered = file.source().discover().await.unwrap();
    assert_eq!(discovered.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["k", "named", "orders"]);
    let orders = &discovered[2];
    assert_eq!(orders.primary_key, ["id", "a"]);
    let types: Vec<_> = orders.columns.iter().map(|column| (column.column_type, column.nullable)).collect();
    assert_eq!(types, [(Some(ColumnType::Utf8), true), (Some(ColumnType::Int64), false), (None, true)]);
    assert!(!discovered[0].columns[0].nullable);
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_set_aside_with_its_row_and_the_rest_goes_on() {
    let file = File::made_by(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL, note TEXT, raw BLOB);
         INSERT INTO orders VALUES (1, 10, 'a', x'00ff'), (2, 'many', 'it''s', x'00ff'), (3, 30, CAST(x'c328' AS TEXT), NULL),
                                   (4, 40, x'01', NULL), (5, 50, '', NULL), (6, 1.5, 'x', NULL);",
    )
    .await;
    for rows in [1, 2, 100] {
        let stream = Stream { batch: limits(rows, 1 << 20), ..table("orders") };
        let batches = read(&file.source(), &stream, None).await.unwrap();
        assert_eq!(ids(&batches), [1, 5]);
        let rejects: Vec<_> = batches.iter().flat_map(|pulled| &pulled.rejects).collect();
        let found: Vec<_> = rejects.iter().map(|r| (r.code, r.column.as_deref().unwrap(), r.place.as_str())).collect();
        assert_eq!(
            found,
            [
                ("type_mismatch", "amount", "table `orders` rowid 2"),
                ("invalid_encoding", "note", "table `orders` rowid 3"),
                ("type_mismatch", "note", "table `orders` rowid 4"),
                ("type_mismatch", "amount", "table `orders` rowid 6"),
            ]
        );
        assert_eq!(rejects[0].value.as_deref(), Some("many"));
        assert_eq!(rejects[0].record, r#"{"amount":"many","id":2,"note":"it's","raw":"x'00ff'"}"#);
        assert!(rejects.iter().all(|reject| !reject.reason.contains("many")), "a reason never has the value");
    }
}

#[tokio::test]
async fn a_null_where_none_may_be_is_set_aside() {
    let file =
        File::made_by("CREATE TABLE orders (id INTEGER, name TEXT); INSERT INTO orders VALUES (1, NULL), (2, 'x')")
            .await;
    let mut stream = with_column(table("orders"), "name", "utf8");
    stream.columns.get_mut("name").unwrap().nullable = false;
    let batches = read(&file.source(), &stream, None).await.unwrap();
    assert_eq!((ids(&batches), batches[0].rejects[0].code), (vec![2], "not_null"));
}

#[tokio::test]
async fn a_row_larger_than_a_batch_comes_alone() {
    let file = File::made_by(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, raw BLOB);
         INSERT INTO orders VALUES (1, zeroblob(10)), (2, zeroblob(10)), (3, zeroblob(100000)), (4, zeroblob(10));",
    )
    .await;
    for from in [table("orders"), query("SELECT * FROM orders ORDER BY id;\n")] {
        let stream = Stream { batch: limits(1000, 1000), ..from };
        let batches = read(&file.source(), &stream, None).await.unwrap();
        let sizes: Vec<usize> = batches.iter().map(|pulled| pulled.rows.num_rows()).collect();
        assert_eq!((ids(&batches), sizes), (vec![1, 2, 3, 4], vec![2, 1, 1]));
    }
}

fn incremental(stream: Stream, cursor: &str) -> Stream {
    Stream {
        sync_mode: SyncMode::Incremental,
        cursor_field: Some(cursor.to_owned()),
        batch: limits(2, 1 << 20),
        ..stream
    }
}

async fn check_incremental(stream: Stream) {
    let file = File::made_by(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, at TEXT, price REAL);
         INSERT INTO orders VALUES (5, '2013-01-02', 0.1), (4, '2013-01-02', 0.2), (3, '2013-01-01', 0.3);",
    )
    .await;
    let source = file.source();
    let stream = incremental(stream, "at");
    let first = read(&source, &stream, None).await.unwrap();
    assert_eq!(ids(&first), [3, 4, 5]);
    let bookmark = first.last().unwrap().position.clone();
    assert!(read(&source, &stream, Some(&bookmark)).await.unwrap().is_empty(), "nothing is beyond the bookmark");
    let late = "INSERT INTO orders VALUES (6, '2013-01-02', 0.5), (1, '2013-01-03', 0.6), (2, '2012-01-01', 0.7)";
    file.run(late).await;
    assert_eq!(ids(&read(&source, &stream, Some(&bookmark)).await.unwrap()), [6, 1]);
}

#[tokio::test]
async fn an_incremental_stream_reads_what_is_beyond_its_bookmark() {
    check_incremental(table("orders")).await;
    let keyed = |stream| Stream { primary_key: vec!["id".to_owned()], ..stream };
    check_incremental(keyed(query("SELECT * FROM orders"))).await;
}

#[tokio::test]
async fn a_cursor_of_reals_or_blobs_goes_on_where_it_stood() {
    for (declared, values) in [("REAL", ["0.1", "0.30000000000000004", "1e300"]), ("BLOB", ["x''", "x'00'", "x'ff'"])] {
        let [a, b, c] = values;
        let file = File::made_by(&format!(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, at {declared}); INSERT INTO orders VALUES (1, {a}), (2, {b})"
        ))
        .await;
        let stream = incremental(table("orders"), "at");
        let bookmark = read(&file.source(), &stream, None).await.unwrap().last().unwrap().position.clone();
        file.run(&format!("INSERT INTO orders VALUES (3, {c})")).await;
        assert_eq!(ids(&read(&file.source(), &stream, Some(&bookmark)).await.unwrap()), [3], "{declared}");
    }
}

#[tokio::test]
async fn rows_that_come_while_an_incremental_run_is_read_are_left_to_the_next() {
    let file =
        File::made_by("CREATE TABLE orders (id INTEGER PRIMARY KEY, at INTEGER); INSERT INTO orders VALUES (1, 10)")
            .await;
    let (source, stream) = (file.source(), incremental(table("orders"), "at"));
    let plan = source.plan(PlanRequest { stream: &stream, bookmark: None }).await.unwrap();
    file.run("INSERT INTO orders VALUES (2, 20)").await;
    let request = source::ReadRequest { stream: &stream, schema: plan.schema, part: &plan.parts[0], position: None };
    let mut reader = source.read(request).await.unwrap();
    let pulled = reader.next().await.unwrap().unwrap();
    assert!(reader.next().await.unwrap().is_none());
    let bookmark = pulled.position.clone();
    assert_eq!(ids(&[pulled]), [1]);
    assert_eq!(ids(&read(&source, &stream, Some(&bookmark)).await.unwrap()), [2]);
}

#[tokio::test]
async fn what_a_person_must_mend_says_so_by_its_code() {
    let file = File::made_by(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, at TEXT, x, place POINT); INSERT INTO orders VALUES (1, NULL, 2, 3);
         CREATE VIEW v AS SELECT id, at FROM orders;",
    )
    .await;
    let keyless = incremental(query("SELECT id, at FROM orders WHERE at > ''"), "at");
    let wrong_key = Stream { primary_key: vec!["nope".to_owned()], ..query("SELECT id FROM orders") };
    for (stream, expected) in [
        (table("orders"), "type_unsupported"),
        (with_column(table("orders"), "x", "int64"), "type_unsupported"),
        (with_column(query("SELECT id FROM orders"), "y", "int64"), "column_not_found"),
        (wrong_key, "column_not_found"),
        (query("SELECT count(*) AS n FROM orders"), "type_unsupported"),
        (query("SELEC id FROM orders"), "query_invalid"),
        (query("DELETE FROM orders"), "query_invalid"),
        (query("SELECT id FROM orders) AS t; DROP TABLE orders; --"), "query_invalid"),
        (table("order"), "stream_not_found"),
        (keyless, "key_missing"),
        (incremental(Stream { primary_key: vec!["id".to_owned()], ..table("v") }, "at"), "cursor_value_missing"),
        (incremental(table("v"), "nope"), "column_not_found"),
    ] {
        let planned = file.source().plan(PlanRequest { stream: &stream, bookmark: None }).await;
        assert_eq!(code(&planned.unwrap_err()), expected, "{:?}", stream.from);
    }
    let left = read(&file.source(), &query("SELECT id FROM orders"), None).await.unwrap();
    assert_eq!(ids(&left), [1], "nothing was changed");
}

#[tokio::test]
async fn an_expression_is_read_once_its_type_is_said() {
    let file = File::made_by("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1), (2)").await;
    let stream = with_column(query("SELECT count(*) AS n FROM orders"), "n", "int64");
    assert_eq!(ids(&read(&file.source(), &stream, None).await.unwrap()), [2]);
}

#[tokio::test]
async fn a_bookmark_of_another_cursor_is_refused_by_its_code() {
    let file =
        File::made_by("CREATE TABLE orders (id INTEGER PRIMARY KEY, at INTEGER); INSERT INTO orders VALUES (1, 10)")
            .await;
    let stream = incremental(table("orders"), "at");
    for bookmark in [r#"{"rows":5}"#, r#"{"behind":[["updated",{"integer":5}],["rowid",{"integer":1}]]}"#] {
        let bookmark = Position::from_text(bookmark);
        let planned = file.source().plan(PlanRequest { stream: &stream, bookmark: Some(&bookmark) }).await;
        assert_eq!(code(&planned.unwrap_err()), "bookmark_mismatch");
    }
}

#[tokio::test]
async fn a_column_that_is_dropped_before_it_is_read_is_an_error_not_a_text() {
    let file = File::made_by("CREATE TABLE orders (id INTEGER, name TEXT); INSERT INTO orders VALUES (1, 'x')").await;
    let (source, stream) = (file.source(), table("orders"));
    let plan = source.plan(PlanRequest { stream: &stream, bookmark: None }).await.unwrap();
    file.run("ALTER TABLE orders DROP COLUMN name").await;
    let request = source::ReadRequest { stream: &stream, schema: plan.schema, part: &plan.parts[0], position: None };
    let mut reader = source.read(request).await.unwrap();
    assert_eq!(code(&reader.next().await.unwrap_err()), "query_invalid");
}

#[tokio::test]
async fn a_file_that_is_missing_or_none_is_for_a_person_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.db");
    assert_eq!(code(&SqliteSource::new(&missing).discover().await.unwrap_err()), "file_not_found");
    assert!(!missing.exists(), "looking makes no file");
    let notes = folder.path().join("notes.txt");
    std::fs::write(&notes, "just some notes, and quite a lot of them. ".repeat(50)).unwrap();
    assert_eq!(code(&SqliteSource::new(&notes).discover().await.unwrap_err()), "not_a_database");
    assert_eq!(code(&SqliteSource::new(folder.path()).discover().await.unwrap_err()), "source_access");
}

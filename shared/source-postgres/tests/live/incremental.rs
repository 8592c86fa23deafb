//! Incremental streams read what is beyond their bookmark, up to where the plan saw the end.

use source::{Error, PlanRequest, Source};
use spec::{Stream, SyncMode};

use crate::database::{Database, open, plan, query, rest, table, texts};

fn incremental(mut stream: Stream, cursor: &str) -> Stream {
    stream.sync_mode = SyncMode::Incremental;
    stream.cursor_field = Some(cursor.to_owned());
    stream
}

async fn refusal(database: &Database, stream: &Stream) -> (&'static str, String) {
    match database.source().plan(PlanRequest { stream, bookmark: None }).await {
        Err(Error::Config { code, problem, .. }) => (code, problem),
        other => panic!("expected a config error: {other:?}"),
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn each_run_reads_what_the_last_one_did_not() {
    let mut database = Database::new("incremental").await;
    database.run("CREATE TABLE orders (id int8 PRIMARY KEY, at timestamptz NOT NULL)").await;
    // Ten rows share each moment: the key tells them apart.
    database.run("INSERT INTO orders SELECT i, timestamptz '2024-01-01 00:00:00.000001+00' + i / 10 * interval '1 s' FROM generate_series(1, 45) i").await;
    let (source, stream) = (database.source(), incremental(table("orders"), "at"));
    let first = plan(&source, &stream, None).await;
    // Rows that come after the plan belong to the next run.
    database.run("INSERT INTO orders SELECT i, '2024-02-01' FROM generate_series(46, 50) i").await;
    let read = rest(open(&source, &stream, &first, None).await).await;
    assert_eq!(texts(&read, "id").len(), 45);
    for pulled in &read {
        let again = rest(open(&source, &stream, &first, Some(&pulled.position)).await).await;
        assert_eq!(texts(&again, "id").len() + pulled_before(&read, &pulled.position), 45);
    }

    let bookmark = read.last().unwrap().position.clone();
    database.run("UPDATE orders SET at = '2024-03-01' WHERE id = 7").await;
    let second = plan(&source, &stream, Some(&bookmark)).await;
    let read = rest(open(&source, &stream, &second, None).await).await;
    let ids: Vec<String> = texts(&read, "id").into_iter().flatten().collect();
    assert_eq!(ids, ["46", "47", "48", "49", "50", "7"]);

    let bookmark = read.last().unwrap().position.clone();
    let third = plan(&source, &stream, Some(&bookmark)).await;
    assert!(rest(open(&source, &stream, &third, None).await).await.is_empty());
}

fn pulled_before(read: &[source::Pulled], position: &flow::Position) -> usize {
    let upto = read.iter().position(|pulled| pulled.position == *position).unwrap();
    read[..=upto].iter().map(|pulled| pulled.rows.num_rows()).sum()
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn an_empty_table_and_an_infinite_cursor_have_an_end_too() {
    let mut database = Database::new("incremental_ends").await;
    database.run("CREATE TABLE orders (id uuid PRIMARY KEY, at timestamp)").await;
    let (source, stream) = (database.source(), incremental(table("orders"), "at"));
    let empty = plan(&source, &stream, None).await;
    database.run("INSERT INTO orders VALUES (gen_random_uuid(), 'infinity'), (gen_random_uuid(), '2024-01-01')").await;
    assert!(rest(open(&source, &stream, &empty, None).await).await.is_empty());
    let full = plan(&source, &stream, None).await;
    let read = rest(open(&source, &stream, &full, None).await).await;
    assert_eq!((read.len(), read[0].rows.num_rows(), read[0].rejects.len()), (1, 1, 1));
    let done = plan(&source, &stream, Some(&read[0].position)).await;
    assert!(rest(open(&source, &stream, &done, None).await).await.is_empty());
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn a_query_is_incremental_with_a_declared_key() {
    let database = Database::new("incremental_query").await;
    let mut stream = incremental(query("SELECT i AS id, i % 3 AS version FROM generate_series(1, 30) i"), "version");
    let (code, _) = refusal(&database, &stream).await;
    assert_eq!(code, "key_missing");
    stream.primary_key = vec!["id".to_owned()];
    let source = database.source();
    let plan = plan(&source, &stream, None).await;
    let read = rest(open(&source, &stream, &plan, None).await).await;
    let versions: Vec<_> = texts(&read, "version");
    assert_eq!(versions.len(), 30);
    assert!(versions.is_sorted());
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn what_would_lose_rows_is_refused_when_planned() {
    let mut database = Database::new("incremental_refused").await;
    database.run("CREATE TABLE orders (id int8 PRIMARY KEY, at date, doc json, other int4); INSERT INTO orders VALUES (1, NULL, '1', 2)").await;
    assert_eq!(refusal(&database, &incremental(table("orders"), "at")).await.0, "cursor_null");
    assert_eq!(refusal(&database, &incremental(table("orders"), "doc")).await.0, "cursor_invalid");
    let (code, problem) = refusal(&database, &incremental(table("orders"), "othr")).await;
    assert_eq!(code, "column_not_found");
    assert!(problem.ends_with("did you mean `other`?"), "{problem}");
    let mut keyed = incremental(table("orders"), "other");
    keyed.primary_key = vec!["at".to_owned()];
    assert_eq!(refusal(&database, &keyed).await.0, "key_null");

    database.run("UPDATE orders SET at = '2024-01-01'").await;
    let stream = incremental(table("orders"), "at");
    let source = database.source();
    let plan = plan(&source, &stream, None).await;
    let read = rest(open(&source, &stream, &plan, None).await).await;
    let other = incremental(table("orders"), "other");
    let outcome = source.plan(PlanRequest { stream: &other, bookmark: Some(&read[0].position) }).await;
    assert!(matches!(outcome, Err(Error::Config { code: "bookmark_mismatch", .. })), "{outcome:?}");
}

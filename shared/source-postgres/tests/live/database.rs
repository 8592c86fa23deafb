//! A database of its own for each test, and streams to read from it.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use flow::{Position, Size, StreamName};
use source::{Plan, PlanRequest, Pulled, ReadRequest, Reader, Source};
use source_postgres::PostgresSource;
use spec::{BatchLimits, DeclaredColumn, Disposition, Stream, StreamFrom, SyncMode};
use sqlx::PgConnection;

use crate::postgres;

/// A database that is dropped when the next run of its test begins.
pub(crate) struct Database {
    pub(crate) connection: PgConnection,
    pub(crate) url: String,
}

impl Database {
    pub(crate) async fn new(test: &str) -> Self {
        let url = postgres::new_database(&format!("millstream_source_{test}"), "").await;
        Self { connection: postgres::connect(&url).await, url }
    }

    pub(crate) async fn run(&mut self, sql: &str) {
        postgres::run(&mut self.connection, sql).await;
    }

    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        postgres::number(&mut self.connection, sql).await
    }

    pub(crate) fn source(&self) -> PostgresSource {
        PostgresSource::new(&self.url).unwrap()
    }
}

pub(crate) fn stream(from: StreamFrom) -> Stream {
    Stream {
        name: StreamName::new("orders").unwrap(),
        from,
        columns: BTreeMap::new(),
        sync_mode: SyncMode::FullRefresh,
        cursor_field: None,
        primary_key: Vec::new(),
        write_disposition: Disposition::Append,
        transforms: Vec::new(),
        quality: checks::Quality::default(),
        batch: BatchLimits { rows: 7, bytes: Size(1 << 20) },
    }
}

pub(crate) fn table(name: &str) -> Stream {
    stream(StreamFrom::Table(name.to_owned()))
}

pub(crate) fn query(text: &str) -> Stream {
    stream(StreamFrom::Query(text.to_owned()))
}

pub(crate) fn declared(mut stream: Stream, column: &str, column_type: &str, nullable: bool) -> Stream {
    let column_type = column_type.parse().unwrap();
    stream.columns.insert(column.to_owned(), DeclaredColumn { column_type, nullable });
    stream
}

pub(crate) async fn plan(source: &PostgresSource, stream: &Stream, bookmark: Option<&Position>) -> Plan {
    source.plan(PlanRequest { stream, bookmark }).await.unwrap()
}

pub(crate) async fn open(
    source: &PostgresSource,
    stream: &Stream,
    plan: &Plan,
    position: Option<&Position>,
) -> Box<dyn Reader> {
    let request = ReadRequest { stream, schema: plan.schema.clone(), part: &plan.parts[0], position };
    source.read(request).await.unwrap()
}

pub(crate) async fn read(source: &PostgresSource, stream: &Stream, position: Option<&Position>) -> Vec<Pulled> {
    let plan = plan(source, stream, None).await;
    rest(open(source, stream, &plan, position).await).await
}

pub(crate) async fn rest(mut reader: Box<dyn Reader>) -> Vec<Pulled> {
    let mut batches = Vec::new();
    while let Some(pulled) = reader.next().await.unwrap() {
        batches.push(pulled);
    }
    batches
}

/// A column's values as texts, over all batches.
pub(crate) fn texts(batches: &[Pulled], column: &str) -> Vec<Option<String>> {
    batches.iter().flat_map(|pulled| column_texts(&pulled.rows, column)).collect()
}

fn column_texts(rows: &RecordBatch, column: &str) -> Vec<Option<String>> {
    use arrow_array::Array as _;
    let array = rows.column_by_name(column).unwrap();
    let shown = arrow_cast::cast(array, &arrow_schema::DataType::Utf8).unwrap();
    let shown = arrow_array::cast::AsArray::as_string::<i32>(&shown).clone();
    (0..shown.len()).map(|row| (!shown.is_null(row)).then(|| shown.value(row).to_owned())).collect()
}

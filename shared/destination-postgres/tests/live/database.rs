//! A database of its own for each test, and batches to write to it.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use batch::ColumnType;
use destination::{Incoming, Target};
use destination_postgres::PostgresDestination;
use flow::{BatchId, Lane, RunId, StreamName, SyncName};
use spec::Disposition;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

/// A database that is dropped when the next run of its test begins.
pub(crate) struct Database {
    pub(crate) connection: PgConnection,
    pub(crate) url: String,
}

impl Database {
    pub(crate) async fn new(test: &str) -> Self {
        let server = server_url();
        let name = format!("millstream_destination_{test}");
        let options: PgConnectOptions = server.parse().unwrap();
        let mut admin = options.connect().await.unwrap();
        run(&mut admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(&mut admin, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        admin.close().await.unwrap();
        let connection = options.database(&name).connect().await.unwrap();
        Self { connection, url: with_database(&server, &name) }
    }

    pub(crate) async fn run(&mut self, sql: &str) {
        run(&mut self.connection, sql).await;
    }

    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut self.connection).await.unwrap()
    }

    pub(crate) async fn text(&mut self, sql: &str) -> Option<String> {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut self.connection).await.unwrap()
    }

    /// Writes to schema `shop`.
    pub(crate) fn destination(&self) -> PostgresDestination {
        PostgresDestination::new(&self.url, "shop").unwrap()
    }
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a test that needs a service is told where it is")]
pub(crate) fn server_url() -> String {
    std::env::var("MILLSTREAM_TEST_POSTGRES").expect("MILLSTREAM_TEST_POSTGRES: the URL of a PostgreSQL server")
}

/// The same server's URL with another database.
pub(crate) fn with_database(url: &str, name: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, String::new()), |(url, query)| (url, format!("?{query}")));
    let start = before.find("://").map_or(0, |scheme| scheme + 3);
    let host_end = before[start..].find('/').map_or(before.len(), |slash| start + slash);
    format!("{}/{name}{query}", &before[..host_end])
}

/// Run 1 of stream `orders`.
pub(crate) fn target(disposition: Disposition, fields: Vec<Field>, primary_key: &[&str]) -> Target {
    Target {
        sync: SyncName::new("shop").unwrap(),
        stream: StreamName::new("orders").unwrap(),
        run: RunId::from_text("shop-1"),
        schema: Arc::new(Schema::new(fields)),
        disposition,
        primary_key: primary_key.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// `id int64 not null, name utf8`, the key being `id`.
pub(crate) fn plain(disposition: Disposition) -> Target {
    let fields = vec![ColumnType::Int64.field("id", false), ColumnType::Utf8.field("name", true)];
    target(disposition, fields, &["id"])
}

pub(crate) fn in_run(target: &Target, run: &str) -> Target {
    Target { run: RunId::from_text(run), ..target.clone() }
}

pub(crate) fn field(name: &str, notation: &str) -> Field {
    notation.parse::<ColumnType>().unwrap().field(name, true)
}

pub(crate) fn plain_rows(target: &Target, rows: &[(i64, Option<&str>)]) -> RecordBatch {
    let ids: Int64Array = rows.iter().map(|(id, _)| Some(*id)).collect();
    let names: StringArray = rows.iter().map(|(_, name)| *name).collect();
    batch(target, vec![Arc::new(ids), Arc::new(names)])
}

pub(crate) fn batch(target: &Target, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(target.schema.clone(), columns).unwrap()
}

/// The `number`-th batch of the target's run.
pub(crate) fn incoming(target: &Target, number: u64, rows: RecordBatch) -> Incoming {
    Incoming {
        batch: BatchId::from_text(&format!("{}-{number}", target.run)),
        lane: Lane::of_run(&target.run, &target.stream, 0),
        sequence: number,
        rows,
    }
}

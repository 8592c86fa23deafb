//! A database of its own for each test, and batches to write to it.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use batch::ColumnType;
use destination::{Incoming, Target};
use destination_postgres::PostgresDestination;
use flow::{BatchId, Lane, RunId, StreamName, SyncName};
use spec::Disposition;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::postgres;

/// A database that is dropped when the next run of its test begins.
pub(crate) struct Database {
    pub(crate) connection: PgConnection,
    pub(crate) url: String,
}

impl Database {
    pub(crate) async fn new(test: &str) -> Self {
        let url = postgres::new_database(&format!("millstream_destination_{test}"), "").await;
        Self { connection: postgres::connect(&url).await, url }
    }

    pub(crate) async fn run(&mut self, sql: &str) {
        postgres::run(&mut self.connection, sql).await;
    }

    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        postgres::number(&mut self.connection, sql).await
    }

    pub(crate) async fn text(&mut self, sql: &str) -> Option<String> {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut self.connection).await.unwrap()
    }

    /// Writes to schema `shop`.
    pub(crate) fn destination(&self) -> PostgresDestination {
        PostgresDestination::new(&self.url, "shop").unwrap()
    }
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

//! What the tests stand on: a file made by SQL, streams, rows read to the end.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use flow::{Position, Size, StreamName};
use source::{Error, PlanRequest, Pulled, ReadRequest, Source};
use source_sqlite::SqliteSource;
use spec::validated::{BatchLimits, DeclaredColumn};
use spec::{Disposition, Stream, StreamFrom, SyncMode};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

/// A SQLite file that goes away with the test.
pub(crate) struct File {
    folder: tempfile::TempDir,
}

impl File {
    /// Made by these statements.
    pub(crate) async fn made_by(statements: &str) -> Self {
        let file = Self { folder: tempfile::tempdir().unwrap() };
        file.run(statements).await;
        file
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    pub(crate) fn source(&self) -> SqliteSource {
        SqliteSource::new(self.path())
    }

    pub(crate) async fn run(&self, statements: &str) {
        let options = SqliteConnectOptions::new().filename(self.path()).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
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
        batch: BatchLimits::default(),
    }
}

pub(crate) fn table(name: &str) -> Stream {
    stream(StreamFrom::Table(name.to_owned()))
}

pub(crate) fn query(text: &str) -> Stream {
    stream(StreamFrom::Query(text.to_owned()))
}

pub(crate) fn limits(rows: u64, bytes: u64) -> BatchLimits {
    BatchLimits { rows, bytes: Size(bytes) }
}

/// Says the type of a column, nullable.
pub(crate) fn with_column(mut stream: Stream, name: &str, column_type: &str) -> Stream {
    let declared = DeclaredColumn { column_type: column_type.parse().unwrap(), nullable: true };
    stream.columns.insert(name.to_owned(), declared);
    stream
}

/// Plans and reads everything.
pub(crate) async fn read(
    source: &SqliteSource,
    stream: &Stream,
    bookmark: Option<&Position>,
) -> Result<Vec<Pulled>, Error> {
    let plan = source.plan(PlanRequest { stream, bookmark }).await?;
    let mut batches = Vec::new();
    for part in &plan.parts {
        let request = ReadRequest { stream, schema: plan.schema.clone(), part, position: None };
        let mut reader = source.read(request).await?;
        while let Some(pulled) = reader.next().await? {
            batches.push(pulled);
        }
    }
    Ok(batches)
}

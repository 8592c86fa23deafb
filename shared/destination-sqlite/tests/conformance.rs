//! The SQLite destination runs the suite; what it wrote is read back with plain queries.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_cast::cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field};
use async_trait::async_trait;
use batch::ColumnType;
use destination::conformance::{Fixture, suite};
use destination::{Destination, Target};
use destination_sqlite::SqliteDestination;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

struct File(PathBuf);

#[async_trait]
impl Fixture for File {
    fn open(&self) -> Arc<dyn Destination> {
        Arc::new(SqliteDestination::new(&self.0))
    }

    async fn rows(&self, target: &Target) -> Option<RecordBatch> {
        let options = SqliteConnectOptions::new().filename(&self.0).read_only(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let there = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = ?").bind(target.stream.as_str());
        there.fetch_optional(&mut connection).await.unwrap()?;
        let names = target.schema.fields().iter().map(|field| format!("\"{}\"", field.name().replace('"', "\"\"")));
        let query = format!("SELECT {} FROM \"{}\"", names.collect::<Vec<_>>().join(", "), target.stream);
        let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(&mut connection).await.unwrap();
        let fields = target.schema.fields().iter().enumerate();
        let columns = fields.map(|(place, field)| column(&rows, place, field)).collect();
        Some(RecordBatch::try_new(target.schema.clone(), columns).unwrap())
    }
}

/// A column by what SQLite says it has stored: a decimal that had become a real would not decode.
fn column(rows: &[SqliteRow], place: usize, field: &Field) -> ArrayRef {
    let stored: ArrayRef = match ColumnType::of(field).unwrap() {
        ColumnType::Bool => {
            Arc::new(rows.iter().map(|row| row.get::<Option<bool>, _>(place)).collect::<BooleanArray>())
        }
        ColumnType::Float32 | ColumnType::Float64 => {
            Arc::new(rows.iter().map(|row| row.get::<Option<f64>, _>(place)).collect::<Float64Array>())
        }
        ColumnType::Binary => {
            Arc::new(rows.iter().map(|row| row.get::<Option<Vec<u8>>, _>(place)).collect::<BinaryArray>())
        }
        ColumnType::Uuid => return uuids(rows, place),
        column_type if column_type.arrow().is_integer() && column_type != ColumnType::UInt64 => {
            Arc::new(rows.iter().map(|row| row.get::<Option<i64>, _>(place)).collect::<Int64Array>())
        }
        _ => Arc::new(rows.iter().map(|row| row.get::<Option<String>, _>(place)).collect::<StringArray>()),
    };
    let exact = CastOptions { safe: false, ..CastOptions::default() };
    match field.data_type() {
        // Without a time-zone database Arrow reads offsets only.
        DataType::Timestamp(unit, Some(_)) => {
            let by_offset = DataType::Timestamp(*unit, Some("+00:00".into()));
            let moments = cast_with_options(&stored, &by_offset, &exact).unwrap();
            Arc::new(moments.as_primitive::<TimestampMicrosecondType>().clone().with_timezone("UTC"))
        }
        other => cast_with_options(&stored, other, &exact).unwrap(),
    }
}

fn uuids(rows: &[SqliteRow], place: usize) -> ArrayRef {
    let mut uuids = FixedSizeBinaryBuilder::new(16);
    for row in rows {
        match row.get::<Option<String>, _>(place) {
            Some(text) => {
                uuids.append_value(u128::from_str_radix(&text.replace('-', ""), 16).unwrap().to_be_bytes()).unwrap()
            }
            None => uuids.append_null(),
        }
    }
    Arc::new(uuids.finish())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sqlite_destination_passes() {
    let folder = tempfile::tempdir().unwrap();
    suite(&File(folder.path().join("made/on the way/warehouse.db"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_in_wal_mode_passes_and_stays_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = File(folder.path().join("wal.db"));
    let options = SqliteConnectOptions::new().filename(&file.0).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("PRAGMA journal_mode = WAL").execute(&mut connection).await.unwrap();
    suite(&file).await;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await.unwrap();
    assert_eq!(mode, "wal");
}

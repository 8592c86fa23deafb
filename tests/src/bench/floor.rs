//! The least the same data can take: bare readers and writers, nothing else around them.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, Connection};

use super::data::Data;
use super::{FOLDER, Psql};

/// Rows of an INSERT.
const INSERTED_ROWS: usize = 100;

/// `COPY TO` piped into `COPY FROM`, both binary, into a fresh table with the same columns.
pub(crate) fn postgres(psql: &Psql, data: &Data) -> anyhow::Result<Duration> {
    let create = format!("CREATE TABLE bench_floor.orders (LIKE {})", data.table);
    let drop = "DROP SCHEMA IF EXISTS bench_floor CASCADE";
    psql.run(&[drop, "CREATE SCHEMA bench_floor", &create, "CHECKPOINT"])?;
    let begun = Instant::now();
    let read = format!("COPY (SELECT * FROM {}) TO STDOUT (FORMAT binary)", data.table);
    psql.pipe(&read, "COPY bench_floor.orders FROM STDIN (FORMAT binary)")?;
    let took = begun.elapsed();
    let written = psql.number("SELECT count(*) FROM bench_floor.orders")?;
    ensure!(written == data.rows, "the floor wrote {written} rows of {}", data.rows);
    psql.run(&[drop])?;
    Ok(took)
}

/// A CSV reader that is told the types, into a Parquet writer with zstd at level 1.
pub(crate) fn csv_parquet(data: &Data) -> anyhow::Result<Duration> {
    let path = Path::new(FOLDER).join("floor.parquet");
    let begun = Instant::now();
    let schema = Data::arrow_schema()?;
    let level = ZstdLevel::try_new(1)?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut writer = ArrowWriter::try_new(File::create(&path)?, schema.clone(), Some(properties))?;
    let mut read = 0;
    for rows in reader(data, &schema)? {
        let rows = rows.context("read the data")?;
        read += rows.num_rows() as u64;
        writer.write(&rows)?;
    }
    writer.close()?;
    let took = begun.elapsed();
    ensure!(read == data.rows, "the floor read {read} rows of {}", data.rows);
    std::fs::remove_file(&path)?;
    Ok(took)
}

/// A CSV reader that is told the types, into prepared INSERTs of 100 rows in one transaction.
pub(crate) fn csv_sqlite(data: &Data) -> anyhow::Result<Duration> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(insert(data))
}

async fn insert(data: &Data) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir_in(FOLDER)?;
    let begun = Instant::now();
    let schema = Data::arrow_schema()?;
    let options = SqliteConnectOptions::new().filename(folder.path().join("floor.db")).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal);
    let mut connection = options.connect().await?;
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let create = format!("CREATE TABLE orders ({})", names.join(", "));
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await?;
    let mut transaction = connection.begin().await?;
    let mut written = 0;
    for rows in reader(data, &schema)? {
        let rows = rows.context("read the data")?;
        for start in (0..rows.num_rows()).step_by(INSERTED_ROWS) {
            let some = rows.slice(start, INSERTED_ROWS.min(rows.num_rows() - start));
            let tuple = format!("({})", vec!["?"; names.len()].join(","));
            let statement = format!("INSERT INTO orders VALUES {}", vec![tuple; some.num_rows()].join(","));
            let insert = sqlx::query_with(AssertSqlSafe(statement), arguments(&some)?);
            written += insert.execute(&mut *transaction).await?.rows_affected();
        }
    }
    transaction.commit().await?;
    connection.close().await?;
    let took = begun.elapsed();
    ensure!(written == data.rows, "the floor wrote {written} rows of {}", data.rows);
    Ok(took)
}

fn reader(data: &Data, schema: &SchemaRef) -> anyhow::Result<arrow_csv::Reader<File>> {
    let file = File::open(&data.csv).context("open the data")?;
    // A multiple of the rows of an INSERT, so that nearly all of them are one statement.
    let builder = arrow_csv::ReaderBuilder::new(schema.clone()).with_header(true).with_batch_size(80 * INSERTED_ROWS);
    builder.build(file).context("read the data")
}

fn arguments(rows: &RecordBatch) -> anyhow::Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for row in 0..rows.num_rows() {
        for column in rows.columns() {
            add(&mut arguments, column, row).map_err(|error| anyhow::anyhow!(error))?;
        }
    }
    Ok(arguments)
}

fn add(arguments: &mut SqliteArguments, column: &dyn Array, row: usize) -> Result<(), sqlx::error::BoxDynError> {
    if column.is_null(row) {
        return arguments.add(None::<i64>);
    }
    match column.data_type() {
        DataType::Int64 => arguments.add(column.as_primitive::<Int64Type>().value(row)),
        DataType::Int32 => arguments.add(column.as_primitive::<Int32Type>().value(row)),
        DataType::Date32 => arguments.add(column.as_primitive::<Date32Type>().value(row)),
        DataType::Timestamp(..) => arguments.add(column.as_primitive::<TimestampMicrosecondType>().value(row)),
        DataType::Float64 => arguments.add(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => arguments.add(column.as_boolean().value(row)),
        DataType::Decimal128(..) => {
            arguments.add(column.as_primitive::<arrow_array::types::Decimal128Type>().value_as_string(row))
        }
        DataType::Utf8 => arguments.add(column.as_string::<i32>().value(row)),
        other => Err(format!("the floor has no column of type {other}").into()),
    }
}

//! The suite every destination runs, read back by plain SQL.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, FixedSizeBinaryBuilder};
use arrow_array::{
    ArrayRef, Date32Array, Float32Array, Float64Array, RecordBatch, StringArray, Time64MicrosecondArray,
    TimestampMicrosecondArray,
};
use arrow_cast::cast::{CastOptions, cast_with_options};
use arrow_schema::Field;
use async_trait::async_trait;
use batch::ColumnType;
use destination::conformance::{Fixture, suite};
use destination::{Destination, Target};
use destination_postgres::PostgresDestination;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use crate::database::Database;

struct Server {
    url: String,
}

#[async_trait]
impl Fixture for Server {
    fn open(&self) -> Arc<dyn Destination> {
        Arc::new(PostgresDestination::new(&self.url, "a \"schema\"").unwrap())
    }

    async fn rows(&self, target: &Target) -> Option<RecordBatch> {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let table = format!("\"a \"\"schema\"\"\".{}", quoted(target.stream.as_str()));
        let is_there: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(&table)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        if !is_there {
            return None;
        }
        let mut columns = Vec::new();
        for field in target.schema.fields() {
            columns.push(column(&mut connection, &table, field).await);
        }
        Some(RecordBatch::try_new(target.schema.clone(), columns).unwrap())
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A column in the table's physical order, by what the server says of it.
async fn column(connection: &mut PgConnection, table: &str, field: &Field) -> ArrayRef {
    let name = quoted(field.name());
    let column_type = ColumnType::of(field).unwrap();
    let expression = match column_type {
        ColumnType::Binary => name,
        ColumnType::Uuid => format!("uuid_send({name})"),
        ColumnType::Date => format!("({name} - date '1970-01-01')::text"),
        ColumnType::Time | ColumnType::Timestamp { .. } => {
            format!("(extract(epoch FROM {name}) * 1000000)::int8::text")
        }
        _ => format!("{name}::text"),
    };
    let query = AssertSqlSafe(format!("SELECT {expression} FROM {table}"));
    if matches!(column_type, ColumnType::Binary | ColumnType::Uuid) {
        let values: Vec<Option<Vec<u8>>> = sqlx::query_scalar(query).fetch_all(connection).await.unwrap();
        return bytes(&values, column_type);
    }
    let texts: Vec<Option<String>> = sqlx::query_scalar(query).fetch_all(connection).await.unwrap();
    let whole = |text: &Option<String>| text.as_ref().map(|text| text.parse::<i64>().unwrap());
    match column_type {
        ColumnType::Float32 => {
            Arc::new(texts.iter().map(|text| Some(text.as_ref()?.parse::<f32>().unwrap())).collect::<Float32Array>())
        }
        ColumnType::Float64 => {
            Arc::new(texts.iter().map(|text| Some(text.as_ref()?.parse::<f64>().unwrap())).collect::<Float64Array>())
        }
        ColumnType::Date => {
            Arc::new(texts.iter().map(|text| Some(i32::try_from(whole(text)?).unwrap())).collect::<Date32Array>())
        }
        ColumnType::Time => Arc::new(texts.iter().map(whole).collect::<Time64MicrosecondArray>()),
        ColumnType::Timestamp { .. } => {
            Arc::new(texts.iter().map(whole).collect::<TimestampMicrosecondArray>().with_data_type(column_type.arrow()))
        }
        _ => {
            let exact = CastOptions { safe: false, ..CastOptions::default() };
            cast_with_options(&texts.into_iter().collect::<StringArray>(), field.data_type(), &exact).unwrap()
        }
    }
}

fn bytes(values: &[Option<Vec<u8>>], column_type: ColumnType) -> ArrayRef {
    if column_type == ColumnType::Binary {
        let mut builder = BinaryBuilder::new();
        values.iter().for_each(|value| builder.append_option(value.as_ref()));
        return Arc::new(builder.finish());
    }
    let mut builder = FixedSizeBinaryBuilder::new(16);
    for value in values {
        match value {
            Some(value) => builder.append_value(value).unwrap(),
            None => builder.append_null(),
        }
    }
    Arc::new(builder.finish())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn postgres_holds_to_the_suite() {
    let database = Database::new("suite").await;
    suite(&Server { url: database.url.clone() }).await;
}

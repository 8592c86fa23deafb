//! The SQLite source runs the suite on every kind of relation.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

mod ground;

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::Schema;
use batch::ColumnType;
use ground::{File, limits, query, table};
use source::conformance::{Case, suite};
use spec::Stream;

const ROWS: i64 = 40;

const COLUMNS: &str = "name TEXT, price DECIMAL(12,2), ratio REAL, raw BLOB, paid BOOLEAN, at TIMESTAMP";

/// A row for each number up to [`ROWS`], some of it NULL, some empty.
const VALUES: &str = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40)
    SELECT n, CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'ü🦀' || n END, n / 100.0, n + 0.5,
           CASE n % 3 WHEN 0 THEN NULL ELSE zeroblob(n % 3) END, n % 2,
           strftime('%Y-%m-%d %H:%M:%S', n * 1000, 'unixepoch') || '.000001' FROM numbers";

fn expected(id_is_nullable: bool) -> RecordBatch {
    let schema = Schema::new(vec![
        ColumnType::Int64.field("id", id_is_nullable),
        ColumnType::Utf8.field("name", true),
        ColumnType::Decimal { precision: 12, scale: 2 }.field("price", true),
        ColumnType::Float64.field("ratio", true),
        ColumnType::Binary.field("raw", true),
        ColumnType::Bool.field("paid", true),
        ColumnType::Timestamp { zoned: false }.field("at", true),
    ]);
    let numbers = || 1..=ROWS;
    let name = |n: i64| match n % 4 {
        0 => None,
        1 => Some(String::new()),
        _ => Some(format!("ü🦀{n}")),
    };
    let price: Decimal128Array = numbers().map(|n| Some(i128::from(n))).collect();
    let zeros = [0_u8; 2];
    let raw = numbers().map(|n| (n % 3 != 0).then(|| &zeros[..usize::try_from(n % 3).unwrap()]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(numbers())),
        Arc::new(numbers().map(name).collect::<StringArray>()),
        Arc::new(price.with_precision_and_scale(12, 2).unwrap()),
        Arc::new(numbers().map(|n| Some(n as f64 + 0.5)).collect::<Float64Array>()),
        Arc::new(raw.collect::<BinaryArray>()),
        Arc::new(numbers().map(|n| Some(n % 2 == 1)).collect::<BooleanArray>()),
        Arc::new(TimestampMicrosecondArray::from_iter_values(numbers().map(|n| n * 1_000_000_000 + 1))),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

async fn check(statements: &str, stream: Stream, id_is_nullable: bool) {
    let file = File::made_by(statements).await;
    let expected = [expected(id_is_nullable)];
    for limits in
        [limits(7, 1 << 20), limits(1, 1 << 20), limits(1000, 300), limits(100, 1 << 20), limits(1000, 1 << 20)]
    {
        let stream = Stream { batch: limits, ..stream.clone() };
        suite(Case { source: &file.source(), stream: &stream, expected: &expected }).await;
    }
}

#[tokio::test]
async fn a_table_with_an_integer_key_passes() {
    let made = format!("CREATE TABLE orders (id INTEGER PRIMARY KEY, {COLUMNS}); INSERT INTO orders {VALUES}");
    check(&made, table("orders"), false).await;
}

#[tokio::test]
async fn a_table_whose_columns_hide_the_row_number_passes() {
    let made = format!("CREATE TABLE orders (id INTEGER, {COLUMNS}); INSERT INTO orders {VALUES}");
    check(&made, table("main.orders"), true).await;
    let hidden = format!(
        "CREATE TABLE \"o \"\" s\" (rowid INTEGER, {COLUMNS}); INSERT INTO \"o \"\" s\" {VALUES};
         CREATE VIEW v AS SELECT rowid AS id, name, price, ratio, raw, paid, at FROM \"o \"\" s\";"
    );
    check(&hidden, table("v"), true).await;
}

#[tokio::test]
async fn a_table_without_row_numbers_passes() {
    let made = format!(
        "CREATE TABLE orders (id INTEGER, {COLUMNS}, PRIMARY KEY (ratio, id)) WITHOUT ROWID; INSERT INTO orders {VALUES}"
    );
    let file = File::made_by(&made).await;
    let expected = expected(false);
    let schema = expected.schema();
    let not_null = schema.fields().iter().map(|field| match field.name().as_str() {
        "ratio" => field.as_ref().clone().with_nullable(false),
        _ => field.as_ref().clone(),
    });
    let schema = Arc::new(Schema::new(not_null.collect::<Vec<_>>()));
    let expected = [RecordBatch::try_new(schema, expected.columns().to_vec()).unwrap()];
    let stream = Stream { batch: limits(7, 1 << 20), ..table("orders") };
    suite(Case { source: &file.source(), stream: &stream, expected: &expected }).await;
}

#[tokio::test]
async fn a_query_passes_in_its_own_order() {
    let made = format!("CREATE TABLE orders (id INTEGER PRIMARY KEY, {COLUMNS}); INSERT INTO orders {VALUES}");
    check(&made, query("SELECT * FROM orders WHERE id > 0 ORDER BY ratio; -- all of them"), true).await;
}

#[tokio::test]
async fn a_table_without_rows_passes() {
    for from in [table("orders"), query("SELECT * FROM orders")] {
        let file = File::made_by(&format!("CREATE TABLE orders (id INTEGER, {COLUMNS})")).await;
        let expected = [expected(true).slice(0, 0)];
        suite(Case { source: &file.source(), stream: &from, expected: &expected }).await;
    }
}

//! The rows: what an export of customers and their orders looks like, the same at every run.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::SchemaRef;
use rules::plan::Column;

/// Rows in all.
pub(crate) const ROWS: usize = 131_072;

/// Ten columns, by name, type and whether they may be NULL.
const COLUMNS: [(&str, &str, bool); 10] = [
    ("id", "int64", false),
    ("name", "utf8", true),
    ("email", "utf8", true),
    ("amount", "utf8", true),
    ("price", "decimal(12,2)", true),
    ("quantity", "int64", true),
    ("at", "utf8", true),
    ("country", "utf8", true),
    ("active", "bool", true),
    ("score", "float64", true),
];

const NAMES: [&str; 6] = ["Ada Lovelace", " Grace Hopper", "Edsger Dijkstra ", "  Zoë Ångström  ", "Kurt Gödel", "Al"];
const HOSTS: [&str; 4] = ["Example.org", "mail.example.com", "POST.EXAMPLE.NET", "example.io"];
const COUNTRIES: [&str; 8] = ["DE", "FR", "US", "XX", "GB", "JP", "BR", "IN"];

/// The columns as a rule is compiled for them.
pub(crate) fn columns() -> anyhow::Result<Vec<Column>> {
    let column = |(name, column_type, nullable): &(&str, &str, bool)| {
        let column_type = column_type.parse().map_err(|error| anyhow::anyhow!("the type of {name}: {error}"))?;
        Ok(Column { name: (*name).to_owned(), column_type, nullable: *nullable })
    };
    COLUMNS.iter().map(column).collect()
}

/// The rows in batches of this size.
pub(crate) fn batches(size: usize) -> anyhow::Result<Vec<RecordBatch>> {
    let fields: Vec<_> =
        columns()?.iter().map(|column| column.column_type.field(&column.name, column.nullable)).collect();
    let schema: SchemaRef = Arc::new(arrow_schema::Schema::new(fields));
    (0..ROWS).step_by(size).map(|first| batch(&schema, first..(first + size).min(ROWS))).collect()
}

fn batch(schema: &SchemaRef, rows: std::ops::Range<usize>) -> anyhow::Result<RecordBatch> {
    let rows: Vec<Row> = rows.map(Row).collect();
    let texts =
        |value: fn(&Row) -> Option<String>| Arc::new(rows.iter().map(value).collect::<StringArray>()) as ArrayRef;
    let price = rows.iter().map(Row::price).collect::<Decimal128Array>().with_precision_and_scale(12, 2)?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| Some(row.0 as i64)).collect::<Int64Array>()),
        texts(Row::name),
        texts(Row::email),
        texts(Row::amount),
        Arc::new(price),
        Arc::new(rows.iter().map(Row::quantity).collect::<Int64Array>()),
        texts(Row::at),
        texts(Row::country),
        Arc::new(rows.iter().map(Row::active).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(Row::score).collect::<Float64Array>()),
    ];
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// A row by its number; every value is made of it.
struct Row(usize);

impl Row {
    /// A number below `below`, another for every `salt`.
    fn draw(&self, salt: u64, below: u64) -> u64 {
        let mut bits = (self.0 as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        bits = (bits ^ (bits >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        (bits ^ (bits >> 32)) % below
    }

    /// Three rows in a hundred have NULL.
    fn some<T>(&self, salt: u64, value: T) -> Option<T> {
        (self.draw(salt, 100) >= 3).then_some(value)
    }

    fn name(&self) -> Option<String> {
        self.some(1, NAMES[self.draw(2, 6) as usize].to_owned())
    }

    fn email(&self) -> Option<String> {
        self.some(3, format!(" User{}@{} ", self.0, HOSTS[self.draw(4, 4) as usize]))
    }

    fn amount(&self) -> Option<String> {
        self.some(5, format!("{}.{:02}", self.draw(6, 100_000), self.draw(7, 100)))
    }

    fn price(&self) -> Option<i128> {
        self.some(8, i128::from(self.draw(9, 10_000_000)) - 5_000)
    }

    fn quantity(&self) -> Option<i64> {
        self.some(10, self.draw(11, 500) as i64)
    }

    fn at(&self) -> Option<String> {
        let [month, day] = [self.draw(12, 12) + 1, self.draw(13, 28) + 1];
        let [hour, minute, second] = [self.draw(14, 24), self.draw(15, 60), self.draw(16, 60)];
        self.some(17, format!("20{:02}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}", self.draw(18, 26)))
    }

    fn country(&self) -> Option<String> {
        self.some(19, COUNTRIES[self.draw(20, 8) as usize].to_owned())
    }

    fn active(&self) -> Option<bool> {
        self.some(21, self.draw(22, 10) > 0)
    }

    fn score(&self) -> Option<f64> {
        self.some(23, self.draw(24, 1000) as f64 / 10.0)
    }
}

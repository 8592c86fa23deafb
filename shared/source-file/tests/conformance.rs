//! The suite every source runs, over every format and way of packing.
#![allow(clippy::unwrap_used, reason = "a test says what failed by panicking")]

mod support;

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow_schema::Schema;
use batch::ColumnType;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use source::conformance::{Case, suite};
use support::{Fixture, gzip, printed, rows, zstd};

const ROWS: usize = 240;
const COLUMNS: [(&str, &str); 10] = [
    ("id", "int64"),
    ("big", "uint64"),
    ("text", "utf8"),
    ("amount", "decimal(38,4)"),
    ("x", "float64"),
    ("ok", "bool"),
    ("day", "date"),
    ("at", "timestamp(us,UTC)"),
    ("bytes", "binary"),
    ("doc", "json"),
];

/// Every third value is missing, every seventh text is empty.
fn expected() -> RecordBatch {
    let there = |row: &usize| !row.is_multiple_of(3);
    let numbers = || (0..ROWS).map(move |row| there(&row).then_some(row));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(numbers().map(|row| row.map(|row| row as i64 - 100)).collect::<Int64Array>()),
        Arc::new(numbers().map(|row| row.map(|row| u64::MAX - row as u64)).collect::<UInt64Array>()),
        Arc::new(numbers().map(|row| row.map(text)).collect::<StringArray>()),
        Arc::new(
            numbers()
                .map(|row| row.map(|row| i128::MAX / 2 - row as i128))
                .map(|value| value.map(|value| value / 1000))
                .collect::<Decimal128Array>()
                .with_precision_and_scale(38, 4)
                .unwrap(),
        ),
        Arc::new(numbers().map(|row| row.map(|row| row as f64 / 8.0)).collect::<Float64Array>()),
        Arc::new(numbers().map(|row| row.map(|row| row.is_multiple_of(2))).collect::<BooleanArray>()),
        Arc::new(numbers().map(|row| row.map(|row| row as i32 * 50)).collect::<Date32Array>()),
        Arc::new(
            numbers()
                .map(|row| row.map(|row| row as i64 * 1_000_003_000_001))
                .collect::<TimestampMicrosecondArray>()
                .with_timezone("UTC"),
        ),
        Arc::new(numbers().map(|row| row.map(|row| vec![row as u8; row % 5])).collect::<BinaryArray>()),
        Arc::new(numbers().map(|row| row.map(|row| format!("{{\"n\": {row}.0}}"))).collect::<StringArray>()),
    ];
    let fields = COLUMNS.map(|(name, kind)| kind.parse::<ColumnType>().unwrap().field(name, true));
    RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), columns).unwrap()
}

fn text(row: usize) -> String {
    if row.is_multiple_of(7) {
        String::new()
    } else {
        format!("line {row}\n\"quoted\", 数据 {}", "…".repeat(row % 40))
    }
}

fn csv() -> String {
    let batch = expected();
    let mut csv = COLUMNS.map(|(name, _)| name).join(",") + "\n";
    for row in printed(&batch) {
        let fields = row.iter().map(|field| match field {
            None => String::new(),
            Some(text) => format!("\"{}\"", text.replace('"', "\"\"")),
        });
        csv += &(fields.collect::<Vec<_>>().join(",") + "\r\n");
    }
    csv
}

fn jsonl() -> String {
    let batch = expected();
    let mut lines = String::new();
    for row in printed(&batch) {
        let members = row.iter().zip(COLUMNS).filter_map(|(field, (name, kind))| {
            let text = field.as_ref()?;
            let is_bare = matches!(kind, "int64" | "uint64" | "decimal(38,4)" | "float64" | "bool" | "json");
            let value = if is_bare { text.clone() } else { serde_json::to_string(text).unwrap() };
            Some(format!("\"{name}\":{value}"))
        });
        lines += &format!("{{{}}}\n", members.collect::<Vec<_>>().join(","));
    }
    lines
}

fn parquet(batch: &RecordBatch) -> Vec<u8> {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(40)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

async fn conforms(mut fixture: Fixture) {
    let expected = [expected()];
    for (rows, bytes) in [(7, 1 << 20), (1000, 2000), (65_536, 8 << 20)] {
        fixture = fixture.limits(rows, bytes);
        suite(Case { source: &fixture.source, stream: &fixture.stream, expected: &expected }).await;
        every_position_is_followed_by_the_same_batches(&fixture).await;
    }
}

/// Not only the same rows: a batch's id is derived from the position before it, so the batch has to be the same one.
async fn every_position_is_followed_by_the_same_batches(fixture: &Fixture) {
    let plan = fixture.plan().await.unwrap();
    let whole = fixture.read(&plan, None).await.unwrap();
    for (number, pulled) in whole.iter().enumerate().step_by(1 + whole.len() / 20) {
        let rest = fixture.read(&plan, Some(&pulled.position)).await.unwrap();
        let expected: Vec<_> = whole.iter().skip(number + 1).collect();
        assert_eq!(rest.len(), expected.len());
        for (batch, expected) in rest.iter().zip(expected) {
            assert_eq!(batch.position, expected.position);
            assert_eq!(batch.rejects, expected.rejects);
            assert_eq!(rows(std::slice::from_ref(batch)), rows(std::slice::from_ref(expected)));
        }
    }
}

#[tokio::test]
async fn csv_plain() {
    conforms(Fixture::new("a.csv").with("a.csv", csv()).declare(&COLUMNS)).await;
}

#[tokio::test]
async fn csv_packed_and_encoded() {
    let csv = csv();
    let (encoded, _, _) = encoding_rs::GB18030.encode(&csv);
    let fixture = Fixture::new("a.csv.gz").with("a.csv.gz", gzip(&encoded)).declare(&COLUMNS);
    conforms(fixture.files(|files| files.encoding = "gb18030".into())).await;
}

#[tokio::test]
async fn csv_in_several_files() {
    let csv = csv();
    let lines: Vec<&str> = csv.split_inclusive("\r\n").collect();
    let header = COLUMNS.map(|(name, _)| name).join(",");
    let (first, rest) = lines.split_at(80);
    let (second, third) = rest.split_at(3);
    let fixture = Fixture::new("*.csv*")
        .with("a.csv", first.concat())
        .with("b.csv.zst", zstd(format!("{header}\n{}", second.concat()).as_bytes()))
        .with("c.csv", format!("{header}\n"))
        .with("d.csv", format!("\u{feff}{header}\r\n{}", third.concat()))
        .declare(&COLUMNS);
    conforms(fixture).await;
}

#[tokio::test]
async fn json_lines() {
    conforms(Fixture::new("a.jsonl").with("a.jsonl", jsonl()).declare(&COLUMNS)).await;
}

#[tokio::test]
async fn json_lines_packed() {
    conforms(Fixture::new("a.jsonl.zst").with("a.jsonl.zst", zstd(jsonl().as_bytes())).declare(&COLUMNS)).await;
}

#[tokio::test]
async fn parquet_in_several_files() {
    let batch = expected();
    let fixture = Fixture::new("*.parquet")
        .with("a.parquet", parquet(&batch.slice(0, 150)))
        .with("b.parquet", parquet(&batch.slice(150, 0)))
        .with("c.parquet", parquet(&batch.slice(150, ROWS - 150)));
    conforms(fixture).await;
}

#[tokio::test]
async fn a_stream_without_rows() {
    let empty = [expected().slice(0, 0)];
    let fixture = Fixture::new("a.csv").with("a.csv", COLUMNS.map(|(name, _)| name).join(",")).declare(&COLUMNS);
    suite(Case { source: &fixture.source, stream: &fixture.stream, expected: &empty }).await;
}

#[tokio::test]
async fn a_stream_with_records_that_are_no_rows() {
    let bad = |row: usize| match row % 4 {
        0 => format!("{row}\n"),
        1 => format!("{row},x,y\n"),
        2 => format!("\"{row}\"x,1\n"),
        _ => format!("{row},\"two\nlines\"\n\n"),
    };
    let csv: String = (0..200).map(bad).collect();
    let mut fixture = Fixture::new("a.csv").with("a.csv", format!("id,n\n{csv}")).declare(&[("n", "utf8")]);
    for rows in [1, 3, 1000] {
        fixture = fixture.limits(rows, 1 << 20);
        every_position_is_followed_by_the_same_batches(&fixture).await;
    }
}

//! The memory source runs the suite, and fails where it is told to.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::Schema;
use batch::ColumnType;
use flow::{Position, Size, StreamName};
use source::conformance::{Case, suite};
use source::faulty::{Call, Failure, Faulty, Script};
use source::memory::MemorySource;
use source::{Error, PlanRequest, ReadRequest, Source};
use spec::validated::BatchLimits;
use spec::{Disposition, Stream, StreamFrom, SyncMode};

fn rows(ids: std::ops::Range<i64>) -> RecordBatch {
    let schema = Schema::new(vec![ColumnType::Int64.field("id", false), ColumnType::Utf8.field("name", true)]);
    let names: StringArray = ids.clone().map(|id| (id % 3 != 0).then(|| "n".repeat(id as usize))).collect();
    let columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from_iter_values(ids)), Arc::new(names)];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

fn stream(table: &str, sync_mode: SyncMode, limits: BatchLimits) -> Stream {
    Stream {
        name: StreamName::new("orders").unwrap(),
        from: StreamFrom::Table(table.to_owned()),
        columns: BTreeMap::new(),
        sync_mode,
        cursor_field: None,
        primary_key: Vec::new(),
        write_disposition: Disposition::Append,
        transforms: Vec::new(),
        quality: checks::Quality::default(),
        batch: limits,
    }
}

#[tokio::test]
async fn the_memory_source_passes_whole_and_in_parts() {
    let batches = vec![rows(0..5), rows(5..6), rows(6..40)];
    for parts in [1, 3] {
        let source = MemorySource::new().with("orders", &["id"], batches.clone()).split_into(parts);
        for limits in [BatchLimits { rows: 4, bytes: Size(1 << 20) }, BatchLimits { rows: 100, bytes: Size(100) }] {
            let stream = stream("orders", SyncMode::FullRefresh, limits);
            suite(Case { source: &source, stream: &stream, expected: &batches }).await;
        }
    }
}

#[tokio::test]
async fn an_empty_stream_passes() {
    let empty = vec![rows(0..0)];
    let source = MemorySource::new().with("orders", &[], empty.clone());
    let stream = stream("orders", SyncMode::FullRefresh, BatchLimits::default());
    suite(Case { source: &source, stream: &stream, expected: &empty }).await;
}

#[tokio::test]
async fn an_incremental_stream_reads_what_is_beyond_the_bookmark() {
    let source = MemorySource::new().with("orders", &["id"], vec![rows(0..10)]);
    let stream = stream("orders", SyncMode::Incremental, BatchLimits::default());
    let bookmark = Position::from_text("7");
    let plan = source.plan(PlanRequest { stream: &stream, bookmark: Some(&bookmark) }).await.unwrap();
    let request = ReadRequest { stream: &stream, schema: plan.schema.clone(), part: &plan.parts[0], position: None };
    let mut reader = source.read(request).await.unwrap();
    let pulled = reader.next().await.unwrap().unwrap();
    assert_eq!(pulled.rows, rows(0..10).slice(7, 3));
    assert_eq!(pulled.position.as_str(), "10");
    assert!(reader.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_script_fails_the_calls_it_names_and_no_others() {
    let script = Script::new();
    script.fail(Call::Plan, 1, Failure::Config);
    script.fail(Call::Next, 2, Failure::Unavailable);
    let inner = MemorySource::new().with("orders", &["id"], vec![rows(0..10)]);
    let source = Faulty::new(Arc::new(inner), script.clone());
    let stream = stream("orders", SyncMode::FullRefresh, BatchLimits { rows: 2, bytes: Size(1 << 20) });
    let ask = PlanRequest { stream: &stream, bookmark: None };
    assert!(matches!(source.plan(ask).await, Err(Error::Config { .. })));
    let plan = source.plan(ask).await.unwrap();
    let request = ReadRequest { stream: &stream, schema: plan.schema.clone(), part: &plan.parts[0], position: None };
    let mut reader = source.read(request).await.unwrap();
    assert!(reader.next().await.is_ok());
    assert!(matches!(reader.next().await, Err(Error::Unavailable { .. })));
    assert!(reader.next().await.is_ok());
    assert_eq!(script.calls(Call::Next), 3);
}

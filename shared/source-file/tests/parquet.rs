//! Parquet files as others write them.

#![allow(clippy::unwrap_used, reason = "a test says what failed by panicking")]

mod support;

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, Decimal256Array, DictionaryArray, FixedSizeBinaryArray, Float64Array, Int32Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, StringViewArray, Time32MillisecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, UInt64Array,
};
use arrow_buffer::i256;
use arrow_schema::{Field, Schema};
use batch::ColumnType;
use parquet::arrow::ArrowWriter;
use support::Fixture;

fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    written(&RecordBatch::try_from_iter_with_nullable(columns).unwrap())
}

fn written(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn ints(values: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

#[tokio::test]
async fn types_with_another_layout_are_carried_whole() {
    let zoned = TimestampMillisecondArray::from(vec![Some(1_357_017_420_001)]).with_timezone("Asia/Shanghai");
    let dictionary: DictionaryArray<Int8Type> = vec![Some("d")].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("large", Arc::new(LargeStringArray::from(vec![""]))),
        ("view", Arc::new(StringViewArray::from(vec!["v"]))),
        ("dictionary", Arc::new(dictionary)),
        ("zoned", Arc::new(zoned)),
        ("time", Arc::new(Time32MillisecondArray::from(vec![1]))),
        ("fixed", Arc::new(FixedSizeBinaryArray::try_from_iter([b"\x01\xff"].into_iter()).unwrap())),
        ("big", Arc::new(UInt64Array::from(vec![u64::MAX]))),
        ("wide", Arc::new(Decimal256Array::from(vec![i256::from_i128(125)]).with_precision_and_scale(60, 2).unwrap())),
    ];
    let fixture = Fixture::new("a.parquet").with("a.parquet", file(columns));
    let expected = "large utf8, view utf8, dictionary utf8, zoned timestamp(us,UTC), time time, fixed binary, \
        big uint64, wide decimal(60,2)";
    assert_eq!(fixture.schema().await, expected);
    let (rows, _) = fixture.all().await;
    assert_eq!(rows, ["|v|d|2013-01-01T05:17:00.001Z|00:00:00.001|01ff|18446744073709551615|1.25"]);
}

#[tokio::test]
async fn our_own_types_are_known_again() {
    let kept = [("j", ColumnType::Json), ("n", ColumnType::Numeric), ("u", ColumnType::Uuid)];
    let fields: Vec<Field> = kept.iter().map(|(name, kind)| kind.field(name, true)).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec!["{}"])),
        Arc::new(StringArray::from(vec!["1.50"])),
        Arc::new(FixedSizeBinaryArray::try_from_iter([[7_u8; 16]].into_iter()).unwrap()),
    ];
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let fixture = Fixture::new("a.parquet").with("a.parquet", written(&batch));
    assert_eq!(fixture.schema().await, "j json, n numeric, u uuid");
    let plan = fixture.plan().await.unwrap();
    assert_eq!(fixture.read(&plan, None).await.unwrap()[0].rows, batch);
}

#[tokio::test]
async fn what_cannot_be_carried_is_refused_by_its_columns_name() {
    let nanos: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1]));
    let nested: ArrayRef = Arc::new(arrow_array::StructArray::from(vec![(
        Arc::new(Field::new("x", arrow_schema::DataType::Float64, true)),
        Arc::new(Float64Array::from(vec![1.0])) as ArrayRef,
    )]));
    for (column, advice) in [(nanos, "in microseconds"), (nested, "as JSON text")] {
        let fixture =
            Fixture::new("a.parquet").with("a.parquet", file(vec![("ok", ints(vec![Some(1)])), ("bad", column)]));
        let (code, message) = fixture.failure().await;
        assert_eq!(code, "type_unsupported");
        assert!(message.contains("column `bad` of `files`") && message.contains(advice), "{message}");
    }
}

#[tokio::test]
async fn files_with_other_columns_are_refused() {
    let fixture = Fixture::new("*.parquet")
        .with("a.parquet", file(vec![("a", ints(vec![Some(1)]))]))
        .with("b.parquet", file(vec![("a", Arc::new(Int32Array::from(vec![1])))]));
    let (code, message) = fixture.failure().await;
    assert_eq!(code, "header_changed");
    assert!(message.contains("`b.parquet`") && message.contains("expected `a int64`, found `a int32`"), "{message}");
}

#[tokio::test]
async fn a_row_with_a_null_that_may_not_be_is_told_and_the_others_are_read() {
    let at = TimestampMillisecondArray::from(vec![0, 1, 2]).with_timezone("UTC");
    let columns = vec![("id", ints(vec![Some(1), None, Some(3)])), ("at", Arc::new(at) as ArrayRef)];
    let fixture = Fixture::new("a.parquet").with("a.parquet", file(columns)).declare(&[("id", "int64!")]);
    assert_eq!(fixture.schema().await, "id int64!, at timestamp(us,UTC)");
    let (rows, rejects) = fixture.all().await;
    assert_eq!(rows, ["1|1970-01-01T00:00:00Z", "3|1970-01-01T00:00:00.002Z"]);
    let reject = rejects.first().unwrap();
    assert_eq!((reject.code, reject.column.as_deref()), ("not_null", Some("id")));
    assert_eq!((reject.place.as_str(), rejects.len()), ("a.parquet row 2", 1));
    assert_eq!(reject.record, "{\"id\":null,\"at\":\"1970-01-01T00:00:00.001Z\"}");
}

#[tokio::test]
async fn a_declared_type_must_be_the_files() {
    let fixture = Fixture::new("a.parquet").with("a.parquet", file(vec![("a", ints(vec![Some(1)]))]));
    let fixture = fixture.declare(&[("a", "utf8")]);
    let (code, message) = fixture.failure().await;
    assert_eq!(code, "type_differs");
    assert!(message.contains("column `a` is declared as utf8"), "{message}");
}

#[tokio::test]
async fn a_batch_is_bounded_by_bytes_even_when_a_dictionary_hides_them() {
    let text = "x".repeat(100_000);
    let column: ArrayRef = Arc::new(StringArray::from(vec![text.as_str(); 300]));
    let fixture = Fixture::new("a.parquet").with("a.parquet", file(vec![("a", column)])).limits(1000, 1_000_000);
    let plan = fixture.plan().await.unwrap();
    let pulled = fixture.read(&plan, None).await.unwrap();
    assert_eq!(pulled.iter().map(|pulled| pulled.rows.num_rows()).sum::<usize>(), 300);
    assert!(pulled.iter().all(|pulled| pulled.rows.num_rows() <= 10));
}

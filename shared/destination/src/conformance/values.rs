//! Values: every type's extremes come back exactly, or the column is named as unfit.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, FixedSizeBinaryBuilder};
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, Float64Array, Int64Array, PrimitiveArray,
    RecordBatch, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow_buffer::i256;
use arrow_schema::{DECIMAL128_MAX_PRECISION, DECIMAL256_MAX_PRECISION, Field};
use batch::ColumnType;
use spec::Disposition;

use super::Fixture;
use super::ground::{Ground, schema_of};
use crate::{Error, Outcome};

/// Days and microseconds of 0001-01-01 and 9999-12-31T23:59:59.999999.
const FIRST_DAY: i32 = -719_162;
const LAST_DAY: i32 = 2_932_896;
const FIRST_MOMENT: i64 = -62_135_596_800_000_000;
const LAST_MOMENT: i64 = 253_402_300_799_999_999;

pub(super) async fn every_type_comes_back_exactly(fixture: &dyn Fixture, disposition: Disposition) {
    let all: Vec<(Field, ArrayRef)> = columns().into_iter().map(named).collect();
    let unfit = fixture.open().unfit(&schema_of(all.iter().map(|(field, _)| field.clone()).collect()));
    let (mut fields, mut columns): (Vec<Field>, Vec<ArrayRef>) =
        all.into_iter().filter(|(field, _)| !unfit.iter().any(|unfit| unfit.column == *field.name())).unzip();
    assert!(fields.len() > 10, "more types are unfit than can be: {unfit:?}");
    fields.insert(0, ColumnType::Int64.field("id", false));
    columns.insert(0, Arc::new(Int64Array::from_iter_values(0..5)));
    let schema = schema_of(fields);
    let rows = RecordBatch::try_new(schema.clone(), columns).expect("columns of five rows");
    let ground = Ground::with_schema(fixture, "types", disposition, schema);
    ground.prepare().await;
    assert_eq!(ground.try_deliver(0, rows.clone()).await.expect("deliver a batch"), Outcome::Written { rows: 5 });
    ground.finish().await;
    ground.prepare().await;
    ground.check(&rows).await;
}

pub(super) async fn a_float_that_is_no_number_is_kept_or_refused_whole(
    fixture: &dyn Fixture,
    disposition: Disposition,
) {
    let fields = vec![ColumnType::Int64.field("id", false), ColumnType::Float64.field("ratio", true)];
    let schema = schema_of(fields);
    for (check, value) in [("nan", f64::NAN), ("infinite", f64::INFINITY), ("minus", f64::NEG_INFINITY)] {
        let columns: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from(vec![1, 2])), Arc::new(Float64Array::from(vec![0.5, value]))];
        let rows = RecordBatch::try_new(schema.clone(), columns).expect("columns of two rows");
        let ground = Ground::with_schema(fixture, check, disposition, schema.clone());
        ground.prepare().await;
        let outcome = ground.try_deliver(0, rows.clone()).await;
        ground.finish().await;
        match outcome {
            Ok(_) => ground.check(&rows).await,
            Err(Error::Refused { problem, .. }) => {
                assert!(problem.contains("`ratio`"), "the message does not name the column: {problem}");
                ground.check(&rows.slice(0, 0)).await;
            }
            Err(other) => panic!("a float that cannot be held gave another error: {other:?}"),
        }
    }
}

fn named((column_type, values): (ColumnType, ArrayRef)) -> (Field, ArrayRef) {
    (column_type.field(&format!("a {column_type}"), true), values)
}

/// Five values of each type: a NULL, the extremes and what others get wrong.
fn columns() -> Vec<(ColumnType, ArrayRef)> {
    let mut columns = vec![(ColumnType::Bool, bools())];
    columns.extend(integers());
    columns.extend(fractions());
    columns.extend(texts());
    columns.extend(moments());
    columns
}

fn bools() -> ArrayRef {
    Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true), Some(false)]))
}

fn integers() -> Vec<(ColumnType, ArrayRef)> {
    vec![
        (ColumnType::Int8, numbers::<Int8Type>([i8::MIN, i8::MAX, 0, -1])),
        (ColumnType::Int16, numbers::<Int16Type>([i16::MIN, i16::MAX, 0, -1])),
        (ColumnType::Int32, numbers::<Int32Type>([i32::MIN, i32::MAX, 0, -1])),
        (ColumnType::Int64, numbers::<Int64Type>([i64::MIN, i64::MAX, 0, -9_007_199_254_740_993])),
        (ColumnType::UInt8, numbers::<UInt8Type>([u8::MIN, u8::MAX, 1, 128])),
        (ColumnType::UInt16, numbers::<UInt16Type>([u16::MIN, u16::MAX, 1, 32_768])),
        (ColumnType::UInt32, numbers::<UInt32Type>([u32::MIN, u32::MAX, 1, 1 << 31])),
        (ColumnType::UInt64, numbers::<UInt64Type>([u64::MIN, u64::MAX, 1 << 63, 9_007_199_254_740_993])),
    ]
}

fn fractions() -> Vec<(ColumnType, ArrayRef)> {
    let float32 = numbers::<Float32Type>([f32::MIN, f32::MAX, f32::MIN_POSITIVE, 0.1]);
    let float64 = numbers::<Float64Type>([f64::MIN, f64::MAX, f64::MIN_POSITIVE, 0.1 + 0.2]);
    let numeric = texts_of([
        "123456789012345678901234567890123456789012345678901234567890.000000000000000000001",
        "-0.100",
        "0",
        "99999999999999999999",
    ]);
    vec![
        (ColumnType::Float32, float32),
        (ColumnType::Float64, float64),
        decimal128(12, 2),
        decimal128(DECIMAL128_MAX_PRECISION, 10),
        decimal256(DECIMAL256_MAX_PRECISION, 20),
        (ColumnType::Numeric, numeric),
    ]
}

fn texts() -> Vec<(ColumnType, ArrayRef)> {
    let mut uuids = FixedSizeBinaryBuilder::new(16);
    let mut bytes = BinaryBuilder::new();
    for value in [Some([0_u8; 16]), Some([255; 16]), None, Some([0xab; 16]), Some(*b"sixteen bytes...")] {
        match value {
            Some(value) => uuids.append_value(value).expect("16 bytes"),
            None => uuids.append_null(),
        }
    }
    let every_byte: Vec<u8> = (0..=255).collect();
    for value in [Some(&b""[..]), Some(&b"\0"[..]), None, Some(&every_byte[..]), Some(&b"'\"\\"[..])] {
        bytes.append_option(value);
    }
    let quotes_and_lines = "it's \"quoted\" \\N \\ \u{feff}\t\r\n, ; | NULL";
    let text = texts_of(["", " ", quotes_and_lines, "漢字 é e\u{301} 🦀👩‍👩‍👧"]);
    let json = texts_of([r#"{"a": 1.10, "b": [null, "é🦀", {}]}"#, "null", r#""""#, "1152921504606846977"]);
    vec![
        (ColumnType::Utf8, text),
        (ColumnType::Binary, Arc::new(bytes.finish())),
        (ColumnType::Json, json),
        (ColumnType::Uuid, Arc::new(uuids.finish())),
    ]
}

fn moments() -> Vec<(ColumnType, ArrayRef)> {
    let micros = [FIRST_MOMENT, LAST_MOMENT, -1, 1_356_998_400_000_001].map(Some);
    let [first, last, before_1970, with_micros] = micros;
    let moments = TimestampMicrosecondArray::from(vec![first, last, None, before_1970, with_micros]);
    let days = Date32Array::from(vec![Some(FIRST_DAY), Some(LAST_DAY), None, Some(-1), Some(19_782)]);
    let last_of_day = 86_400_000_000 - 1;
    let times = Time64MicrosecondArray::from(vec![Some(0), Some(last_of_day), None, Some(1), Some(36_000_000_000)]);
    vec![
        (ColumnType::Date, Arc::new(days)),
        (ColumnType::Time, Arc::new(times)),
        (ColumnType::Timestamp { zoned: false }, Arc::new(moments.clone())),
        (ColumnType::Timestamp { zoned: true }, Arc::new(moments.with_timezone("UTC"))),
    ]
}

fn numbers<T: ArrowPrimitiveType>(values: [T::Native; 4]) -> ArrayRef {
    let [first, second, third, fourth] = values.map(Some);
    Arc::new(PrimitiveArray::<T>::from_iter([first, second, None, third, fourth]))
}

fn texts_of(values: [&str; 4]) -> ArrayRef {
    let [first, second, third, fourth] = values.map(Some);
    Arc::new(StringArray::from(vec![first, second, None, third, fourth]))
}

fn decimal128(precision: u8, scale: i8) -> (ColumnType, ArrayRef) {
    let most = 10_i128.pow(u32::from(precision)) - 1;
    let values = Decimal128Array::from_iter([Some(-most), Some(most), None, Some(1), Some(-105)]);
    let values = values.with_precision_and_scale(precision, scale).expect("values of the precision");
    (ColumnType::Decimal { precision, scale }, Arc::new(values))
}

fn decimal256(precision: u8, scale: i8) -> (ColumnType, ArrayRef) {
    let most = i256::from_string(&"9".repeat(usize::from(precision))).expect("76 digits fit");
    let least = most.wrapping_neg();
    let values = Decimal256Array::from_iter([Some(least), Some(most), None, Some(i256::ONE), Some(i256::from(-105))]);
    let values = values.with_precision_and_scale(precision, scale).expect("values of the precision");
    (ColumnType::Decimal { precision, scale }, Arc::new(values))
}

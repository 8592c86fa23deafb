use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, Date32Array, Decimal128Array, Decimal256Array, FixedSizeBinaryArray, Float32Array,
    Float64Array, Int64Array, RecordBatch, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow_buffer::i256;
use arrow_schema::Schema;
use batch::ColumnType;

use super::encode;

fn batch(column_type: &str, values: ArrayRef) -> RecordBatch {
    let column_type: ColumnType = column_type.parse().unwrap();
    let schema = Schema::new(vec![column_type.field("c", true)]);
    RecordBatch::try_new(Arc::new(schema), vec![values]).unwrap()
}

fn check(column_type: &str, values: impl arrow_array::Array + 'static, expected: &[&str]) {
    let lines = String::from_utf8(encode(&batch(column_type, Arc::new(values))).unwrap()).unwrap();
    let expected: String = expected.iter().map(|value| format!("{{\"c\":{value}}}\n")).collect();
    assert_eq!(lines, expected, "{column_type}");
}

#[test]
fn numbers_keep_every_digit() {
    check("int64", Int64Array::from(vec![Some(i64::MIN), Some(0), None]), &["-9223372036854775808", "0", "null"]);
    check("uint64", UInt64Array::from(vec![u64::MAX]), &["18446744073709551615"]);
    check(
        "float64",
        Float64Array::from(vec![0.1 + 0.2, -0.0, 1e300, 5e-324]),
        &["0.30000000000000004", "-0.0", "1e+300", "5e-324"],
    );
    check("float32", Float32Array::from(vec![0.1, f32::MAX]), &["0.1", "3.4028235e+38"]);
}

#[test]
fn floats_that_json_has_no_number_for_are_texts() {
    let values = vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    check("float64", Float64Array::from(values), &["\"NaN\"", "\"Infinity\"", "\"-Infinity\""]);
    check("float32", Float32Array::from(vec![f32::NEG_INFINITY]), &["\"-Infinity\""]);
}

#[test]
fn decimals_are_texts_with_all_their_places() {
    let values = Decimal128Array::from(vec![0, 5, -5, -12345, 100]).with_precision_and_scale(12, 2).unwrap();
    check("decimal(12,2)", values, &["\"0.00\"", "\"0.05\"", "\"-0.05\"", "\"-123.45\"", "\"1.00\""]);
    let whole = Decimal128Array::from(vec![-7, 0]).with_precision_and_scale(5, 0).unwrap();
    check("decimal(5,0)", whole, &["\"-7\"", "\"0\""]);
    let all_fraction = Decimal128Array::from(vec![-7, 12345]).with_precision_and_scale(5, 5).unwrap();
    check("decimal(5,5)", all_fraction, &["\"-0.00007\"", "\"0.12345\""]);
    let long = i256::from_string("-12345678901234567890123456789012345678901234567890").unwrap();
    let long = Decimal256Array::from(vec![long]).with_precision_and_scale(50, 10).unwrap();
    check("decimal(50,10)", long, &["\"-1234567890123456789012345678901234567890.1234567890\""]);
    check("numeric", StringArray::from(vec!["1.500", "NaN"]), &["\"1.500\"", "\"NaN\""]);
}

#[test]
fn texts_are_escaped_and_null_is_not_empty() {
    let values = StringArray::from(vec![Some(""), None, Some("a\"b\\c\nd\u{1}é🦀"), Some("null")]);
    check("utf8", values, &["\"\"", "null", "\"a\\\"b\\\\c\\nd\\u0001é🦀\"", "\"null\""]);
    check("binary", BinaryArray::from(vec![&b""[..], b"\x00\xff"]), &["\"\"", "\"00ff\""]);
    let uuid = FixedSizeBinaryArray::try_from_iter([(0_u8..16).collect::<Vec<_>>()].into_iter()).unwrap();
    check("uuid", uuid, &["\"00010203-0405-0607-0809-0a0b0c0d0e0f\""]);
}

#[test]
fn a_document_is_part_of_the_line_and_stays_on_it() {
    let values = StringArray::from(vec!["{\n  \"a\": 1.10,\r\n  \"b\": \"x\\ny\"\n}", "null", "1152921504606846977"]);
    check("json", values, &["{   \"a\": 1.10,    \"b\": \"x\\ny\" }", "null", "1152921504606846977"]);
    let none: StringArray = [None::<&str>].into_iter().collect();
    assert_eq!(encode(&batch("json", Arc::new(none))).unwrap(), b"{}\n");
}

#[test]
fn a_text_that_is_no_document_is_refused_without_showing_it() {
    for bad in ["", "{", "secret", "{} {}", "{\"a\":1,}", "\"line\nend\""] {
        let error = encode(&batch("json", Arc::new(StringArray::from(vec!["{}", bad])))).unwrap_err().to_string();
        assert!(error.contains("column `c`") && error.contains("row 1") && !error.contains("secret"), "{error}");
    }
}

#[test]
fn a_column_left_out_does_not_upset_the_commas() {
    let fields = ["json", "int64", "json"].iter().enumerate();
    let fields: Vec<_> =
        fields.map(|(place, text)| text.parse::<ColumnType>().unwrap().field(&format!("c{place}"), true)).collect();
    let json = || Arc::new([None, Some("{}")].into_iter().collect::<StringArray>()) as ArrayRef;
    let columns = vec![json(), Arc::new(Int64Array::from(vec![None, Some(2)])), json()];
    let lines = encode(&RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()).unwrap();
    assert_eq!(String::from_utf8(lines).unwrap(), "{\"c1\":null}\n{\"c0\":{},\"c1\":2,\"c2\":{}}\n");
}

#[test]
fn days_and_moments_are_written_over_their_whole_range() {
    let days = vec![0, -1, 19_782, -719_162, -719_528, -719_529, 2_932_896, 2_932_897, 11_016];
    let written = [
        "\"1970-01-01\"",
        "\"1969-12-31\"",
        "\"2024-02-29\"",
        "\"0001-01-01\"",
        "\"0000-01-01\"",
        "\"-0001-12-31\"",
        "\"9999-12-31\"",
        "\"+10000-01-01\"",
        "\"2000-02-29\"",
    ];
    check("date", Date32Array::from(days), &written);
    let moments = || TimestampMicrosecondArray::from(vec![1_357_017_420_000_000, -1, i64::MIN, i64::MAX]);
    let written = [
        "2013-01-01T05:17:00",
        "1969-12-31T23:59:59.999999",
        "-290308-12-21T19:59:05.224192",
        "+294247-01-10T04:00:54.775807",
    ];
    let local = written.map(|text| format!("\"{text}\""));
    check("timestamp", moments(), &local.each_ref().map(String::as_str));
    let zoned = written.map(|text| format!("\"{text}Z\""));
    check("timestamp(us,UTC)", moments().with_timezone("UTC"), &zoned.each_ref().map(String::as_str));
}

#[test]
fn a_time_of_day_is_one_within_a_day() {
    let times = vec![0, 1, 19_020_000_000, 86_399_999_999, 86_400_000_000];
    let written = ["\"00:00:00\"", "\"00:00:00.000001\"", "\"05:17:00\"", "\"23:59:59.999999\"", "\"24:00:00\""];
    check("time", Time64MicrosecondArray::from(times), &written);
    for outside in [-1, 86_400_000_001] {
        assert!(encode(&batch("time", Arc::new(Time64MicrosecondArray::from(vec![outside])))).is_err());
    }
}

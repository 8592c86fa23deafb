use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Float64Array, Int64Array, RecordBatch};
use arrow_schema::Schema;
use batch::ColumnType;

use super::*;
use crate::plan::Origin;
use crate::records::Writer;

/// A plan that takes all columns and gives them back.
fn plan(columns: &[(&str, &str, bool)]) -> Plan {
    let types: Vec<ColumnType> = columns.iter().map(|(_, column_type, _)| column_type.parse().unwrap()).collect();
    let fields =
        columns.iter().zip(&types).map(|((name, _, nullable), column_type)| column_type.field(name, *nullable));
    Plan {
        schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
        origins: types.iter().map(|column_type| Origin::Computed(*column_type)).collect(),
        needs: (0..columns.len()).collect(),
    }
}

fn one(column_type: &str, nullable: bool, value: &str) -> Read {
    let records = format!(r#"[{{"c":{value}}}]"#);
    read(&records, &[0], &plan(&[("c", column_type, nullable)]), 1).unwrap()
}

/// The value goes to the column and back to this JSON.
#[track_caller]
fn becomes(column_type: &str, value: &str, shown: &str) {
    let read = one(column_type, true, value);
    assert!(read.rejects.is_empty(), "{column_type} {value}: {:?}", read.rejects);
    let plan = plan(&[("c", column_type, true)]);
    let rows = RecordBatch::try_new(Arc::clone(&plan.schema), read.columns).unwrap();
    assert_eq!(Writer::new(&rows, &plan).unwrap().part(0), (format!(r#"[{{"c":{shown}}}]"#), 1), "{column_type}");
}

#[track_caller]
fn rejected(column_type: &str, nullable: bool, value: &str) -> String {
    let read = one(column_type, nullable, value);
    let [reject] = read.rejects.as_slice() else { panic!("{column_type} took {value}: {read:?}") };
    assert_eq!((reject.row, reject.column.as_deref(), reject.code.as_str()), (0, Some("c"), "module_value"));
    assert!(read.source_rows.is_empty() && read.columns.iter().all(|column| column.is_empty()));
    reject.message.clone()
}

fn refused(records: &str, source_rows: &[u32]) -> String {
    match read(records, source_rows, &plan(&[("c", "utf8", true)]), 2) {
        Err(Error::Output { what }) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_type_survives_the_way_there_and_back() {
    let values = [
        ("bool", "true"),
        ("int8", "-128"),
        ("int16", "32767"),
        ("int32", "-2147483648"),
        ("int64", r#""9223372036854775807""#),
        ("int64", r#""-9223372036854775808""#),
        ("uint8", "255"),
        ("uint16", "65535"),
        ("uint32", "4294967295"),
        ("uint64", r#""18446744073709551615""#),
        ("float32", "0.1"),
        ("float32", "3.4028235e38"),
        ("float64", "0.1"),
        ("float64", "1.7976931348623157e308"),
        ("float64", "5e-324"),
        ("float64", r#""NaN""#),
        ("float64", r#""-Infinity""#),
        ("float32", r#""Infinity""#),
        ("decimal(12,2)", r#""-1234567890.05""#),
        ("decimal(38,38)", r#""0.00000000000000000000000000000000000001""#),
        ("decimal(50,10)", r#""-1234567890123456789012345678901234567890.0000000001""#),
        ("numeric", r#""0.10000000000000000000000000000000000000000000000000000000000000000000000000001""#),
        ("numeric", r#""NaN""#),
        ("utf8", r#""ä\"\\\n\u0001日本""#),
        ("utf8", r#""""#),
        ("binary", r#""/wAB""#),
        ("binary", r#""""#),
        ("date", r#""2013-01-31""#),
        ("time", r#""23:59:59.999999""#),
        ("timestamp", r#""2013-01-31T10:15:00.25""#),
        ("timestamp(us,UTC)", r#""2013-01-31T10:15:00Z""#),
        ("json", r#""{\"id\": 1152921504606846977}""#),
        ("json", r#""null""#),
        ("uuid", r#""123e4567-e89b-12d3-a456-426614174000""#),
    ];
    for (column_type, value) in values {
        becomes(column_type, value, value);
        becomes(column_type, "null", "null");
    }
}

#[test]
fn other_ways_to_write_a_value_are_taken_where_they_lose_nothing() {
    becomes("int64", "9007199254740991", r#""9007199254740991""#);
    becomes("int32", r#""7""#, "7");
    becomes("int32", "3.0", "3");
    becomes("decimal(12,2)", "12.5", r#""12.50""#);
    becomes("decimal(12,2)", r#""7""#, r#""7.00""#);
    becomes("numeric", "1.50", r#""1.50""#);
    becomes("timestamp(us,UTC)", r#""2013-01-31 11:15:00.000+01:00""#, r#""2013-01-31T10:15:00Z""#);
    becomes("uuid", r#""123E4567-E89B-12D3-A456-426614174000""#, r#""123e4567-e89b-12d3-a456-426614174000""#);
    becomes("float64", "-0.0", "-0.0");
}

#[test]
fn a_value_that_does_not_fit_rejects_its_row_without_being_quoted() {
    let values = [
        ("bool", "1"),
        ("bool", r#""true""#),
        ("int8", "128"),
        ("int32", "1.5"),
        ("int32", "1e3"),
        ("int32", r#""""#),
        ("int32", "true"),
        ("uint8", "-1"),
        ("int64", "9007199254740993"),
        ("int64", r#""9223372036854775808""#),
        ("int64", r#""+1""#),
        ("float32", "1e300"),
        ("float64", "1e999"),
        ("float64", r#""1.5""#),
        ("decimal(12,2)", "0.30000000000000004"),
        ("decimal(12,2)", r#""99999999999.00""#),
        ("decimal(12,2)", r#""1e3""#),
        ("numeric", "1e3"),
        ("utf8", "1"),
        ("utf8", r#"["a"]"#),
        ("utf8", r#""\ud800""#),
        ("binary", r#""a-secret""#),
        ("date", r#""2013-02-29""#),
        ("time", r#""24:00:00""#),
        ("timestamp", r#""2014-06-30T10:15:00Z""#),
        ("timestamp(us,UTC)", r#""2014-06-30T10:15:00""#),
        ("json", r#"{"a":1}"#),
        ("json", r#""{""#),
        ("uuid", r#""123""#),
    ];
    for (column_type, value) in values {
        let message = rejected(column_type, true, value);
        let content = value.trim_matches('"');
        assert!(message.contains(column_type), "{message}");
        assert!(content.len() < 5 || !message.contains(content), "{message}");
    }
    assert!(rejected("int64", true, "9007199254740993").contains("lose digits"));
    assert!(rejected("utf8", false, "null").contains("never null"));
}

#[test]
fn a_missing_key_is_neither_null_nor_an_empty_text() {
    let plan = plan(&[("a", "utf8", true), ("b", "utf8", true)]);
    let records = r#"[{"a":"","b":null},{"a":"x"},{},{"b":"","a":null,"c":[1]},{"a":"1","b":"2","a":"3"}]"#;
    let read = read(records, &[0, 1, 2, 3, 4], &plan, 5).unwrap();
    assert_eq!(read.source_rows, [0, 3]);
    let [a, b] = [0, 1].map(|place| read.columns[place].as_string::<i32>().iter().collect::<Vec<_>>());
    assert_eq!((a, b), (vec![Some(""), None], vec![None, Some("")]));
    let rejects: Vec<_> = read.rejects.iter().map(|reject| (reject.row, reject.column.as_deref().unwrap())).collect();
    assert_eq!(rejects, [(1, "b"), (2, "a"), (4, "a")]);
    assert!(read.rejects[0].message.contains("missing") && read.rejects[2].message.contains("twice"));
}

#[test]
fn a_row_with_a_fault_goes_with_everything_that_was_made_from_it() {
    let plan = plan(&[("n", "int64", false)]);
    let read = read(r#"[{"n":1},{"n":"x"},{"n":3},{"n":null}]"#, &[0, 0, 1, 0], &plan, 2).unwrap();
    assert_eq!(read.source_rows, [1]);
    assert_eq!(read.columns[0].as_primitive::<Int64Type>().values(), &[3]);
    assert_eq!((read.rejects.len(), read.rejects[0].row), (1, 0));
}

#[test]
fn what_is_no_array_of_objects_concerns_the_batch() {
    for records in
        ["", "{}", "null", "[1]", "[[1]]", "[{\"c\":\"secret\"}", r#"[{"c":"secret"}] x"#, r#"[{"c":secret}]"#]
    {
        let what = refused(records, &[0]);
        assert!(what.contains("no JSON array") && !what.contains("secret"), "{records}: {what}");
    }
    assert!(refused(r#"[{"c":"a"}]"#, &[0, 1]).contains("1 records came with 2 source rows"));
    assert!(refused(r#"[{"c":"a"},{"c":"b"},{"c":"c"}]"#, &[0, 1]).contains("more records came than its 2"));
    assert!(refused("[]", &[0]).contains("0 records"));
    assert!(refused(r#"[{"c":"a"}]"#, &[2]).contains("source row is 2"));
    assert!(refused(&format!(r#"[{{"c":{}1}}]"#, "[".repeat(100_000)), &[0]).contains("no JSON array"));
}

#[test]
fn a_batch_crosses_in_parts_of_a_megabyte() {
    let plan = plan(&[("id", "int64", false), ("x", "float64", true)]);
    let ids: Int64Array = (0..100_000).map(Some).collect();
    let xs: Float64Array = (0..100_000).map(|row| (row % 3 != 0).then(|| f64::from(row) / 7.0)).collect();
    let rows = RecordBatch::try_new(Arc::clone(&plan.schema), vec![Arc::new(ids), Arc::new(xs)]).unwrap();
    let writer = Writer::new(&rows, &plan).unwrap();
    let (mut start, mut parts, mut back) = (0, 0, Vec::new());
    while start < rows.num_rows() {
        let (records, length) = writer.part(start);
        assert!(records.len() < (1 << 20) + 200);
        let source_rows: Vec<u32> = (0..length as u32).collect();
        let read = read(&records, &source_rows, &plan, length).unwrap();
        back.push(RecordBatch::try_new(Arc::clone(&plan.schema), read.columns).unwrap());
        start += length;
        parts += 1;
    }
    assert!(parts > 3);
    assert_eq!(arrow_select::concat::concat_batches(&plan.schema, &back).unwrap(), rows);
}

#[test]
fn without_needed_columns_each_row_is_an_empty_object() {
    let mut plan = plan(&[("id", "int64", false)]);
    let ids: Int64Array = (0..3).map(Some).collect();
    let rows = RecordBatch::try_new(Arc::clone(&plan.schema), vec![Arc::new(ids)]).unwrap();
    plan.needs.clear();
    assert_eq!(Writer::new(&rows, &plan).unwrap().part(1), ("[{},{}]".to_owned(), 2));
}

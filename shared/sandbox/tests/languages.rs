//! The same small job in every language, held to the same rows.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod guests;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, SchemaRef};
use flow::{StreamName, SyncName, Timestamp};
use sandbox::{Context, Error, Guest, Limits, Sandbox, World};
use sandbox_compiler::Prepared;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// `transforms/examples/cases.json`.
#[derive(Deserialize)]
struct Cases {
    schema: Box<RawValue>,
    given: Vec<Vec<Option<String>>>,
    expected_schema: Box<RawValue>,
    expected: Vec<Expected>,
    rejects: Vec<ExpectedReject>,
}

#[derive(Deserialize)]
struct Expected {
    source_row: u32,
    row: Vec<Option<String>>,
}

#[derive(Deserialize, PartialEq, Debug)]
struct ExpectedReject {
    row: u32,
    column: String,
    code: String,
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("../../../transforms/examples/cases.json")).unwrap()
}

fn batch(cases: &Cases) -> RecordBatch {
    let schema = batch::schema::from_json(cases.schema.get()).unwrap();
    let columns = schema.fields().iter().enumerate().map(|(place, field)| {
        let cells = cases.given.iter().map(|row| row[place].as_deref());
        match field.data_type() {
            DataType::Int64 => {
                Arc::new(cells.map(|cell| cell.map(|cell| cell.parse().unwrap())).collect::<Int64Array>())
            }
            _ => Arc::new(cells.collect::<StringArray>()) as ArrayRef,
        }
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
}

fn shown(column: &ArrayRef, row: usize) -> Option<String> {
    (!column.is_null(row)).then(|| match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Timestamp(..) => column.as_primitive::<TimestampMicrosecondType>().value(row).to_string(),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        _ => column.as_string::<i32>().value(row).to_owned(),
    })
}

fn try_open(prepared: &Prepared, schema: &SchemaRef, config: &Value) -> Result<Guest, Error> {
    // A debug build of the host beside other tests is slow; what is tested is what comes out.
    let limits = Limits { time: std::time::Duration::from_secs(60), ..Limits::default() };
    let module = Sandbox::new(limits).unwrap().load(&prepared.artifact, &prepared.artifact_digest, &prepared.digest);
    let context = Context {
        sync: SyncName::new("shop").unwrap(),
        stream: StreamName::new("orders").unwrap(),
        run_clock: Timestamp::UNIX_EPOCH,
    };
    module.unwrap().open(schema, config, &context)
}

/// A module that does the job: the rows, the rejects, the same bytes again, and what it refuses.
fn does_the_job(prepared: &Prepared, world: World) {
    assert_eq!(prepared.world, world.name());
    let cases = cases();
    let input = batch(&cases);
    let mut guest = try_open(prepared, &input.schema(), &json!({})).unwrap();
    assert_eq!(*guest.schema(), *batch::schema::from_json(cases.expected_schema.get()).unwrap());

    let output = guest.apply(&input).unwrap();
    let rejects = output.rejects.iter().map(|reject| ExpectedReject {
        row: reject.row,
        column: reject.column.clone().unwrap(),
        code: reject.code.clone(),
    });
    assert_eq!(rejects.collect::<Vec<_>>(), cases.rejects);
    let sources: Vec<u32> = cases.expected.iter().map(|expected| expected.source_row).collect();
    assert_eq!(output.source_rows.values().to_vec(), sources);
    for (row, expected) in cases.expected.iter().enumerate() {
        let found: Vec<_> = output.rows.columns().iter().map(|column| shown(column, row)).collect();
        assert_eq!(found, expected.row, "row {row}");
    }

    let bytes = batch::ipc::encode(&output.rows).unwrap();
    assert_eq!(batch::ipc::encode(&guest.apply(&input).unwrap().rows).unwrap(), bytes);
    let mut other = try_open(prepared, &input.schema(), &json!({})).unwrap();
    assert_eq!(batch::ipc::encode(&other.apply(&input).unwrap().rows).unwrap(), bytes);
    assert_eq!(other.apply(&input.slice(0, 0)).unwrap().rows.num_rows(), 0);

    let refused = try_open(prepared, &input.schema(), &json!({ "zone": "x" })).unwrap_err();
    assert!(refused.code() == "module_refused" && refused.to_string().contains("no config"), "{refused}");
    let less = Arc::new(input.schema().project(&[0]).unwrap());
    let refused = try_open(prepared, &less, &json!({})).unwrap_err();
    assert!(refused.to_string().contains("no column `customer`"), "{refused}");
}

#[test]
fn rust_does_the_job() {
    does_the_job(guests::orders(), World::Columns);
}

#[test]
#[ignore = "needs `make language-modules`"]
fn javascript_does_the_job() {
    does_the_job(&guests::language("orders-js.wasm"), World::Records);
}

#[test]
#[ignore = "needs `make language-modules`"]
fn python_does_the_job() {
    does_the_job(&guests::language("orders-python.wasm"), World::Records);
}

#[test]
#[ignore = "needs `make language-modules`"]
fn go_does_the_job() {
    does_the_job(&guests::language("orders-go.core.wasm"), World::Records);
}

/// Rows for the benches' rule: good ones, and every reason to drop or reject one.
fn rule_rows() -> RecordBatch {
    let columns = "id:int64,name:utf8?,email:utf8?,amount:utf8?,price:decimal(12,2)?,quantity:int64?,at:utf8?,\
                   country:utf8?,active:bool?,score:float64?";
    let schema = batch::schema::from_line(columns).unwrap();
    let text = |cells: [Option<&str>; 8]| Arc::new(StringArray::from(cells.to_vec())) as ArrayRef;
    let price = [Some(1999), None, Some(-5), Some(999_999_999_999), Some(1), Some(1), Some(1), Some(1)];
    let price = Decimal128Array::from(price.to_vec()).with_precision_and_scale(12, 2).unwrap();
    let quantity = [Some(3), Some(1), Some(i64::MAX), Some(i64::MIN), Some(1), Some(1), Some(1), None];
    let at = "2024-02-29 23:59:59";
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(1..=8)),
        text([Some(" Ada "), None, Some(""), Some("Zoë"), Some("e"), Some("f"), Some("g"), Some("h")]),
        text([Some(" ADA@Example.org"), None, Some("Ä@Ö"), Some("z"), Some("e"), Some("f"), Some("g"), Some("h")]),
        text([Some("12.5"), None, Some("-0.05"), Some("7"), Some("x"), Some("1"), Some("1"), Some("1")]),
        Arc::new(price),
        Arc::new(Int64Array::from(quantity.to_vec())),
        text([Some(at), None, Some(at), Some(at), Some(at), Some("2023-02-29 00:00:00"), Some(at), Some(at)]),
        text([Some("DE"), Some("FR"), Some("DE"), Some("DE"), Some("DE"), Some("DE"), Some("XX"), Some("DE")]),
        Arc::new(BooleanArray::from(vec![true, true, true, true, true, true, true, false])),
        Arc::new(Float64Array::from(vec![Some(90.0), None, Some(50.0), Some(49.9), None, None, None, None])),
    ];
    RecordBatch::try_new(schema, arrays).unwrap()
}

/// What the benches' rule makes of them: a line for each column, then the rejects.
fn ruled(prepared: &Prepared) -> Vec<String> {
    let input = rule_rows();
    let output = try_open(prepared, &input.schema(), &json!({})).unwrap().apply(&input).unwrap();
    assert_eq!(output.source_rows.values().to_vec(), [0, 1, 2, 3]);
    let fields = output.rows.schema();
    let columns = fields.fields().iter().zip(output.rows.columns()).map(|(field, column)| {
        let cells: Vec<_> = (0..output.rows.num_rows()).map(|row| shown(column, row)).collect();
        format!("{}: {} {cells:?}", field.name(), field.data_type())
    });
    let rejects = output.rejects.iter().map(|reject| format!("{}: {} {:?}", reject.row, reject.code, reject.column));
    let mut lines: Vec<String> = columns.chain(rejects).collect();
    lines.sort();
    lines
}

#[test]
#[ignore = "needs `make language-modules`"]
fn the_rule_of_the_benches_is_the_same_in_every_language() {
    let [columns, records] = guests::bench_rules();
    let expected = ruled(columns);
    assert!(expected.contains(&"4: bad_amount Some(\"amount\")".to_owned()), "{expected:#?}");
    assert!(expected.iter().any(|line| line.starts_with("total:") && line.contains("59.97")), "{expected:#?}");
    assert_eq!(ruled(records), expected);
    for file in ["bench-js.wasm", "bench-python.wasm"] {
        assert_eq!(ruled(&guests::language(file)), expected, "{file}");
    }
}

#[test]
#[ignore = "needs `make language-modules`"]
fn large_batches_stay_within_the_memory_of_a_language_runtime() {
    let cases = cases();
    let one = batch(&cases);
    let many: Vec<_> = std::iter::repeat_n(&one, 2000).collect();
    let input = arrow_select::concat::concat_batches(&one.schema(), many).unwrap();
    for file in ["orders-js.wasm", "orders-python.wasm", "orders-go.core.wasm"] {
        let mut guest = try_open(&guests::language(file), &input.schema(), &json!({})).unwrap();
        for _ in 0..3 {
            let output = guest.apply(&input).unwrap();
            assert_eq!(output.rows.num_rows(), cases.expected.len() * 2000, "{file}");
            assert_eq!(output.rejects.len(), cases.rejects.len() * 2000, "{file}");
        }
    }
}

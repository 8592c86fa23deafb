//! The same small job in every language, held to the same rows.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod guests;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
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

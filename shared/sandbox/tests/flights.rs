//! The example module inside the sandbox.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod guests;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Schema, SchemaRef};
use batch::ColumnType;
use flow::{StreamName, SyncName, Timestamp};
use sandbox::{Context, Guest, Limits, Sandbox};
use serde_json::json;

fn schema() -> SchemaRef {
    let int = |name: &str| ColumnType::Int64.field(name, true);
    let text = |name: &str| ColumnType::Utf8.field(name, true);
    Arc::new(Schema::new(vec![
        int("year"),
        int("month"),
        int("day"),
        int("dep_time"),
        int("sched_dep_time"),
        int("dep_delay"),
        text("carrier"),
        text("tailnum"),
        text("origin"),
        text("dest"),
        ColumnType::Float64.field("distance", true),
    ]))
}

fn clock(row: i64) -> i64 {
    row % 24 * 100 + row % 60
}

/// Flights through a January, every seventh cancelled, every thousandth with a broken clock.
fn january(rows: i64) -> RecordBatch {
    let numbers = |value: fn(i64) -> Option<i64>| Arc::new((0..rows).map(value).collect::<Int64Array>()) as ArrayRef;
    let texts = |value: fn(i64) -> Option<String>| Arc::new((0..rows).map(value).collect::<StringArray>()) as ArrayRef;
    let columns: Vec<ArrayRef> = vec![
        numbers(|_| Some(2013)),
        numbers(|_| Some(1)),
        numbers(|row| Some(row % 31 + 1)),
        numbers(|row| match row {
            row if row % 1000 == 999 => Some(2460),
            row if row % 7 == 0 => None,
            row => Some(clock(row)),
        }),
        numbers(|row| Some(clock(row))),
        numbers(|row| (row % 7 != 0).then_some(0)),
        texts(|row| Some(if row % 2 == 0 { " ua" } else { "AA" }.to_owned())),
        texts(|row| (row % 5 != 0).then(|| format!("N{row}"))),
        texts(|_| Some("EWR".to_owned())),
        texts(|_| Some("ord".to_owned())),
        Arc::new((0..rows).map(|row| Some(row as f64)).collect::<Float64Array>()),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn open() -> Guest {
    let prepared = guests::flights();
    let sandbox = Sandbox::new(Limits::default()).unwrap();
    let module = sandbox.load(&prepared.artifact, &prepared.artifact_digest, &prepared.digest).unwrap();
    let context = Context {
        sync: SyncName::new("flights").unwrap(),
        stream: StreamName::new("flights").unwrap(),
        run_clock: Timestamp::UNIX_EPOCH,
    };
    module.open(&schema(), &json!({}), &context).unwrap()
}

#[test]
fn departures_are_added_and_broken_clocks_rejected() {
    let input = january(2000);
    let output = open().apply(&input).unwrap();
    assert_eq!(output.rows.num_rows(), 1998);
    assert_eq!(output.rows.schema().fields().len(), input.schema().fields().len() + 2);
    let rejected: Vec<_> = output.rejects.iter().map(|reject| (reject.row, reject.code.as_str())).collect();
    assert_eq!(rejected, [(999, "bad_clock"), (1999, "bad_clock")]);
    assert_eq!(output.rejects[0].column.as_deref(), Some("dep_time"));

    // Row 1: day 2, 01:01 in New York.
    let scheduled = output.rows.column_by_name("scheduled_departure").unwrap();
    let scheduled = scheduled.as_primitive::<TimestampMicrosecondType>();
    assert_eq!(scheduled.value_as_datetime(1).unwrap().to_string(), "2013-01-02 06:01:00");
    let actual = output.rows.column_by_name("actual_departure").unwrap();
    assert!(actual.is_null(7) && !actual.is_null(8));
    assert_eq!(output.rows.column_by_name("carrier").unwrap().as_string::<i32>().value(0), "UA");

    // Behind the rejected row everything has moved up by one, in passed columns too.
    assert_eq!(output.source_rows.value(999), 1000);
    let days = output.rows.column_by_name("day").unwrap().as_primitive::<Int64Type>();
    assert_eq!(days.value(999), 1000 % 31 + 1);
}

#[test]
fn the_same_batch_gives_the_same_bytes_in_any_instance_and_from_any_slice() {
    let input = january(5000);
    let mut first = open();
    let bytes = batch::ipc::encode(&first.apply(&input).unwrap().rows).unwrap();
    assert_eq!(batch::ipc::encode(&first.apply(&input).unwrap().rows).unwrap(), bytes);
    assert_eq!(batch::ipc::encode(&open().apply(&input).unwrap().rows).unwrap(), bytes);

    let part = first.apply(&input.slice(1003, 500)).unwrap();
    let whole = first.apply(&input).unwrap();
    // Row 999 is rejected before the slice begins.
    assert_eq!(part.rows, whole.rows.slice(1002, 500));
}

#[test]
fn the_module_is_small_and_prepared_the_same_each_time() {
    let prepared = guests::flights();
    assert!(prepared.component.len() < 200_000, "{} bytes", prepared.component.len());
    let again = sandbox_compiler::prepare(&guests::flights_bytes()).unwrap();
    assert_eq!((&again.digest, &again.component), (&prepared.digest, &prepared.component));
    let from_component = sandbox_compiler::prepare(&prepared.component).unwrap();
    assert_eq!(from_component.digest, prepared.digest);
}

//! A module of one function for a row.

use sdk::bindings::{Batch, Column, Context, Field, OutField};
use sdk::testing::{NULL, Table};
use sdk::{Reject, Runner};

sdk::rows! {
    /// Halves numbers.
    pub module Halve = halve;
    reads Given { number: Int, name: Text }
    writes Halved { number: Int, half: Float, label: Text, cents: Decimal("decimal(12,2)") }
}

fn halve(given: Given<'_>) -> Result<Option<Halved<'_>>, Reject> {
    match given.number {
        Some(0) => Ok(None),
        Some(number) if number < 0 => Err(Reject::new("negative", "the number is below 0").column("number")),
        number => Ok(Some(Halved {
            number,
            half: number.map(|number| number as f64 / 2.0),
            label: given.name.map(|name| format!("{name}!").into()),
            cents: number.map(|number| i128::from(number) * 100),
        })),
    }
}

fn fields() -> Vec<Field> {
    let field = |name: &str, column_type: &str, nullable| Field {
        name: name.to_owned(),
        type_: column_type.to_owned(),
        nullable,
    };
    vec![field("other", "json", true), field("name", "utf8", true), field("number", "int32", false)]
}

#[test]
fn rows_are_changed_dropped_and_rejected() {
    let table = Table::new()
        .column("name", "utf8", &["a", "b", "c", NULL])
        .column("number", "int64", &["3", "0", "-1", NULL])
        .column("kept", "utf8", &["w", "x", "y", "z"]);
    let outcome = table.run::<Halve>("{}").unwrap();
    assert_eq!(outcome.source_rows, [0, 3]);
    assert_eq!(outcome.column("kept"), ["w", "z"]);
    assert_eq!(outcome.column("number"), ["3", NULL]);
    assert_eq!(outcome.column("half"), ["1.5", NULL]);
    assert_eq!(outcome.column("label"), ["a!", NULL]);
    assert_eq!(outcome.column("cents"), ["3.00", NULL]);
    assert_eq!((outcome.rejects[0].row, outcome.rejects[0].code.as_str()), (2, "negative"));
}

#[test]
fn what_is_written_keeps_the_inputs_place_type_and_nullability() {
    let context = Context { sync: String::new(), stream: String::new(), run_clock: 0 };
    let (_, plan) = Runner::<Halve>::open(fields(), String::new(), context).unwrap();
    assert_eq!(plan.needs, [2, 1]);
    let planned = plan.fields.iter().map(|field| match field {
        OutField::Passed(passed) => (passed.name.as_str(), "", true),
        OutField::Computed(field) => (field.name.as_str(), field.type_.as_str(), field.nullable),
    });
    let expected = [
        ("other", "", true),
        ("name", "", true),
        ("number", "int32", false),
        ("half", "float64", true),
        ("label", "utf8", true),
        ("cents", "decimal(12,2)", true),
    ];
    assert_eq!(planned.collect::<Vec<_>>(), expected);
}

#[test]
fn null_for_a_column_that_holds_none_rejects_the_row() {
    let context = Context { sync: String::new(), stream: String::new(), run_clock: 0 };
    let (mut runner, _) = Runner::<Halve>::open(fields(), String::new(), context).unwrap();
    // The host does not give NULL here; the module makes one of what it reads.
    let number = Column { validity: vec![0b01], offsets: Vec::new(), data: [4_i32, 5].map(i32::to_le_bytes).concat() };
    let name = Column { validity: Vec::new(), offsets: vec![0, 1, 2], data: b"ab".to_vec() };
    let output = runner.apply(Batch { rows: 2, columns: vec![number, name] }).unwrap();
    assert_eq!(output.source_rows, [0]);
    let reject = &output.rejects[0];
    assert_eq!((reject.row, reject.code.as_str(), reject.column.as_deref()), (1, "null_value", Some("number")));
}

#[test]
fn a_type_of_another_kind_is_refused_at_open() {
    let table = Table::new().column("name", "int64", &["1"]).column("number", "int64", &["1"]);
    assert!(table.run::<Halve>("{}").unwrap_err().contains("`name` has type `int64`"));
    assert!(table.run::<Halve>(r#"{"a":1}"#).unwrap_err().contains("no config"));
}

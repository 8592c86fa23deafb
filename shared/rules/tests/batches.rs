//! Batches of every shape through compiled rules, and what a component is.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod running;

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use running::{columns, open, open_for, plan, rejects, rows, schema, texts};
use sandbox::Limits;
use serde_json::json;

const INPUT: &str = "id:int64?,name:utf8?,active:bool?";
const RULE: &str = "SELECT id, name, upper(name) AS big, 100 / id AS part, NOT active AS passive FROM input
                    WHERE id IS DISTINCT FROM 7";

fn numbered(count: i64) -> RecordBatch {
    let ids: Int64Array = (0..count).map(|id| (id % 5 != 3).then_some(id % 11)).collect();
    let names: StringArray = (0..count).map(|id| (id % 3 != 1).then(|| "ä".repeat((id % 40) as usize))).collect();
    let active: BooleanArray = (0..count).map(|id| (id % 4 != 2).then_some(id % 7 < 3)).collect();
    let arrays: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(names), Arc::new(active)];
    RecordBatch::try_new(schema(&columns(INPUT)), arrays).unwrap()
}

/// What the rule makes of [`numbered`], row by row.
fn expected(rows: impl Iterator<Item = i64>) -> (Vec<Vec<String>>, Vec<u32>, Vec<u32>) {
    let (mut values, mut sources, mut rejected) = (Vec::new(), Vec::new(), Vec::new());
    for (place, row) in (0..).zip(rows) {
        let id = (row % 5 != 3).then_some(row % 11);
        match id {
            Some(7) => continue,
            Some(0) => {
                rejected.push(place);
                continue;
            }
            _ => {}
        }
        let or_null = |text: Option<String>| text.unwrap_or_else(|| "∅".to_owned());
        let name = (row % 3 != 1).then(|| "ä".repeat((row % 40) as usize));
        let active = (row % 4 != 2).then_some(row % 7 < 3);
        values.push(vec![
            or_null(id.map(|id| id.to_string())),
            or_null(name.clone()),
            or_null(name.map(|name| name.to_uppercase())),
            or_null(id.map(|id| (100 / id).to_string())),
            or_null(active.map(|active| (!active).to_string())),
        ]);
        sources.push(place);
    }
    (values, sources, rejected)
}

#[track_caller]
fn check(guest: &mut sandbox::Guest, given: &RecordBatch, from: i64) {
    let output = guest.apply(given).unwrap();
    let (values, sources, rejected) = expected(from..from + given.num_rows() as i64);
    assert_eq!(texts(&output.rows), values);
    assert_eq!(output.source_rows.values(), sources.as_slice());
    assert_eq!(output.rejects.iter().map(|reject| reject.row).collect::<Vec<_>>(), rejected);
    assert!(output.rejects.iter().all(|reject| reject.code == "division_by_zero"));
}

#[test]
fn many_rows_no_rows_and_slices_are_the_same_rows() {
    let whole = numbered(65_536);
    let mut guest = open(&plan(RULE, INPUT));
    check(&mut guest, &whole, 0);
    for (from, length) in [(0, 0), (1, 1), (3, 8), (5, 13), (1001, 4097), (65_535, 1), (7, 65_529)] {
        check(&mut guest, &whole.slice(from, length), from as i64);
    }
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let rows = numbered(3000);
    let plan = plan(RULE, INPUT);
    let mut first = open(&plan);
    let bytes = batch::ipc::encode(&first.apply(&rows).unwrap().rows).unwrap();
    first.apply(&numbered(65_536)).unwrap();
    assert_eq!(batch::ipc::encode(&first.apply(&rows).unwrap().rows).unwrap(), bytes);
    assert_eq!(rules::component(&plan).unwrap(), rules::component(&plan).unwrap());
}

#[test]
fn every_row_can_be_rejected_or_left_out() {
    let mut guest = open(&plan("SELECT 1 / (id - id) AS never FROM input WHERE id IS NOT NULL", INPUT));
    let given = numbered(9000);
    let output = guest.apply(&given).unwrap();
    assert_eq!((output.rows.num_rows(), output.rejects.len()), (0, 9000 - given.column(0).null_count()));

    let output = open(&plan("SELECT id FROM input WHERE false", INPUT)).apply(&given).unwrap();
    assert_eq!((output.rows.num_rows(), output.rejects.len()), (0, 0));
}

#[test]
fn an_input_of_other_columns_is_refused_before_any_row() {
    let plan = plan(RULE, INPUT);
    let other = |notation: &str| {
        let refused = open_for(&plan, &schema(&columns(notation)), &json!(null), Limits::default());
        refused.unwrap_err().to_string()
    };
    let message = other("id:int64?,label:utf8?,active:bool?");
    assert!(message.contains("column 2 is `label:utf8?`, it expects `name:utf8?`"), "{message}");
    assert!(other("id:int64,name:utf8?,active:bool?").contains("`id:int64`"));
    assert!(other("id:int64?,name:utf8?").contains("it has 2 columns, the rule expects 3"));
    let config = open_for(&plan, &schema(&plan.input), &json!({"key": 1}), Limits::default());
    assert!(config.unwrap_err().to_string().contains("takes no config"));
}

#[test]
fn a_rule_without_computed_columns_passes_and_filters() {
    let given = numbered(20);
    let output = open(&plan("SELECT name AS label FROM input WHERE active", INPUT)).apply(&given).unwrap();
    let active = given.column(2).as_any().downcast_ref::<BooleanArray>().unwrap();
    let kept: Vec<u32> = (0..20).filter(|row| active.is_valid(*row as usize) && active.value(*row as usize)).collect();
    assert_eq!(output.source_rows.values(), kept.as_slice());
}

#[test]
fn a_rule_of_many_columns_is_compiled_in_several_functions() {
    let mut text = "SELECT ".to_owned();
    for column in 0..400 {
        write!(text, "CASE WHEN a > {column} THEN a + {column} ELSE a * b - {column} END AS c{column}, ").unwrap();
    }
    text.push_str("lower(s) AS small FROM input WHERE a <> 3 AND b < 100");
    let input = "a:int64?,b:int64,s:utf8?";
    let given = rows(
        &columns(input),
        &[&["5", "2", "ÄB"], &["3", "2", "x"], &["∅", "2", "∅"], &["9223372036854775807", "4", "z"]],
    );
    let output = open(&plan(&text, input)).apply(&given).unwrap();
    let values = texts(&output.rows);
    assert_eq!(values.len(), 1);
    let column = |column: i64| if 5 > column { 5 + column } else { 10 - column };
    let mut row: Vec<String> = (0..400).map(|number| column(number).to_string()).collect();
    row.push("äb".to_owned());
    assert_eq!(values[0], row);
    assert_eq!(rejects(&output), [(3, "overflow", Some("a"))]);
}

#[test]
fn a_value_of_too_many_parts_is_refused() {
    let sum = vec!["a"; 4000].join(" + ");
    let Ok(plan) = rules::compile_sql(&format!("SELECT {sum} AS s FROM input"), &columns("a:int64")) else { return };
    let error = rules::component(&plan).unwrap_err();
    assert_eq!(error.code(), "rule_too_large");
}

#[test]
fn a_component_is_small_without_regular_expressions() {
    let size = |text: &str| rules::component(&plan(text, "s:utf8,t:utf8,n:int64,f:float64?")).unwrap().len();
    let limits = [
        (55_000, "SELECT n FROM input"),
        (55_000, "SELECT n + 1 AS n FROM input"),
        (
            95_000,
            "SELECT lower(trim(s)) AS s, cast(t AS decimal(12,2)) * n AS total, cast(t AS timestamp) AS at,
                    CASE WHEN f >= 90 THEN 'gold' ELSE 'basic' END AS tier FROM input WHERE s <> 'XX'",
        ),
        (
            100_000,
            "SELECT lower(trim(s)) AS s, cast(t AS decimal(12,2)) * n AS total,
                    to_timestamp(t, 'YYYY-MM-DD HH24:MI:SS') AS at FROM input WHERE s <> 'XX'",
        ),
        (80_000, "SELECT md5(s) AS a, sha256(s) AS b, pseudonym(s, 'key') AS c FROM input"),
        (95_000, "SELECT cast(f AS text) AS f FROM input"),
    ];
    for (limit, text) in limits {
        let bytes = size(text);
        assert!(bytes < limit, "{bytes} bytes: {text}");
    }
}

#[test]
fn what_a_rule_does_not_need_is_left_out_of_its_component() {
    let size = |text: &str| rules::component(&plan(text, "s:utf8,f:float64")).unwrap().len();
    let plain = size("SELECT left(s, 1) AS s FROM input");
    // The tables of small letters and of powers of five are 10 KB each.
    for text in ["SELECT lower(s) AS s FROM input", "SELECT cast(f AS text) AS s FROM input"] {
        assert!(size(text) > plain + 10_000, "{plain} bytes, {} of {text}", size(text));
    }
}

#[test]
fn regular_expressions_work_in_the_larger_runtime() {
    let text = "SELECT s ~ '^[a-z]+$' AS plain, regexp_replace(s, '(\\w)ö', '\\1oe', 'g') AS written FROM input";
    let given = rows(&columns("s:utf8?"), &[&["abc"], &["schön Körper"], &["∅"]]);
    let output = open(&plan(text, "s:utf8?")).apply(&given).unwrap();
    assert_eq!(texts(&output.rows), [["true", "abc"], ["false", "schoen Koerper"], ["∅", "∅"]]);
    assert!(rejects(&output).is_empty());
}

//! Every way in which a guest of the world `columns` may misbehave: stopped within its limit, with
//! its own code, and the next batch unharmed.

mod contained;
mod guests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use batch::ColumnType;
use contained::{BAD, Hostile, doubled, rows};
use sandbox::{Error, Limits, isolate};

fn hostile() -> Hostile {
    Hostile(guests::hostile())
}

contained::in_every_world!(hostile());

#[test]
fn a_fault_is_told_with_the_function_it_happened_in() {
    let error = hostile().is_contained("stack", "module_stack");
    assert!(error.to_string().contains("recurse"), "{error}");
    let error = hostile().is_contained("divide", "module_trap");
    assert!(error.reason().contains("divide by zero"), "{}", error.reason());
}

#[test]
fn few_bytes_that_stand_for_many_rows_count_as_many() {
    hostile().is_contained("amplify", "module_output_bytes");
}

#[test]
fn every_lie_in_the_output_is_found() {
    let lies = [
        "short_data",
        "long_data",
        "long_validity",
        "null_planned_without",
        "offsets_backwards",
        "offsets_beyond",
        "offsets_missing",
        "beyond_memory",
        "not_utf8",
        "row_count",
        "huge_row_count",
        "column_missing",
        "column_more",
        "source_rows_missing",
        "source_row_beyond",
        "reject_beyond",
        "reject_code",
    ];
    for lie in lies {
        hostile().is_contained(lie, "module_output");
    }
}

#[test]
fn columns_without_end_are_stopped_by_the_guests_own_memory() {
    hostile().is_contained("columns_beyond_memory", "module_memory");
}

#[test]
fn a_reject_that_never_ends_is_cut() {
    let output = hostile().open("reject_long").apply(&rows(vec![1, BAD])).unwrap();
    assert_eq!(output.rejects[0].message.chars().count(), 500);
}

#[test]
fn a_flood_of_log_lines_leaves_the_last_ones() {
    let mut guest = hostile().open("log_flood");
    assert_eq!(guest.apply(&rows(vec![BAD])).unwrap().rows.num_rows(), 1);
    let lines = guest.take_log();
    assert_eq!(lines.len(), 32);
    assert!(lines.iter().all(|line| line.message.len() == 2000 && line.level == "info"));
}

#[test]
fn a_plan_over_columns_that_cannot_be_is_refused() {
    for behaviour in ["plan_own_name", "plan_twice", "plan_column", "plan_empty"] {
        hostile().is_refused(behaviour, "module_plan");
    }
}

#[test]
fn a_guest_that_leaks_is_made_anew_and_no_row_is_blamed() {
    let mut guest = hostile().open("leak");
    let batch = rows(vec![1, 2]);
    let error = (0..8).find_map(|_| guest.apply(&batch).err()).expect("20 MiB a batch reach the limit of 64");
    assert_eq!(error.code(), "module_memory");
    for number in 0..8 {
        let isolated = isolate(&mut guest, &rows(vec![number, number + 1])).unwrap();
        assert!(isolated.offending.is_empty());
        assert_eq!(doubled(&isolated.output.rows), [number * 2, number * 2 + 2]);
    }
}

#[test]
fn a_module_that_fails_on_every_other_row_of_many_is_stopped() {
    let half: Vec<i64> = (0..400).map(|number| if number % 2 == 0 { BAD } else { number }).collect();
    let error = isolate(&mut hostile().open("trap"), &rows(half)).unwrap_err();
    assert!(matches!(error, Error::FailsEverywhere { rows: 65, of: 400, .. }), "{error:?}");
}

#[test]
fn a_batch_of_few_rows_may_be_bad_altogether() {
    let isolated = isolate(&mut hostile().open("trap"), &rows(vec![BAD, BAD])).unwrap();
    assert_eq!((isolated.offending.as_slice(), isolated.output.rows.num_rows()), ([0, 1].as_slice(), 0));
}

#[test]
fn the_search_finds_scattered_rows_in_a_large_batch() {
    let bad = [0_u32, 777, 778, 30_000, 64_999];
    let mut numbers: Vec<i64> = (0..65_000).collect();
    bad.iter().for_each(|row| numbers[*row as usize] = BAD);
    let isolated = isolate(&mut hostile().open("trap"), &rows(numbers)).unwrap();
    assert_eq!(isolated.offending, bad);
    assert_eq!(isolated.output.rows.num_rows(), 65_000 - bad.len());
    let outputs = doubled(&isolated.output.rows);
    let sources = isolated.output.source_rows.values();
    assert!(sources.iter().zip(outputs).all(|(source, output)| i64::from(*source) * 2 == output));
}

#[test]
fn the_search_ends_when_its_time_is_over() {
    let limits =
        Limits { time: Duration::from_millis(300), isolation_time: Duration::from_millis(500), ..Limits::default() };
    let started = Instant::now();
    let error = isolate(&mut hostile().try_open("loop", limits).unwrap(), &rows(vec![BAD; 1000])).unwrap_err();
    assert_eq!(error.code(), "module_fails_everywhere");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn another_batch_than_it_was_opened_for_is_refused() {
    let other = Arc::new(Schema::new(vec![ColumnType::Int32.field("number", false)]));
    let batch = RecordBatch::new_empty(other);
    assert_eq!(hostile().open("trap").apply(&batch).unwrap_err().code(), "module_other_input");
}

#[test]
fn an_empty_batch_goes_through() {
    assert_eq!(hostile().open("trap").apply(&rows(Vec::new())).unwrap().rows.num_rows(), 0);
}

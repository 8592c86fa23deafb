//! Every way in which a guest of the world `columns` may misbehave: stopped within its limit, with
//! its own code, and the next batch unharmed.

mod contained;
mod guests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use batch::ColumnType;
#[cfg(target_os = "linux")]
use contained::resident;
use contained::{BAD, Hostile, doubled, rows};
use sandbox::{Error, Limits, isolate};

fn hostile() -> Hostile {
    Hostile(guests::hostile())
}

#[test]
fn a_loop_is_stopped_by_its_time() {
    let error = hostile().is_contained("loop", "module_time");
    assert!(error.to_string().contains("700ms"), "{error}");
}

#[test]
fn a_memory_bomb_is_stopped_at_its_limit() {
    let error = hostile().is_contained("memory", "module_memory");
    assert!(error.to_string().contains("its limit is 67108864"), "{error}");
}

#[test]
fn endless_recursion_runs_out_of_stack() {
    let error = hostile().is_contained("stack", "module_stack");
    assert!(error.to_string().contains("recurse"), "{error}");
}

#[test]
fn a_trap_ends_the_instance_only() {
    hostile().is_contained("trap", "module_trap");
}

#[test]
fn the_message_of_a_panic_reaches_its_author_and_no_log() {
    let error = hostile().is_contained("panic", "module_trap");
    assert!(error.reason().contains("row 1 is not to my liking"), "{}", error.reason());
    assert!(!flow::fault::chain(&error).contains("liking"));
    let error = hostile().is_contained("divide", "module_trap");
    assert!(error.reason().contains("divide by zero"), "{}", error.reason());
}

#[test]
fn a_guest_that_gives_up_says_why() {
    let error = hostile().is_contained("give_up", "module_gave_up");
    assert!(error.reason().contains("no more of this"));
}

#[test]
fn giant_output_is_stopped_at_its_limit() {
    for behaviour in ["giant", "giant_rejects", "amplify"] {
        hostile().is_contained(behaviour, "module_output_bytes");
    }
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
fn a_guest_that_cannot_be_opened_is_refused_before_any_row() {
    let cases = [
        ("open_loop", "module_time"),
        ("open_panic", "module_trap"),
        ("open_refuse", "module_refused"),
        ("plan_type", "module_plan"),
        ("plan_own_name", "module_plan"),
        ("plan_twice", "module_plan"),
        ("plan_column", "module_plan"),
        ("plan_needs", "module_plan"),
        ("plan_empty", "module_plan"),
    ];
    for (behaviour, code) in cases {
        hostile().is_refused(behaviour, code);
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
fn a_module_that_fails_on_everything_is_stopped_instead_of_its_rows() {
    let mut guest = hostile().open("trap");
    let error = isolate(&mut guest, &rows(vec![BAD; 10])).unwrap_err();
    assert_eq!(error.code(), "module_fails_everywhere");
    let half: Vec<i64> = (0..400).map(|number| if number % 2 == 0 { BAD } else { number }).collect();
    let error = isolate(&mut guest, &rows(half)).unwrap_err();
    assert!(matches!(error, Error::FailsEverywhere { rows: 65, of: 400, .. }), "{error:?}");
    assert_eq!(guest.apply(&rows(vec![1])).unwrap().rows.num_rows(), 1);
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

#[cfg(target_os = "linux")]
#[test]
fn the_hosts_memory_is_back_after_memory_bombs() {
    let mut guest = hostile().open("memory");
    let bomb = rows(vec![BAD]);
    assert!(guest.apply(&bomb).is_err());
    let before = resident();
    for _ in 0..10 {
        assert!(guest.apply(&bomb).is_err());
    }
    // Other tests run beside this one and hold a few instances.
    let grown = resident().saturating_sub(before);
    assert!(grown < 400 << 20, "{grown} bytes more after 10 bombs of 64 MiB");
}

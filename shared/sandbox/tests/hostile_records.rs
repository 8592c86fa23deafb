//! Every way in which a guest of the world `records` may misbehave: stopped within its limit, with
//! its own code, and the next batch unharmed.

mod contained;
mod guests;

use std::time::Duration;

use contained::{BAD, Hostile, doubled, limits, rows};
use sandbox::{Limits, World, isolate};

fn hostile() -> Hostile {
    Hostile(guests::hostile_records())
}

#[test]
fn honest_rows_go_through_in_parts_and_in_order() {
    assert_eq!(guests::hostile_records().world, World::Records.name());
    let numbers: Vec<i64> = (0..200_000).collect();
    let mut guest = hostile().try_open("", Limits { time: Duration::from_secs(60), ..limits() }).unwrap();
    let output = guest.apply(&rows(numbers.clone())).unwrap();
    let sources: Vec<i64> = output.source_rows.values().iter().map(|row| i64::from(*row)).collect();
    assert_eq!(sources, numbers);
    assert_eq!(doubled(&output.rows), numbers.iter().map(|number| number * 2).collect::<Vec<_>>());
    let passed = output.rows.column(0).to_data();
    assert_eq!(passed, rows(numbers).column(0).to_data());
}

#[test]
fn faults_are_stopped_each_with_its_code() {
    let error = hostile().is_contained("loop", "module_time");
    assert!(error.to_string().contains("700ms"), "{error}");
    let error = hostile().is_contained("memory", "module_memory");
    assert!(error.to_string().contains("its limit is 67108864"), "{error}");
    hostile().is_contained("stack", "module_stack");
    hostile().is_contained("trap", "module_trap");
    let error = hostile().is_contained("panic", "module_trap");
    assert!(error.reason().contains("row 1 is not to my liking") && !error.to_string().contains("liking"));
    let error = hostile().is_contained("give_up", "module_gave_up");
    assert!(error.reason().contains("no more of this"));
}

#[test]
fn giant_output_is_stopped_at_its_limit() {
    for behaviour in ["giant", "giant_rejects"] {
        hostile().is_contained(behaviour, "module_output_bytes");
    }
}

#[test]
fn every_lie_in_the_output_is_found() {
    let lies = [
        "not_json",
        "not_array",
        "not_object",
        "cut",
        "more",
        "row_missing",
        "row_more",
        "source_row_missing",
        "source_row_beyond",
        "reject_beyond",
        "reject_code",
        "not_utf8",
        "beyond_memory",
        "rows_beyond_memory",
    ];
    for lie in lies {
        hostile().is_contained(lie, "module_output");
    }
}

#[test]
fn a_value_that_does_not_fit_rejects_its_row_alone() {
    for (behaviour, column) in [
        ("value", "doubled"),
        ("null", "doubled"),
        ("missing_key", "text"),
        ("nested", "doubled"),
        ("amplify", "doubled"),
    ] {
        let output = hostile().open(behaviour).apply(&rows(vec![1, BAD, 3])).unwrap();
        let [reject] = output.rejects.as_slice() else { panic!("{behaviour}: {:?}", output.rejects.len()) };
        assert_eq!((reject.row, reject.code.as_str()), (1, "module_value"), "{behaviour}");
        assert_eq!(reject.column.as_deref(), Some(column), "{behaviour}");
        assert!(!reject.message.contains("secret"), "{behaviour}");
        let kept = if behaviour == "amplify" { vec![] } else { vec![2, 6] };
        assert_eq!(doubled(&output.rows), kept, "{behaviour}");
    }
}

#[test]
fn a_guest_that_cannot_be_opened_is_refused_before_any_row() {
    let cases = [
        ("open_loop", "module_time"),
        ("open_panic", "module_trap"),
        ("open_refuse", "module_refused"),
        ("plan_type", "module_plan"),
        ("plan_needs", "module_plan"),
    ];
    for (behaviour, code) in cases {
        hostile().is_refused(behaviour, code);
    }
}

#[test]
fn a_guest_that_calls_out_while_it_is_called_is_stopped() {
    let mut guest = hostile().open("reenter");
    let error = guest.apply(&rows(vec![1])).unwrap_err();
    assert_eq!(error.code(), "module_trap", "{error:?}");
    assert!(error.to_string().contains("component"), "{error}");
    assert_eq!(doubled(&hostile().open("").apply(&rows(vec![1])).unwrap().rows), [2]);
}

#[test]
fn all_parts_of_a_batch_have_one_calls_time_together() {
    let mut guest = hostile().try_open("", Limits { time: Duration::ZERO, ..limits() });
    // Opening has the same limit, which a ticker may or may not have reached.
    if let Ok(guest) = &mut guest {
        let error = guest.apply(&rows((0..500_000).collect())).unwrap_err();
        assert_eq!(error.code(), "module_time");
    }
}

#[test]
fn a_module_that_fails_on_everything_is_stopped_instead_of_its_rows() {
    let error = isolate(&mut hostile().open("trap"), &rows(vec![BAD; 10])).unwrap_err();
    assert_eq!(error.code(), "module_fails_everywhere");
}

#[cfg(target_os = "linux")]
#[test]
fn the_hosts_memory_is_back_after_bombs() {
    let mut memory = hostile().open("memory");
    let mut giant = hostile().open("giant");
    let bomb = rows(vec![BAD]);
    assert!(memory.apply(&bomb).is_err() && giant.apply(&bomb).is_err());
    let before = contained::resident();
    for _ in 0..10 {
        assert!(memory.apply(&bomb).is_err() && giant.apply(&bomb).is_err());
    }
    // Other tests run beside this one and hold a few instances.
    let grown = contained::resident().saturating_sub(before);
    assert!(grown < 400 << 20, "{grown} bytes more after 20 bombs");
}

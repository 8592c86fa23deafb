//! Every way in which a guest of the world `records` may misbehave: stopped within its limit, with
//! its own code, and the next batch unharmed.

mod contained;
mod guests;

use std::time::Duration;

use contained::{BAD, Hostile, doubled, limits, rows};
use sandbox::{Limits, World};

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

contained::in_every_world!(hostile());

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

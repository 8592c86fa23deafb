//! Every command through the binary, as people and as programs use it.

mod binary;

use binary::{FILES, Place};

const ORDERS: &str = "SELECT id || '|' || coalesce(customer, 'NULL') || '|' || amount FROM orders ORDER BY id";

#[test]
fn a_first_spec_is_valid_and_runs_to_the_same_table_every_time() {
    let place = ran();
    let first = place.rows("out/shop.db", ORDERS);
    assert_eq!(first.len(), 3, "{first:?}");
    let again = place.millstream(&["run", "millstream.yaml"]);
    assert_eq!(again.status, Some(0), "{}", again.said());
    assert!(again.stdout.contains("4 read, 3 delivered, 1 quarantined"), "{}", again.said());
    assert_eq!(place.rows("out/shop.db", ORDERS), first);
}

#[test]
fn what_programs_ask_for_is_json() {
    let place = ran();
    let export_to_stdout = ["quarantine", "export"];
    for command in [
        &["runs"][..],
        &["status"],
        &["state", "show"],
        &["quarantine", "list"],
        &["quarantine", "show"],
        &export_to_stdout,
        &["modules", "list"],
        &["validate", "millstream.yaml"],
        &["discover", "millstream.yaml"],
        &["run", "millstream.yaml"],
    ] {
        let ended = place.millstream(&[command, &["--json"]].concat());
        assert_eq!(ended.status, Some(0), "{command:?}: {}", ended.said());
        ended.json();
    }
}

#[test]
fn what_people_ask_for_is_text() {
    let place = ran();
    for (command, expected) in [
        (&["runs"][..], "succeeded"),
        (&["status"], "shop"),
        (&["state", "show"], "no bookmarks"),
        (&["quarantine", "list"], "not_null(customer)"),
        (&["quarantine", "show"], "NULL where not_null"),
        (&["quarantine", "export"], "\"_millstream_code\":\"null_value\""),
    ] {
        let ended = place.millstream(command);
        assert_eq!(ended.status, Some(0), "{command:?}: {}", ended.said());
        assert!(ended.stdout.contains(expected), "{command:?}: {}", ended.said());
    }
}

#[test]
fn a_run_is_shown_with_its_streams() {
    let place = ran();
    let runs = place.millstream(&["runs", "--json"]).json();
    let id = runs[0]["run"].as_str().unwrap();
    let run = place.millstream(&["runs", id, "--json"]).json();
    assert_eq!((&run["read"], &run["delivered"], &run["quarantined"]), (&4.into(), &3.into(), &1.into()), "{run}");
    assert_eq!(run["streams"][0]["reasons"][0]["code"], "null_value", "{run}");
}

#[test]
fn a_signal_nobody_is_told_of_is_seen_in_the_status() {
    let place = Place::new();
    place.write("spec.yaml", format!("{FILES}streams: [{{ name: numbers, path: missing.csv }}]\n"));
    assert_eq!(place.millstream(&["run", "spec.yaml"]).status, Some(2));
    let signals = &place.millstream(&["status", "--json"]).json()["signals"];
    assert_eq!((&signals[0]["name"], &signals[0]["sync"]), (&"run_failed".into(), &"shop".into()), "{signals}");
    let ended = place.millstream(&["status"]);
    assert!(ended.stdout.contains("run_failed"), "{}", ended.said());
}

#[test]
fn quarantined_rows_are_exported_to_a_file() {
    let place = ran();
    for (format, file) in [("jsonl", "bad.jsonl"), ("parquet", "bad.parquet")] {
        let ended = place.millstream(&["quarantine", "export", "--format", format, "--output", file]);
        assert_eq!(ended.status, Some(0), "{}", ended.said());
        assert!(std::fs::metadata(place.path(file)).unwrap().len() > 0, "{file}");
    }
}

#[test]
fn a_home_at_work_is_left_to_whom_it_belongs() {
    let place = ran();
    let lock = std::fs::File::options().write(true).open(place.path(".millstream/lock")).unwrap();
    lock.try_lock().unwrap();
    let ended = place.millstream(&["run", "millstream.yaml"]);
    assert_eq!(ended.status, Some(1), "{}", ended.said());
    assert!(ended.stderr.contains("[home_in_use]"), "{}", ended.said());
    lock.unlock().unwrap();
    assert_eq!(place.millstream(&["run", "millstream.yaml"]).status, Some(0));
}

/// A folder in which the first spec was written, checked and run.
fn ran() -> Place {
    let place = Place::new();
    for command in [&["init", ".", "--name", "shop"][..], &["validate", "millstream.yaml"], &["run", "millstream.yaml"]]
    {
        let ended = place.millstream(command);
        assert_eq!(ended.status, Some(0), "{command:?}: {}", ended.said());
    }
    place
}

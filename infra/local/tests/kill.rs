//! The binary is killed at several moments and run again: nothing is there twice, nothing is lost.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by the one and tells by the other")]

mod binary;

use std::fmt::Write;
use std::process::Stdio;
use std::time::Duration;

use binary::{FILES, Place};

const ROWS: u64 = 200_000;

/// Rows, distinct ids and the sum of the ids in one text, to compare at a glance.
const SUMMARY: &str = "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || sum(id) || ' ' || \
    sum(name = 'name ' || id) FROM numbers";

#[test]
fn a_run_killed_at_any_moment_goes_on_without_loss_or_repeats() {
    let place = Place::new();
    place.write("numbers.csv", csv());
    place.write(
        "spec.yaml",
        format!("{FILES}streams: [{{ name: numbers, path: numbers.csv, batch: {{ rows: 5000 }} }}]\n"),
    );
    let waits = [50, 150, 300, 600, 900, 1500];
    let interrupted =
        waits.into_iter().filter(|wait| was_interrupted_after(&place, Duration::from_millis(*wait))).count();
    let ended = place.millstream(&["run", "spec.yaml"]);
    println!("{interrupted} of {} kills interrupted a run; at the end:\n{}", waits.len(), ended.stdout);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    let runs = place.millstream(&["runs", "--json"]).json();
    let finished = runs.as_array().unwrap().iter().filter(|run| run["state"] == "succeeded").count() as u64;
    let sum = ROWS * (ROWS + 1) / 2;
    let expected = format!("{} {ROWS} {} {}", ROWS * finished, sum * finished, ROWS * finished);
    assert_eq!(place.rows("out.db", SUMMARY), [expected]);
    assert!(interrupted > 0, "every run had ended before it was killed");
}

/// Starts a run and kills it; whether the run was left unfinished. A run that was quicker has
/// appended all rows once, so the next one appends them again.
fn was_interrupted_after(place: &Place, wait: Duration) -> bool {
    let mut run = place.command(&["run", "spec.yaml"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(wait);
    run.kill().ok();
    run.wait().unwrap();
    let last = place.millstream(&["runs", "--limit", "1", "--json"]).json();
    println!("killed after {wait:?}: {}, {} rows delivered so far", last[0]["state"], last[0]["delivered"]);
    last[0]["state"] == "running"
}

fn csv() -> String {
    let mut text = "id,name\n".to_owned();
    (1..=ROWS).for_each(|id| writeln!(text, "{id},name {id}").unwrap());
    text
}

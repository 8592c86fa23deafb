//! What a replay does to rows written in each way, through the binary; what it refuses, and why.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by the one and tells by the other")]

mod binary;

use std::fmt::Write;
use std::process::Stdio;
use std::time::Duration;

use binary::{Ended, FILES, Place};

/// A stream of ids and names, written in one way, whose names are checked or not.
fn spec(way: &str, names: Option<&str>) -> String {
    let quality = match names {
        Some(names) => format!(
            ", quality: {{ checks: [{{ in_set: {{ column: name, values: [{names}] }} }}], error_limit: {{ rows: 9 }} }}"
        ),
        None => String::new(),
    };
    format!(
        "{FILES}streams: [{{ name: orders, path: orders.csv, columns: {{ id: int64!, name: utf8 }}, primary_key: [id], \
         write_disposition: {way}{quality} }}]\n"
    )
}

fn run_of(place: &Place, rows: &str) -> String {
    place.write("orders.csv", format!("id,name\n{rows}"));
    let ended = place.millstream(&["run", "spec.yaml", "--json"]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    ended.json()["run"].as_str().unwrap().to_owned()
}

fn replay(place: &Place, run: &str, more: &[&str]) -> Ended {
    place.millstream(&[&["replay", "spec.yaml", "--run", run], more].concat())
}

fn orders(place: &Place) -> Vec<String> {
    place.rows("out.db", "SELECT id || ' ' || name FROM orders ORDER BY id, name")
}

fn assert_refused(ended: &Ended, code: &str) {
    assert_eq!(ended.status, Some(2), "{code}: {}", ended.said());
    assert!(ended.stderr.contains(&format!("[{code}]")), "{code}: {}", ended.said());
}

#[test]
fn rows_that_the_rule_of_now_keeps_back_leave_a_merged_table() {
    let place = Place::new();
    place.write("spec.yaml", spec("merge", None));
    run_of(&place, "9,before\n");
    let run = run_of(&place, "1,good\n2,bad\n3,good\n");
    place.write("spec.yaml", spec("merge", Some("good")));
    let ended = replay(&place, &run, &[]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    assert_eq!(orders(&place), ["1 good", "3 good", "9 before"]);
    place.write("spec.yaml", spec("merge", None));
    assert_eq!(replay(&place, &run, &[]).status, Some(0));
    assert_eq!(orders(&place), ["1 good", "2 bad", "3 good", "9 before"]);
}

#[test]
fn a_newer_row_of_a_key_stays_the_newest() {
    let place = Place::new();
    place.write("spec.yaml", spec("merge", None));
    let first = run_of(&place, "1,old\n2,bad\n4,bad\n");
    run_of(&place, "1,new\n3,bad\n4,good\n");
    place.write("spec.yaml", spec("merge", Some("old, new, good")));
    let before = orders(&place);
    assert_refused(&replay(&place, &first, &[]), "later_runs");
    assert_eq!(orders(&place), before);
    let ended = replay(&place, &first, &["--and-later", "--json"]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    assert_eq!(ended.json().as_array().map(Vec::len), Some(2), "{}", ended.said());
    assert_eq!(orders(&place), ["1 new", "4 good"]);
}

#[test]
fn a_quarantined_row_does_not_overwrite_a_newer_one() {
    let place = Place::new();
    place.write("spec.yaml", spec("merge", Some("good, new")));
    let first = run_of(&place, "1,bad\n2,bad\n5,bad\n5,good\n");
    run_of(&place, "1,good\n3,new\n");
    place.write("spec.yaml", spec("merge", None));
    let ended = replay(&place, &first, &["--only", "quarantined"]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    assert_eq!(orders(&place), ["1 good", "2 bad", "3 new", "5 good"]);
    assert!(ended.stderr.contains("2 row(s) left out: a later row of the same key"), "{}", ended.said());
    let open = place.millstream(&["quarantine", "list", "--json"]).json();
    assert_eq!(open, serde_json::json!([]));
    let again = replay(&place, &first, &["--only", "quarantined"]);
    assert!(again.stdout.contains("nothing to replay"), "{}", again.said());
}

#[test]
fn an_append_takes_quarantined_rows_once_and_no_others() {
    let place = Place::new();
    place.write("spec.yaml", spec("append", Some("good")));
    let run = run_of(&place, "1,good\n2,bad\n");
    place.write("spec.yaml", spec("append", None));
    assert_refused(&replay(&place, &run, &[]), "replay_would_double");
    for _ in 0..2 {
        let ended = replay(&place, &run, &["--only", "quarantined"]);
        assert_eq!(ended.status, Some(0), "{}", ended.said());
        assert_eq!(orders(&place), ["1 good", "2 bad"]);
    }
}

#[test]
fn a_row_that_is_still_bad_is_in_quarantine_under_the_replay_and_can_be_replayed_from_there() {
    let place = Place::new();
    place.write("spec.yaml", spec("append", Some("good")));
    let run = run_of(&place, "1,good\n2,bad\n3,worse\n");
    place.write("spec.yaml", spec("append", Some("good, bad")));
    let first = replay(&place, &run, &["--only", "quarantined", "--json"]).json();
    assert_eq!((&first["delivered"], &first["quarantined"]), (&1.into(), &1.into()), "{first}");
    place.write("spec.yaml", spec("append", None));
    let second = replay(&place, first["run"].as_str().unwrap(), &["--only", "quarantined"]);
    assert_eq!(second.status, Some(0), "{}", second.said());
    assert_eq!(orders(&place), ["1 good", "2 bad", "3 worse"]);
}

#[test]
fn a_replaced_stream_is_swapped_again_from_its_last_run() {
    let place = Place::new();
    place.write("spec.yaml", spec("replace", Some("good")));
    let first = run_of(&place, "1,good\n");
    let last = run_of(&place, "2,good\n3,bad\n");
    place.write("spec.yaml", spec("replace", None));
    assert_refused(&replay(&place, &last, &["--only", "quarantined"]), "replay_replaces");
    assert_refused(&replay(&place, &first, &[]), "later_runs");
    let ended = replay(&place, &last, &[]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    assert_eq!(orders(&place), ["2 good", "3 bad"]);
}

#[test]
fn what_cannot_be_replayed_is_refused_with_its_reason() {
    let place = Place::new();
    place.write("spec.yaml", spec("merge", None));
    let run = run_of(&place, "1,good\n");
    assert_refused(&replay(&place, "nobody", &[]), "run_unknown");
    assert_refused(&replay(&place, &run, &["--stream", "nobody"]), "stream_unknown");
    assert_refused(&replay(&place, &run, &["--module", "nobody"]), "module_unknown");
    assert_refused(&replay(&place, &run, &["--module", "nobody.wasm"]), "module_unreadable");
    let replayed = replay(&place, &run, &["--json"]).json();
    assert_refused(&replay(&place, replayed["run"].as_str().unwrap(), &[]), "run_is_a_replay");
    std::fs::remove_dir_all(place.path(".millstream/stage/raw")).unwrap();
    let gone = replay(&place, &run, &[]);
    assert_ne!(gone.status, Some(0), "{}", gone.said());
    assert_eq!(orders(&place), ["1 good"]);
}

#[test]
fn the_bookmark_of_an_incremental_stream_stays_where_it_is() {
    let place = Place::new();
    place.sql(
        "in.db",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO orders VALUES (1, 'bad'), (2, 'good')",
    );
    let text = |checks: &str| {
        FILES.replace("{ type: file }", "{ type: sqlite, path: in.db }")
            + "streams: [{ name: orders, sync_mode: incremental, cursor_field: id, write_disposition: merge"
            + checks
            + " }]\n"
    };
    let checked = ", quality: { checks: [{ in_set: { column: name, values: [good] } }], error_limit: { rows: 9 } }";
    place.write("spec.yaml", text(checked));
    let run = place.millstream(&["run", "spec.yaml", "--json"]).json();
    let bookmarks = place.millstream(&["state", "show", "--json"]).json();
    place.write("spec.yaml", text(""));
    let ended = replay(&place, run["run"].as_str().unwrap(), &[]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    assert_eq!(orders(&place), ["1 bad", "2 good"]);
    assert_eq!(place.millstream(&["state", "show", "--json"]).json(), bookmarks);
    place.sql("in.db", "INSERT INTO orders VALUES (3, 'new')");
    let next = place.millstream(&["run", "spec.yaml", "--json"]).json();
    assert_eq!(next["read"], 1, "{next}");
}

#[test]
fn a_replay_killed_at_any_moment_goes_on_where_it_was() {
    const ROWS: u64 = 60_000;
    let place = Place::new();
    let mut rows = String::new();
    (1..=ROWS).for_each(|id| writeln!(rows, "{id},{}", if id % 7 == 0 { "bad" } else { "good" }).unwrap());
    let small = |names: Option<&str>| {
        spec("merge", names)
            .replace("rows: 9 }", "percentage: 50 }")
            .replace("primary_key", "batch: { rows: 1500 }, primary_key")
    };
    place.write("spec.yaml", small(None));
    let run = run_of(&place, &rows);
    place.write("spec.yaml", small(Some("good")));
    let interrupted =
        [0, 9_000, 18_000, 36_000].into_iter().filter(|rows| was_killed_after(&place, &run, *rows)).count();
    assert!(interrupted > 1, "only {interrupted} kills met an open replay");
    let ended = replay(&place, &run, &[]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    let found = place.rows("out.db", "SELECT count(*) || ' ' || sum(name = 'good') FROM orders");
    let good = ROWS - ROWS / 7;
    assert_eq!(found, [format!("{good} {good}")]);
}

/// Kills a replay once it has delivered so many rows; whether it was left unfinished.
fn was_killed_after(place: &Place, run: &str, rows: u64) -> bool {
    let mut command = place.command(&["replay", "spec.yaml", "--run", run]);
    let mut replay = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let last = || place.millstream(&["runs", "--limit", "1", "--json"]).json()[0].take();
    let is_at_work = |last: &serde_json::Value| last["replays"].is_object() && last["state"] == "running";
    while replay.try_wait().unwrap().is_none() {
        let last = last();
        if is_at_work(&last) && last["delivered"].as_u64() >= Some(rows) {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    replay.kill().ok();
    replay.wait().unwrap();
    let last = last();
    println!("killed: {} {}", last["state"], last["delivered"]);
    is_at_work(&last)
}

/// Three runs under a rule that keeps nothing back, and the rule that mends them in the spec. The
/// first run is given; replayed with the later ones, they leave [`MENDED`].
fn three_runs(place: &Place) -> String {
    place.write("spec.yaml", spec("merge", None));
    let first = run_of(place, "1,old\n2,bad\n4,bad\n7,good\n");
    run_of(place, "1,new\n3,bad\n4,good\n");
    run_of(place, "5,bad\n6,good\n7,new\n");
    place.write("spec.yaml", spec("merge", Some("old, new, good")));
    first
}

const MENDED: [&str; 4] = ["1 new", "4 good", "6 good", "7 new"];

/// Kills a series of replays as soon as a query on the state gives this count; the states of its
/// replays then, the newest first.
fn killed_at(place: &Place, run: &str, query: &'static str, count: &str) -> Vec<String> {
    let mut command = place.command(&["replay", "spec.yaml", "--run", run, "--and-later"]);
    let mut series = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while series.try_wait().unwrap().is_none() && place.rows(".millstream/state.db", query) != [count] {}
    series.kill().ok();
    series.wait().unwrap();
    states(place)
}

fn states(place: &Place) -> Vec<String> {
    let runs = place.millstream(&["runs", "--json"]).json();
    let replays = runs.as_array().unwrap().iter().filter(|run| run["replays"].is_object());
    replays.map(|run| run["state"].as_str().unwrap().to_owned()).collect()
}

const ENDED: &str = "SELECT count(*) || '' FROM runs WHERE replay IS NOT NULL AND ended_at IS NOT NULL";
const OPENED: &str = "SELECT count(*) || '' FROM runs WHERE replay IS NOT NULL";

#[test]
fn a_series_killed_between_two_of_its_replays_or_within_one_goes_on_with_the_next() {
    let mut between = 0;
    for (query, count) in [(ENDED, "1"), (ENDED, "2"), (ENDED, "1"), (ENDED, "2"), (OPENED, "2"), (OPENED, "3")] {
        let place = Place::new();
        let first = three_runs(&place);
        let before = killed_at(&place, &first, query, count);
        println!("killed at {count}: {before:?}");
        let is_between = query == ENDED && before.iter().all(|state| state == "succeeded") && before.len() < 3;
        between += usize::from(is_between);
        if before.len() < 3 || before[0] == "running" {
            let ended = replay(&place, &first, &["--and-later"]);
            assert_eq!(ended.status, Some(0), "{}", ended.said());
        }
        assert_eq!(orders(&place), MENDED, "{before:?}");
        assert_eq!(states(&place), ["succeeded"; 3], "the series went on where it was: {before:?}");
    }
    assert!(between > 1, "only {between} kills met the moment between two replays");
}

#[test]
fn a_series_killed_between_two_of_its_replays_does_not_go_on_with_other_rules() {
    for _ in 0..5 {
        let place = Place::new();
        let first = three_runs(&place);
        if killed_at(&place, &first, ENDED, "1") != ["succeeded"] {
            continue;
        }
        place.write("spec.yaml", spec("merge", Some("new, bad")));
        assert_refused(&replay(&place, &first, &["--and-later"]), "replay_has_other_rules");
        let ended = replay(&place, &first, &["--and-later", "--restart"]);
        assert_eq!(ended.status, Some(0), "{}", ended.said());
        assert_eq!(orders(&place), ["1 new", "2 bad", "3 bad", "4 bad", "5 bad", "7 new"]);
        return;
    }
    panic!("no kill met the moment between two replays");
}

//! What a broken rule did is tried, mended and replayed, through the binary.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod binary;
#[path = "../../../shared/sandbox/tests/guests/mod.rs"]
mod guests;

use binary::{Ended, Place};
use serde_json::Value;

/// The example's spec, its data where it is and its destination beside the spec.
fn flights() -> Place {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/flights");
    let spec = std::fs::read_to_string(format!("{folder}/flights.yaml")).unwrap();
    let spec =
        spec.replace("../../target/demo/flights.db", "out.db").replace("path: data/", &format!("path: {folder}/data/"));
    let spec = spec.replace("rule: rules/flights.sql", "module: flights");
    let place = Place::new();
    place.write("flights.yaml", spec + "    batch: { rows: 6000 }\n");
    place.write("right.wasm", guests::flights_bytes());
    place.write("broken.wasm", guests::hostile_bytes("examples/flights_broken.wasm"));
    place
}

fn done(place: &Place, arguments: &[&str]) -> Ended {
    let ended = place.millstream(arguments);
    assert_eq!(ended.status, Some(0), "{arguments:?}: {}", ended.said());
    ended
}

fn add(place: &Place, file: &str, version: &str) {
    done(place, &["modules", "add", file, "--name", "flights", "--version", version, "--activate"]);
}

fn run(place: &Place) -> String {
    let ended = place.millstream(&["run", "flights.yaml", "--json"]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    ended.json()["run"].as_str().unwrap().to_owned()
}

fn entries(place: &Place, more: &[&str]) -> Vec<Value> {
    let listed = done(place, &[&["quarantine", "list", "--json"], more].concat()).json();
    listed.as_array().unwrap().clone()
}

#[test]
fn a_broken_module_is_mended_and_its_run_replayed_as_if_it_had_always_been_right() {
    let right = flights();
    add(&right, "right.wasm", "1.0.0");
    run(&right);
    let expected = right.table("out.db", "flights");
    assert_eq!(expected.len(), 26_849, "{:?}", expected.first());

    let place = flights();
    add(&place, "broken.wasm", "1.0.0");
    let broken = run(&place);
    assert_ne!(place.table("out.db", "flights"), expected);
    let refused = entries(&place, &[]);
    assert!(refused.iter().any(|entry| entry["code"] == "unknown_carrier" && entry["run"] == broken.as_str()));

    // Tried: nothing is written, and everything that would change is told.
    let before = place.table("out.db", "flights");
    let tried = done(&place, &["try", "right.wasm", "--sync", "flights", "--run", &broken, "--json"]).json();
    assert_eq!((&tried["rows"], &tried["batches"]), (&27_004.into(), &5.into()), "{tried}");
    assert_eq!(tried["newly_accepted"][0]["code"], "unknown_carrier", "{tried}");
    assert_eq!(tried["newly_accepted"][0]["rows"], 31, "{tried}");
    let changed: Vec<&str> =
        tried["columns"].as_array().unwrap().iter().filter_map(|column| column["column"].as_str()).collect();
    assert!(changed.contains(&"scheduled_departure") && changed.contains(&"actual_departure"), "{changed:?}");
    assert!(!changed.contains(&"origin"), "{changed:?}");
    assert_eq!(place.table("out.db", "flights"), before);

    // Mended and replayed.
    add(&place, "right.wasm", "1.1.0");
    let replayed = done(&place, &["replay", "flights.yaml", "--run", &broken, "--json"]).json();
    assert_eq!((&replayed["replays"]["run"], &replayed["state"]), (&Value::from(broken.clone()), &"succeeded".into()));
    assert_eq!(place.table("out.db", "flights"), expected);
    assert!(entries(&place, &["--run", &broken]).is_empty());
    assert!(!entries(&place, &["--run", &broken, "--all"]).is_empty());

    // Asked for again, it ends the same.
    done(&place, &["replay", "--run", &broken]);
    assert_eq!(place.table("out.db", "flights"), expected);
    let runs = done(&place, &["runs", "--json"]).json();
    assert_eq!(runs.as_array().unwrap().iter().filter(|run| run["replays"].is_object()).count(), 2, "{runs}");
}

#[test]
fn only_the_quarantined_rows_are_replayed_with_a_module_of_a_file() {
    let place = flights();
    add(&place, "broken.wasm", "1.0.0");
    let broken = run(&place);
    let before = place.table("out.db", "flights").len();
    let replayed = done(&place, &["quarantine", "replay", "--run", &broken, "--module", "right.wasm", "--json"]).json();
    assert_eq!(replayed["replays"]["rows"], "quarantined", "{replayed}");
    let read = replayed["read"].as_u64().unwrap();
    let delivered = replayed["delivered"].as_u64().unwrap();
    assert!(delivered >= 31 && read > delivered, "{replayed}");
    assert_eq!(place.table("out.db", "flights").len() as u64, before as u64 + delivered);
    assert!(entries(&place, &["--run", &broken]).is_empty());
    // The rows that no rule can mend are in quarantine again, under the replay.
    let replay = replayed["run"].as_str().unwrap();
    assert!(entries(&place, &["--run", replay]).iter().all(|entry| entry["code"] != "unknown_carrier"));
    // The live module is what it was.
    let live = done(&place, &["try", "flights@1.0.0", "--sync", "flights", "--batches", "1"]);
    assert!(live.stdout.contains("no difference"), "{}", live.said());
}

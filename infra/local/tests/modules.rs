//! The registry through the binary: versions are added, activated, followed, taken back, verified.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod binary;
#[path = "../../../shared/sandbox/tests/guests/mod.rs"]
mod guests;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use binary::{Ended, FILES, Place};
use serde_json::{Value, json};

/// Rows and marks of what was delivered.
const MARKS: &str = "SELECT mark || ' ' || count(*) FROM numbers GROUP BY mark ORDER BY mark";

/// A folder with rows and a spec whose one transform is `module`.
fn place(module: &str, rows: u64, batch: u64) -> Place {
    let place = Place::new();
    let mut csv = "number\n".to_owned();
    (0..rows).for_each(|row| writeln!(csv, "{row}").unwrap());
    place.write("numbers.csv", csv);
    let stream = format!(
        "{{ name: numbers, path: numbers.csv, columns: {{ number: int64! }}, batch: {{ rows: {batch} }}, \
         write_disposition: replace, transforms: [{{ module: '{module}' }}] }}"
    );
    place.write("spec.yaml", format!("{FILES}retry: {{ max_attempts: 1 }}\nstreams: [{stream}]\n"));
    place
}

fn add(place: &Place, mark: &str, more: &[&str]) -> Ended {
    place.write("marked.wasm", guests::marked_bytes(mark));
    place.millstream(&[&["modules", "add", "marked.wasm", "--version", mark], more].concat())
}

#[track_caller]
fn fine(ended: Ended) -> Ended {
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    ended
}

#[track_caller]
fn refused(ended: Ended, code: &str) -> Ended {
    assert_eq!(ended.status, Some(2), "{}", ended.said());
    assert!(ended.stderr.contains(&format!("[{code}]")), "{}", ended.said());
    ended
}

#[test]
fn a_bare_name_needs_an_active_version_and_says_the_command() {
    let place = place("marked", 3, 10);
    fine(add(&place, "one", &[]));
    let ended = refused(place.millstream(&["run", "spec.yaml"]), "module_inactive");
    assert!(ended.stderr.contains("millstream modules activate marked@one"), "{}", ended.said());
    refused(place.millstream(&["validate", "spec.yaml"]), "module_inactive");
    refused(place.millstream(&["modules", "deactivate", "marked"]), "module_inactive");
    fine(place.millstream(&["modules", "activate", "marked@one"]));
    fine(place.millstream(&["run", "spec.yaml"]));
    assert_eq!(place.rows("out.db", MARKS), ["one 3"]);
    fine(place.millstream(&["modules", "deactivate", "marked"]));
    refused(place.millstream(&["validate", "spec.yaml"]), "module_inactive");
}

#[test]
fn the_active_version_is_run_and_going_back_is_one_command() {
    let place = place("marked", 3, 10);
    fine(add(&place, "one", &["--activate", "--by", "ann"]));
    fine(add(&place, "two", &[]));
    let marks = || {
        fine(place.millstream(&["run", "spec.yaml"]));
        place.rows("out.db", MARKS)
    };
    assert_eq!(marks(), ["one 3"]);
    fine(place.millstream(&["modules", "activate", "marked@two", "--by", "bob"]));
    assert_eq!(marks(), ["two 3"]);
    let back = fine(place.millstream(&["modules", "deactivate", "marked", "--by", "eve", "--json"])).json();
    assert_eq!((&back["version"], &back["cause"]), (&json!("one"), &json!("deactivated")));
    assert_eq!(marks(), ["one 3"]);

    let history = fine(place.millstream(&["modules", "history", "marked", "--json"])).json();
    let told: Vec<_> = history.as_array().unwrap().iter().map(|line| (&line["version"], &line["by"])).collect();
    let one = |by: &'static str| (json!("one"), json!(by));
    assert_eq!(told[0], (&one("ann").0, &one("ann").1));
    assert_eq!(told[1], (&json!("two"), &json!("bob")));
    assert_eq!(told[2], (&json!("one"), &json!("eve")));
    let list = fine(place.millstream(&["modules", "list", "--json"])).json();
    let active: Vec<_> = list.as_array().unwrap().iter().filter(|line| line["active"] == json!(true)).collect();
    assert_eq!((active.len(), &active[0]["version"], &active[0]["added_by"]), (1, &json!("one"), &json!("ann")));
    let text = fine(place.millstream(&["modules", "show", "marked@two"]));
    assert!(text.stdout.contains("no: one is, since"), "{}", text.said());
}

#[test]
fn a_fixed_version_does_not_follow_what_is_activated() {
    let place = place("marked@one", 3, 10);
    fine(add(&place, "one", &[]));
    fine(add(&place, "two", &["--activate"]));
    fine(place.millstream(&["run", "spec.yaml"]));
    assert_eq!(place.rows("out.db", MARKS), ["one 3"]);
}

#[test]
fn a_version_is_never_changed() {
    let place = Place::new();
    fine(add(&place, "one", &["--limit", "memory=32MiB"]));
    // The same again is fine.
    fine(add(&place, "one", &["--limit", "memory=32MiB"]));
    refused(add(&place, "one", &["--limit", "memory=64MiB"]), "version_taken");
    // Under another version it is, and is another module.
    place.write("marked.wasm", guests::marked_bytes("one"));
    let other = ["modules", "add", "marked.wasm", "--version", "one-64", "--limit", "memory=64MiB", "--json"];
    let other = fine(place.millstream(&other)).json();
    let first = fine(place.millstream(&["modules", "show", "marked@one", "--json"])).json();
    assert_ne!(other["digest"], first["digest"]);
    assert_eq!((&first["limits"], &other["limits"]), (&json!({"memory": "32MiB"}), &json!({"memory": "64MiB"})));
    place.write("marked.wasm", guests::marked_bytes("two"));
    let taken = place.millstream(&["modules", "add", "marked.wasm", "--version", "one"]);
    assert!(refused(taken, "version_taken").stderr.contains("marked@one"));
    assert_eq!(place.millstream(&["modules", "list", "--json"]).json().as_array().unwrap().len(), 2);
}

#[test]
fn a_module_is_tried_with_the_columns_it_is_added_with() {
    let place = Place::new();
    let added = fine(add(&place, "one", &["--schema", "id:int64,name:utf8?", "--json"])).json();
    assert_eq!(added["schema"], json!({ "input": "id:int64,name:utf8?", "output": "id:int64,name:utf8?,mark:utf8?" }));
    let shown = fine(place.millstream(&["modules", "show", "marked", "--json"])).json();
    assert_eq!((&shown["schema"], &shown["activation"]), (&added["schema"], &Value::Null));
    refused(add(&place, "broken", &["--schema", "id:int64"]), "module_refused");
    refused(add(&place, "two", &["--schema", "id:integer"]), "schema_malformed");
    refused(add(&place, "two", &["--schema", "id:int64", "--config", "{"]), "config_invalid");
}

#[test]
fn limits_of_its_own_hold_when_a_module_runs() {
    let place = Place::new();
    place.write("hostile.wasm", guests::hostile_bytes("hostile.wasm"));
    for limit in ["memory", "memory=much", "stack=1MiB", "time=1d", "compile_stack=1MiB"] {
        refused(place.millstream(&["modules", "add", "hostile.wasm", "--limit", limit]), "limit_invalid");
    }
    let limits = ["--limit", "memory=16MiB", "--limit", "time=2s", "--activate"];
    fine(place.millstream(&[&["modules", "add", "hostile.wasm"][..], &limits].concat()));
    place.write("numbers.csv", "number\n1\n-1\n3\n");
    let stream = "{ name: numbers, path: numbers.csv, columns: { number: int64! }, \
                  transforms: [{ module: hostile, config: memory }] }";
    place.write("spec.yaml", format!("{FILES}streams: [{stream}]\n"));
    assert_eq!(place.millstream(&["run", "spec.yaml"]).status, Some(3));
    let rows = fine(place.millstream(&["quarantine", "show", "--json"])).json();
    let reason = rows[0]["_millstream_value"].as_str().unwrap();
    assert!(reason.contains("its limit is 16777216"), "{rows}");
    let modules = rows[0]["_millstream_modules"].as_array().unwrap();
    assert!(modules[0].as_str().unwrap().starts_with("hostile@sha256:"), "{rows}");
}

#[test]
fn what_is_needed_is_not_removed_and_what_is_not_goes_with_its_objects() {
    let place = place("marked", 3, 10);
    fine(add(&place, "one", &["--activate"]));
    fine(add(&place, "two", &[]));
    fine(place.millstream(&["run", "spec.yaml"]));
    let needed = |version: &str, part: &str| {
        let ended = refused(place.millstream(&["modules", "remove", &format!("marked@{version}")]), "module_needed");
        assert!(ended.stderr.contains(part), "{}", ended.said());
    };
    needed("one", "it is active");
    fine(place.millstream(&["modules", "activate", "marked@two"]));
    needed("one", "the saved spec of `shop` names it");
    fine(place.millstream(&["run", "spec.yaml"]));
    assert_eq!(objects(&place).len(), 4);
    fine(place.millstream(&["modules", "remove", "marked@one"]));
    assert_eq!(objects(&place).len(), 2);
    refused(place.millstream(&["modules", "remove", "marked@one"]), "module_unknown");
    refused(place.millstream(&["modules", "remove", "marked"]), "version_missing");
    // There is nothing to go back to any more.
    let back = fine(place.millstream(&["modules", "deactivate", "marked", "--json"])).json();
    assert_eq!(back["version"], Value::Null);
}

#[test]
fn a_version_activated_while_a_run_is_going_comes_in_between_two_batches() {
    let place = place("marked", 12_000, 50);
    fine(add(&place, "one", &["--activate"]));
    fine(add(&place, "two", &[]));
    let mut run = start(&place);
    wait_for_pins(&place, 10);
    fine(place.millstream(&["modules", "activate", "marked@two"]));
    assert_eq!(run.wait().unwrap().code(), Some(0));

    // Every batch of 50 rows has one mark, and the first has the old, the last the new one.
    let marks = place.rows("out.db", "SELECT mark || ' ' || (number / 50) FROM numbers ORDER BY number");
    assert_eq!(marks.len(), 12_000);
    let of_batches: BTreeSet<&String> = marks.iter().collect();
    assert_eq!(of_batches.len(), 240, "a batch has two marks");
    assert!(marks[0] == "one 0" && marks[11_999] == "two 239", "{} {}", marks[0], marks[11_999]);
    // The store knows for each batch which it was.
    let pinned = place.rows(
        ".millstream/state.db",
        "SELECT m.version || ' ' || b.sequence FROM pins p JOIN batches b ON b.batch = p.batch \
         JOIN modules m ON m.digest = p.digest ORDER BY b.sequence",
    );
    let delivered: Vec<&String> = marks.iter().step_by(50).collect();
    assert_eq!(pinned.iter().collect::<Vec<_>>(), delivered);
}

#[test]
fn a_broken_version_leaves_the_old_one_running_and_says_why() {
    let place = place("marked", 12_000, 50);
    fine(add(&place, "one", &["--activate"]));
    fine(add(&place, "broken", &[]));
    let mut run = start(&place);
    wait_for_pins(&place, 10);
    let unfit = refused(place.millstream(&["modules", "activate", "marked@broken"]), "module_unfit");
    assert!(unfit.stderr.contains("shop/numbers") && unfit.stderr.contains("opens nowhere"), "{}", unfit.said());
    fine(place.millstream(&["modules", "activate", "marked@broken", "--force"]));
    assert_eq!(run.wait().unwrap().code(), Some(0));
    assert_eq!(place.rows("out.db", MARKS), ["one 12000"]);
    let signals = || {
        place.rows(
            ".millstream/state.db",
            "SELECT severity || ' ' || summary FROM signals WHERE name = 'module_activation_failed'",
        )
    };
    assert_eq!(signals().len(), 1, "{:?}", signals());
    assert!(signals()[0].starts_with("warning") && signals()[0].contains("opens nowhere"), "{:?}", signals());
    let shown = fine(place.millstream(&["modules", "show", "marked", "--json"])).json();
    assert_eq!(shown["refusals"][0]["code"], "module_refused", "{shown}");
    // So it is with the next run, which was saved with the broken one.
    fine(place.millstream(&["run", "spec.yaml"]));
    assert_eq!(place.rows("out.db", MARKS), ["one 12000"]);
    assert_eq!(signals().len(), 1, "it was told already");
    fine(place.millstream(&["modules", "deactivate", "marked"]));
    let shown = fine(place.millstream(&["modules", "show", "marked", "--json"])).json();
    assert_eq!((&shown["version"], &shown["refusals"]), (&json!("one"), &json!([])));
}

#[test]
fn a_version_that_falls_is_mended_by_going_back_and_running_again() {
    let place = place("marked", 200, 50);
    fine(add(&place, "one", &["--activate"]));
    fine(place.millstream(&["run", "spec.yaml"]));
    fine(add(&place, "falling", &["--activate"]));
    let ended = place.millstream(&["run", "spec.yaml"]);
    assert_eq!(ended.status, Some(2), "{}", ended.said());
    assert!(ended.stderr.contains("module_fails_everywhere"), "{}", ended.said());
    let ended = place.millstream(&["modules", "remove", "marked@falling"]);
    assert!(refused(ended, "module_needed").stderr.contains("has not ended"));
    fine(place.millstream(&["modules", "deactivate", "marked"]));
    fine(place.millstream(&["run", "spec.yaml"]));
    assert_eq!(place.rows("out.db", MARKS), ["one 200"]);
}

#[test]
fn verifying_puts_kept_batches_through_twice_and_says_what_it_did() {
    let place = place("marked", 200, 50);
    fine(add(&place, "one", &["--activate"]));
    let verified = fine(place.millstream(&["modules", "verify", "marked", "--json"])).json();
    assert_eq!((&verified["artifact"], &verified["replayed"]), (&json!("sound"), &json!(0)));
    let text = fine(place.millstream(&["modules", "verify", "marked"]));
    assert!(text.stdout.contains("replayed: 0 (no raw batch"), "{}", text.said());
    fine(place.millstream(&["run", "spec.yaml"]));
    let verified = fine(place.millstream(&["modules", "verify", "marked@one", "--batches", "3", "--json"])).json();
    assert_eq!(verified["replayed"], json!(3), "{verified}");
    let same = |batch: &Value| batch["same"] == json!(true) && batch["rows"] == json!(50);
    assert!(verified["batches"].as_array().unwrap().iter().all(same), "{verified}");
}

#[test]
fn verifying_finds_a_module_that_carries_something_from_batch_to_batch() {
    let place = place("marked", 200, 50);
    fine(add(&place, "counting", &["--activate"]));
    // Nothing can be delivered, so what was made of the batches is kept.
    std::fs::create_dir(place.path("out.db")).unwrap();
    assert_ne!(place.millstream(&["run", "spec.yaml"]).status, Some(0));
    let ended = place.millstream(&["modules", "verify", "marked", "--batches", "10", "--json"]);
    assert_eq!(ended.status, Some(1), "{}", ended.said());
    assert!(ended.stderr.contains("[module_not_deterministic]"), "{}", ended.said());
    assert!(ended.stdout.contains("\"as_recorded\": false"), "{}", ended.said());
}

#[test]
fn a_damaged_artifact_is_compiled_anew_and_damaged_bytes_are_refused() {
    let place = place("marked", 3, 10);
    fine(add(&place, "one", &["--activate"]));
    let artifact =
        |place: &Place| objects(place).into_iter().find(|path| path.extension().unwrap() == "cwasm").unwrap();
    let damages: [(&str, Damage); 4] = [
        ("tampered", |mut bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            Some(bytes)
        }),
        ("truncated", |bytes| Some(bytes[..bytes.len() / 3].to_vec())),
        ("empty", |_| Some(Vec::new())),
        ("gone", |_| None),
    ];
    for (name, damage) in damages {
        let path = artifact(&place);
        let sound = std::fs::read(&path).unwrap();
        let spoil = || match damage(sound.clone()) {
            Some(damaged) => std::fs::write(&path, damaged).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        };
        spoil();
        let verified = fine(place.millstream(&["modules", "verify", "marked", "--batches", "0", "--json"])).json();
        assert_eq!(verified["artifact"], "recompiled_after_damage", "{name}");
        assert_eq!(std::fs::read(artifact(&place)).unwrap(), sound, "{name}");
        // A run mends it by itself.
        spoil();
        fine(place.millstream(&["run", "spec.yaml"]));
        assert_eq!(std::fs::read(artifact(&place)).unwrap(), sound, "{name}");
    }
    // What has the recorded digest, but no engine of ours wrote.
    let foreign = b"\x7fELF and nothing of ours";
    std::fs::write(artifact(&place), foreign).unwrap();
    let record = format!("UPDATE modules SET artifact_digest = '{}'", flow::Digest::of(foreign));
    place.sql(".millstream/state.db", record.leak());
    let verified = fine(place.millstream(&["modules", "verify", "marked", "--batches", "0", "--json"])).json();
    assert_eq!(verified["artifact"], "recompiled_after_damage");
    // An artifact of another version or machine, as the store would have it recorded.
    place.sql(".millstream/state.db", "UPDATE modules SET engine = 'wasmtime 1.2.3 other'");
    let verified = fine(place.millstream(&["modules", "verify", "marked", "--batches", "0", "--json"])).json();
    assert_eq!(verified["artifact"], "recompiled_for_this_engine");

    let component = objects(&place).into_iter().find(|path| path.extension().unwrap() == "wasm").unwrap();
    let mut bytes = std::fs::read(&component).unwrap();
    bytes.push(0);
    std::fs::write(&component, bytes).unwrap();
    refused(place.millstream(&["modules", "verify", "marked"]), "module_damaged");
    std::fs::remove_file(artifact(&place)).unwrap();
    refused(place.millstream(&["run", "spec.yaml"]), "module_damaged");
}

/// What is made of a file; `None` when it is gone.
type Damage = fn(Vec<u8>) -> Option<Vec<u8>>;

/// The files of modules and artifacts.
fn objects(place: &Place) -> Vec<PathBuf> {
    let folders = ["modules", "artifacts"].map(|folder| place.path(&format!(".millstream/stage/{folder}")));
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    files.map(|file| file.unwrap().path()).collect()
}

fn start(place: &Place) -> std::process::Child {
    place.command(&["run", "spec.yaml"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until so many batches of a run that is going are pinned.
fn wait_for_pins(place: &Place, batches: usize) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let pinned = || {
        let has_table = place.tables(".millstream/state.db").contains(&"pins".to_owned());
        if has_table { place.rows(".millstream/state.db", "SELECT batch FROM pins").len() } else { 0 }
    };
    while pinned() < batches {
        assert!(Instant::now() < deadline, "the run does not get on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

//! `millstream try` and `millstream test` through the binary.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod binary;
#[path = "../../../shared/sandbox/tests/guests/mod.rs"]
mod guests;

use std::path::{Path, PathBuf};

use binary::{Ended, FILES, Place};

/// A folder in which numbers were run through a module that does nothing wrong.
fn ran() -> Place {
    let place = Place::new();
    place.write("hostile.wasm", guests::hostile_bytes("hostile.wasm"));
    place.write("numbers.csv", "number\n1\n-1\n3\n");
    let stream = "{ name: numbers, path: numbers.csv, columns: { number: int64! }, \
                  transforms: [{ module: hostile, config: fine }], \
                  quality: { checks: [{ range: { column: doubled, min: 0 } }, { row_count: { min: 1 } }], \
                  error_limit: { rows: 9 } } }";
    place.write("spec.yaml", format!("{FILES}streams: [{stream}]\n"));
    for command in [&["modules", "add", "hostile.wasm", "--activate"][..], &["run", "spec.yaml"]] {
        let ended = place.millstream(command);
        assert_eq!(ended.status, Some(0), "{command:?}: {}", ended.said());
    }
    place
}

fn tried(place: &Place, more: &[&str]) -> Ended {
    place.millstream(&[&["try", "hostile.wasm", "--sync", "shop"], more].concat())
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => files.extend(files_of(&path)),
            path => files.push(path),
        }
    }
    files.sort();
    files
}

#[test]
fn the_same_module_gives_no_difference_and_nothing_is_written() {
    let place = ran();
    let before = files_of(&place.path(".millstream/stage"));
    let ended = tried(&place, &[]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    assert!(ended.stdout.contains("no difference") && ended.stdout.contains("row_count"), "{}", ended.said());
    assert_eq!(files_of(&place.path(".millstream/stage")), before);
    assert_eq!(place.millstream(&["runs", "--json"]).json().as_array().map(Vec::len), Some(1));
}

#[test]
fn rows_the_candidate_cannot_bear_are_told_with_their_code() {
    let place = ran();
    let report = tried(&place, &["--config", "\"trap\"", "--json"]).json();
    assert_eq!(report["rows"], 3, "{report}");
    assert_eq!(report["newly_rejected"][0]["code"], "module_trap", "{report}");
    assert_eq!(report["newly_rejected"][0]["examples"][0]["row"], 1, "{report}");
    assert_eq!((&report["live"]["given"], &report["tried"]["given"]), (&3.into(), &2.into()), "{report}");
    let check = &report["checks"][0];
    assert_eq!((&check["live"], &check["tried"]), (&1.into(), &0.into()), "{report}");
    assert_eq!(report["not_judged"][0], "row_count", "{report}");
    let text = tried(&place, &["--config", "\"trap\"", "--examples", "0"]);
    assert!(
        text.stdout.contains("newly rejected: 1 [module_trap]") && !text.stdout.contains("row 1:"),
        "{}",
        text.said()
    );
}

#[test]
fn a_candidate_that_cannot_be_tried_is_bad_input() {
    let place = ran();
    place.write("garbage.wasm", b"\0asm is how it begins");
    for (arguments, code) in [
        (&["try", "nobody", "--sync", "shop"][..], "module_unknown"),
        (&["try", "nobody.wasm", "--sync", "shop"], "module_unreadable"),
        (&["try", "garbage.wasm", "--sync", "shop"], "module_"),
        (&["try", "rule.txt/x", "--sync", "shop"], "candidate_unknown"),
        (&["try", "hostile", "--sync", "shoq"], "sync_unknown"),
        (&["try", "hostile", "--sync", "shop", "--stream", "other"], "stream_unknown"),
        (&["try", "hostile", "--sync", "shop", "--at", "7"], "transform_unknown"),
        (&["try", "hostile", "--sync", "shop", "--config", "{"], "config_malformed"),
        (&["try", "hostile", "--sync", "shop", "--since", "soon"], "moment_invalid"),
        (&["try", "hostile", "--sync", "shop", "--run", "nobody"], "run_unknown"),
        (&["try", "hostile", "--sync", "shop", "--since", "2999-01-01T00:00:00Z"], "raw_gone"),
        (&["try", "hostile", "--sync", "shop", "--config", "\"open_refuse\""], "module_refused"),
    ] {
        let ended = place.millstream(arguments);
        assert_eq!(ended.status, Some(2), "{arguments:?}: {}", ended.said());
        assert!(ended.stderr.contains(&format!("[{code}")), "{arguments:?}: {}", ended.said());
    }
}

#[test]
fn the_cases_of_the_flights_example_pass() {
    let place = Place::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/flights/tests");
    let ended = place.millstream(&["test", "--dir", folder]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    assert!(ended.stdout.contains("3 passed, 0 failed"), "{}", ended.said());
}

const CASES: &str = r#"
version: 1
cases:
  - name: numbers are doubled
    module: hostile.wasm
    schema: "number:int64"
    given: [{ number: 1 }, { number: 9223372036854775807 }]
    expect:
      schema: "number:int64,doubled:int64,text:utf8"
      rows: [{ number: 1, doubled: 2, text: x }, { doubled: -2 }]
  - name: a row it cannot bear is refused
    module: hostile.wasm
    config: trap
    schema: "number:int64"
    given: [{ number: -1 }, { number: 2 }]
    expect:
      rows: [{ doubled: 4 }]
      rejected: [{ row: 0, code: module_trap }]
  - name: it says when it cannot be opened
    module: hostile.wasm
    config: open_refuse
    schema: "number:int64"
    given: []
    expect: { fails: module_refused }
"#;

#[test]
fn a_failing_case_tells_what_differs() {
    let place = Place::new();
    place.write("hostile.wasm", guests::hostile_bytes("hostile.wasm"));
    place.write("good.yaml", CASES);
    let good = place.millstream(&["test", "good.yaml"]);
    assert_eq!(good.status, Some(0), "{}", good.said());
    let bad = CASES.replace("doubled: 2,", "doubled: 3,").replace("code: module_trap", "code: bad_number");
    place.write("bad.yaml", bad.replace("{ doubled: 4 }", "{ doubled: 4 }, { doubled: 5 }"));
    let ended = place.millstream(&["test", "bad.yaml"]);
    assert_eq!(ended.status, Some(1), "{}", ended.said());
    for line in [
        "FAIL bad.yaml: numbers are doubled",
        "value row 0 column doubled: expected `3`, got `2`",
        "number of rows: expected `2`, got `1`",
        "rejection row 0: expected `bad_number`, got `module_trap by hostile",
        "ok   bad.yaml: it says when it cannot be opened",
        "1 passed, 2 failed",
    ] {
        assert!(ended.stdout.contains(line), "{line}: {}", ended.said());
    }
    let report = place.millstream(&["test", "bad.yaml", "--json"]).json();
    assert_eq!(report["cases"][0]["problems"][0]["got"], "2", "{report}");
}

#[test]
fn every_bad_case_file_has_its_golden_error() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_cases");
    let files = files_of(&folder);
    let cases: Vec<&PathBuf> =
        files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "yaml")).collect();
    assert!(cases.len() >= 10);
    let mut differing = Vec::new();
    for case in cases {
        let place = Place::new();
        place.write("cases.yaml", std::fs::read(case).unwrap());
        let ended = place.millstream(&["test", "cases.yaml"]);
        let expected = std::fs::read_to_string(case.with_extension("expected")).unwrap_or_default();
        if ended.status != Some(2) || ended.stderr.trim_end() != expected.trim_end() {
            differing.push(format!("{}\nexpected: {expected}\nfound: {}", case.display(), ended.said()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
}

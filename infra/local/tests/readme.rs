//! The README's lines of "try, activate, break, mend, replay", run as they stand behind the demo.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by it")]

mod binary;
#[path = "../../../shared/sandbox/tests/guests/mod.rs"]
mod guests;

use std::fs;
use std::path::Path;
use std::process::Command;

use binary::Place;

const MARK: &str = "<!-- A test runs these lines as they stand. -->\n```sh\n";

const TABLE: &str = "target/demo/flights.db";

#[test]
fn the_readmes_lines_break_a_rule_and_mend_what_it_did() {
    let place = as_after_the_demo();
    let right = place.table(TABLE, "flights");
    assert!(right.len() > 26_000, "{}", right.len());

    let said = shell(&place, &lines());
    for part in ["scheduled_departure", "replays all rows of run", "flights@0.1.0"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(place.table(TABLE, "flights"), right, "{said}");
    shell(&place, lines().split("# Mend it").next().unwrap());
    assert_ne!(place.table(TABLE, "flights"), right, "the broken rule breaks nothing");
}

/// The example in a repository of its own, run once, with the module of the demo.
fn as_after_the_demo() -> Place {
    let place = Place::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/flights");
    copy(&example, &place.path("examples/flights"));
    fs::create_dir_all(place.path("target/release")).unwrap();
    fs::create_dir_all(place.path("target/demo")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_millstream"), place.path("target/release/millstream")).unwrap();
    place.write("target/demo/flights.wasm", guests::flights_bytes());
    shell(
        &place,
        "git init --quiet && git add examples
         export PATH=\"$PWD/target/release:$PATH\" MILLSTREAM_HOME=target/demo/home
         millstream run examples/flights/flights.yaml
         millstream modules add target/demo/flights.wasm --name flights",
    );
    place
}

fn lines() -> String {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let (_, behind) = readme.split_once(MARK).expect("the README marks the lines");
    behind.split("```").next().unwrap().to_owned()
}

/// Runs lines one after the other; every one of them has to end well.
fn shell(place: &Place, lines: &str) -> String {
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", lines])
        .current_dir(place.path(""))
        .env_remove("MILLSTREAM_HOME")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{lines}\n{said}");
    said
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

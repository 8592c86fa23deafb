//! From an empty folder to delivered rows: `modules init`, build, add, run.

mod binary;
#[path = "../../../shared/sandbox/tests/guests/mod.rs"]
mod guests;

use std::path::Path;
use std::process::Command;

use binary::{Ended, Place};

/// What the project's spec delivers of its orders.
const CLEANED: &str =
    "SELECT id || '|' || customer || '|' || amount || '|' || coalesce(points, 'none') FROM orders ORDER BY id";

#[track_caller]
fn fine(ended: Ended) -> Ended {
    assert!(matches!(ended.status, Some(0 | 3)), "{}", ended.said());
    ended
}

/// Adds `clean.wasm`, runs the spec and looks at what came out.
fn add_and_run(place: &Place) {
    fine(place.millstream(&["modules", "add", "clean.wasm", "--activate"]));
    fine(place.millstream(&["run", "spec.yaml"]));
    assert_eq!(place.rows("out/clean.db", CLEANED), ["1|Ada|12.50|9007199254741003", "4||7.00|none"]);
    let rejected = fine(place.millstream(&["quarantine", "show", "--sync", "clean"]));
    assert!(rejected.stdout.contains("bad_amount"), "{}", rejected.said());
}

#[test]
fn a_project_is_written_for_every_language_and_never_over_what_is_there() {
    for (language, source) in
        [("rust", "src/lib.rs"), ("js", "module.js"), ("python", "module.py"), ("go", "module.go")]
    {
        let place = Place::new();
        let written = fine(place.millstream(&["modules", "init", "--lang", language, "first", "--json"])).json();
        assert_eq!((&written["module"], &written["next"][0]), (&"first.wasm".into(), &"cd first".into()));
        for file in [source, "build", "README.md", "spec.yaml", "orders.csv", "tests/orders.yaml", ".gitignore"] {
            assert!(place.path("first").join(file).is_file(), "{language}: {file}");
        }
        let again = place.millstream(&["modules", "init", "--lang", language, "first"]);
        assert_eq!(again.status, Some(2), "{}", again.said());
        assert!(again.stderr.contains("[file_exists]"), "{}", again.said());
    }
}

#[test]
fn a_name_no_module_can_have_is_refused_before_anything_is_written() {
    let place = Place::new();
    let ended = place.millstream(&["modules", "init", "--lang", "js", "My Module"]);
    assert_eq!(ended.status, Some(2), "{}", ended.said());
    assert!(ended.stderr.contains("[name_invalid]") && ended.stderr.contains("--name"), "{}", ended.said());
    assert!(!place.path("My Module").exists());
}

#[test]
fn what_is_no_core_module_is_not_wrapped() {
    let place = Place::new();
    place.write("text.wasm", "no module");
    place.write("component.wasm", &guests::flights().component);
    place.write("foreign.wasm", guests::hostile_bytes("examples/foreign_import.wasm"));
    for (file, code) in
        [("text.wasm", "module_not_core"), ("component.wasm", "module_not_core"), ("foreign.wasm", "module_wrap")]
    {
        let ended = place.millstream(&["modules", "wrap", file, "--output", "out.wasm"]);
        assert!(ended.status == Some(2) && ended.stderr.contains(&format!("[{code}]")), "{}", ended.said());
    }
    assert!(!place.path("out.wasm").exists());
}

/// The guide as somebody follows it; the module is built already, by another language's tools: the
/// example does the same in each.
#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let place = Place::new();
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/first-module.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let mut folder = place.path("");
    let mut ran = Vec::new();
    for block in guide.split("```sh\n").skip(1) {
        let lines = block.split("```").next().unwrap().lines();
        for line in lines.map(|line| line.split(" #").next().unwrap().trim()) {
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["cd", to] => folder = folder.join(to),
                ["./build"] => std::fs::write(folder.join("clean-orders.wasm"), &guests::orders().component).unwrap(),
                ["millstream", arguments @ ..] => {
                    let ended = place.command(arguments).current_dir(&folder).output().unwrap();
                    let said = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
                    assert!(ended.status.success(), "{line}: {said}");
                    ran.push((arguments[0].to_owned(), said));
                }
                _ => panic!("`{line}` is no command a guide should have"),
            }
        }
    }
    let said = |command: &str| &ran.iter().find(|(name, _)| name == command).unwrap().1;
    assert!(said("test").contains("1 passed"), "{}", said("test"));
    assert!(said("quarantine").contains("bad_amount"), "{}", said("quarantine"));
    assert!(ran.last().unwrap().1.contains("clean-orders@0.1.0 is active again"), "{ran:?}");
    assert_eq!(place.rows("clean-orders/out/clean-orders.db", CLEANED).len(), 2);
}

#[test]
#[ignore = "needs minutes: builds a project from scratch"]
fn a_rust_project_is_built_tested_and_run_without_this_repository() {
    let place = Place::new();
    fine(place.millstream(&["modules", "init", "--lang", "rust", "--name", "clean"]));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // The versions that are on this machine already.
    std::fs::copy(root.join("transforms/hostile/Cargo.lock"), place.path("Cargo.lock")).unwrap();
    for command in [&["./build"][..], &[env!("CARGO"), "test", "--quiet"]] {
        let status = Command::new(command[0])
            .args(&command[1..])
            .current_dir(place.path(""))
            .env("CARGO_TARGET_DIR", root.join("target/guests/project"))
            .env("CARGO_NET_OFFLINE", "true")
            .status()
            .unwrap();
        assert!(status.success(), "{command:?}");
    }
    add_and_run(&place);
}

#[test]
#[ignore = "needs `make language-modules`"]
fn modules_in_other_languages_are_added_and_run_as_their_projects_say() {
    let built = |file: &str| guests::language_bytes(file);
    for (language, file) in [("js", "orders-js.wasm"), ("python", "orders-python.wasm"), ("go", "orders-go.core.wasm")]
    {
        let place = Place::new();
        fine(place.millstream(&["modules", "init", "--lang", language, "--name", "clean"]));
        match language {
            "go" => {
                place.write("clean.core.wasm", built(file));
                fine(place.millstream(&["modules", "wrap", "clean.core.wasm", "--output", "clean.wasm"]));
            }
            _ => place.write("clean.wasm", built(file)),
        }
        add_and_run(&place);
    }
}

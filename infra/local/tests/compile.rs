//! Modules are compiled in a child process: one that would take too much ends with the child.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod binary;
#[path = "../../../shared/sandbox/tests/guests/mod.rs"]
mod guests;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use binary::Place;
use sandbox_compiler::{CompileLimits, Compiler, Error, shape};

/// Just under what the limits on a module's shape let through: minutes of computing.
fn bomb() -> Vec<u8> {
    guests::wasm::with_straight_code(&guests::marked_bytes("bomb"), 30, shape::FUNCTION_BYTES - 100)
}

fn millstream() -> PathBuf {
    env!("CARGO_BIN_EXE_millstream").into()
}

#[track_caller]
fn stopped(limits: CompileLimits, code: &str) -> Error {
    let begun = Instant::now();
    let error = Compiler::new(millstream()).with_limits(limits).prepare(&bomb()).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(60), "it took {:?}", begun.elapsed());
    error
}

#[test]
fn a_child_gives_what_the_calling_process_would_give() {
    let bytes = guests::marked_bytes("one");
    let prepared = Compiler::new(millstream()).prepare(&bytes).unwrap();
    assert_eq!(prepared, sandbox_compiler::prepare(&bytes).unwrap());
}

#[test]
fn what_is_wrong_with_a_module_keeps_its_code_and_words() {
    for bytes in [b"SELECT 1".to_vec(), guests::hostile_bytes("examples/foreign_import.wasm")] {
        let in_child = flow::Fault::from(Compiler::new(millstream()).prepare(&bytes).unwrap_err());
        assert_eq!(in_child, flow::Fault::from(sandbox_compiler::prepare(&bytes).unwrap_err()));
    }
}

#[test]
fn a_compile_bomb_is_stopped_at_its_processor_time() {
    let limits = CompileLimits { cpu: Duration::from_secs(1), ..CompileLimits::default() };
    let error = stopped(limits, "module_compile_time").to_string();
    assert!(error.contains("1s of processor time") && error.contains("--limit compile_cpu="), "{error}");
}

#[test]
fn a_compile_bomb_is_stopped_at_its_time_on_the_wall() {
    let limits = CompileLimits { time: Duration::from_millis(300), ..CompileLimits::default() };
    let error = stopped(limits, "module_compile_time").to_string();
    assert!(error.contains("300ms of time on the wall") && error.contains("--limit compile_time="), "{error}");
}

#[test]
fn a_compile_bomb_is_stopped_at_its_memory() {
    let limits = CompileLimits { memory: 48 << 20, ..CompileLimits::default() };
    let error = stopped(limits, "module_compile_memory").to_string();
    assert!(error.contains("more than 48MiB") && error.contains("--limit compile_memory="), "{error}");
}

#[test]
fn a_child_that_is_killed_is_an_error_and_the_next_one_does_well() {
    let place = Place::new();
    for (number, (script, part)) in [
        ("kill -9 $$", "signal: 9"),
        ("echo 'thread main panicked' >&2; exit 101", "thread main panicked"),
        ("exit 0", "cut off"),
        ("echo nonsense", "cut off"),
    ]
    .into_iter()
    .enumerate()
    {
        // Each a file of its own: one that is being written cannot be run.
        let program = place.path(&format!("child-{number}"));
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = Compiler::new(&program).prepare(&guests::marked_bytes("one")).unwrap_err();
        assert_eq!(error.code(), "module_compile_crashed", "{script}: {error}");
        assert!(error.to_string().contains(part), "{script}: {error}");
    }
    let missing = Compiler::new(place.path("nobody")).prepare(b"").unwrap_err();
    assert_eq!(missing.code(), "module_compile_start");
    assert!(Compiler::new(millstream()).prepare(&guests::marked_bytes("one")).is_ok());
}

#[test]
fn a_module_that_would_take_too_long_is_not_added_and_says_the_way_out() {
    let place = Place::new();
    place.write("bomb.wasm", bomb());
    let ended = place.millstream(&["modules", "add", "bomb.wasm", "--limit", "compile_cpu=1s"]);
    assert_eq!(ended.status, Some(2), "{}", ended.said());
    assert!(ended.stderr.contains("[module_compile_time]"), "{}", ended.said());
    assert_eq!(place.millstream(&["modules", "list", "--json"]).json(), serde_json::json!([]));
}

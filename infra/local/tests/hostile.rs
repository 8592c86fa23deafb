//! Modules that misbehave, through the binary: rows are set aside or the run ends; it never hangs.

mod binary;
#[path = "../../../shared/sandbox/tests/guests/mod.rs"]
mod guests;

use binary::{Ended, FILES, Place};

#[test]
fn a_row_a_module_cannot_bear_is_quarantined_and_the_others_go_on() {
    for behaviour in ["loop", "memory", "trap", "panic", "not_utf8", "offsets_beyond", "row_count"] {
        let (place, ended) = run_with(behaviour);
        assert_eq!(ended.status, Some(3), "{behaviour}: {}", ended.said());
        let doubled = place.rows("out.db", "SELECT CAST(doubled AS TEXT) FROM numbers ORDER BY doubled");
        assert_eq!(doubled, ["2", "6"], "{behaviour}: {}", ended.said());
        let rows = place.millstream(&["quarantine", "show", "--json"]).json();
        assert_eq!(rows[0]["number"], -1, "{behaviour}: {rows}");
    }
}

#[test]
fn a_module_that_cannot_be_opened_ends_the_run_and_leaves_nothing() {
    for (behaviour, code) in
        [("open_refuse", "module_refused"), ("open_panic", "module_trap"), ("plan_type", "module_")]
    {
        let (place, ended) = run_with(behaviour);
        assert_eq!(ended.status, Some(2), "{behaviour}: {}", ended.said());
        assert!(ended.stderr.contains(&format!("[{code}")), "{behaviour}: {}", ended.said());
        assert!(place.tables("out.db").is_empty(), "{behaviour}: {}", ended.said());
    }
}

#[test]
fn what_is_no_module_of_ours_is_not_added() {
    let place = Place::new();
    place.write("garbage.wasm", b"\0asm is how it begins, and then this");
    place.write("foreign.wasm", guests::hostile_bytes("examples/foreign_import.wasm"));
    for file in ["garbage.wasm", "foreign.wasm"] {
        let ended = place.millstream(&["modules", "add", file]);
        assert_eq!(ended.status, Some(2), "{file}: {}", ended.said());
        assert!(ended.stderr.contains("[module_"), "{file}: {}", ended.said());
    }
    assert_eq!(place.millstream(&["modules", "list", "--json"]).json(), serde_json::json!([]));
}

fn run_with(behaviour: &str) -> (Place, Ended) {
    let place = Place::new();
    place.write("hostile.wasm", guests::hostile_bytes("hostile.wasm"));
    place.write("numbers.csv", "number\n1\n-1\n3\n");
    let stream = format!(
        "{{ name: numbers, path: numbers.csv, columns: {{ number: int64! }}, transforms: [{{ module: hostile, config: {behaviour} }}] }}"
    );
    place.write("spec.yaml", format!("{FILES}retry: {{ max_attempts: 1 }}\nstreams: [{stream}]\n"));
    let added = place.millstream(&["modules", "add", "hostile.wasm", "--activate"]);
    assert_eq!(added.status, Some(0), "{}", added.said());
    let ended = place.millstream(&["run", "spec.yaml"]);
    (place, ended)
}

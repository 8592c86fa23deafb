//! The JSON Schema knows field maps and rule sets: it takes what the documents and the compiler's
//! cases show, and refuses what cannot be read.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};
use spec::{FieldMap, RuleSet};

#[test]
fn the_examples_of_the_documents_are_taken() {
    let validator = validator();
    let mut seen = [0, 0];
    for example in yaml_blocks(&read("docs/rules.md")) {
        let value: Value = serde_saphyr::from_str(&example).unwrap();
        match (value.get("fields"), value.get("rules")) {
            (Some(_), None) => {
                seen[0] += 1;
                taken(&validator, &json!({ "map": value }));
            }
            (None, Some(_)) => {
                seen[1] += 1;
                taken(&validator, &json!({ "rule_set": value }));
            }
            _ => {}
        }
    }
    assert!(seen[0] > 0 && seen[1] > 0, "no examples of both kinds: {seen:?}");
}

#[test]
fn the_compilers_cases_are_taken_where_they_compile_and_refused_where_they_cannot_be_read() {
    let maps =
        cases("shared/rules/tests/maps/maps.txt", "map", |text| serde_saphyr::from_str::<FieldMap>(text).is_ok());
    let sets = cases("shared/rules/tests/rule_sets/sets.txt", "rule_set", |text| {
        serde_saphyr::from_str::<RuleSet>(text).is_ok()
    });
    assert!(maps.taken > 10 && maps.refused > 0, "{maps:?}");
    assert!(sets.taken > 20 && sets.refused > 0, "{sets:?}");
}

#[test]
fn what_is_wrong_is_refused() {
    let validator = validator();
    for wrong in [
        json!({ "fields": { "email": { "form": "mail" } } }),
        json!({ "field": {} }),
        json!({ "fields": [] }),
        json!({ "fields": { "email": { "constant": ["a"] } } }),
        json!({ "fields": { "status": { "values": { "A": "a" }, "otherwise": "drop" } } }),
        json!({ "fields": { "amount": { "invalid": "keep" } } }),
        json!({ "rename": { "a": {} } }),
        json!({ "drop": "card" }),
        json!({ "keep_others": "no" }),
        json!([]),
    ] {
        let spec = json!({ "map": wrong });
        assert!(!validator.is_valid(&with(&spec)), "{spec}");
    }
    let rule = |rule: Value| json!({ "rules": [rule] });
    for wrong in [
        json!({}),
        json!({ "rules": {} }),
        json!({ "rules": [], "routes": "route" }),
        rule(json!({ "name": "a" })),
        rule(json!({ "then": { "route": "x" } })),
        rule(json!({ "name": "a", "then": { "sets": {} } })),
        rule(json!({ "name": "a", "then": { "reject": { "code": "a" } } })),
        rule(json!({ "name": "a", "then": { "reject": { "code": "Not a code", "message": "m" } } })),
        rule(json!({ "name": "a", "then": { "route": "x" }, "priority": "high" })),
        rule(json!({ "name": "a", "then": { "route": "x" }, "valid": { "until": "2024-01-01" } })),
        rule(json!({ "name": "a", "then": { "route": "x" }, "If": "a > 1" })),
    ] {
        let spec = json!({ "rule_set": wrong });
        assert!(!validator.is_valid(&with(&spec)), "{spec}");
    }
}

#[derive(Debug, Default)]
struct Counts {
    taken: usize,
    refused: usize,
}

/// A case that compiles is taken, one that cannot be read is not. A key that is there twice is no
/// JSON at all.
fn cases(path: &str, key: &str, can_be_read: impl Fn(&str) -> bool) -> Counts {
    let validator = validator();
    let mut counts = Counts::default();
    let text = read(path);
    for block in text.split("=== ").skip(1) {
        let (title, rest) = block.split_once('\n').unwrap();
        let (given, expected) = rest.split_once("---\n").unwrap();
        let given = given.split("+++\n").next().unwrap();
        let Ok(value) = serde_saphyr::from_str::<Value>(given) else { continue };
        let is_taken = validator.is_valid(&with(&json!({ key: value })));
        let compiles = !expected.starts_with(['[', 'n']);
        assert!(is_taken || !compiles, "{title} is refused");
        assert!(can_be_read(given) || !is_taken, "{title} is taken");
        if is_taken { counts.taken += 1 } else { counts.refused += 1 }
    }
    counts
}

fn taken(validator: &Validator, transform: &Value) {
    let spec = with(transform);
    let problems: Vec<String> = validator.iter_errors(&spec).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{transform}: {}", problems.join("\n"));
}

/// The validator of whole specs; a spec without the transform is taken, so what is refused is the
/// transform.
fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&spec::load::json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&with(&json!({ "sql": "SELECT * FROM input" }))));
    validator
}

fn with(transform: &Value) -> Value {
    json!({
        "version": 1,
        "sync": "shop",
        "source": { "type": "file" },
        "destination": { "type": "jsonl", "path": "out" },
        "streams": [{ "name": "orders", "path": "orders.csv", "transforms": [transform] }],
    })
}

fn yaml_blocks(text: &str) -> Vec<String> {
    let blocks = text.split("```yaml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned()).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

//! The reference file documents every key, is taken as it is, and agrees with the JSON Schema.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;

use serde_json::Value;

const REFERENCE: &str = include_str!("../reference.yaml");

/// Keys the reference names in comments alone, for they exclude keys it shows.
const IN_COMMENTS: [&str; 3] = ["query", "cursor_field", "rule"];

#[test]
fn the_reference_is_a_valid_spec() {
    let sync = spec::load::text_at(REFERENCE, Path::new("/specs")).unwrap().validate().unwrap();
    assert_eq!(sync.name.as_str(), "shop");
}

#[test]
fn the_schema_accepts_the_reference() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let reference: Value = serde_saphyr::from_str(REFERENCE).unwrap();
    let problems: Vec<String> = validator.iter_errors(&reference).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_schema_refuses_an_unknown_key() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut wrong: Value = serde_saphyr::from_str(REFERENCE).unwrap();
    wrong["streams"][0]["primery_key"] = Value::Bool(true);
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn the_reference_shows_every_key_of_the_schema() {
    let reference: Value = serde_saphyr::from_str(REFERENCE).unwrap();
    let (mut known, mut shown) = (Vec::new(), Vec::new());
    keys_of_schema(&schema(), &mut known);
    keys_of(&reference, &mut shown);
    let missing: Vec<&String> = known
        .iter()
        .filter(|key| {
            let in_comment = IN_COMMENTS.contains(&key.as_str()) && REFERENCE.contains(&format!("#   {key}: "));
            !shown.contains(key) && !in_comment
        })
        .collect();
    assert!(missing.is_empty(), "the reference does not show {missing:?}");
}

fn schema() -> Value {
    serde_json::from_str(&spec::load::json_schema()).unwrap()
}

fn keys_of_schema(schema: &Value, keys: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| keys_of_schema(value, keys));
        }
        Value::Array(values) => values.iter().for_each(|value| keys_of_schema(value, keys)),
        _ => {}
    }
}

fn keys_of(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            keys.extend(object.keys().cloned());
            object.values().for_each(|inner| keys_of(inner, keys));
        }
        Value::Array(values) => values.iter().for_each(|inner| keys_of(inner, keys)),
        _ => {}
    }
}

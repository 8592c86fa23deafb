//! Rules and checks that contradict each other: refused before any row is read, with a row that
//! shows it.

mod binary;

use binary::{Ended, FILES, Place};

const ORDERS: &str = "id,name,amount\n1,ann,5\n2,,20\n3,bob,7\n";

/// A stream of `orders.csv` with these transforms and checks.
fn spec(transforms: &str, checks: &str) -> String {
    format!(
        "{FILES}streams:\n  - name: orders\n    path: orders.csv\n    columns: {{ id: int64!, name: utf8, amount: int64 }}\n    \
         primary_key: [id]\n    write_disposition: merge\n    transforms: [{transforms}]\n    \
         quality: {{ checks: [{checks}], error_limit: {{ percentage: 100 }} }}\n"
    )
}

fn place(transforms: &str, checks: &str) -> Place {
    let place = Place::new();
    place.write("orders.csv", ORDERS);
    place.write("spec.yaml", spec(transforms, checks));
    place
}

fn refused(ended: &Ended, code: &str, parts: &[&str]) {
    assert_eq!(ended.status, Some(2), "{}", ended.said());
    for part in [&[code, "stream `orders`"][..], parts].concat() {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.said());
    }
}

const ABOVE: &str = "{ range: { column: amount, min: 10 } }";
const BELOW: &str = "{ range: { column: amount, max: 5 }, name: below }";
const THERE: &str = "{ not_null: [amount] }";

#[test]
fn checks_no_row_passes_are_refused_until_they_are_mended() {
    let place = place("", &[ABOVE, BELOW, THERE].join(", "));
    let parts = ["no row passes the checks `range(amount)`, `below` and `not_null(amount)` together", "amount = "];
    refused(&place.millstream(&["validate", "spec.yaml"]), "check_conflict", &parts);
    let run = place.millstream(&["run", "spec.yaml"]);
    refused(&run, "check_conflict", &parts);
    assert!(place.tables("out.db").is_empty());

    place.write("spec.yaml", spec("", &[ABOVE, THERE].join(", ")));
    let run = place.millstream(&["run", "spec.yaml"]);
    assert_eq!(run.status, Some(0), "{}", run.said());
    assert_eq!(place.rows("out.db", "SELECT id || '' FROM orders"), ["2"]);
}

#[test]
fn checks_a_null_passes_and_checks_that_keep_no_row_back_are_no_conflict() {
    for checks in
        [[ABOVE, BELOW].join(", "), [ABOVE, &BELOW.replace("name", "on_failure: pass, name"), THERE].join(", ")]
    {
        let place = place("", &checks);
        for command in ["validate", "run"] {
            let ended = place.millstream(&[command, "spec.yaml"]);
            assert_eq!(ended.status, Some(0), "{checks}: {}", ended.said());
        }
    }
}

#[test]
fn checks_are_looked_at_with_the_columns_the_transforms_give() {
    let sql = "{ sql: \"SELECT id, coalesce(amount, 0) AS cents FROM input\" }";
    let checks = "{ range: { column: cents, min: 10 } }, { in_set: { column: cents, values: [1, 2] } }";
    let place = place(sql, checks);
    let parts = ["no row passes both checks `range(cents)` and `in_set(cents)`"];
    refused(&place.millstream(&["run", "spec.yaml"]), "check_conflict", &parts);
    refused(&place.millstream(&["validate", "spec.yaml"]), "check_conflict", &parts);
}

const CLEANSE: &str =
    "{ rule_set: { rules: [{ name: unknown, when: name IS NULL, then: { set: { name: \"'unknown'\" } } }] } }";

#[test]
fn a_cleanse_a_check_always_rejects_is_refused_by_run_and_validate() {
    let known = "{ in_set: { column: name, values: [ann, bob] } }";
    let place = place(CLEANSE, known);
    let parts = ["`name` the rule `unknown` sets fails the check `in_set(name)`", "name = NULL"];
    refused(&place.millstream(&["validate", "spec.yaml"]), "rule_conflict", &parts);
    refused(&place.millstream(&["run", "spec.yaml"]), "rule_conflict", &parts);
    assert!(place.tables("out.db").is_empty());

    place.write("spec.yaml", spec(CLEANSE, &known.replace("bob", "bob, unknown")));
    let run = place.millstream(&["run", "spec.yaml"]);
    assert_eq!(run.status, Some(0), "{}", run.said());
    assert_eq!(place.rows("out.db", "SELECT name FROM orders ORDER BY id"), ["ann", "unknown", "bob"]);
}

#[test]
fn validate_looks_with_the_columns_of_the_last_run() {
    let undeclared =
        |checks: &str| spec("", checks).replace("    columns: { id: int64!, name: utf8, amount: int64 }\n", "");
    let place = place("", "");
    place.write("spec.yaml", undeclared(""));
    let checks = "{ in_set: { column: name, values: [ann] } }, { in_set: { column: name, values: [bob] }, name: other }, \
                  { not_null: [name] }";
    assert_eq!(place.millstream(&["run", "spec.yaml"]).status, Some(0));
    place.write("spec.yaml", undeclared(checks));
    refused(&place.millstream(&["validate", "spec.yaml"]), "check_conflict", &["`other`"]);
}

#[test]
fn rules_that_contradict_each_other_are_refused_by_run_and_validate_with_a_row() {
    let rules = "{ rule_set: { rules: [{ name: low, when: amount < 100, then: { set: { tier: \"'low'\" } } }, \
                 { name: high, when: amount > 50, then: { set: { tier: \"'high'\" } } }] } }";
    let place = place(rules, "");
    for command in ["validate", "run"] {
        let ended = place.millstream(&[command, "spec.yaml"]);
        assert_eq!(ended.status, Some(2), "{}", ended.said());
        for part in ["rule_conflict", "`low` and `high` set `tier`", "for a row with amount = "] {
            assert!(ended.stderr.contains(part), "{part}: {}", ended.said());
        }
    }
    assert!(place.tables("out.db").is_empty());
}

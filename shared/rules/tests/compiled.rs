//! Compiled rules in the sandbox, held against rows written by hand.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod running;

use running::{columns, open, plan, rejects, rows, texts};

/// Runs a rule over rows and compares what comes out.
#[track_caller]
fn check(text: &str, input: &str, given: &[&[&str]], expected: &[&[&str]], rejected: &[(u32, &str, Option<&str>)]) {
    let plan = plan(text, input);
    let output = open(&plan).apply(&rows(&columns(input), given)).unwrap();
    assert_eq!(texts(&output.rows), expected);
    assert_eq!(rejects(&output), rejected);
}

#[test]
fn numbers_are_added_and_what_does_not_fit_is_rejected() {
    check(
        "SELECT a + b AS sum, a - b AS difference, a * b AS product, x / 2 AS half FROM input",
        "a:int64,b:int64?,x:float64",
        &[
            &["7", "3", "1.5"],
            &["7", "∅", "0"],
            &["9223372036854775807", "1", "1"],
            &["-4", "-5", "-3"],
            &["4294967296", "4294967296", "0"],
            &["-1", "-9223372036854775808", "0"],
        ],
        &[&["10", "4", "21", "0.75"], &["∅", "∅", "∅", "0"], &["-9", "1", "20", "-1.5"]],
        &[(2, "overflow", Some("sum")), (4, "overflow", Some("product")), (5, "overflow", Some("sum"))],
    );
}

#[test]
fn texts_pass_through_and_are_made_small_and_a_filter_keeps_what_is_true() {
    let long = "Ä".repeat(3000);
    check(
        "SELECT name AS same, lower(name) AS small FROM input WHERE active AND name <> 'XX'",
        "name:utf8?,active:bool?",
        &[
            &["Zoë", "true"],
            &["XX", "true"],
            &["No", "false"],
            &["Null", "∅"],
            &["∅", "true"],
            &["", "true"],
            &[&long, "true"],
        ],
        &[&["Zoë", "zoë"], &["", ""], &[&long, &long.to_lowercase()]],
        &[],
    );
}

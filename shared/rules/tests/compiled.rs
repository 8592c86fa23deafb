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

#[test]
fn decimals_are_exact_in_64_and_in_128_bits() {
    check(
        "SELECT p * q AS total, p + q AS sum, p - p2 AS difference, wide + wide AS twice,
                cast(p AS decimal(14,4)) AS finer, p > p2 AS more FROM input",
        "p:decimal(12,2)?,p2:decimal(12,2),q:int32,wide:decimal(38,10)",
        &[
            &["12.50", "0.01", "3", "1.0000000000"],
            &["-9999999999.99", "0.01", "2147483647", "-1.0000000000"],
            &["∅", "0.01", "3", "0.5000000000"],
            &["1.00", "1.00", "1", "9999999999999999999999999999.9999999999"],
        ],
        &[
            &["3750", "1550", "1249", "20000000000", "125000", "true"],
            &["-2147483646997852516353", "-785251635299", "-1000000000000", "-20000000000", "-99999999999900", "false"],
            &["∅", "∅", "∅", "10000000000", "∅", "∅"],
        ],
        &[(3, "overflow", Some("wide"))],
    );
}

#[test]
fn products_of_64_bits_are_exact_in_128() {
    check(
        "SELECT cast(a AS decimal(19,0)) * cast(b AS decimal(19,0)) AS product FROM input",
        "a:int64,b:int64",
        &[
            &["-9223372036854775808", "-9223372036854775808"],
            &["-9223372036854775808", "9223372036854775807"],
            &["9223372036854775807", "9223372036854775807"],
            &["-1", "1"],
            &["4294967296", "-4294967296"],
            &["4294967295", "4294967295"],
            &["-4294967297", "4294967295"],
            &["0", "-9223372036854775808"],
        ],
        &[
            &["85070591730234615865843651857942052864"],
            &["-85070591730234615856620279821087277056"],
            &["85070591730234615847396907784232501249"],
            &["-1"],
            &["-18446744073709551616"],
            &["18446744065119617025"],
            &["-18446744073709551615"],
            &["0"],
        ],
        &[],
    );
}

#[test]
fn the_sign_of_a_decimal_without_whole_digits_is_a_whole_number() {
    check(
        "SELECT sign(d) AS d, sign(w) AS w, sign(n) AS n FROM input",
        "d:decimal(2,2)?,w:decimal(38,38)?,n:decimal(38,0)",
        &[
            &["0.55", "-0.99999999999999999999999999999999999999", "18446744073709551616"],
            &["-0.01", "0.00000000000000000000000000000000000001", "-18446744073709551616"],
            &["0.00", "∅", "0"],
            &["∅", "0.00000000000000000000000000000000000000", "-1"],
        ],
        &[&["1", "-1", "1"], &["-1", "1", "-1"], &["0", "∅", "0"], &["∅", "0", "-1"]],
        &[],
    );
}

#[test]
fn a_time_that_ends_a_day_rejects_its_row_alone() {
    check(
        "SELECT cast(t AS time) AS at, cast(cast(t AS time) AS text) AS written FROM input",
        "t:utf8?",
        &[&["23:59:59.999999"], &["24:00"], &["∅"], &["23:59:60"], &["00:00"]],
        &[&["86399999999", "23:59:59.999999"], &["∅", "∅"], &["0", "00:00:00"]],
        &[(1, "out_of_range", Some("at")), (3, "out_of_range", Some("at"))],
    );
    check(
        "SELECT try_cast(t AS time) AS at, try_cast(t AS time) = '24:00' AS ends FROM input",
        "t:utf8?",
        &[&["24:00"], &["noon"], &["12:00"]],
        &[&["∅", "true"], &["∅", "∅"], &["43200000000", "false"]],
        &[],
    );
}

#[test]
fn what_cannot_be_cast_rejects_its_row_or_becomes_null() {
    check(
        "SELECT cast(amount AS decimal(12,2)) AS amount, try_cast(day AS date) AS day, cast(n AS smallint) AS n FROM input",
        "amount:utf8?,day:utf8?,n:int64?",
        &[
            &["12.5", "2024-02-29", "7"],
            &["twelve", "2024-02-29", "7"],
            &["∅", "2023-02-29", "∅"],
            &["1", "∅", "40000"],
        ],
        &[&["1250", "19782", "7"], &["∅", "∅", "∅"]],
        &[(1, "invalid_number", Some("amount")), (3, "out_of_range", Some("n"))],
    );
}

#[test]
fn only_what_is_needed_is_evaluated() {
    check(
        "SELECT CASE WHEN n = 0 THEN -1 ELSE 100 / n END AS safe, coalesce(n, 1 / m) AS first,
                n <> 0 AND 10 / n > 1 AS enough, n IN (1, 2, m) AS listed, nullif(n, 5) AS but,
                greatest(n, m) AS most FROM input",
        "n:int64?,m:int64",
        &[&["0", "3"], &["5", "3"], &["∅", "1"], &["∅", "0"], &["2", "0"]],
        &[
            &["-1", "0", "false", "false", "0", "3"],
            &["20", "5", "true", "false", "∅", "5"],
            &["∅", "1", "∅", "∅", "∅", "1"],
            &["50", "2", "true", "true", "2", "2"],
        ],
        &[(3, "division_by_zero", Some("m"))],
    );
}

#[test]
fn nan_is_above_everything_and_equal_to_itself() {
    check(
        "SELECT x = y AS equal, x < y AS less, x >= y AS not_less, greatest(x, y) AS most, x IS DISTINCT FROM y AS differ
         FROM input",
        "x:float64?,y:float64?",
        &[&["NaN", "NaN"], &["inf", "NaN"], &["1", "2"], &["∅", "1"], &["∅", "∅"]],
        &[
            &["true", "false", "true", "NaN", "false"],
            &["false", "true", "false", "NaN", "true"],
            &["false", "true", "false", "2", "true"],
            &["∅", "∅", "∅", "1", "true"],
            &["∅", "∅", "∅", "∅", "false"],
        ],
        &[],
    );
}

#[test]
fn every_type_comes_in_and_goes_out_as_it_was() {
    let input = "a:bool?,b:int8?,c:uint8?,d:int16?,e:uint16?,f:int32?,g:uint32?,h:int64?,i:uint64?,j:float32?,
                 k:float64?,l:decimal(9,3)?,m:decimal(38,0)?,n:numeric?,o:utf8?,p:binary?,q:date?,r:time?,s:timestamp?,
                 t:timestamptz?,u:json?,v:uuid?";
    let names: Vec<String> = ('a'..='v').map(|name| format!("coalesce({name}, NULL) AS {name}")).collect();
    let text = format!("SELECT {} FROM input", names.join(", "));
    let low = [
        "false",
        "-128",
        "0",
        "-32768",
        "0",
        "-2147483648",
        "0",
        "-9223372036854775808",
        "0",
        "-0.5",
        "-1.5",
        "-999999.999",
        "-99999999999999999999999999999999999999",
        "-0.10",
        "",
        "",
        "-719162",
        "0",
        "-1",
        "-2",
        "[]",
        "00000000000000000000000000000000",
    ];
    let high = [
        "true",
        "127",
        "255",
        "32767",
        "65535",
        "2147483647",
        "4294967295",
        "9223372036854775807",
        "18446744073709551615",
        "0.25",
        "1.5",
        "999999.999",
        "99999999999999999999999999999999999999",
        "NaN",
        "Zoë",
        "bytes",
        "2932896",
        "86399999999",
        "1",
        "2",
        "{\"a\": 1}",
        "ffeeddccbbaa99887766554433221100",
    ];
    let empty = ["∅"; 22];
    let expected = |row: [&'static str; 22]| {
        row.map(|value| match value {
            decimal if decimal.ends_with(".999") => decimal.replace('.', ""),
            other => other.to_owned(),
        })
    };
    let plan = plan(&text, input);
    let output = open(&plan).apply(&rows(&columns(input), &[&low, &empty, &high])).unwrap();
    assert_eq!(texts(&output.rows), [expected(low), expected(empty), expected(high)]);
}

//! No text makes the compiler panic: it gives a plan or a mistake with a place in the text.
#![expect(clippy::panic, clippy::print_stdout, reason = "a test fails by it, and names its seed")]

mod support;

use std::time::Instant;

use fastrand::Rng;
use rules::{Error, compile_sql};
use support::generate::Generator;

/// Texts tried for each seed.
const TEXTS: usize = 3_000;

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "input",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "(",
    ")",
    ",",
    "*",
    "EXCEPT",
    "REPLACE",
    "AS",
    "id",
    "name",
    "amount",
    "at",
    "'text'",
    "'2024-01-01'",
    "1",
    "2.5",
    "1e9",
    "NULL",
    "TRUE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "cast",
    "try_cast",
    "::",
    "int",
    "text",
    "date",
    "IN",
    "BETWEEN",
    "SYMMETRIC",
    "LIKE",
    "ESCAPE",
    "IS",
    "DISTINCT",
    "=",
    "<",
    ">",
    "<>",
    "+",
    "-",
    "/",
    "%",
    "||",
    "~",
    "->",
    "->>",
    "lower",
    "coalesce",
    "extract",
    "year",
    "INTERVAL",
    "'1 day'",
    "AT",
    "TIME",
    "ZONE",
    "'UTC'",
    "[",
    "]",
    "{",
    "}",
    ";",
    "--",
    "/*",
    "*/",
    "\"",
    "'",
    "$$",
    "$1",
    ":",
    ".",
    "\\",
    "\u{0}",
    "ü",
    "👍",
    "\u{200b}",
    "\u{feff}",
    "\n",
    "\t",
    "E'\\x'",
    "U&'\\0041'",
    "B'1'",
    "X'ff'",
    "N'x'",
    "ARRAY",
    "ROW",
    "EXISTS",
    "OVER",
    "GROUP",
    "BY",
    "ORDER",
    "LIMIT",
    "UNION",
    "JOIN",
    "ON",
    "WITH",
    "VALUES",
    "@",
    "#",
    "&",
    "|",
    "!",
    "?",
    "^",
    "trim",
    "both",
    "position",
    "substring",
    "for",
    "overlay",
    "ceil",
    "collate",
    "struct",
];

#[test]
fn no_text_breaks_the_compiler() {
    attack(0xf00d);
}

#[test]
fn no_text_breaks_the_compiler_from_any_seed() {
    attack(fastrand::u64(..));
}

#[test]
fn no_depth_breaks_the_compiler() {
    for depth in [50, 199, 201, 1_000, 30_000] {
        let nested = |open: &str, inner: &str, close: &str| {
            format!("SELECT {}{inner}{} AS x FROM input", open.repeat(depth), close.repeat(depth))
        };
        for text in [
            nested("(", "1", ")"),
            nested("- ", "1", ""),
            nested("NOT ", "active", ""),
            nested("1 + ", "1", ""),
            nested("1 - (", "1", ")"),
            nested("active AND ", "active", ""),
            nested("lower(", "name", ")"),
            nested("cast(", "1", " AS int)"),
            nested("CASE WHEN active THEN ", "1", " END"),
            nested("1", "", "::int"),
            nested("(SELECT ", "1", ")"),
            nested("name || ", "name", ""),
            nested("INTERVAL ", "'1 day'", ""),
            nested("ARRAY[", "1", "]"),
            nested("(", "active", " BETWEEN SYMMETRIC active AND active)"),
            nested("CASE ", "active", " WHEN active THEN active END"),
            nested("id IN (", "1", ")"),
            nested("doc -> ", "'a'", ""),
            nested("{'a': ", "1", "}"),
            nested("1 = ", "1", ""),
            nested("/*", "", "*/"),
            format!("SELECT id FROM {}input", "(".repeat(depth)),
            format!("SELECT cast(name AS {}) AS x FROM input", "int[]".repeat(depth)),
            format!("SELECT {} FROM input", "x.".repeat(depth)),
        ] {
            check(&text);
        }
    }
}

fn attack(seed: u64) {
    println!("seed {seed}");
    let mut chance = Rng::with_seed(seed);
    let mut generator = Generator::new(seed);
    for _ in 0..TEXTS {
        let text = match chance.usize(0..4) {
            0 => soup(&mut chance),
            1 => generator.rule(),
            2 => mutated(&mut chance, generator.rule()),
            _ => format!("SELECT {} AS x FROM input WHERE {}", soup(&mut chance), soup(&mut chance)),
        };
        check(&text);
    }
}

fn soup(chance: &mut Rng) -> String {
    let count = chance.usize(0..25);
    let words: Vec<&str> = (0..count).map(|_| WORDS[chance.usize(0..WORDS.len())]).collect();
    words.join(if chance.u8(0..8) == 0 { "" } else { " " })
}

fn mutated(chance: &mut Rng, rule: String) -> String {
    let mut letters: Vec<char> = rule.chars().collect();
    for _ in 0..chance.usize(1..6) {
        if letters.is_empty() {
            break;
        }
        let at = chance.usize(0..letters.len());
        match chance.usize(0..5) {
            0 => drop(letters.remove(at)),
            1 => letters.insert(at, chance.char(..)),
            2 => letters.insert(at, WORDS[chance.usize(0..WORDS.len())].chars().next().unwrap_or(' ')),
            3 => letters.truncate(at),
            _ => {
                let other = chance.usize(0..letters.len());
                letters.swap(at, other);
            }
        }
    }
    letters.into_iter().collect()
}

fn check(text: &str) {
    let input = support::wide();
    let begun = Instant::now();
    match compile_sql(text, &input) {
        Ok(plan) => drop(rules::explain(&plan)),
        Err(Error::Text(error)) => {
            let lines = text.split('\n').count().max(1) as u32;
            assert!(error.line >= 1 && error.column >= 1, "{text:?}: {error}");
            assert!(error.line <= lines, "{text:?}: {error}");
            assert!(!error.message.is_empty(), "{text:?}");
            assert!(error.message.len() < 2_000, "{text:?}: {error}");
        }
        Err(other) => panic!("{text:?}: {other}"),
    }
    assert!(begun.elapsed().as_secs() < 30, "took {:?}: {}", begun.elapsed(), &text[..text.len().min(80)]);
}

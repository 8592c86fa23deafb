//! The SQL a plan stands for compiles to the same plan again.
#![expect(clippy::panic, clippy::print_stdout, reason = "a test fails by it, and names its seed")]

mod support;

use rules::plan::{Output, Plan};
use rules::{compile_sql, explain};
use support::generate::Generator;

/// Rules made for each seed.
const RULES: usize = 1_500;

#[test]
fn a_plan_survives_its_own_sql() {
    survive(0x5eed);
}

#[test]
fn a_plan_survives_its_own_sql_from_any_seed() {
    survive(fastrand::u64(..));
}

#[test]
fn every_example_of_the_catalogue_compiles_and_survives() {
    let text: Vec<String> =
        rules::catalogue::EXAMPLE_COLUMNS.iter().map(|(name, column_type)| format!("{name}:{column_type}?")).collect();
    let input = support::schema(&text.join(", "));
    let entries = rules::catalogue::GROUPS.iter().flat_map(|group| group.entries).map(|entry| entry.example);
    for example in entries.chain(rules::catalogue::FORMS.iter().map(|form| form.example)) {
        let rule = format!("SELECT {example} AS x FROM input");
        let plan = compile_sql(&rule, &input).unwrap_or_else(|error| panic!("{example}: {error}"));
        assert_same(&plan, &rule);
    }
}

fn survive(seed: u64) {
    println!("seed {seed}");
    let input = support::wide();
    let mut generator = Generator::new(seed);
    let mut compiled = 0;
    for _ in 0..RULES {
        let rule = generator.rule();
        if let Ok(plan) = compile_sql(&rule, &input) {
            compiled += 1;
            assert_same(&plan, &rule);
        }
    }
    assert!(compiled > RULES / 2, "only {compiled} of {RULES} rules compiled");
}

fn assert_same(plan: &Plan, rule: &str) {
    let sql = explain(plan);
    let again = compile_sql(&sql, &plan.input).unwrap_or_else(|error| panic!("{rule}\n{sql}\n{error}"));
    assert_eq!(shape(plan), shape(&again), "\n{rule}\n{sql}");
}

/// A plan without its places: they are those of another text.
fn shape(plan: &Plan) -> String {
    let outputs = plan.outputs.iter().map(|output| match output {
        Output::Passed { name, column } => format!("{name} is column {column}"),
        Output::Computed { name, column_type, nullable, value } => format!("{name} {column_type} {nullable} {value:?}"),
    });
    let text = format!("{:?}\n{}", plan.filter, outputs.collect::<Vec<_>>().join("\n"));
    without_sites(&text)
}

fn without_sites(text: &str) -> String {
    let mut shape = String::new();
    for (index, part) in text.split("site: ").enumerate() {
        let rest = if index == 0 { part } else { part.trim_start_matches(|letter: char| letter.is_ascii_digit()) };
        shape.push_str(rest);
    }
    shape
}

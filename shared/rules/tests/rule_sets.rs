//! Rule sets, their plans and their conflicts: case files of a set, the checks behind it after
//! `+++`, and what becomes of them.

mod support;

use std::fmt::Write;

use rules::rule_set::{Check, Conflict, RuleSet, conflicts, contradictions};
use rules::{compile_rule_set, explain};

#[test]
fn every_rule_set_gives_the_plan_and_the_conflicts_written_for_it() {
    let input = support::schema(
        "id:int64, name:utf8?, country:utf8, amount:decimal(12,2), quantity:int32?, active:bool, day:date, at:timestamp(us,UTC), score:float64?",
    );
    support::run_cases("rule_sets", |text| {
        let (set, checks) = text.split_once("+++\n").unwrap_or((text, ""));
        let checks: Vec<Check> = checks
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, expression)| Check { name: name.to_owned(), expression: expression.to_owned() })
            .collect();
        let set: RuleSet = match serde_saphyr::from_str(set) {
            Ok(set) => set,
            Err(error) => return format!("no rule set: {}", error.to_string().lines().next().unwrap_or_default()),
        };
        let mut came = match compile_rule_set(&set, &input) {
            Ok(plan) => format!("{}\n", explain(&plan)),
            Err(error) => format!("[{}] {error}\n", error.code()),
        };
        match conflicts(&set, &checks, &input) {
            Ok(found) => found.iter().for_each(|conflict| came.push_str(&shown(conflict))),
            Err(error) => came.push_str(&format!("[{}] {error}", error.code())),
        }
        came
    });
}

#[test]
fn a_witness_rejected_by_nothing_is_found_among_many_rules() {
    let input = support::schema("a:int64, b:utf8");
    let mut yaml = "rules:\n".to_owned();
    for index in 0..40 {
        let low = index * 10;
        let high = if index == 39 { 500 } else { low + 9 };
        let _ = writeln!(
            yaml,
            "  - {{ name: r{index}, when: \"a BETWEEN {low} AND {high}\", then: {{ set: {{ b: \"'{index}'\" }} }} }}"
        );
    }
    yaml.push_str("  - { name: last, when: \"a = 450\", then: { set: { b: \"'x'\" } } }\n");
    let set: RuleSet = serde_saphyr::from_str(&yaml).expect("a rule set");
    let found = conflicts(&set, &[], &input).expect("it compiles");
    let between: Vec<_> = found.iter().map(|conflict| (conflict.kind.as_str(), conflict.between.join(" "))).collect();
    assert_eq!(between, [("different_values", "r39 last".to_owned()), ("never_fires", "last r39".to_owned())]);
    let witness = found[0].witness.as_ref().expect("a row");
    assert_eq!(witness.columns, [("a".to_owned(), Some("450".to_owned()))]);
}

#[test]
fn checks_contradict_each_other_without_any_rules() {
    let input = support::schema("id:int64, kind:utf8?, amount:decimal(12,2)?, day:date");
    let found = |checks: &[(&str, &str)]| {
        let check =
            |(name, expression): &(&str, &str)| Check { name: (*name).into(), expression: (*expression).into() };
        let checks: Vec<Check> = checks.iter().map(check).collect();
        contradictions(&checks, &input).expect("checks of these columns").iter().map(shown).collect::<String>()
    };
    // NULL passes both, unless it may not be there.
    let one_of = [("old", "kind IN ('a', 'b')"), ("new", "kind IN ('c')"), ("low", "amount <= 10")];
    assert_eq!(found(&one_of), "");
    let never_null = [&one_of[..], &[("there", "kind IS NOT NULL"), ("id", "id IS NOT NULL")]].concat();
    assert_eq!(
        found(&never_null),
        "* contradictory_checks Shown: no row passes the checks `old`, `new` and `there` together\n  kind is NULL\n"
    );
    assert_eq!(
        found(&[("late", "day >= '2024-02-01'"), ("early", "day <= '2024-01-31'")]),
        "* contradictory_checks Shown: no row passes both checks `late` and `early`\n  day = \"2024-02-01\"\n"
    );
    assert!(contradictions(&[Check { name: "gone".into(), expression: "colour = 'red'".into() }], &input).is_err());
}

fn shown(conflict: &Conflict) -> String {
    let mut text = format!("* {} {:?}: {}\n", conflict.kind.as_str(), conflict.certainty, conflict.message);
    if let Some(witness) = &conflict.witness {
        let columns = witness.columns.iter().map(|(name, value)| match value {
            Some(value) => format!("{name} = {value:?}"),
            None => format!("{name} is NULL"),
        });
        let clock = witness.at.iter().map(|at| format!("run at {at}"));
        let _ = writeln!(text, "  {}", columns.chain(clock).collect::<Vec<_>>().join(", "));
    }
    text
}

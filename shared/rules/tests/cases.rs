//! Rules and what becomes of them: case files of a rule's text and its plan, or its mistake.

mod support;

use rules::{Error, compile_sql};

#[test]
fn every_rule_gives_the_plan_or_the_mistake_written_for_it() {
    let input = support::wide();
    support::run_cases("cases", |text| match compile_sql(text.trim_end(), &input) {
        Ok(plan) => support::summary(&plan),
        Err(error) => format!("[{}] {error}", error.code()),
    });
}

#[test]
fn a_mistake_has_its_place_and_its_fault() {
    let input = support::wide();
    let error = compile_sql("SELECT id,\n  nme FROM input", &input).expect_err("no such column");
    let Error::Text(error) = &error else { panic!("not a mistake in the text: {error}") };
    assert_eq!((error.line, error.column, error.code.as_str()), (2, 3, "rule_unknown_column"));
    assert!(error.message.contains("did you mean `name`"), "{}", error.message);
}

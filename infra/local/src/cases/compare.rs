//! What came against what was expected.

use arrow_schema::Schema;
use batch::ColumnType;
use batch::schema::{parse_notation, to_notation};
use checks::{OnFailure, Suite, value_text};
use flow::Fault;
use serde::Serialize;

use super::written::{Expect, ExpectedReject};
use crate::lab::Outcome;

/// One difference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// What is different.
    pub(crate) what: &'static str,
    /// The row: of `expect.rows`, or for rejections of `given`; from 0.
    pub(crate) row: Option<u64>,
    /// The column.
    pub(crate) column: Option<String>,
    /// What was expected; none is NULL or nothing.
    pub(crate) expected: Option<String>,
    /// What came.
    pub(crate) got: Option<String>,
}

impl Problem {
    /// Another fault than expected, or none.
    pub(crate) fn fault(expected: Option<&str>, got: Option<&Fault>) -> Self {
        Self { what: "fault", expected: expected.map(str::to_owned), got: got.map(Fault::to_string), ..Self::default() }
    }

    /// The difference as a line.
    pub(crate) fn line(&self) -> String {
        let row = self.row.map(|row| format!(" row {row}")).unwrap_or_default();
        let column = self.column.as_ref().map(|column| format!(" column {column}")).unwrap_or_default();
        let shown = |value: &Option<String>, none: &str| {
            value.as_ref().map_or_else(|| none.to_owned(), |value| format!("`{value}`"))
        };
        let none = if self.what == "value" { "NULL" } else { "nothing" };
        format!("{}{row}{column}: expected {}, got {}", self.what, shown(&self.expected, none), shown(&self.got, none))
    }
}

/// A row that does not go on.
struct Rejected {
    row: u64,
    rule: String,
    code: String,
    column: Option<String>,
    said: Vec<String>,
}

/// Everything that differs.
pub(crate) fn compare(expect: &Expect, outcome: &Outcome, suite: &Suite) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(compare_schema(expect, &outcome.rows.schema()));
    compare_rows(expect, outcome, &mut problems);
    compare_rejected(&expect.rejected, rejected(outcome, suite), &mut problems);
    problems
}

fn compare_schema(expect: &Expect, got: &Schema) -> Option<Problem> {
    let expected = expect.schema.as_ref()?;
    let expected = parse_notation(&expected.value).and_then(|schema| to_notation(&schema)).ok()?;
    let got = to_notation(got).ok()?;
    (expected != got).then(|| Problem {
        what: "schema",
        expected: Some(expected),
        got: Some(got),
        ..Problem::default()
    })
}

fn compare_rows(expect: &Expect, outcome: &Outcome, problems: &mut Vec<Problem>) {
    let goes_on: Vec<usize> =
        (0..outcome.rows.num_rows()).filter(|row| outcome.goes_on.get(*row).copied().unwrap_or(false)).collect();
    if goes_on.len() != expect.rows.len() {
        problems.push(Problem {
            what: "number of rows",
            expected: Some(expect.rows.len().to_string()),
            got: Some(goes_on.len().to_string()),
            ..Problem::default()
        });
    }
    for ((number, expected), row) in (0_u64..).zip(&expect.rows).zip(goes_on) {
        for (column, cell) in &expected.value {
            let (expected, got) = match values(outcome, column, row, cell.value.as_deref()) {
                Ok((expected, got)) if expected == got => continue,
                Ok(differing) => differing,
                Err(problem) => (cell.value.clone(), Some(problem)),
            };
            let column = Some(column.clone());
            problems.push(Problem { what: "value", row: Some(number), column, expected, got });
        }
    }
}

type Values = (Option<String>, Option<String>);

/// Both values as texts of the column's type: 1.5 and 1.50 of a decimal are the same.
fn values(outcome: &Outcome, column: &str, row: usize, expected: Option<&str>) -> Result<Values, String> {
    let schema = outcome.rows.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let missing = || format!("no such column: there are {}", names.join(", "));
    let field = schema.field_with_name(column).map_err(|_| missing())?;
    let array = outcome.rows.column_by_name(column).ok_or_else(missing)?;
    let column_type = ColumnType::of(field).map_err(|error| error.to_string())?;
    let wanted = batch::cells::column(column_type, &[expected])
        .map_err(|_| format!("a value of type {column_type}, as which the expected one cannot be read"))?;
    Ok((value_text(&wanted, column_type, 0), value_text(array, column_type, row)))
}

fn compare_rejected(expected: &[ExpectedReject], mut got: Vec<Rejected>, problems: &mut Vec<Problem>) {
    for expected in expected {
        match got.iter().position(|got| fits(expected, got)) {
            Some(found) => drop(got.remove(found)),
            None => {
                let near = got.iter().find(|got| got.row == expected.row);
                problems.push(Problem {
                    what: "rejection",
                    row: Some(expected.row),
                    column: expected.column.clone(),
                    expected: Some(expected_text(expected)),
                    got: near.map(got_text),
                });
            }
        }
    }
    for got in got {
        problems.push(Problem {
            what: "rejection",
            row: Some(got.row),
            column: got.column.clone(),
            expected: None,
            got: Some(got_text(&got)),
        });
    }
}

fn fits(expected: &ExpectedReject, got: &Rejected) -> bool {
    let same = |expected: &Option<String>, got: Option<&str>| expected.is_none() || expected.as_deref() == got;
    expected.row == got.row
        && expected.code == got.code
        && same(&expected.column, got.column.as_deref())
        && same(&expected.rule, Some(&got.rule))
        && expected.message.as_ref().is_none_or(|part| got.said.iter().any(|said| said.contains(part.as_str())))
}

fn expected_text(expected: &ExpectedReject) -> String {
    let rule = expected.rule.as_ref().map(|rule| format!(" by {rule}")).unwrap_or_default();
    let message = expected.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    format!("{}{rule}{message}", expected.code)
}

fn got_text(got: &Rejected) -> String {
    format!("{} by {}: {}", got.code, got.rule, got.said.join("; "))
}

/// What the transforms refused and what fails a check that keeps rows back.
fn rejected(outcome: &Outcome, suite: &Suite) -> Vec<Rejected> {
    let mut rejected: Vec<Rejected> = outcome
        .rejects
        .iter()
        .map(|entry| Rejected {
            row: entry.row.unwrap_or_default(),
            rule: entry.rule.clone(),
            code: entry.code.clone(),
            column: entry.column.clone(),
            said: entry.value.iter().cloned().collect(),
        })
        .collect();
    let keeps_back = |failure: &&checks::Failure| suite.check(failure.check).on_failure() != OnFailure::Pass;
    rejected.extend(outcome.failures.iter().filter(keeps_back).map(|failure| Rejected {
        row: outcome.sources.get(failure.row as usize).copied().unwrap_or_default(),
        rule: suite.check(failure.check).name().to_owned(),
        code: failure.code.to_owned(),
        column: failure.column.clone(),
        said: std::iter::once(failure.reason.clone()).chain(failure.value.clone()).collect(),
    }));
    rejected.sort_by_key(|rejected| rejected.row);
    rejected
}

//! Conflicts of a rule set, found before it goes live, each with a row that shows it.
//!
//! Conditions are tried on rows made of the values around the constants they compare with: of each
//! range between two constants one value is enough, so for conditions that only compare columns
//! with constants nothing is missed. What is not of that kind is tried too, and named as unseen
//! when it could hide something.

mod cleanse_rejected;
mod contradictory_checks;
mod different_values;
mod evaluate;
mod never_fires;
mod precedence;
mod rows;
mod search;
mod unseen;
mod values;

use super::RuleSet;
use super::build::Built;
use super::depend::Fields;
use super::validate;
use crate::error::Error;
use crate::parse;
use crate::pieces::{Pieces, at_key};
use crate::plan::Column;

use std::cell::Cell;

use search::Search;

/// Rows that are tried for a whole set.
const ROWS: u64 = 20_000_000;

/// A check the rows have to pass: it fails a row for which its condition is FALSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Its condition in SQL, over the output of the rule set.
    pub expression: String,
}

/// A conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Of which kind it is.
    pub kind: ConflictKind,
    /// Whether it was shown.
    pub certainty: Certainty,
    /// The rules and checks it is between.
    pub between: Vec<String>,
    /// The field it is about.
    pub field: Option<String>,
    /// What it is, in a sentence.
    pub message: String,
    /// A row that shows it.
    pub witness: Option<Witness>,
}

/// The kinds of conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConflictKind {
    /// Two rules of one priority set a field of one row to different values.
    DifferentValues,
    /// A rule that never has an effect.
    NeverFires,
    /// Checks that no row passes: alone, in pairs, or more of them together.
    ContradictoryChecks,
    /// A rule sets a value that a check always fails.
    CleanseRejected,
    /// Derived fields that need each other.
    Cycle,
    /// A condition that cannot be seen through: conflicts with it are not excluded.
    Unseen,
}

/// Whether a conflict was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// It is there: the witness shows it.
    Shown,
    /// It may be there.
    Unknown,
}

/// A row, and the moment of the run where it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Columns with their values; none is NULL. Columns that do not matter are left out.
    pub columns: Vec<(String, Option<String>)>,
    /// The run's clock.
    pub at: Option<String>,
}

impl ConflictKind {
    /// Its name in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ConflictKind::DifferentValues => "different_values",
            ConflictKind::NeverFires => "never_fires",
            ConflictKind::ContradictoryChecks => "contradictory_checks",
            ConflictKind::CleanseRejected => "cleanse_rejected",
            ConflictKind::Cycle => "cycle",
            ConflictKind::Unseen => "unseen",
        }
    }
}

/// The conflicts of a rule set and of the checks behind it. An error is a set that does not compile
/// for another reason than a circle.
pub fn conflicts(set: &RuleSet, checks: &[Check], input: &[Column]) -> Result<Vec<Conflict>, Error> {
    parse::on_deep_stack(|| find(set, checks, input))
}

/// The contradictions of the checks behind a rule set among themselves and with what it sets; nothing
/// is said of its rules among themselves, which takes longer.
pub fn conflicts_of_checks(set: &RuleSet, checks: &[Check], input: &[Column]) -> Result<Vec<Conflict>, Error> {
    parse::on_deep_stack(|| search(set, &Built::of(set, input)?, checks, |search| search.of_checks()))
}

/// The contradictions of checks among themselves, over the columns they meet.
pub fn contradictions(checks: &[Check], input: &[Column]) -> Result<Vec<Conflict>, Error> {
    let nothing = RuleSet { rules: Vec::new(), route_column: String::new() };
    parse::on_deep_stack(|| search(&nothing, &Built::nothing(input)?, checks, |search| search.of_checks()))
}

fn find(set: &RuleSet, checks: &[Check], input: &[Column]) -> Result<Vec<Conflict>, Error> {
    validate::check(set)?;
    if let Err(circle) = Fields::of(set)?.order() {
        return Ok(vec![of_circle(set, circle)]);
    }
    search(set, &Built::of(set, input)?, checks, |search| search.all())
}

fn search(
    set: &RuleSet,
    built: &Built,
    checks: &[Check],
    look: impl FnOnce(&Search<'_>) -> Vec<Conflict>,
) -> Result<Vec<Conflict>, Error> {
    let mut pieces = Pieces::default();
    let mut conditions = Vec::with_capacity(checks.len());
    for check in checks {
        let condition = pieces.condition(&check.expression, &built.scope, &check.name).map_err(|mistake| {
            at_key(&format!("checks.{}.expression", check.name), mistake, Some(&check.expression))
        })?;
        conditions.push(condition);
    }
    let search = Search { set, checks, built, conditions: &conditions, left: Cell::new(ROWS) };
    Ok(look(&search))
}

/// A circle holds for every row, so no row is needed to show it.
fn of_circle(set: &RuleSet, circle: Vec<String>) -> Conflict {
    let sets = |rule: &&super::Rule| rule.then.set.iter().any(|(field, _)| circle.iter().any(|it| it == field));
    Conflict {
        kind: ConflictKind::Cycle,
        certainty: Certainty::Shown,
        between: set.rules.iter().filter(sets).map(|rule| rule.name.clone()).collect(),
        field: circle.first().cloned(),
        message: format!("derived fields need each other in a circle: {}", circle.join(" needs ")),
        witness: None,
    }
}

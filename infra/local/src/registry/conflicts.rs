//! What the rules of a set, and the checks behind them, contradict each other in.

use arrow_schema::Schema;
use checks::OnFailure;
use flow::{Fault, FaultKind};
use rules::plan::Column;
use rules::rule_set::{Certainty, Check, Conflict, ConflictKind, RuleSet, Witness};
use serde_json::Value;
use spec::Rule;

use super::rules::{columns, outputs};

/// The conflicts of a rule set with itself and with these checks; none for other rules.
pub fn of(rule: &Rule, checks: &[checks::Check], schema: &Schema) -> Result<Vec<Conflict>, Fault> {
    let Rule::RuleSet(set) = rule else { return Ok(Vec::new()) };
    let checks: Vec<Check> = checks.iter().flat_map(conditions).collect();
    Ok(rules::rule_set::conflicts(set, &checks, &columns(schema)?)?)
}

/// Refuses a rule set whose rules were shown to contradict each other.
pub(super) fn refuse(rule: &Rule, schema: &Schema) -> Result<(), Fault> {
    refusal(&of(rule, &[], schema)?).map_or(Ok(()), Err)
}

/// Refuses checks behind a stream's last transform of which it was shown that no row passes them,
/// or that they keep back whatever its rule set sets. Of checks that cannot be put as conditions
/// over these columns nothing is said here: their own compiler tells what is wrong with them.
pub(super) fn refuse_behind(last: Option<&RuleSet>, checks: &[checks::Check], schema: &Schema) -> Result<(), Fault> {
    let input = columns(schema)?;
    let found = match last {
        Some(set) => {
            let output = outputs(&rules::compile_rule_set(set, &input)?);
            rules::rule_set::conflicts_of_checks(set, &fitting(checks, &output), &input)?
        }
        None => rules::rule_set::contradictions(&fitting(checks, &input), &input)?,
    };
    refusal(&found).map_or(Ok(()), Err)
}

/// Whether there is anything [`refuse_behind`] could find in these checks.
pub(super) fn may_conflict(checks: &[checks::Check]) -> bool {
    checks.iter().any(|check| keeps_rows_back(check) && !conditions(check).is_empty())
}

fn fitting(checks: &[checks::Check], columns: &[Column]) -> Vec<Check> {
    let fits = |check: &Check| rules::rule_set::contradictions(std::slice::from_ref(check), columns).is_ok();
    checks.iter().filter(|check| keeps_rows_back(check)).flat_map(conditions).filter(fits).collect()
}

fn keeps_rows_back(check: &checks::Check) -> bool {
    check.on_failure != Some(OnFailure::Pass)
}

/// Codes of conflicts.
pub(super) const CODES: [&str; 3] = ["check_conflict", "rule_conflict", "rule_cycle"];

/// What is wrong for every row it is about; a rule that never fires only does nothing.
fn refusal(found: &[Conflict]) -> Option<Fault> {
    let conflict = found.iter().find(|conflict| {
        conflict.certainty == Certainty::Shown
            && !matches!(conflict.kind, ConflictKind::NeverFires | ConflictKind::Unseen)
    })?;
    let (code, way_out) = match conflict.kind {
        ConflictKind::ContradictoryChecks => ("check_conflict", "mend one of the checks"),
        ConflictKind::CleanseRejected => ("rule_conflict", "mend the rule or the check"),
        ConflictKind::Cycle => ("rule_cycle", "see `millstream rules check`"),
        _ => ("rule_conflict", "see `millstream rules check`"),
    };
    let witness = conflict.witness.as_ref().map(shown).unwrap_or_default();
    Some(Fault::new(FaultKind::Config, code, format!("{}{witness}; {way_out}", conflict.message)))
}

/// Its values are made of the rules' and checks' own constants: no row was read.
fn shown(witness: &Witness) -> String {
    let values = witness.columns.iter().map(|(column, value)| match value {
        Some(value) => format!("{column} = {value}"),
        None => format!("{column} = NULL"),
    });
    let clock = witness.at.iter().map(|at| format!("the run due at {at}"));
    let all: Vec<String> = values.chain(clock).collect();
    if all.is_empty() { String::new() } else { format!(", as for a row with {}", all.join(", ")) }
}

/// A check as conditions over its columns; none where it is about more than one row.
fn conditions(check: &checks::Check) -> Vec<Check> {
    let mut conditions = Vec::new();
    let mut add = |kind: &str, column: &str, expression: String| {
        let name = check.name.clone().unwrap_or_else(|| format!("{kind}({column})"));
        conditions.push(Check { name, expression });
    };
    for column in check.not_null.iter().flatten() {
        add("not_null", column, format!("{} IS NOT NULL", quoted(column)));
    }
    if let Some(range) = &check.range {
        let bound = |sign: &str, value: &Option<Value>| {
            value.as_ref().map(|value| format!("{} {sign} {}", quoted(&range.column), literal(value)))
        };
        let bounds: Vec<String> = [bound(">=", &range.min), bound("<=", &range.max)].into_iter().flatten().collect();
        if !bounds.is_empty() {
            add("range", &range.column, bounds.join(" AND "));
        }
    }
    if let Some(set) = &check.in_set {
        let values: Vec<String> = set.values.iter().map(literal).collect();
        add("in_set", &set.column, format!("{} IN ({})", quoted(&set.column), values.join(", ")));
    }
    conditions
}

fn quoted(column: &str) -> String {
    format!("\"{}\"", column.replace('"', "\"\""))
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}

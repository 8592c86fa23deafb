//! What the rules of a set, and the checks behind it, contradict each other in.

use arrow_schema::Schema;
use flow::{Fault, FaultKind};
use rules::rule_set::{Certainty, Check, Conflict, ConflictKind};
use serde_json::Value;
use spec::Rule;

use super::rules::columns;

/// The conflicts of a rule set with itself and with these checks; none for other rules.
pub fn of(rule: &Rule, checks: &[checks::Check], schema: &Schema) -> Result<Vec<Conflict>, Fault> {
    let Rule::RuleSet(set) = rule else { return Ok(Vec::new()) };
    let checks: Vec<Check> = checks.iter().flat_map(conditions).collect();
    Ok(rules::rule_set::conflicts(set, &checks, &columns(schema)?)?)
}

/// Refuses a rule set whose rules were shown to contradict each other.
pub(super) fn refuse(rule: &Rule, schema: &Schema) -> Result<(), Fault> {
    let found = of(rule, &[], schema)?;
    let shown = |conflict: &&Conflict| {
        conflict.certainty == Certainty::Shown
            && matches!(conflict.kind, ConflictKind::DifferentValues | ConflictKind::Cycle)
    };
    match found.iter().find(shown) {
        None => Ok(()),
        Some(conflict) => {
            let message = format!("{}; see `millstream rules check`", conflict.message);
            Err(Fault::new(FaultKind::Config, "rule_conflict", message))
        }
    }
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

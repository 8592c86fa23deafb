//! What is wrong with checks before any column is known.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::exact::Exact;
use crate::kind::{KINDS, WrittenKind};
use crate::quality::{Check, ErrorLimit, InSet, OnFailure, Quality, Range, RowCount};
use crate::written_value::shown;
use crate::{moment, pattern, type_is};

impl Quality {
    /// What is wrong with the checks, in words for whoever wrote them.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (number, check) in self.checks.iter().enumerate() {
            let place = |problem| format!("checks[{number}]: {problem}");
            problems.extend(check.problems().into_iter().map(place));
        }
        problems.extend(repeated_names(&self.checks));
        problems.extend(self.error_limit.problems());
        problems
    }
}

impl ErrorLimit {
    fn problems(&self) -> Option<String> {
        let percentage = self.percentage.filter(|percentage| !(0.0..=100.0).contains(percentage))?;
        Some(format!("error_limit.percentage is {percentage}; write a number from 0 to 100"))
    }
}

impl Check {
    fn problems(&self) -> Vec<String> {
        let kinds = WrittenKind::all_of(self);
        let mut problems = match kinds.as_slice() {
            [] => vec![format!("it has no kind; give it one of {KINDS}")],
            [kind] => self.problems_of(*kind),
            several => {
                let keys = several.iter().map(|kind| kind.key()).collect::<Vec<_>>().join(" and ");
                vec![format!("it has {keys}; write one check for each")]
            }
        };
        for (key, text) in [("name", &self.name), ("dimension", &self.dimension)] {
            if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
                problems.push(format!("{key} is empty; leave it out or fill it in"));
            }
        }
        problems
    }

    fn problems_of(&self, kind: WrittenKind<'_>) -> Vec<String> {
        let mut problems = column_problems(kind);
        problems.extend(match kind {
            WrittenKind::NotNull(_) | WrittenKind::Unique(_) => None,
            WrittenKind::Range(range) => range_problem(range),
            WrittenKind::InSet(set) => set_problem(set),
            WrittenKind::Regex(written) => {
                pattern::read(&written.pattern).err().map(|reason| format!("regex.pattern cannot be used: {reason}"))
            }
            WrittenKind::Type(written) => match type_is::read(&written.is) {
                Err(error) => Some(format!("type.is: {error}")),
                Ok(wanted) if type_is::always_reads(wanted) => {
                    Some(format!("type.is is `{wanted}`, which every text reads as: the check could not fail"))
                }
                Ok(_) => None,
            },
            WrittenKind::RowCount(count) => count_problem(count),
            WrittenKind::Freshness(freshness) if freshness.max_age.0.is_zero() => {
                Some("freshness.max_age is zero, which no data is; write a length of time like `1d`".to_owned())
            }
            WrittenKind::Freshness(_) => None,
        });
        if kind.is_run_wide() && self.on_failure == Some(OnFailure::Quarantine) {
            let key = kind.key();
            problems
                .push(format!("{key} is about the whole run and has no row to quarantine; write `pass` or `abort`"));
        }
        problems
    }
}

fn column_problems(kind: WrittenKind<'_>) -> Vec<String> {
    let key = kind.key();
    let columns = kind.columns();
    let mut problems = Vec::new();
    if columns.is_empty() && matches!(kind, WrittenKind::NotNull(_) | WrittenKind::Unique(_)) {
        problems.push(format!("{key} names no column"));
    }
    if columns.iter().any(|column| column.is_empty()) {
        problems.push(format!("{key} names a column with an empty name"));
    }
    for (place, column) in columns.iter().enumerate() {
        if !column.is_empty() && columns[..place].contains(column) {
            problems.push(format!("{key} names column `{column}` more than once"));
        }
    }
    problems
}

fn range_problem(range: &Range) -> Option<String> {
    let bounds = [("min", &range.min), ("max", &range.max)];
    for (key, bound) in bounds {
        if let Some(other @ (Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_))) = bound {
            return Some(format!("range.{key} is `{other}`; write a number, or a text for dates and timestamps"));
        }
    }
    match (&range.min, &range.max) {
        (None, None) => Some("range has no bound; give it `min`, `max` or both".to_owned()),
        (Some(min), Some(max)) if is_above(min, max) => {
            Some(format!("range.min `{}` is above range.max `{}`", shown(min), shown(max)))
        }
        _ => None,
    }
}

/// Whether two bounds are in the wrong order, as far as can be told without the column's type.
fn is_above(min: &Value, max: &Value) -> bool {
    let (min, max) = (shown(min), shown(max));
    let numbers = Exact::parse(&min).zip(Exact::parse(&max)).map(|(min, max)| min.cmp(&max));
    let moments = || {
        let read = |text: &str| moment::parse_timestamp(text, false).or_else(|| moment::parse_timestamp(text, true));
        read(&min).zip(read(&max)).map(|(min, max)| min.cmp(&max))
    };
    let times = || moment::parse_time(&min).zip(moment::parse_time(&max)).map(|(min, max)| min.cmp(&max));
    numbers.or_else(moments).or_else(times) == Some(Ordering::Greater)
}

fn set_problem(set: &InSet) -> Option<String> {
    if set.values.is_empty() {
        return Some("in_set has no values, so no row could pass".to_owned());
    }
    set.values.iter().find_map(|value| match value {
        Value::Null => Some("in_set.values holds null; NULL passes every check but not_null, leave it out".to_owned()),
        Value::Array(_) | Value::Object(_) => Some(format!("in_set.values holds `{value}`; write single values")),
        _ => None,
    })
}

fn count_problem(count: &RowCount) -> Option<String> {
    match (count.min, count.max) {
        (None, None) => Some("row_count has no bound; give it `min`, `max` or both".to_owned()),
        (Some(min), Some(max)) if min > max => Some(format!("row_count.min {min} is above row_count.max {max}")),
        _ => None,
    }
}

fn repeated_names(checks: &[Check]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (number, check) in checks.iter().enumerate() {
        let kinds = WrittenKind::all_of(check);
        let [kind] = kinds.as_slice() else { continue };
        let mut names = check.name.clone().map_or_else(|| kind.default_names(), |name| vec![name]);
        names.dedup();
        for name in names {
            places.entry(name).or_default().push(format!("checks[{number}]"));
        }
    }
    let repeated = places.into_iter().filter(|(_, places)| places.len() > 1);
    repeated
        .map(|(name, places)| {
            format!("{} have the same name `{name}`; give each a `name` of its own", places.join(" and "))
        })
        .collect()
}

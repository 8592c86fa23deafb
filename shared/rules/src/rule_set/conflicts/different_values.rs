//! Two rules of one priority that set a field of one row to different values.

use super::search::{Found, Search, both};
use super::values::Val;
use super::{Certainty, Conflict, ConflictKind, Witness};
use crate::plan::{Expr, Kind};

impl Search<'_> {
    /// Every two rules that set one field.
    pub(super) fn different_values(&self, found: &mut Vec<Conflict>) {
        let values = &self.built.values;
        for (index, (rule, field, value)) in values.iter().enumerate() {
            for (other, other_field, other_value) in &values[index + 1..] {
                let same_priority = self.set.rules[*rule].priority == self.set.rules[*other].priority;
                if field != other_field || !same_priority || same(value, other_value) {
                    continue;
                }
                found.extend(self.differ((*rule, value), (*other, other_value), field));
            }
        }
    }

    fn differ(&self, one: (usize, &Expr), other: (usize, &Expr), field: &str) -> Option<Conflict> {
        let (first, second) = (&self.built.conditions[one.0], &self.built.conditions[other.0]);
        let names = vec![self.set.rules[one.0].name.clone(), self.set.rules[other.0].name.clone()];
        let mut doubt: Option<Witness> = None;
        let shown = self.find(&[first, second, one.1, other.1], |row| {
            if !both(row.is_true(first), row.is_true(second))? {
                return Some(false);
            }
            match (row.value(one.1), row.value(other.1)) {
                (Some(left), Some(right)) => Some(differs(&left, &right)?),
                _ => None,
            }
        });
        // Values that are computed were compared on the rows that were tried, not on all.
        let constant = |value: &Expr| matches!(value.kind, Kind::Literal(_) | Kind::Null);
        let shown = match shown {
            Found::None if !(constant(one.1) && constant(other.1)) && self.overlaps(one.0, other.0) => {
                Found::Maybe(None)
            }
            shown => shown,
        };
        if let Found::Maybe(witness) = &shown {
            doubt.clone_from(witness);
        }
        let (certainty, witness, message) = match shown {
            Found::Row(witness) => (
                Certainty::Shown,
                Some(witness),
                format!(
                    "`{}` and `{}` set `{field}` of the same rows to different values at the same priority",
                    names[0], names[1]
                ),
            ),
            Found::Maybe(_) => (
                Certainty::Unknown,
                doubt,
                format!(
                    "`{}` and `{}` may set `{field}` of the same rows to different values at the same priority",
                    names[0], names[1]
                ),
            ),
            Found::None => return None,
        };
        Some(Conflict {
            kind: ConflictKind::DifferentValues,
            certainty,
            between: names,
            field: Some(field.to_owned()),
            message,
            witness,
        })
    }
}

/// Whether two values are the same expression, wherever they are written.
fn same(one: &Expr, other: &Expr) -> bool {
    one == other
}

fn differs(left: &Val, right: &Val) -> Option<bool> {
    match (left, right) {
        (Val::Null, Val::Null) => Some(false),
        (Val::Null, _) | (_, Val::Null) => Some(true),
        (left, right) => left.compare(right).map(|order| order != std::cmp::Ordering::Equal),
    }
}

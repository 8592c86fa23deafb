//! Checks that no row passes together.

use std::collections::BTreeSet;

use super::evaluate::Row;
use super::rows::Subject;
use super::search::{Found, Search};
use super::{Certainty, Conflict, ConflictKind};
use crate::plan::Expr;

/// Checks by their place, with what they look at.
struct Group {
    checks: Vec<usize>,
    subjects: BTreeSet<Subject>,
}

impl Search<'_> {
    /// Checks that no row passes: alone, in pairs, or more of them together.
    pub(super) fn contradictory_checks(&self, found: &mut Vec<Conflict>) {
        let possible: Vec<bool> = (0..self.checks.len()).map(|check| self.can_pass(&[check])).collect();
        let mut told = BTreeSet::new();
        for one in 0..self.checks.len() {
            if !possible[one] {
                let message = format!("no row passes the check `{}`", self.checks[one].name);
                found.push(self.contradiction(&[one], message));
                told.insert(one);
                continue;
            }
            for other in (one + 1..self.checks.len()).filter(|other| possible[*other]) {
                if !self.can_pass(&[one, other]) {
                    let (first, second) = (&self.checks[one].name, &self.checks[other].name);
                    let message = format!("no row passes both checks `{first}` and `{second}`");
                    found.push(self.contradiction(&[one, other], message));
                    told.extend([one, other]);
                }
            }
        }
        for group in self.groups(|check| !told.contains(&check)) {
            found.extend(self.contradictory_group(group));
        }
    }

    /// Three checks or more of which every two can be passed, and all cannot.
    fn contradictory_group(&self, group: Vec<usize>) -> Option<Conflict> {
        if group.len() < 3 || self.can_pass(&group) {
            return None;
        }
        let mut needed = group;
        for check in needed.clone() {
            let without: Vec<usize> = needed.iter().copied().filter(|other| *other != check).collect();
            if !self.can_pass(&without) {
                needed = without;
            }
        }
        let names: Vec<String> = needed.iter().map(|check| format!("`{}`", self.checks[*check].name)).collect();
        let (last, others) = names.split_last()?;
        let message = format!("no row passes the checks {} and {last} together", others.join(", "));
        Some(self.contradiction(&needed, message))
    }

    /// Checks that look at the same columns, directly or by way of each other.
    fn groups(&self, wanted: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let mut groups: Vec<Group> = Vec::new();
        for check in (0..self.checks.len()).filter(|check| wanted(*check)) {
            let subjects = self.rows(&[&self.conditions[check]]).subjects().collect();
            let mut own = Group { checks: vec![check], subjects };
            groups.retain_mut(|group| {
                let is_apart = group.subjects.is_disjoint(&own.subjects);
                if !is_apart {
                    own.checks.append(&mut group.checks);
                    own.subjects.append(&mut group.subjects);
                }
                is_apart
            });
            own.checks.sort_unstable();
            groups.push(own);
        }
        groups.into_iter().map(|group| group.checks).collect()
    }

    /// Whether some row may pass all of these checks.
    fn can_pass(&self, checks: &[usize]) -> bool {
        let conditions = self.conditions_of(checks);
        !matches!(self.find(&conditions, |row| passes(row, &conditions)), Found::None)
    }

    fn conditions_of(&self, checks: &[usize]) -> Vec<&Expr> {
        checks.iter().map(|check| &self.conditions[*check]).collect()
    }

    /// Any row fails; the one shown fails the last check and passes the others, where one does.
    fn contradiction(&self, checks: &[usize], message: String) -> Conflict {
        let conditions = self.conditions_of(checks);
        let shown = self.find(&conditions, |row| {
            let (last, others) = conditions.split_last()?;
            Some(row.is_false(last)? && passes(row, others)?)
        });
        let witness = match shown {
            Found::Row(witness) => Some(witness),
            _ => None,
        };
        Conflict {
            kind: ConflictKind::ContradictoryChecks,
            certainty: Certainty::Shown,
            between: checks.iter().map(|check| self.checks[*check].name.clone()).collect(),
            field: None,
            message,
            witness,
        }
    }
}

/// Whether a row passes all of the checks; none when it cannot be told.
fn passes(row: &Row<'_>, checks: &[&Expr]) -> Option<bool> {
    let mut untold = false;
    for check in checks {
        match row.is_false(check) {
            Some(true) => return Some(false),
            Some(false) => {}
            None => untold = true,
        }
    }
    if untold { None } else { Some(true) }
}

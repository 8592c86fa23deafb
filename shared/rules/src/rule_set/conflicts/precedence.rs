//! Which rules go before which, and which of them has its way with a row.

use super::evaluate::Row;
use super::search::{Found, Search, both};

/// What a rule acts on.
pub(super) enum Target {
    Field(String),
    Reject,
}

impl Search<'_> {
    /// What a rule does, each thing it does on its own: a field it sets, a route, a rejection.
    pub(super) fn targets(&self, index: usize) -> Vec<Target> {
        let then = &self.set.rules[index].then;
        let mut targets: Vec<Target> = then.set.iter().map(|(field, _)| Target::Field(field.to_owned())).collect();
        if then.route.is_some() {
            targets.push(Target::Field(self.set.route_column.clone()));
        }
        if then.reject.is_some() {
            targets.push(Target::Reject);
        }
        targets
    }

    /// The rules that do the same before a rule, and those that reject the row.
    pub(super) fn earlier(&self, index: usize, target: &Target) -> Vec<usize> {
        let before = |other: usize| {
            let (rule, mine) = (&self.set.rules[other], &self.set.rules[index]);
            rule.priority > mine.priority || (rule.priority == mine.priority && other < index)
        };
        (0..self.set.rules.len())
            .filter(|other| *other != index)
            .filter(|other| {
                let then = &self.set.rules[*other].then;
                match target {
                    // A rejected row goes nowhere, whenever it is rejected.
                    Target::Field(_) if then.reject.is_some() => true,
                    Target::Field(field) => {
                        let routes = then.route.is_some() && *field == self.set.route_column;
                        before(*other) && (routes || then.set.iter().any(|(name, _)| name == field))
                    }
                    Target::Reject => then.reject.is_some() && before(*other),
                }
            })
            .collect()
    }

    pub(super) fn overlaps(&self, index: usize, other: usize) -> bool {
        let (one, other) = (&self.built.conditions[index], &self.built.conditions[other]);
        !matches!(self.find(&[one, other], |row| both(row.is_true(one), row.is_true(other))), Found::None)
    }

    /// Whether a rule is the one that sets a field of a row.
    pub(super) fn takes_effect(&self, row: &Row<'_>, rule: usize, field: &str) -> Option<bool> {
        if !row.is_true(&self.built.conditions[rule])? {
            return Some(false);
        }
        let mut untold = false;
        for other in self.earlier(rule, &Target::Field(field.to_owned())) {
            match row.is_true(&self.built.conditions[other]) {
                Some(true) => return Some(false),
                Some(false) => {}
                None => untold = true,
            }
        }
        if untold { None } else { Some(true) }
    }
}

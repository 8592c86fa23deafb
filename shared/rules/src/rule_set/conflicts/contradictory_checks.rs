//! Checks that no row passes together.

use super::search::{Found, Search};
use super::{Certainty, Conflict, ConflictKind};
use crate::plan::Expr;

impl Search<'_> {
    /// Checks that no row passes, alone or in pairs.
    pub(super) fn contradictory_checks(&self, found: &mut Vec<Conflict>) {
        for (index, one) in self.conditions.iter().enumerate() {
            let alone = self.find(&[one], |row| row.is_false(one).map(|fails| !fails));
            if matches!(alone, Found::None) {
                let message = format!("no row passes the check `{}`", self.checks[index].name);
                found.push(self.contradiction(vec![self.checks[index].name.clone()], &[one], message));
                continue;
            }
            for (offset, other) in self.conditions[index + 1..].iter().enumerate() {
                let both = self.find(&[one, other], |row| match (row.is_false(one), row.is_false(other)) {
                    (Some(true), _) | (_, Some(true)) => Some(false),
                    (Some(false), Some(false)) => Some(true),
                    _ => None,
                });
                let possible = self.find(&[other], |row| row.is_false(other).map(|fails| !fails));
                if matches!(both, Found::None) && !matches!(possible, Found::None) {
                    let names = vec![self.checks[index].name.clone(), self.checks[index + 1 + offset].name.clone()];
                    let message = format!("no row passes both checks `{}` and `{}`", names[0], names[1]);
                    found.push(self.contradiction(names, &[one, other], message));
                }
            }
        }
    }

    /// Any row fails; the one shown passes the first check where one does.
    fn contradiction(&self, between: Vec<String>, conditions: &[&Expr], message: String) -> Conflict {
        let last = conditions.last().copied();
        let shown = self.find(conditions, |row| {
            let fails = last.map_or(Some(true), |last| row.is_false(last))?;
            match conditions {
                [first, _] => Some(fails && !row.is_false(first)?),
                _ => Some(fails),
            }
        });
        let witness = match shown {
            Found::Row(witness) => Some(witness),
            _ => None,
        };
        Conflict {
            kind: ConflictKind::ContradictoryChecks,
            certainty: Certainty::Shown,
            between,
            field: None,
            message,
            witness,
        }
    }
}

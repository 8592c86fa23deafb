//! Rules that set what a check behind them always rejects.

use super::evaluate::Row;
use super::precedence::Target;
use super::search::{Found, Search, both};
use super::{Certainty, Conflict, ConflictKind};
use crate::plan::{Expr, Kind};

impl Search<'_> {
    /// A rule after which a check fails whatever the row.
    pub(super) fn cleanse_rejected(&self, found: &mut Vec<Conflict>) {
        for (rule, field, _) in &self.built.values {
            let condition = &self.built.conditions[*rule];
            for (check, name) in self.conditions.iter().zip(self.checks) {
                if !self.reads_field(check, field) {
                    continue;
                }
                let effective = |row: &Row<'_>| self.takes_effect(row, *rule, field);
                let mut looked: Vec<&Expr> = vec![condition, check];
                let earlier = self.earlier(*rule, &Target::Field(field.clone()));
                looked.extend(earlier.iter().map(|other| &self.built.conditions[*other]));
                let passes = self.find(&looked, |row| both(effective(row), row.is_false(check).map(|fails| !fails)));
                let Found::None = passes else { continue };
                let Found::Row(witness) = self.find(&looked, |row| both(effective(row), row.is_false(check))) else {
                    continue;
                };
                // A check that fails without the rule too is not the rule's doing.
                let otherwise = self.find(&[check], |row| row.is_false(check).map(|fails| !fails));
                if matches!(otherwise, Found::None) {
                    continue;
                }
                let rule = self.set.rules[*rule].name.clone();
                found.push(Conflict {
                    kind: ConflictKind::CleanseRejected,
                    certainty: Certainty::Shown,
                    message: format!(
                        "every row whose `{field}` the rule `{rule}` sets fails the check `{}`",
                        name.name
                    ),
                    between: vec![rule, name.name.clone()],
                    field: Some(field.clone()),
                    witness: Some(witness),
                });
            }
        }
    }

    fn reads_field(&self, check: &Expr, field: &str) -> bool {
        let value = self.built.scope.bindings.iter().find(|binding| binding.name == field);
        let Some(Kind::Let(wanted)) = value.and_then(|binding| binding.value.as_ref()).map(|value| &value.kind) else {
            return false;
        };
        let mut reads = false;
        crate::walk::each(check, &mut |expr| reads |= expr.kind == Kind::Let(*wanted));
        reads
    }
}

//! What the search cannot see through, so that it says so.

use super::search::Search;
use super::{Certainty, Conflict, ConflictKind};
use crate::plan::Expr;

impl Search<'_> {
    /// Conditions that cannot be seen through.
    pub(super) fn unseen(&self, found: &mut Vec<Conflict>) {
        let rules = self.set.rules.iter().map(|rule| ("rule", &rule.name)).zip(&self.built.conditions);
        let checks = self.checks.iter().map(|check| ("check", &check.name)).zip(self.conditions);
        if self.left.get() == 0 {
            found.push(Conflict {
                kind: ConflictKind::Unseen,
                certainty: Certainty::Unknown,
                between: Vec::new(),
                field: None,
                message: "the set is too large to be searched whole: more conflicts are not excluded".to_owned(),
                witness: None,
            });
        }
        for ((what, name), condition) in rules.chain(checks) {
            if self.sees(condition) {
                continue;
            }
            found.push(Conflict {
                kind: ConflictKind::Unseen,
                certainty: Certainty::Unknown,
                between: vec![name.clone()],
                field: None,
                message: format!(
                    "the condition of the {what} `{name}` holds more than comparisons of columns with constants: \
                     conflicts with it are not excluded"
                ),
                witness: None,
            });
        }
    }

    /// Whether each condition alone can be seen through.
    pub(super) fn all_seen(&self, conditions: &[&Expr]) -> bool {
        conditions.iter().all(|condition| self.sees(condition))
    }

    fn sees(&self, condition: &Expr) -> bool {
        let rows = self.rows(&[condition]);
        rows.complete && rows.transparent
    }
}

//! Rules that no row reaches.

use super::search::{Found, Search};
use super::{Certainty, Conflict, ConflictKind, Witness};
use crate::plan::Expr;

impl Search<'_> {
    /// A rule whose rows other rules always take before it.
    pub(super) fn never_fires(&self, found: &mut Vec<Conflict>) {
        for (index, rule) in self.set.rules.iter().enumerate() {
            let condition = &self.built.conditions[index];
            match self.find(&[condition], |row| row.is_true(condition)) {
                Found::Row(_) | Found::Maybe(_) => {}
                Found::None => {
                    found.push(self.never(
                        index,
                        Vec::new(),
                        None,
                        format!("`{}` never fires: no row fulfils its condition", rule.name),
                    ));
                    continue;
                }
            }
            if let Some(conflict) = self.covered(index) {
                found.push(conflict);
            }
        }
    }

    fn covered(&self, index: usize) -> Option<Conflict> {
        let rule = &self.set.rules[index];
        let condition = &self.built.conditions[index];
        let mut covering: Vec<usize> = Vec::new();
        for targets in self.targets(index) {
            let earlier = self.earlier(index, &targets);
            if earlier.is_empty() {
                return None;
            }
            let mut conditions: Vec<&Expr> = vec![condition];
            conditions.extend(earlier.iter().map(|other| &self.built.conditions[*other]));
            let escapes = self.find(&conditions, |row| {
                if !row.is_true(condition)? {
                    return Some(false);
                }
                let mut untold = false;
                for other in &earlier {
                    match row.is_true(&self.built.conditions[*other]) {
                        Some(true) => return Some(false),
                        Some(false) => {}
                        None => untold = true,
                    }
                }
                if untold { None } else { Some(true) }
            });
            match escapes {
                Found::None => {}
                Found::Maybe(_) if self.all_seen(&conditions) => return Some(self.perhaps_never(index)),
                _ => return None,
            }
            covering.extend(earlier);
        }
        covering.sort_unstable();
        covering.dedup();
        let covering: Vec<usize> = covering.into_iter().filter(|other| self.overlaps(index, *other)).collect();
        let witness = match self.find(&[condition], |row| row.is_true(condition)) {
            Found::Row(witness) => Some(witness),
            _ => None,
        };
        let names: Vec<String> = covering.iter().map(|other| self.set.rules[*other].name.clone()).collect();
        let message =
            format!("`{}` never fires: every row of it is taken before by `{}`", rule.name, names.join("`, `"));
        Some(self.never(index, names, witness, message))
    }

    /// Too many rows to tell.
    fn perhaps_never(&self, index: usize) -> Conflict {
        let name = &self.set.rules[index].name;
        let message = format!("whether `{name}` ever has an effect was not told: the rules before it compare too much");
        Conflict { certainty: Certainty::Unknown, ..self.never(index, Vec::new(), None, message) }
    }

    fn never(&self, index: usize, by: Vec<String>, witness: Option<Witness>, message: String) -> Conflict {
        let between = std::iter::once(self.set.rules[index].name.clone()).chain(by).collect();
        Conflict { kind: ConflictKind::NeverFires, certainty: Certainty::Shown, between, field: None, message, witness }
    }
}

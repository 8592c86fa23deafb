//! The search itself: each kind of conflict as a question about rows.

use std::cell::Cell;

use super::evaluate::Row;
use super::rows::{Rows, Subject};
use super::values::Val;
use super::{Certainty, Check, Conflict, ConflictKind, Witness};
use crate::plan::{Expr, Kind};
use crate::rule_set::RuleSet;
use crate::rule_set::build::Built;
use crate::value_type::Type;

/// Everything the questions are about.
pub(super) struct Search<'a> {
    pub(super) set: &'a RuleSet,
    pub(super) checks: &'a [Check],
    pub(super) built: &'a Built,
    pub(super) conditions: &'a [Expr],
    /// Rows that may still be tried.
    pub(super) left: Cell<u64>,
}

impl Search<'_> {
    pub(super) fn all(&self) -> Vec<Conflict> {
        let mut found = Vec::new();
        self.different_values(&mut found);
        self.never_fires(&mut found);
        self.contradictory_checks(&mut found);
        self.cleanse_rejected(&mut found);
        self.unseen(&mut found);
        found
    }

    /// Two rules of one priority that set a field of one row to different values.
    fn different_values(&self, found: &mut Vec<Conflict>) {
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

    /// A rule whose rows other rules always take before it.
    fn never_fires(&self, found: &mut Vec<Conflict>) {
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

    /// What a rule does, each thing it does on its own: a field it sets, a route, a rejection.
    fn targets(&self, index: usize) -> Vec<Target> {
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
    fn earlier(&self, index: usize, target: &Target) -> Vec<usize> {
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

    /// Whether each condition alone can be seen through.
    fn all_seen(&self, conditions: &[&Expr]) -> bool {
        conditions.iter().all(|condition| self.sees(condition))
    }

    /// Too many rows to tell.
    fn perhaps_never(&self, index: usize) -> Conflict {
        let name = &self.set.rules[index].name;
        let message = format!("whether `{name}` ever has an effect was not told: the rules before it compare too much");
        Conflict { certainty: Certainty::Unknown, ..self.never(index, Vec::new(), None, message) }
    }

    fn overlaps(&self, index: usize, other: usize) -> bool {
        let (one, other) = (&self.built.conditions[index], &self.built.conditions[other]);
        !matches!(self.find(&[one, other], |row| both(row.is_true(one), row.is_true(other))), Found::None)
    }

    fn never(&self, index: usize, by: Vec<String>, witness: Option<Witness>, message: String) -> Conflict {
        let between = std::iter::once(self.set.rules[index].name.clone()).chain(by).collect();
        Conflict { kind: ConflictKind::NeverFires, certainty: Certainty::Shown, between, field: None, message, witness }
    }

    /// Checks that no row passes, alone or in pairs.
    fn contradictory_checks(&self, found: &mut Vec<Conflict>) {
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

    /// A rule after which a check fails whatever the row.
    fn cleanse_rejected(&self, found: &mut Vec<Conflict>) {
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

    /// Whether a rule is the one that sets a field of a row.
    fn takes_effect(&self, row: &Row<'_>, rule: usize, field: &str) -> Option<bool> {
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

    fn reads_field(&self, check: &Expr, field: &str) -> bool {
        let value = self.built.scope.bindings.iter().find(|binding| binding.name == field);
        let Some(Kind::Let(wanted)) = value.and_then(|binding| binding.value.as_ref()).map(|value| &value.kind) else {
            return false;
        };
        let mut reads = false;
        crate::walk::each(check, &mut |expr| reads |= expr.kind == Kind::Let(*wanted));
        reads
    }

    /// Conditions that cannot be seen through.
    fn unseen(&self, found: &mut Vec<Conflict>) {
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

    fn sees(&self, condition: &Expr) -> bool {
        let rows = self.rows(&[condition]);
        rows.complete && rows.transparent
    }

    fn rows(&self, conditions: &[&Expr]) -> Rows {
        Rows::of(conditions, &self.built.plan.lets, &self.built.plan.input)
    }

    /// Looks for a row for which a question is answered with yes.
    fn find(&self, conditions: &[&Expr], question: impl Fn(&Row<'_>) -> Option<bool>) -> Found {
        let rows = self.rows(conditions);
        let (mut yes, mut maybe) = (None, None);
        let whole = rows.each(&self.left, |columns, clock| {
            let row = Row::new(columns, clock, &self.built.plan.lets);
            match question(&row) {
                Some(true) => yes = Some(self.witness(&rows, columns, clock)),
                Some(false) => {}
                None if maybe.is_none() => maybe = Some(self.witness(&rows, columns, clock)),
                None => {}
            }
            yes.is_some()
        });
        match (yes, maybe, rows.complete && whole) {
            (Some(witness), ..) => Found::Row(witness),
            (None, None, true) => Found::None,
            (None, maybe, _) => Found::Maybe(maybe),
        }
    }

    fn witness(&self, rows: &Rows, columns: &[Val], clock: i64) -> Witness {
        let input = &self.built.plan.input;
        let mut witness = Witness { columns: Vec::new(), at: None };
        for subject in rows.subjects() {
            match subject {
                Subject::Clock => witness.at = Val::Int(clock).shown(Type::Timestamp { zoned: true }),
                Subject::Column(index) => {
                    if let (Some(column), Some(value)) = (input.get(index), columns.get(index)) {
                        let ty = Type::of_column(column.column_type).unwrap_or(Type::Text);
                        witness.columns.push((column.name.clone(), value.shown(ty)));
                    }
                }
            }
        }
        witness
    }
}

/// What a rule acts on.
enum Target {
    Field(String),
    Reject,
}

/// What a search came to.
enum Found {
    /// A row for which it is so.
    Row(Witness),
    /// It could not be told: perhaps for this row.
    Maybe(Option<Witness>),
    /// There is no such row.
    None,
}

/// Whether two values are the same expression, wherever they are written.
fn same(one: &Expr, other: &Expr) -> bool {
    one == other
}

/// Whether both are so, told as soon as one is not.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn differs(left: &Val, right: &Val) -> Option<bool> {
    match (left, right) {
        (Val::Null, Val::Null) => Some(false),
        (Val::Null, _) | (_, Val::Null) => Some(true),
        (left, right) => left.compare(right).map(|order| order != std::cmp::Ordering::Equal),
    }
}

//! The search itself: questions about rows, which each kind of conflict asks in its own way.

use std::cell::Cell;

use super::evaluate::Row;
use super::rows::{Rows, Subject};
use super::values::Val;
use super::{Check, Conflict, Witness};
use crate::plan::Expr;
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
        found.append(&mut self.of_checks());
        self.unseen(&mut found);
        found
    }

    pub(super) fn of_checks(&self) -> Vec<Conflict> {
        let mut found = Vec::new();
        self.contradictory_checks(&mut found);
        self.cleanse_rejected(&mut found);
        found
    }

    pub(super) fn rows(&self, conditions: &[&Expr]) -> Rows {
        Rows::of(conditions, &self.built.plan.lets, &self.built.plan.input)
    }

    /// Looks for a row for which a question is answered with yes.
    pub(super) fn find(&self, conditions: &[&Expr], question: impl Fn(&Row<'_>) -> Option<bool>) -> Found {
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

/// What a search came to.
pub(super) enum Found {
    /// A row for which it is so.
    Row(Witness),
    /// It could not be told: perhaps for this row.
    Maybe(Option<Witness>),
    /// There is no such row.
    None,
}

/// Whether both are so, told as soon as one is not.
pub(super) fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

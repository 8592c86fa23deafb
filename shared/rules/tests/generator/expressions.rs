//! Expressions made by chance, typed as they go, each written twice: as a rule has it and as
//! PostgreSQL is asked.
//!
//! Both are the same but where types are held differently on purpose: PostgreSQL is told to
//! compute integers in 64 bits and to see constants as variables, so that it does not compute
//! them, and fail, before a row is there.

use fastrand::Rng;

use super::choices::{one, quoted, word};
use super::spellings::Expression;

/// Makes expressions over [`super::COLUMNS`].
pub(crate) struct Generator {
    pub(super) chance: Rng,
    /// The constants of the expression being made: PostgreSQL's type and literal.
    constants: Vec<(&'static str, String)>,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { chance: Rng::with_seed(seed), constants: Vec::new() }
    }

    /// An expression of any type, and PostgreSQL's declarations of its constants.
    pub(crate) fn expression(&mut self) -> (Expression, String) {
        self.constants.clear();
        let depth = self.chance.usize(1..4);
        let made = match self.chance.usize(0..14) {
            0..3 => self.text(depth),
            3 => self.whole(depth),
            4 => self.exact(depth),
            5 => self.double(depth),
            6 | 7 => self.truth(depth),
            8 => self.date(depth),
            9 => self.local(depth),
            10 => self.moment(depth),
            11 => self.time(depth),
            12 => self.rest(depth),
            _ => self.rough(depth),
        };
        let declared = self.constants.iter().enumerate();
        let declared = declared.map(|(place, (sql_type, literal))| format!("l{place} {sql_type} := {literal};\n"));
        (made, declared.collect())
    }

    pub(super) fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        one(&mut self.chance, choices)
    }

    pub(super) fn column(&self, name: &str) -> Expression {
        Expression { ours: name.to_owned(), theirs: format!("r.{name}"), rough: false }
    }

    pub(super) fn constant(&mut self, sql_type: &'static str, literal: &str) -> Expression {
        self.constants.push((sql_type, literal.to_owned()));
        let ours = if literal.starts_with('-') { format!("({literal})") } else { literal.to_owned() };
        Expression { ours, theirs: format!("l{}", self.constants.len() - 1), rough: false }
    }

    pub(super) fn text_constant(&mut self) -> Expression {
        let word = word(&mut self.chance);
        self.constant("text", &quoted(&word))
    }
}

//! Expressions of bytes, JSON, and the types that have little of their own.

use super::expressions::Generator;
use super::spellings::{Expression, same};

impl Generator {
    /// JSON, uuids and numbers of any size.
    pub(super) fn rest(&mut self, depth: usize) -> Expression {
        match self.chance.u8(0..6) {
            0 | 1 => self.json(depth),
            2 => same("cast({} as uuid)", &[self.column("note")]),
            3 => same("coalesce({}, {})", &[self.column("uid"), self.column("uid")]),
            4 => {
                let column = self.pick(&["note", "loose", "rate", "ratio", "amount", "price", "num", "small"]);
                same("cast({} as numeric)", &[self.column(column)])
            }
            _ => self.bytes(depth),
        }
    }

    pub(super) fn bytes(&mut self, depth: usize) -> Expression {
        if depth == 0 || self.chance.bool() {
            return self.column("raw");
        }
        match self.chance.u8(0..3) {
            0 => same("decode({}, 'hex')", &[self.text(depth - 1)]),
            1 => same("decode({}, 'base64')", &[self.text(depth - 1)]),
            _ => same("({} || {})", &[self.bytes(depth - 1), self.column("raw")]),
        }
    }

    pub(super) fn json(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return self.column("doc");
        }
        match self.chance.u8(0..3) {
            0 => self.column("doc"),
            1 => same("cast({} as json)", &[self.text(depth - 1)]),
            _ => same("({} -> {})", &[self.json(depth - 1), self.key()]),
        }
    }

    /// A key of a JSON object, or a place in an array.
    pub(super) fn key(&mut self) -> Expression {
        let key = self.pick(&["'a'", "'b'", "''", "'ab'", "'c'", "0", "1", "-1", "5", "-9"]);
        Expression { ours: key.to_owned(), theirs: key.to_owned(), rough: false }
    }
}

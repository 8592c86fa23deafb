//! Expressions that are true, false or unknown.

use super::choices::quoted;
use super::expressions::Generator;
use super::spellings::{Expression, same};

impl Generator {
    pub(super) fn truth(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return self.column("flag");
        }
        let d = depth - 1;
        match self.chance.usize(0..24) {
            0 | 1 => same("({} and {})", &[self.truth(d), self.truth(d)]),
            2 | 3 => same("({} or {})", &[self.truth(d), self.truth(d)]),
            4 => same("(not {})", &[self.truth(d)]),
            5..9 => {
                let op = self.pick(&["=", "<>", "<", "<=", ">", ">="]);
                let (left, right) = self.pair(d);
                same(&format!("({{}} {op} {{}})"), &[left, right])
            }
            9 => {
                let form = self.pick(&["is distinct from", "is not distinct from"]);
                let (left, right) = self.pair(d);
                same(&format!("({{}} {form} {{}})"), &[left, right])
            }
            10 | 11 => {
                let form = self.pick(&["is null", "is not null"]);
                let value = if self.chance.bool() { self.printable(d) } else { self.exact(d) };
                same(&format!("({{}} {form})"), &[value])
            }
            12 => {
                let form =
                    self.pick(&["is true", "is not true", "is false", "is not false", "is unknown", "is not unknown"]);
                same(&format!("({{}} {form})"), &[self.truth(d)])
            }
            13 => {
                let form = self.pick(&["in", "not in"]);
                let (value, first) = self.pair(d);
                let second = if value.ours == "flag" { self.truth(0) } else { first.clone() };
                same(&format!("({{}} {form} ({{}}, {{}}))"), &[value, first, second])
            }
            14 => {
                let form = self.pick(&["in", "not in"]);
                same(
                    &format!("({{}} {form} ({{}}, {{}}, {{}}))"),
                    &[self.text(d), self.text(0), self.text(0), self.text(0)],
                )
            }
            15 => {
                let form = self.pick(&["between", "not between", "between symmetric"]);
                same(&format!("({{}} {form} {{}} and {{}})"), &[self.exact(d), self.exact(0), self.exact(0)])
            }
            16..19 => {
                let form = self.pick(&["like", "not like", "ilike", "not ilike"]);
                let pattern = self.like_pattern();
                same(&format!("({{}} {form} {pattern})"), &[self.text(d)])
            }
            19 => {
                let op = self.pick(&["~", "!~", "~*", "!~*"]);
                let pattern = self.pick(&["[a-z]+", "^ *$", "(a|b){2}", "^[0-9]+([.][0-9]+)?$", "É", "^.$"]);
                same(&format!("({{}} {op} '{pattern}')"), &[self.text(d)])
            }
            20 => same("starts_with({}, {})", &[self.text(d), self.text(0)]),
            21 => same("cast({} as boolean)", &[self.text(d)]),
            22 => same("case when {} then {} else {} end", &[self.truth(d), self.truth(d), self.truth(0)]),
            _ => same("coalesce({}, {})", &[self.truth(d), self.truth(0)]),
        }
    }

    fn like_pattern(&mut self) -> String {
        let parts = (0..self.chance.usize(0..6))
            .map(|_| self.pick(&["%", "%", "_", "a", "b", "ab", "\\%", "\\_", "É", "ß", "c", " "]));
        quoted(&parts.collect::<String>())
    }

    /// Two values that can be compared.
    fn pair(&mut self, depth: usize) -> (Expression, Expression) {
        match self.chance.u8(0..12) {
            0 => (self.whole(depth), self.whole(depth)),
            1 => (self.exact(depth), self.exact(depth)),
            2 => (self.exact(depth), self.whole(depth)),
            3 => (self.double(depth), self.double(depth)),
            4 => (self.double(depth), self.exact(0)),
            5 => (self.text(depth), self.text(depth)),
            6 => (self.date(depth), self.date(depth)),
            7 => (self.local(depth), self.date(depth)),
            8 => (self.moment(depth), self.moment(depth)),
            9 => (self.interval(depth), self.interval(depth)),
            10 => (self.time(depth), self.time(depth)),
            _ => (self.truth(depth), self.truth(depth)),
        }
    }
}

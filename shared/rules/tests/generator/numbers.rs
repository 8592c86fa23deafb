//! Expressions of numbers: whole, exact and double.

use super::choices::one;
use super::expressions::Generator;
use super::spellings::{Expression, both, same, wide};

impl Generator {
    pub(super) fn whole(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            if self.chance.u8(0..5) == 0 {
                let number = self.pick(&["0", "1", "-1", "2", "7", "1000000", "9223372036854775807"]);
                return self.constant("bigint", number);
            }
            let column = self.pick(&["id", "small", "count", "num", "num"]);
            return Expression { ours: column.to_owned(), theirs: format!("r.{column}::bigint"), rough: false };
        }
        let d = depth - 1;
        match self.chance.usize(0..13) {
            0..3 => {
                let op = self.pick(&["+", "-", "*", "/", "%"]);
                same(&format!("({{}} {op} {{}})"), &[self.whole(d), self.whole(d)])
            }
            3 => {
                let function = self.pick(&["abs({})", "(- {})"]);
                same(function, &[self.whole(d)])
            }
            4 => {
                let function = self.pick(&["length", "char_length", "octet_length"]);
                wide(&format!("{function}({{}})"), &[self.text(d)])
            }
            5 => wide("octet_length({})", &[self.bytes(d)]),
            6 => {
                let form = self.pick(&["position({} in {})", "strpos({}, {})"]);
                wide(form, &[self.text(d), self.text(0)])
            }
            7..10 => {
                let to = self.pick(&["smallint", "integer", "bigint"]);
                let value = self.castable(d);
                wide(&format!("cast({{}} as {to})"), &[value])
            }
            10 => wide("({} - {})", &[self.date(d), self.date(d)]),
            11 => same("coalesce({}, {})", &[self.whole(d), self.whole(d)]),
            _ => same("case when {} then {} else {} end", &[self.truth(d), self.whole(d), self.whole(d)]),
        }
    }

    pub(super) fn exact(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            if self.chance.u8(0..5) == 0 {
                let number = self.pick(&["0.00", "1.50", "-2.345", "0.005", "123456789012345678.5", "10.0"]);
                return self.constant("numeric", number);
            }
            let column = self.pick(&["amount", "price", "big"]);
            return self.column(column);
        }
        let d = depth - 1;
        match self.chance.usize(0..16) {
            0..3 => {
                let op = self.pick(&["+", "-", "%"]);
                same(&format!("({{}} {op} {{}})"), &[self.exact(d), self.exact(d)])
            }
            3 | 4 => same("({} * {})", &[self.exact(0), self.exact(0)]),
            5 => {
                let op = self.pick(&["+", "-", "*"]);
                same(&format!("({{}} {op} {{}})"), &[self.exact(0), self.whole(0)])
            }
            6 => {
                let places = self.chance.i32(-12..7);
                let function = self.pick(&["round", "trunc"]);
                same(&format!("{function}({{}}, {places})"), &[self.exact(d)])
            }
            7 => {
                let function = self.pick(&["floor", "ceil", "trunc", "round", "abs", "sign", "- "]);
                same(&format!("({function}({{}}))"), &[self.exact(d)])
            }
            8..11 => {
                let to = self.pick(&["decimal(12,2)", "numeric(5,0)", "decimal(38,10)", "decimal(20,15)"]);
                let value = self.castable(d);
                same(&format!("cast({{}} as {to})"), &[value])
            }
            11 => {
                let function = self.pick(&["greatest", "least", "coalesce"]);
                same(&format!("{function}({{}}, {{}})"), &[self.exact(d), self.exact(d)])
            }
            12 => same("nullif({}, {})", &[self.exact(d), self.exact(0)]),
            13 => same("case when {} then {} else {} end", &[self.truth(d), self.exact(d), self.exact(0)]),
            _ => self.part(d),
        }
    }

    pub(super) fn double(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return match self.chance.u8(0..5) {
                0 => self.constant("double precision", "1.5::double precision"),
                1 => same("cast({} as double precision)", &[self.column("ratio")]),
                _ => self.column("rate"),
            };
        }
        let d = depth - 1;
        match self.chance.usize(0..12) {
            0..3 => {
                let op = self.pick(&["+", "-", "*", "/"]);
                same(&format!("({{}} {op} {{}})"), &[self.double(d), self.double(d)])
            }
            3 => {
                let op = self.pick(&["+", "-", "*"]);
                let other = if self.chance.bool() { self.whole(0) } else { self.exact(0) };
                same(&format!("({{}} {op} {{}})"), &[self.double(d), other])
            }
            4 | 5 => {
                let function = self.pick(&["floor", "ceil", "trunc", "round", "abs", "sign", "- ", "sqrt"]);
                same(&format!("({function}({{}}))"), &[self.double(d)])
            }
            6..9 => {
                let to = self.pick(&["double precision", "real"]);
                let value = self.castable(d);
                // What comes of a `real` is computed in 64 bits.
                both(
                    &format!("cast(cast({{}} as {to}) as double precision)"),
                    &format!("cast(cast({{}} as {to}) as double precision)"),
                    &[value],
                )
            }
            9 => {
                let function = self.pick(&["greatest", "least", "coalesce", "nullif"]);
                same(&format!("{function}({{}}, {{}})"), &[self.double(d), self.double(d)])
            }
            10 => same("case when {} then {} else {} end", &[self.truth(d), self.double(d), self.double(0)]),
            _ => {
                let unit = self.pick(&["hour", "year", "doy"]);
                same(&format!("date_part('{unit}', {{}})"), &[self.local(d)])
            }
        }
    }

    /// What may differ in the last digits, and so is only made last.
    pub(super) fn rough(&mut self, depth: usize) -> Expression {
        let d = depth - 1;
        let made = match self.chance.u8(0..5) {
            0 | 1 => same("({} / {})", &[self.exact(d), self.exact(d)]),
            2 => same("power({}, {})", &[self.double(d), self.double(0)]),
            3 => same("({} / {})", &[self.exact(d), self.whole(0)]),
            _ => {
                let function = self.pick(&["exp", "ln", "sqrt"]);
                same(&format!("{function}({{}})"), &[self.double(d)])
            }
        };
        Expression { rough: true, ..made }
    }

    /// A part of a date, a time or an interval.
    fn part(&mut self, depth: usize) -> Expression {
        const OF_DATES: &[&str] = &[
            "day",
            "week",
            "month",
            "quarter",
            "year",
            "isoyear",
            "decade",
            "century",
            "millennium",
            "dow",
            "isodow",
            "doy",
            "epoch",
        ];
        const OF_TIMES: &[&str] = &["microseconds", "milliseconds", "second", "minute", "hour", "epoch"];
        const OF_INTERVALS: &[&str] = &[
            "microseconds",
            "milliseconds",
            "second",
            "minute",
            "hour",
            "day",
            "month",
            "quarter",
            "year",
            "decade",
            "century",
            "millennium",
            "epoch",
        ];
        let (units, value) = match self.chance.u8(0..5) {
            0 => (OF_DATES, self.date(depth)),
            1 => (OF_TIMES, self.time(depth)),
            2 => (OF_INTERVALS, self.interval(depth)),
            3 => (if self.chance.bool() { OF_DATES } else { OF_TIMES }, self.local(depth)),
            _ => (if self.chance.bool() { OF_DATES } else { OF_TIMES }, self.moment(depth)),
        };
        let unit = one(&mut self.chance, units);
        same(&format!("extract({unit} from {{}})"), &[value])
    }

    /// What can be cast to a number.
    fn castable(&mut self, depth: usize) -> Expression {
        match self.chance.u8(0..8) {
            0 => self.whole(depth),
            1 => self.exact(depth),
            2 => self.double(depth),
            3 => self.column("ratio"),
            4 => self.column("loose"),
            5 => self.text(depth),
            _ => self.column("note"),
        }
    }

    /// A number PostgreSQL's functions of `integer` take as it is.
    pub(super) fn tiny(&mut self) -> Expression {
        if self.chance.bool() {
            return self.column("small");
        }
        let number = self.pick(&["0", "1", "2", "3", "-1", "-2", "5", "100", "2147483647", "-2147483647"]);
        self.constant("integer", number)
    }

    /// A length that makes no long text.
    pub(super) fn length(&mut self) -> Expression {
        let number = self.pick(&["0", "1", "2", "3", "-1", "7", "20"]);
        self.constant("integer", number)
    }
}

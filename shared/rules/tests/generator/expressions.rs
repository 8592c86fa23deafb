//! Expressions made by chance, typed as they go, each written twice: as a rule has it and as
//! PostgreSQL is asked.
//!
//! Both are the same but where types are held differently on purpose: PostgreSQL is told to
//! compute integers in 64 bits and to see constants as variables, so that it does not compute
//! them, and fail, before a row is there.

use fastrand::Rng;

use super::choices::{one, quoted, word};

/// An expression in both spellings.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    /// In a rule.
    pub(crate) ours: String,
    /// In PL/pgSQL, over a row `r` and the generator's constants.
    pub(crate) theirs: String,
    /// Whether results may differ in the last digits: division of decimals, powers.
    pub(crate) rough: bool,
}

/// Makes expressions over [`super::COLUMNS`].
pub(crate) struct Generator {
    chance: Rng,
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

    // ---- putting together ------------------------------------------------

    fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        one(&mut self.chance, choices)
    }

    fn column(&self, name: &str) -> Expression {
        Expression { ours: name.to_owned(), theirs: format!("r.{name}"), rough: false }
    }

    fn constant(&mut self, sql_type: &'static str, literal: &str) -> Expression {
        self.constants.push((sql_type, literal.to_owned()));
        let ours = if literal.starts_with('-') { format!("({literal})") } else { literal.to_owned() };
        Expression { ours, theirs: format!("l{}", self.constants.len() - 1), rough: false }
    }

    fn text_constant(&mut self) -> Expression {
        let word = word(&mut self.chance);
        self.constant("text", &quoted(&word))
    }

    // ---- texts -----------------------------------------------------------

    fn text(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return match self.chance.u8(0..8) {
                0 => self.text_constant(),
                1 | 2 => self.column("note"),
                3 => self.column("stamp"),
                _ => self.column("name"),
            };
        }
        let d = depth - 1;
        match self.chance.usize(0..33) {
            32 => {
                let side = self.pick(&["", "both", "leading", "trailing"]);
                match self.chance.u8(0..3) {
                    0 => same(&format!("trim({side} from {{}})"), &[self.text(d)]),
                    1 => same(&format!("trim({side} {{}} from {{}})"), &[self.text_constant(), self.text(d)]),
                    _ => same(&format!("trim({side} {{}}, {{}})"), &[self.text(d), self.text_constant()]),
                }
            }
            0 => {
                let function = self.pick(&["trim", "btrim", "ltrim", "rtrim"]);
                same(&format!("{function}({{}})"), &[self.text(d)])
            }
            1 => {
                let function = self.pick(&["btrim", "ltrim", "rtrim"]);
                same(&format!("{function}({{}}, {{}})"), &[self.text(d), self.text_constant()])
            }
            2..5 => {
                let function = self.pick(&["lower", "upper", "initcap", "reverse"]);
                same(&format!("{function}({{}})"), &[self.text(d)])
            }
            5 => same("substr({}, {})", &[self.text(d), self.tiny()]),
            6 => same("substring({} from {} for {})", &[self.text(d), self.tiny(), self.tiny()]),
            7 => {
                let function = self.pick(&["left", "right"]);
                same(&format!("{function}({{}}, {{}})"), &[self.text(d), self.tiny()])
            }
            8 => same("replace({}, {}, {})", &[self.text(d), self.text(0), self.text_constant()]),
            9 => same("translate({}, {}, {})", &[self.text(d), self.text(0), self.text_constant()]),
            10 => {
                let delimiter = self.pick(&["','", "'a'", "'ab'", "' '", "''", "'-'"]);
                let delimiter = self.constant("text", delimiter);
                same("split_part({}, {}, {})", &[self.text(d), delimiter, self.tiny()])
            }
            11 => same("({} || {})", &[self.text(d), self.text(d)]),
            12 => same("concat({}, {}, {})", &[self.text(d), self.written(d), self.text(0)]),
            13 => same("concat_ws({}, {}, {})", &[self.text(0), self.written(d), self.text(d)]),
            14 => {
                let function = self.pick(&["lpad", "rpad"]);
                let length = self.length();
                same(&format!("{function}({{}}, {{}}, {{}})"), &[self.text(d), length, self.text(0)])
            }
            15 => {
                let function = self.pick(&["lpad", "rpad", "repeat"]);
                let length = self.length();
                same(&format!("{function}({{}}, {{}})"), &[self.text(d), length])
            }
            16 => same("coalesce({}, {})", &[self.text(d), self.text(d)]),
            17 => same("nullif({}, {})", &[self.text(d), self.text(d)]),
            18 => same("case when {} then {} else {} end", &[self.truth(d), self.text(d), self.text(d)]),
            19 => same("case {} when {} then {} end", &[self.text(d), self.text(0), self.text(d)]),
            20 => {
                let function = self.pick(&["greatest", "least"]);
                same(&format!("{function}({{}}, {{}}, {{}})"), &[self.text(d), self.text(d), self.text(0)])
            }
            21..24 => {
                let value = self.printable(d);
                same("cast({} as text)", &[value])
            }
            24 => {
                let format = self.pick(&[
                    "YYYY-MM-DD HH24:MI:SS.US",
                    "DD.MM.YY HH12:MI AM",
                    "FMMonth DD, YYYY",
                    "Dy, DD Mon YYYY MS",
                    "FMDay DDD pm",
                    "YYYYMMDD",
                ]);
                let moment = if self.chance.bool() { self.moment(d) } else { self.local(d) };
                same(&format!("to_char({{}}, '{format}')"), &[moment])
            }
            25 => same("md5({})", &[self.text(d)]),
            26 => both("encode(sha256({}), 'hex')", "encode(sha256(convert_to({}, 'UTF8')), 'hex')", &[self.text(d)]),
            27 => {
                let encoding = self.pick(&["hex", "base64"]);
                same(&format!("encode({{}}, '{encoding}')"), &[self.bytes(d)])
            }
            28 => {
                let column = self.pick(&["num", "count"]);
                same("to_hex({})", &[self.column(column)])
            }
            29 => same("({} ->> {})", &[self.json(d), self.key()]),
            30 => same("json_typeof({})", &[self.json(d)]),
            _ => self.by_pattern(d),
        }
    }

    /// By a regular expression that means the same on both sides.
    fn by_pattern(&mut self, depth: usize) -> Expression {
        let text = self.text(depth);
        let pattern = self.pick(&["[a-z]+", "^ +", "(a)(b)?", "[0-9]+", "x$", "b+", "é|ü"]);
        match self.chance.u8(0..3) {
            0 => {
                let flags = self.pick(&["", "g"]);
                let with = self.pick(&["'<\\1>'", "'[\\&]'", "''", "'\\\\'"]);
                same(&format!("regexp_replace({{}}, '{pattern}', {with}, '{flags}')"), &[text])
            }
            1 => same(&format!("(regexp_match({{}}, '({pattern})'))[1]"), &[text]),
            _ => same(&format!("regexp_substr({{}}, '{pattern}')"), &[text]),
        }
    }

    /// What has the same text when it is cast: not decimals of computed scales.
    fn printable(&mut self, depth: usize) -> Expression {
        if self.chance.u8(0..12) == 0 { self.truth(depth) } else { self.written(depth) }
    }

    /// What has the same text in `concat`: no booleans.
    fn written(&mut self, depth: usize) -> Expression {
        match self.chance.u8(0..12) {
            0 => self.whole(depth),
            1 => {
                let column = self.pick(&["amount", "price", "big"]);
                self.column(column)
            }
            2 => self.double(depth),
            3 => self.column("ratio"),
            4 => self.date(depth),
            5 => self.time(depth),
            6 => self.local(depth),
            7 => self.moment(depth),
            8 => self.json(depth),
            9 => self.column("uid"),
            10 => self.column("loose"),
            _ => self.text(depth),
        }
    }

    fn bytes(&mut self, depth: usize) -> Expression {
        if depth == 0 || self.chance.bool() {
            return self.column("raw");
        }
        match self.chance.u8(0..3) {
            0 => same("decode({}, 'hex')", &[self.text(depth - 1)]),
            1 => same("decode({}, 'base64')", &[self.text(depth - 1)]),
            _ => same("({} || {})", &[self.bytes(depth - 1), self.column("raw")]),
        }
    }

    fn json(&mut self, depth: usize) -> Expression {
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
    fn key(&mut self) -> Expression {
        let key = self.pick(&["'a'", "'b'", "''", "'ab'", "'c'", "0", "1", "-1", "5", "-9"]);
        Expression { ours: key.to_owned(), theirs: key.to_owned(), rough: false }
    }

    // ---- numbers ---------------------------------------------------------

    /// A number PostgreSQL's functions of `integer` take as it is.
    fn tiny(&mut self) -> Expression {
        if self.chance.bool() {
            return self.column("small");
        }
        let number = self.pick(&["0", "1", "2", "3", "-1", "-2", "5", "100", "2147483647", "-2147483647"]);
        self.constant("integer", number)
    }

    /// What multiplies an interval and leaves it one that has an opposite.
    fn factor(&mut self) -> Expression {
        if self.chance.bool() {
            return self.column("small");
        }
        let number = self.pick(&["0", "1", "-1", "7", "-1000000", "2147483647"]);
        self.constant("integer", number)
    }

    /// What scales an interval and leaves it one that has an opposite.
    fn share(&mut self) -> Expression {
        let number = self.pick(&["0.5", "1.5", "-0.1", "0.333333", "7.25", "0.001", "-1e3", "1234567.891", "0.0"]);
        self.constant("double precision", number)
    }

    /// A length that makes no long text.
    fn length(&mut self) -> Expression {
        let number = self.pick(&["0", "1", "2", "3", "-1", "7", "20"]);
        self.constant("integer", number)
    }

    fn whole(&mut self, depth: usize) -> Expression {
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

    fn exact(&mut self, depth: usize) -> Expression {
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

    fn double(&mut self, depth: usize) -> Expression {
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
    fn rough(&mut self, depth: usize) -> Expression {
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

    // ---- truths ----------------------------------------------------------

    fn truth(&mut self, depth: usize) -> Expression {
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

    // ---- dates and times -------------------------------------------------

    fn date(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return self.column("day");
        }
        let d = depth - 1;
        match self.chance.u8(0..9) {
            0 => {
                let op = self.pick(&["+", "-"]);
                same(&format!("({{}} {op} {{}})"), &[self.date(d), self.tiny()])
            }
            1 => same("cast({} as date)", &[self.local(d)]),
            2 => same("cast({} as date)", &[self.moment(d)]),
            3 => {
                let format = self.pick(DATE_FORMATS);
                same(&format!("to_date({{}}, '{format}')"), &[self.column("odd")])
            }
            4 => same("make_date({}, {}, {})", &[self.tiny(), self.tiny(), self.tiny()]),
            5 | 6 => same("cast({} as date)", &[self.column("stamp")]),
            7 => {
                let function = self.pick(&["greatest", "least", "coalesce", "nullif"]);
                same(&format!("{function}({{}}, {{}})"), &[self.date(d), self.date(d)])
            }
            _ => self.column("day"),
        }
    }

    fn time(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return self.column("clock");
        }
        let d = depth - 1;
        match self.chance.u8(0..6) {
            0 => same("cast({} as time)", &[self.local(d)]),
            1 => same("cast({} as time)", &[self.moment(d)]),
            2 => same("cast({} as time)", &[self.column("stamp")]),
            3 => {
                let op = self.pick(&["+", "-"]);
                same(&format!("({{}} {op} {{}})"), &[self.time(d), self.interval(d)])
            }
            4 => same("make_time({}, {}, {})", &[self.tiny(), self.tiny(), self.double(d)]),
            _ => self.column("clock"),
        }
    }

    fn local(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return self.column("local");
        }
        let d = depth - 1;
        match self.chance.u8(0..10) {
            0 => {
                let unit = self.unit();
                same(&format!("date_trunc('{unit}', {{}})"), &[self.local(d)])
            }
            1 | 2 => {
                let op = self.pick(&["+", "-"]);
                same(&format!("({{}} {op} {{}})"), &[self.local(d), self.interval(d)])
            }
            3 | 4 => {
                let zone = self.pick(ZONES);
                same(&format!("({{}} at time zone '{zone}')"), &[self.moment(d)])
            }
            5 => same("cast({} as timestamp)", &[self.column("stamp")]),
            6 => same("cast({} as timestamp)", &[self.date(d)]),
            7 => same("cast({} as timestamp)", &[self.moment(d)]),
            8 => same(
                "make_timestamp({}, {}, {}, {}, {}, {})",
                &[self.tiny(), self.tiny(), self.tiny(), self.tiny(), self.tiny(), self.double(d)],
            ),
            _ => same("({} + {})", &[self.date(d), self.interval(d)]),
        }
    }

    fn moment(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return self.column("at");
        }
        let d = depth - 1;
        match self.chance.u8(0..9) {
            0 => {
                let unit = self.unit();
                same(&format!("date_trunc('{unit}', {{}})"), &[self.moment(d)])
            }
            1 => {
                let op = self.pick(&["+", "-"]);
                same(&format!("({{}} {op} {{}})"), &[self.moment(d), self.interval(d)])
            }
            2 | 3 => {
                let zone = self.pick(ZONES);
                same(&format!("({{}} at time zone '{zone}')"), &[self.local(d)])
            }
            4 => same("cast({} as timestamptz)", &[self.column("stamp")]),
            5 => same("cast({} as timestamptz)", &[self.local(d)]),
            6 => same("to_timestamp({})", &[self.double(d)]),
            _ => {
                let format = self.pick(DATE_FORMATS);
                same(&format!("to_timestamp({{}}, '{format}')"), &[self.column("odd")])
            }
        }
    }

    fn unit(&mut self) -> &'static str {
        self.pick(&[
            "microseconds",
            "milliseconds",
            "second",
            "minute",
            "hour",
            "day",
            "week",
            "month",
            "quarter",
            "year",
            "decade",
            "century",
            "millennium",
        ])
    }

    fn interval(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            let interval = self.pick(&[
                "interval '1 day'",
                "interval '-1 month 02:03:04.5'",
                "interval '0'",
                "interval '13 months -40 days'",
                "interval '1000 hours'",
                "interval '100 years'",
                "interval '-0.000001 seconds'",
            ]);
            return self.constant("interval", interval);
        }
        let d = depth - 1;
        match self.chance.u8(0..9) {
            0 => {
                let op = self.pick(&["+", "-"]);
                same(&format!("({{}} {op} {{}})"), &[self.interval(d), self.interval(d)])
            }
            7 => same("({} * {})", &[self.interval(0), self.share()]),
            8 => same("({} / {})", &[self.interval(0), self.share()]),
            1 => same("({} * {})", &[self.interval(0), self.factor()]),
            2 => same("({} - {})", &[self.local(d), self.local(d)]),
            3 => same("({} - {})", &[self.moment(d), self.moment(d)]),
            4 => same("age({}, {})", &[self.local(d), self.local(d)]),
            5 => same("age({}, {})", &[self.moment(d), self.moment(d)]),
            _ => same("(- {})", &[self.interval(d)]),
        }
    }

    /// JSON, uuids and numbers of any size.
    fn rest(&mut self, depth: usize) -> Expression {
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
}

const ZONES: &[&str] = &["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];

const DATE_FORMATS: &[&str] = &[
    "YYYY-MM-DD",
    "YYYY-MM-DD HH24:MI:SS",
    "YYYY-MM-DD\"T\"HH24:MI:SS.US",
    "YYYYMMDD",
    "DD.MM.YYYY HH24:MI",
    "DD/MM/YY",
    "Mon DD YYYY",
    "DD FMMonth YY",
    "YYYY DDD",
    "YYYY-MM-DD HH12:MI AM",
    "YYYY-MM-DD HH24:MI:SS.MS",
];

/// The same template on both sides.
fn same(template: &str, parts: &[Expression]) -> Expression {
    both(template, template, parts)
}

/// An `integer` that PostgreSQL is told to go on with in 64 bits.
fn wide(template: &str, parts: &[Expression]) -> Expression {
    both(template, &format!("({template})::bigint"), parts)
}

fn both(ours: &str, theirs: &str, parts: &[Expression]) -> Expression {
    let fill = |template: &str, text: fn(&Expression) -> &str| {
        let mut pieces = template.split("{}");
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for (piece, part) in pieces.zip(parts) {
            filled.push_str(text(part));
            filled.push_str(piece);
        }
        filled
    };
    Expression {
        ours: fill(ours, |part| &part.ours),
        theirs: fill(theirs, |part| &part.theirs),
        rough: parts.iter().any(|part| part.rough),
    }
}

//! Rules made by chance: mostly valid ones, typed as they go.

use fastrand::Rng;

/// Makes rules over [`super::wide`]'s columns.
pub struct Generator {
    chance: Rng,
}

impl Generator {
    pub fn new(seed: u64) -> Self {
        Self { chance: Rng::with_seed(seed) }
    }

    /// A whole rule.
    pub fn rule(&mut self) -> String {
        let count = self.chance.usize(1..4);
        let items: Vec<String> = (0..count)
            .map(|index| {
                let depth = self.chance.usize(1..5);
                format!("{} AS c{index}", self.any(depth))
            })
            .collect();
        let filter = if self.chance.bool() { format!(" WHERE {}", self.truth(3)) } else { String::new() };
        format!("SELECT {} FROM input{filter}", items.join(", "))
    }

    fn any(&mut self, depth: usize) -> String {
        match self.chance.usize(0..9) {
            0 | 1 => self.text(depth),
            2 => self.whole(depth),
            3 => self.exact(depth),
            4 => self.double(depth),
            5 => self.truth(depth),
            6 => self.date(depth),
            7 => self.moment(depth),
            _ => self.json(depth),
        }
    }

    fn one<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.chance.usize(0..choices.len())]
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self
                .one(&["name", "note", "\"Mixed\"", "'abc'", "''", "'it''s'", "'ü%_\\'", "NULL", "cast(NULL AS text)"])
                .to_owned();
        }
        let d = depth - 1;
        match self.chance.usize(0..23) {
            22 => format!("trim({} from {})", self.one(&["", "both", "leading", "trailing"]), self.text(d)),
            0 => format!("trim({})", self.text(d)),
            1 => format!("lower({}) || {}", self.text(d), self.any(d)),
            2 => format!("substr({}, {}, {})", self.text(d), self.whole(d), self.whole(d)),
            3 => format!("coalesce({}, {})", self.text(d), self.text(d)),
            4 => format!("CASE WHEN {} THEN {} ELSE {} END", self.truth(d), self.text(d), self.text(d)),
            5 => format!("cast({} AS {})", self.any(d), self.one(&["text", "varchar(7)"])),
            6 => format!(
                "regexp_replace({}, '[a-z]+', {}, '{}')",
                self.text(d),
                self.text(d),
                self.one(&["g", "i", "gn", ""])
            ),
            7 => format!("(regexp_match({}, 'a(b)?'))[1]", self.text(d)),
            8 => format!(
                "to_char({}, '{}')",
                self.moment(d),
                self.one(&["YYYY-MM-DD", "HH12:MI AM", "FMMonth DD\"d\"", "Dy US"])
            ),
            9 => format!("concat({}, {})", self.any(d), self.any(d)),
            10 => format!("concat_ws({}, {}, {})", self.text(d), self.any(d), self.any(d)),
            11 => format!("lpad({}, {})", self.text(d), self.whole(d)),
            12 => format!("nullif({}, {})", self.text(d), self.text(d)),
            13 => format!("md5({})", self.text(d)),
            14 => format!("encode(sha256({}), 'hex')", self.text(d)),
            15 => format!("{} ->> 'a'", self.json(d)),
            16 => format!("mask({}, 1, {})", self.text(d), self.whole(d)),
            17 => format!("split_part({}, ',', {})", self.text(d), self.whole(d)),
            18 => format!("{}({}, {})", self.one(&["greatest", "least"]), self.text(d), self.text(d)),
            19 => format!("pseudonym({}, 'key')", self.text(d)),
            20 => format!("trim({} 'x' from {})", self.one(&["both", "leading", "trailing"]), self.text(d)),
            _ => format!("reverse({})", self.text(d)),
        }
    }

    fn whole(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self
                .one(&[
                    "id",
                    "small",
                    "count",
                    "1",
                    "0",
                    "-7",
                    "2147483648",
                    "-2147483648",
                    "cast(5 AS smallint)",
                    "'3'::bigint",
                ])
                .to_owned();
        }
        let d = depth - 1;
        match self.chance.usize(0..9) {
            0 => format!("({} {} {})", self.whole(d), self.one(&["+", "-", "*", "/", "%"]), self.whole(d)),
            1 => format!("- {}", self.whole(0)),
            2 => format!("length({})", self.text(d)),
            3 => format!("position('a' in {})", self.text(d)),
            4 => format!(
                "{}({} AS {})",
                self.one(&["cast", "try_cast"]),
                self.any(d),
                self.one(&["int", "bigint", "smallint"])
            ),
            5 => format!("({} - {})", self.date(d), self.date(d)),
            6 => format!("coalesce({}, {})", self.whole(d), self.whole(d)),
            7 => format!(
                "CASE {} WHEN {} THEN {} ELSE {} END",
                self.whole(d),
                self.whole(d),
                self.whole(d),
                self.whole(d)
            ),
            _ => format!("abs({})", self.whole(d)),
        }
    }

    fn exact(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self
                .one(&[
                    "amount",
                    "price",
                    "big",
                    "1.50",
                    "0.05",
                    "-12.345",
                    "10000000000000000000",
                    "cast(7 AS decimal(9,3))",
                ])
                .to_owned();
        }
        let d = depth - 1;
        match self.chance.usize(0..9) {
            0 => format!("({} {} {})", self.exact(d), self.one(&["+", "-", "*", "/", "%"]), self.exact(d)),
            1 => format!("({} {} {})", self.exact(d), self.one(&["+", "-", "*", "/", "%"]), self.whole(d)),
            2 => format!("round({}, {})", self.exact(d), self.chance.i32(-3..5)),
            3 => format!("{}({})", self.one(&["floor", "ceil", "trunc", "round", "abs", "sign"]), self.exact(d)),
            4 => format!("extract({} from {})", self.one(&["year", "dow", "epoch", "month"]), self.moment(d)),
            5 => format!("cast({} AS decimal({},2))", self.any(d), self.chance.u8(2..39)),
            6 => format!("greatest({}, {}, {})", self.exact(d), self.whole(d), self.exact(d)),
            7 => format!("coalesce({}, {})", self.exact(d), self.whole(d)),
            _ => format!("extract({} from {})", self.one(&["day", "hour", "epoch"]), self.interval(d)),
        }
    }

    fn double(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self
                .one(&["rate", "ratio", "1.5e2::double precision", "'NaN'::double precision", "'-0'::float8"])
                .to_owned();
        }
        let d = depth - 1;
        match self.chance.usize(0..6) {
            0 => format!("({} {} {})", self.double(d), self.one(&["+", "-", "*", "/"]), self.exact(d)),
            1 => format!("power({}, {})", self.double(d), self.whole(d)),
            2 => format!("{}({})", self.one(&["sqrt", "exp", "ln", "floor", "round"]), self.whole(d)),
            3 => format!("cast({} AS {})", self.any(d), self.one(&["real", "double precision"])),
            4 => format!("date_part('hour', {})", self.moment(d)),
            _ => format!("least({}, {})", self.double(d), self.whole(d)),
        }
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.one(&["active", "flag", "TRUE", "FALSE", "NULL::boolean"]).to_owned();
        }
        let d = depth - 1;
        match self.chance.usize(0..16) {
            0 => format!("({} AND {})", self.truth(d), self.truth(d)),
            1 => format!("({} OR {})", self.truth(d), self.truth(d)),
            2 => format!("NOT {}", self.truth(0)),
            3 => format!("{} {} {}", self.whole(d), self.one(&["=", "<>", "<", ">="]), self.exact(d)),
            4 => format!("{} {} {}", self.text(d), self.one(&["=", "<", "<="]), self.text(d)),
            5 => format!("({}) IS {}NULL", self.any(d), self.one(&["", "NOT "])),
            6 => {
                format!("({}) IS {}{}", self.truth(d), self.one(&["", "NOT "]), self.one(&["TRUE", "FALSE", "UNKNOWN"]))
            }
            7 => format!("{} {}IN ({}, {})", self.whole(d), self.one(&["", "NOT "]), self.exact(d), self.whole(d)),
            8 => format!(
                "{} BETWEEN {}{} AND {}",
                self.exact(0),
                self.one(&["", "SYMMETRIC "]),
                self.exact(0),
                self.exact(0)
            ),
            9 => format!("{} LIKE '{}'", self.text(0), self.one(&["a%", "_\\%", "%ü%", ""])),
            10 => format!("{} {} 'a+b'", self.text(0), self.one(&["~", "!~", "~*", "!~*"])),
            11 => format!("{} IS {}DISTINCT FROM {}", self.exact(0), self.one(&["", "NOT "]), self.whole(0)),
            12 => format!("{} {} {}", self.moment(d), self.one(&["=", "<", ">"]), self.date(d)),
            13 => format!("{} > '2024-02-29'", self.date(d)),
            14 => format!("starts_with({}, {})", self.text(d), self.text(d)),
            _ => format!("{} < {}", self.interval(d), self.interval(d)),
        }
    }

    fn date(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.one(&["day", "due", "\"date\"", "DATE '2024-02-29'", "current_date"]).to_owned();
        }
        let d = depth - 1;
        match self.chance.usize(0..5) {
            0 => format!("({} {} {})", self.date(d), self.one(&["+", "-"]), self.whole(d)),
            1 => format!("cast({} AS date)", self.moment(d)),
            2 => format!("to_date({}, 'DD.MM.YYYY')", self.text(d)),
            3 => format!("make_date({}, {}, {})", self.whole(d), self.whole(d), self.whole(d)),
            _ => format!("try_cast({} AS date)", self.text(d)),
        }
    }

    fn moment(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self
                .one(&[
                    "at",
                    "seen",
                    "local",
                    "now()",
                    "TIMESTAMP '2024-01-01 10:20:30.5'",
                    "TIMESTAMPTZ '1969-12-31 23:59+01'",
                ])
                .to_owned();
        }
        let d = depth - 1;
        match self.chance.usize(0..6) {
            0 => format!("({} {} {})", self.moment(d), self.one(&["+", "-"]), self.interval(d)),
            1 => format!("date_trunc('{}', {})", self.one(&["day", "week", "month"]), self.moment(d)),
            2 => format!("({} AT TIME ZONE '{}')", self.moment(d), self.one(&["UTC", "Europe/Berlin"])),
            3 => format!("to_timestamp({}, 'YYYY-MM-DD HH24:MI:SS')", self.text(d)),
            4 => format!("({} - {})", self.date(d), self.interval(d)),
            _ => format!("cast({} AS {})", self.date(d), self.one(&["timestamp", "timestamptz"])),
        }
    }

    fn interval(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self
                .one(&["INTERVAL '1 day'", "INTERVAL '-1 month 02:03:04.5'", "INTERVAL '0'", "INTERVAL '3' DAY"])
                .to_owned();
        }
        let d = depth - 1;
        match self.chance.usize(0..5) {
            0 => format!("({} {} {})", self.interval(d), self.one(&["+", "-"]), self.interval(d)),
            1 => format!("({} * {})", self.whole(d), self.interval(d)),
            2 => format!("({} - {})", self.moment(d), self.moment(d)),
            3 => format!("age({}, {})", self.moment(d), self.moment(d)),
            _ => format!("age({})", self.moment(d)),
        }
    }

    fn json(&mut self, depth: usize) -> String {
        if depth == 0 {
            return "doc".to_owned();
        }
        let d = depth - 1;
        match self.chance.usize(0..3) {
            0 => format!("({} -> 'a')", self.json(d)),
            1 => format!("({} -> {})", self.json(d), self.whole(0)),
            _ => format!("cast({} AS json)", self.text(d)),
        }
    }
}

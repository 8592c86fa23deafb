//! Expressions of texts.

use super::expressions::Generator;
use super::spellings::{Expression, both, same};

impl Generator {
    pub(super) fn text(&mut self, depth: usize) -> Expression {
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
    pub(super) fn printable(&mut self, depth: usize) -> Expression {
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
}

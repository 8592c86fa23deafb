//! Calls of functions that give a type.

use rules::plan::{
    Case, DateFormat, DatePart, Expr, Function, Kind, LikePart, LikePattern, Regexp, TrimSide, Unit, Zone,
};
use rules::value_type::Type;

use super::Maker;
use super::expressions::{TIMESTAMP, ZONED, decimal};

const INT: Type = Type::Int(64);
const FLOAT: Type = Type::Float(64);

const UNITS: [Unit; 14] = [
    Unit::Microsecond,
    Unit::Millisecond,
    Unit::Second,
    Unit::Minute,
    Unit::Hour,
    Unit::Day,
    Unit::Week,
    Unit::Month,
    Unit::Quarter,
    Unit::Year,
    Unit::IsoYear,
    Unit::Decade,
    Unit::Century,
    Unit::Millennium,
];
const PARTS: [Unit; 4] = [Unit::DayOfWeek, Unit::IsoDayOfWeek, Unit::DayOfYear, Unit::Epoch];

impl Maker<'_> {
    /// A call that gives a type; nothing when no function does.
    pub(super) fn function(&mut self, ty: Type, depth: u32) -> Option<Expr> {
        let number = self.rng.u8(..);
        Some(match ty {
            Type::Bool => self.of_bool(number, depth),
            Type::Int(64) => self.of_int(number, depth),
            Type::Float(64) => self.of_float(number, depth),
            Type::Decimal { precision, scale } => self.of_decimal(number, precision, scale, depth),
            Type::Text => self.of_text(number, depth),
            Type::Bytes => match number % 4 {
                0 => self.call(Function::Sha256, ty, &[Type::Text], depth),
                1 => self.call(Function::DecodeHex, ty, &[Type::Text], depth),
                2 => self.call(Function::DecodeBase64, ty, &[Type::Text], depth),
                _ => self.call(Function::Join, ty, &[Type::Bytes, Type::Bytes], depth),
            },
            Type::Json => match number % 2 {
                0 => self.json(Function::JsonField, ty, depth),
                _ => self.json(Function::JsonElement, ty, depth),
            },
            Type::Date => match number % 3 {
                0 => self.call(Function::AddDays, ty, &[ty, INT], depth),
                1 => {
                    let year = self.small(-1, 11_000);
                    let (month, day) = (self.small(0, 14), self.small(0, 33));
                    self.called(Function::MakeDate, ty, vec![year, month, day])
                }
                _ => {
                    let format = self.format(true);
                    self.call(Function::ParseDate(format), ty, &[Type::Text], depth)
                }
            },
            Type::Time => match number % 2 {
                0 => self.call(Function::TimeAdd, ty, &[ty, Type::Interval], depth),
                _ => {
                    let (hour, minute) = (self.small(-1, 26), self.small(-1, 61));
                    let second = self.expr(FLOAT, depth);
                    self.called(Function::MakeTime, ty, vec![hour, minute, second])
                }
            },
            Type::Timestamp { zoned } => self.of_timestamp(number, zoned, depth),
            Type::Interval => match number % 6 {
                0 => self.call(Function::Between, ty, &[TIMESTAMP, TIMESTAMP], depth),
                1 => self.call(Function::Age, ty, &[ZONED, ZONED], depth),
                2 => self.call(Function::IntervalAdd, ty, &[ty, ty], depth),
                3 => self.call(Function::IntervalScale, ty, &[ty, FLOAT], depth),
                4 => self.call(Function::IntervalDivide, ty, &[ty, FLOAT], depth),
                _ => self.call(Function::IntervalMultiply, ty, &[ty, INT], depth),
            },
            _ => return None,
        })
    }

    fn of_bool(&mut self, number: u8, depth: u32) -> Expr {
        let function = match number % 4 {
            0 => return self.call(Function::StartsWith, Type::Bool, &[Type::Text, Type::Text], depth),
            1 => {
                let pattern = self.pick(&["^[a-z]+$", "\\d{2,}", "(?i)ä", "a|b|^$"]).to_owned();
                Function::RegexpLike(Regexp { pattern })
            }
            _ => {
                let count = self.rng.usize(..4);
                let parts = (0..count).map(|_| match self.rng.u8(..4) {
                    0 => LikePart::One,
                    1 => LikePart::Any,
                    _ => LikePart::Text(self.pick(&["a", "abc", "Ä", "2", " ", "{\"a"]).to_owned()),
                });
                let parts = parts.collect();
                Function::Like(LikePattern { parts, ignore_case: self.rng.bool() })
            }
        };
        self.call(function, Type::Bool, &[Type::Text], depth)
    }

    fn of_int(&mut self, number: u8, depth: u32) -> Expr {
        match number % 6 {
            0 => self.call(Function::Abs, INT, &[INT], depth),
            1 => self.call(Function::Length, INT, &[Type::Text], depth),
            2 => self.call(Function::OctetLength, INT, &[Type::Bytes], depth),
            3 => self.call(Function::OctetLength, INT, &[Type::Text], depth),
            4 => self.call(Function::Position, INT, &[Type::Text, Type::Text], depth),
            _ => self.call(Function::DaysBetween, INT, &[Type::Date, Type::Date], depth),
        }
    }

    fn of_float(&mut self, number: u8, depth: u32) -> Expr {
        let function = match number % 10 {
            0 => return self.call(Function::Power, FLOAT, &[FLOAT, FLOAT], depth),
            1 => Function::Abs,
            2 => Function::Sign,
            3 => Function::Round,
            4 => Function::Trunc,
            5 => Function::Floor,
            6 => Function::Ceil,
            7 => Function::Sqrt,
            8 => Function::Exp,
            _ => Function::Ln,
        };
        self.call(function, FLOAT, &[FLOAT], depth)
    }

    fn of_decimal(&mut self, number: u8, precision: u8, scale: u8, depth: u32) -> Expr {
        let ty = decimal(precision, scale);
        if (precision, scale) == (38, 6) {
            let unit = if self.rng.bool() { self.pick(&UNITS) } else { self.pick(&PARTS) };
            let of = self.pick(&[Type::Date, TIMESTAMP, ZONED]);
            let (time_unit, interval_unit) = (self.time_unit(), self.interval_unit());
            return match number % 4 {
                0 => self.call(Function::Extract(time_unit), ty, &[Type::Time], depth),
                1 => self.call(Function::ExtractInterval(interval_unit), ty, &[Type::Interval], depth),
                _ => self.call(Function::Extract(unit), ty, &[of], depth),
            };
        }
        let places = self.rng.u8(1..4);
        match number % 7 {
            0 => self.call(Function::Abs, ty, &[ty], depth),
            1 if scale == 0 => {
                let of = self.pick(&[decimal(2, 2), decimal(18, 4), decimal(38, 38), decimal(38, 10)]);
                self.call(Function::Sign, ty, &[of], depth)
            }
            2 if scale == 0 => self.call(Function::RoundLeft(places), ty, &[decimal(20, 2)], depth),
            // Whole digits that fit, for what is not checked again.
            3 if scale == 0 => self.call(Function::TruncLeft(places), ty, &[decimal(18, 4)], depth),
            4 if scale == 0 => self.call(Function::Floor, ty, &[decimal(18, 4)], depth),
            5 if scale == 0 => self.call(Function::Ceil, ty, &[decimal(9, 2)], depth),
            6 => self.call(Function::Trunc, ty, &[decimal(38, 10.max(scale))], depth),
            _ => self.call(Function::Round, ty, &[decimal(38, 10.max(scale))], depth),
        }
    }

    fn of_text(&mut self, number: u8, depth: u32) -> Expr {
        let ty = Type::Text;
        match number % 27 {
            0 => {
                let side = self.pick(&[TrimSide::Both, TrimSide::Leading, TrimSide::Trailing]);
                let (value, letters) = (self.expr(ty, depth), self.text(" \tx"));
                self.called(Function::Trim(side), ty, vec![value, letters])
            }
            1 => self.call(Function::Lower, ty, &[ty], depth),
            2 => self.call(Function::Upper, ty, &[ty], depth),
            3 => self.call(Function::Initcap, ty, &[ty], depth),
            4 => self.call(Function::SubstrFrom, ty, &[ty, INT], depth),
            5 => self.call(Function::Substr, ty, &[ty, INT, INT], depth),
            6 => self.call(Function::Left, ty, &[ty, INT], depth),
            7 => self.call(Function::Right, ty, &[ty, INT], depth),
            8 => self.call(Function::Replace, ty, &[ty, ty, ty], depth),
            9 => self.call(Function::Translate, ty, &[ty, ty, ty], depth),
            10 => self.call(Function::SplitPart, ty, &[ty, ty, INT], depth),
            11 => self.call(Function::Join, ty, &[ty, ty], depth),
            12 => {
                let function = if self.rng.bool() { Function::Lpad } else { Function::Rpad };
                let (value, length, fill) = (self.expr(ty, depth), self.small(-2, 40), self.expr(ty, 0));
                self.called(function, ty, vec![value, length, fill])
            }
            13 => {
                let (value, count) = (self.expr(ty, depth), self.small(-1, 5));
                self.called(Function::Repeat, ty, vec![value, count])
            }
            14 => self.call(Function::Reverse, ty, &[ty], depth),
            15 => self.call(Function::Md5, ty, &[ty], depth),
            16 => self.call(Function::EncodeHex, ty, &[Type::Bytes], depth),
            17 => self.call(Function::EncodeBase64, ty, &[Type::Bytes], depth),
            18 => {
                let of = self.pick(&[INT, Type::Int(32)]);
                self.call(Function::ToHex, ty, &[of], depth)
            }
            19 => self.json(Function::JsonFieldText, ty, depth),
            20 => self.json(Function::JsonElementText, ty, depth),
            21 => self.call(Function::JsonTypeof, ty, &[Type::Json], depth),
            22 => {
                let letter = self.text("*");
                let (value, left, right) = (self.expr(ty, depth), self.small(0, 4), self.expr(INT, 0));
                self.called(Function::Mask, ty, vec![value, left, right, letter])
            }
            23 => match self.rng.bool() {
                true => self.call(Function::MaskEmail, ty, &[ty], depth),
                false => self.call(Function::Pseudonym, ty, &[ty, ty], depth),
            },
            24 => {
                let format = self.format(false);
                let of = self.pick(&[TIMESTAMP, ZONED]);
                self.call(Function::FormatTimestamp(format), ty, &[of], depth)
            }
            25 => {
                let pattern = self.pick(&["([a-z])(\\d)?", "\\s+", "^.", "(x)|(y)"]).to_owned();
                let regexp = Regexp { pattern };
                match self.rng.bool() {
                    true => {
                        let all = self.rng.bool();
                        let (value, by) = (self.expr(ty, depth), self.text("<\\1\\&>"));
                        self.called(Function::RegexpReplace { regexp, all }, ty, vec![value, by])
                    }
                    false => {
                        let group = self.rng.u32(..2);
                        self.call(Function::RegexpSubstr { regexp, group }, ty, &[ty], depth)
                    }
                }
            }
            _ => {
                let function = if self.rng.bool() { Function::Concat } else { Function::ConcatWs };
                let count = self.rng.usize(1..5);
                let arguments = (0..count).map(|_| self.expr(ty, depth)).collect();
                self.called(function, ty, arguments)
            }
        }
    }

    fn of_timestamp(&mut self, number: u8, zoned: bool, depth: u32) -> Expr {
        let ty = Type::Timestamp { zoned };
        let unit = self.trunc_unit();
        match (number % 5, zoned) {
            (0, _) => self.call(Function::DateTrunc(unit), ty, &[ty], depth),
            (1, _) => self.call(Function::AddInterval, ty, &[ty, Type::Interval], depth),
            (2, true) => self.call(Function::ZoneToUtc(zone()), ty, &[TIMESTAMP], depth),
            (3, true) => self.call(Function::FromEpoch, ty, &[FLOAT], depth),
            (_, true) => {
                let format = self.format(true);
                self.call(Function::ParseTimestamp(format), ty, &[Type::Text], depth)
            }
            (2, false) => self.call(Function::UtcToZone(zone()), ty, &[ZONED], depth),
            (_, false) => {
                let mut arguments = vec![self.small(1900, 2100), self.small(0, 14), self.small(0, 32)];
                arguments.extend([self.small(-1, 25), self.small(-1, 61), self.expr(FLOAT, depth)]);
                self.called(Function::MakeTimestamp, ty, arguments)
            }
        }
    }

    fn json(&mut self, function: Function, ty: Type, depth: u32) -> Expr {
        let json = self.expr(Type::Json, depth);
        let by = match function {
            Function::JsonField | Function::JsonFieldText => {
                let key = self.pick(&["a", "b", "k", "a b", ""]);
                self.text(key)
            }
            _ => self.small(-3, 4),
        };
        self.called(function, ty, vec![json, by])
    }

    fn call(&mut self, function: Function, ty: Type, arguments: &[Type], depth: u32) -> Expr {
        let arguments = arguments.iter().map(|argument| self.expr(*argument, depth)).collect();
        self.called(function, ty, arguments)
    }

    fn called(&mut self, function: Function, ty: Type, arguments: Vec<Expr>) -> Expr {
        let nullable = match function {
            Function::Concat => false,
            Function::ConcatWs => arguments[0].nullable,
            Function::JsonField | Function::JsonFieldText | Function::JsonElement | Function::JsonElementText => true,
            Function::RegexpSubstr { .. } => true,
            _ => arguments.iter().any(|argument| argument.nullable),
        };
        Expr { kind: Kind::Call { function, arguments, site: self.site() }, ty, nullable }
    }

    fn trunc_unit(&mut self) -> Unit {
        let unit = self.pick(&UNITS);
        if unit == Unit::IsoYear { Unit::Year } else { unit }
    }

    fn time_unit(&mut self) -> Unit {
        self.pick(&[Unit::Hour, Unit::Minute, Unit::Second, Unit::Millisecond, Unit::Microsecond, Unit::Epoch])
    }

    fn interval_unit(&mut self) -> Unit {
        self.pick(&[Unit::Year, Unit::Month, Unit::Day, Unit::Hour, Unit::Minute, Unit::Second, Unit::Epoch])
    }

    fn format(&mut self, reading: bool) -> DateFormat {
        let text = |text: &str| DatePart::Text(text.to_owned());
        let day = [DatePart::Year4, text("-"), DatePart::Month, text("-"), DatePart::Day];
        let time = [text(" "), DatePart::Hour24, text(":"), DatePart::Minute, text(":"), DatePart::Second];
        let parts = match self.rng.u8(..4) {
            0 => day.to_vec(),
            1 => [&day[..], &time[..]].concat(),
            2 => vec![DatePart::Day, text("."), DatePart::Month, text("."), DatePart::Year2],
            _ if reading => {
                vec![DatePart::Day, text(" "), DatePart::MonthShort(Case::Capital), text(" "), DatePart::Year4]
            }
            _ => vec![
                DatePart::WeekdayShort(Case::Upper),
                text(", "),
                DatePart::MonthName(Case::Lower),
                text(" "),
                DatePart::Hour12,
                DatePart::Meridiem(Case::Lower),
                text("."),
                DatePart::Microsecond,
            ],
        };
        DateFormat { parts }
    }
}

/// A clock that was put forward and back.
fn zone() -> Zone {
    let changes = vec![(0, 3600), (1_679_792_400, 7200), (1_698_541_200, 3600), (1_711_846_800, 7200)];
    Zone { name: "Europe/Somewhere".to_owned(), first_offset: 1800, changes }
}

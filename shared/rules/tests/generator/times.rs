//! Expressions of dates, times and intervals.

use super::expressions::Generator;
use super::spellings::{Expression, same};

impl Generator {
    pub(super) fn date(&mut self, depth: usize) -> Expression {
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

    pub(super) fn time(&mut self, depth: usize) -> Expression {
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

    pub(super) fn local(&mut self, depth: usize) -> Expression {
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

    pub(super) fn moment(&mut self, depth: usize) -> Expression {
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

    pub(super) fn interval(&mut self, depth: usize) -> Expression {
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

//! Functions of dates and times.

use sqlparser::ast;

use super::Entry;
use crate::error::{Code, Mistake, nearest};
use crate::formats::date_format::{self, Use};
use crate::formats::{units, zone};
use crate::plan::{DateFormat, Expr, Function, Kind, Span, Unit};
use crate::resolve::{Call, Resolver, Result};
use crate::value_type::Type;

const ZONED: Type = Type::Timestamp { zoned: true };
const LOCAL: Type = Type::Timestamp { zoned: false };
const EXTRACTED: Type = Type::Decimal { precision: 38, scale: 6 };

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "now",
        aliases: &["current_timestamp", "transaction_timestamp"],
        signatures: &["now() -> timestamptz", "current_timestamp -> timestamptz"],
        about: "when the run was due: the same for every row and every repeat",
        example: "now()",
        build: |_, call| {
            call.takes(0, 0)?;
            Ok(clock())
        },
    },
    Entry {
        name: "current_date",
        aliases: &[],
        signatures: &["current_date -> date"],
        about: "the day the run was due, in UTC",
        example: "current_date",
        build: |resolver, call| {
            call.takes(0, 0)?;
            resolver.convert(clock(), Type::Date, call.written)
        },
    },
    Entry {
        name: "localtimestamp",
        aliases: &[],
        signatures: &["localtimestamp -> timestamp"],
        about: "when the run was due, in UTC, without a zone",
        example: "localtimestamp",
        build: |resolver, call| {
            call.takes(0, 0)?;
            resolver.convert(clock(), LOCAL, call.written)
        },
    },
    Entry {
        name: "date_trunc",
        aliases: &[],
        signatures: &[
            "date_trunc(unit, timestamp) -> timestamp",
            "date_trunc(unit, timestamptz) -> timestamptz",
            "date_trunc(unit, timestamptz, zone) -> timestamptz",
        ],
        about: "cut to the beginning of its unit, a constant; in UTC, or in the zone given",
        example: "date_trunc('month', at)",
        build: date_trunc,
    },
    Entry {
        name: "extract",
        aliases: &["date_part"],
        signatures: &[
            "extract(unit from date, time, timestamp or interval) -> decimal(38,6)",
            "date_part(unit, …) -> double precision",
        ],
        about: "a part of a date or time as a number; a timestamptz is read in UTC",
        example: "extract(year from day)",
        build: |resolver, call| {
            call.takes(2, 2)?;
            let (unit, _) = resolver.constant_text(call.argument(0)?, "a unit")?;
            let part = resolver.extract(&unit, call.argument(1)?, call.written)?;
            resolver.convert(part, Type::Float(64), call.written)
        },
    },
    Entry {
        name: "make_date",
        aliases: &[],
        signatures: &["make_date(year integer, month integer, day integer) -> date"],
        about: "a date of its parts; one that does not exist rejects the row",
        example: "make_date(count, 1, 31)",
        build: |resolver, call| made(resolver, call, Function::MakeDate, 3, false, Type::Date),
    },
    Entry {
        name: "make_time",
        aliases: &[],
        signatures: &["make_time(hour integer, minute integer, second double precision) -> time"],
        about: "a time of its parts",
        example: "make_time(count, 30, 0)",
        build: |resolver, call| made(resolver, call, Function::MakeTime, 2, true, Type::Time),
    },
    Entry {
        name: "make_timestamp",
        aliases: &[],
        signatures: &["make_timestamp(year, month, day, hour, minute integer, second double precision) -> timestamp"],
        about: "a timestamp of its parts",
        example: "make_timestamp(2024, 1, 31, count, 0, 0)",
        build: |resolver, call| made(resolver, call, Function::MakeTimestamp, 5, true, LOCAL),
    },
    Entry {
        name: "to_timestamp",
        aliases: &[],
        signatures: &["to_timestamp(text, format) -> timestamptz", "to_timestamp(double precision) -> timestamptz"],
        about: "reads a moment by a constant format, in UTC when the format has no offset; or seconds since 1970",
        example: "to_timestamp(note, 'YYYY-MM-DD HH24:MI:SS')",
        build: |resolver, call| {
            call.takes(1, 2)?;
            if call.count() == 1 {
                let seconds = resolver.float(call.argument(0)?, call.name())?;
                return Ok(resolver.call(Function::FromEpoch, vec![seconds], ZONED, call.written));
            }
            let text = resolver.text(call.argument(0)?, call.name())?;
            let format = resolver.date_format(call.argument(1)?, Use::Read)?;
            Ok(resolver.call(Function::ParseTimestamp(format), vec![text], ZONED, call.written))
        },
    },
    Entry {
        name: "to_date",
        aliases: &[],
        signatures: &["to_date(text, format) -> date"],
        about: "reads a date by a constant format",
        example: "to_date(note, 'DD.MM.YYYY')",
        build: |resolver, call| {
            call.takes(2, 2)?;
            let text = resolver.text(call.argument(0)?, call.name())?;
            let format = resolver.date_format(call.argument(1)?, Use::Read)?;
            Ok(resolver.call(Function::ParseDate(format), vec![text], Type::Date, call.written))
        },
    },
    Entry {
        name: "to_char",
        aliases: &[],
        signatures: &["to_char(timestamp, format) -> text", "to_char(date, format) -> text"],
        about: "writes a moment by a constant format, a timestamptz in UTC",
        example: "to_char(at, 'YYYY-MM-DD')",
        build: |resolver, call| {
            call.takes(2, 2)?;
            let value = resolver.value(call.argument(0)?)?;
            let moment = match value.ty() {
                _ if value.unknown => return Err(call.wrong_type(&value)),
                Type::Timestamp { .. } => value.expr,
                Type::Date => resolver.convert(value.expr, LOCAL, call.written)?,
                _ => return Err(call.wrong_type(&value)),
            };
            let format = resolver.date_format(call.argument(1)?, Use::Write)?;
            Ok(resolver.call(Function::FormatTimestamp(format), vec![moment], Type::Text, call.written))
        },
    },
    Entry {
        name: "age",
        aliases: &[],
        signatures: &["age(timestamp) -> interval", "age(timestamp, timestamp) -> interval"],
        about: "the years, months and days from the second to the first; from the only one to the run's day",
        example: "extract(year from age(at))",
        build: age,
    },
];

fn clock() -> Expr {
    Expr { kind: Kind::RunClock, ty: ZONED, nullable: false }
}

fn date_trunc(resolver: &mut Resolver<'_>, call: &Call<'_>) -> Result<Expr> {
    call.takes(2, 3)?;
    let (name, span) = resolver.constant_text(call.argument(0)?, "a unit")?;
    let unit = unit(&name, span)?;
    if !units::truncates(unit) {
        let message = format!("date_trunc cannot cut to `{}`: it cuts to {}", units::name(unit), truncating());
        return Err(Mistake::new(Code::UnknownUnit, span, message));
    }
    let value = resolver.value(call.argument(1)?)?;
    let ty = match value.ty() {
        LOCAL if !value.unknown => LOCAL,
        Type::Date | ZONED => ZONED,
        _ if value.unknown => ZONED,
        _ => return Err(call.wrong_type(&value)),
    };
    let Some(zone_name) = call.arguments.get(2) else {
        let moment = resolver.implicit(value, ty, call.written)?;
        return Ok(resolver.call(Function::DateTrunc(unit), vec![moment], ty, call.written));
    };
    let (name, span) = resolver.constant_text(zone_name, "a time zone")?;
    let zone =
        zone::parse(&name).ok_or_else(|| Mistake::new(Code::UnknownZone, span, format!("no time zone `{name}`")))?;
    let moment = resolver.implicit(value, ZONED, call.written)?;
    let local = resolver.call(Function::UtcToZone(zone.clone()), vec![moment], LOCAL, call.written);
    let cut = resolver.call(Function::DateTrunc(unit), vec![local], LOCAL, call.written);
    Ok(resolver.call(Function::ZoneToUtc(zone), vec![cut], ZONED, call.written))
}

fn made(
    resolver: &mut Resolver<'_>,
    call: &Call<'_>,
    function: Function,
    whole: usize,
    seconds: bool,
    ty: Type,
) -> Result<Expr> {
    let count = whole + usize::from(seconds);
    call.takes(count, count)?;
    let mut arguments = Vec::with_capacity(count);
    for (index, argument) in call.arguments.iter().enumerate() {
        arguments.push(if index < whole {
            resolver.int(argument, call.name())?
        } else {
            resolver.float(argument, call.name())?
        });
    }
    Ok(resolver.call(function, arguments, ty, call.written))
}

fn age(resolver: &mut Resolver<'_>, call: &Call<'_>) -> Result<Expr> {
    call.takes(1, 2)?;
    let value = resolver.value(call.argument(0)?)?;
    let (later, earlier) = if let Some(other) = call.arguments.get(1) {
        let other = resolver.value(other)?;
        let zoned = value.ty() == ZONED || other.ty() == ZONED;
        let ty = Type::Timestamp { zoned };
        for side in [&value, &other] {
            if !side.unknown && !matches!(side.ty(), Type::Date | Type::Timestamp { .. }) {
                return Err(call.wrong_type(side));
            }
        }
        (resolver.implicit(value, ty, call.written)?, resolver.implicit(other, ty, call.written)?)
    } else {
        let ty = match value.ty() {
            LOCAL => LOCAL,
            Type::Date | ZONED => ZONED,
            _ if value.unknown => ZONED,
            _ => return Err(call.wrong_type(&value)),
        };
        let today = resolver.convert(clock(), Type::Date, call.written)?;
        (resolver.convert(today, ty, call.written)?, resolver.implicit(value, ty, call.written)?)
    };
    Ok(resolver.call(Function::Age, vec![later, earlier], Type::Interval, call.written))
}

fn unit(name: &str, span: Span) -> Result<Unit> {
    units::parse(name).ok_or_else(|| {
        let known = || units::UNITS.iter().filter_map(|(_, names)| names.first().copied());
        let hint = match nearest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the units are {}", known().collect::<Vec<_>>().join(", ")),
        };
        let short: String = name.chars().take(40).collect();
        Mistake::new(Code::UnknownUnit, span, format!("no unit `{short}`: {hint}"))
    })
}

fn truncating() -> String {
    let names = units::UNITS.iter().filter(|(unit, _)| units::truncates(*unit)).map(|(unit, _)| units::name(*unit));
    names.collect::<Vec<_>>().join(", ")
}

impl Resolver<'_> {
    /// `extract(unit from value)`.
    pub(crate) fn extract(&mut self, name: &str, value: &ast::Expr, written: &ast::Expr) -> Result<Expr> {
        let span = self.span(written);
        let unit = unit(name, span)?;
        let value = self.value(value)?;
        if value.unknown || !matches!(value.ty(), Type::Date | Type::Time | Type::Timestamp { .. } | Type::Interval) {
            let message =
                format!("expected a date, time, timestamp or interval to extract from, found {}", value.describe());
            return Err(Mistake::new(Code::TypeMismatch, value.span, message));
        }
        if !units::extracts(unit, value.ty()) {
            let message = format!("a {} has no `{}`", value.ty(), units::name(unit));
            return Err(Mistake::new(Code::UnknownUnit, span, message));
        }
        let function =
            if value.ty() == Type::Interval { Function::ExtractInterval(unit) } else { Function::Extract(unit) };
        Ok(self.call(function, vec![value.expr], EXTRACTED, written))
    }

    fn date_format(&mut self, written: &ast::Expr, usage: Use) -> Result<DateFormat> {
        let (format, span) = self.constant_text(written, "a format")?;
        date_format::parse(&format, usage).map_err(|message| Mistake::new(Code::InvalidFormat, span, message))
    }
}

//! Units of date_trunc and extract.

use crate::plan::Unit;
use crate::value_type::Type;

/// Every unit with its names; the first is the one shown.
pub(crate) const UNITS: &[(Unit, &[&str])] = &[
    (Unit::Microsecond, &["microseconds", "microsecond", "us", "usec", "usecs"]),
    (Unit::Millisecond, &["milliseconds", "millisecond", "ms", "msec", "msecs"]),
    (Unit::Second, &["second", "seconds", "sec", "secs", "s"]),
    (Unit::Minute, &["minute", "minutes", "min", "mins", "m"]),
    (Unit::Hour, &["hour", "hours", "hr", "hrs", "h"]),
    (Unit::Day, &["day", "days", "d"]),
    (Unit::Week, &["week", "weeks", "w"]),
    (Unit::Month, &["month", "months", "mon", "mons"]),
    (Unit::Quarter, &["quarter", "qtr"]),
    (Unit::Year, &["year", "years", "yr", "yrs", "y"]),
    (Unit::IsoYear, &["isoyear"]),
    (Unit::Decade, &["decade", "decades", "dec", "decs"]),
    (Unit::Century, &["century", "centuries", "cent", "c"]),
    (Unit::Millennium, &["millennium", "millennia", "mil", "mils"]),
    (Unit::DayOfWeek, &["dow"]),
    (Unit::IsoDayOfWeek, &["isodow"]),
    (Unit::DayOfYear, &["doy"]),
    (Unit::Epoch, &["epoch"]),
];

/// The unit of a name.
pub(crate) fn parse(name: &str) -> Option<Unit> {
    let name = name.to_ascii_lowercase();
    UNITS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(unit, _)| *unit)
}

/// The name shown for a unit.
pub(crate) fn name(unit: Unit) -> &'static str {
    UNITS.iter().find(|(known, _)| *known == unit).and_then(|(_, names)| names.first()).copied().unwrap_or("day")
}

/// Whether date_trunc knows it.
pub(crate) fn truncates(unit: Unit) -> bool {
    !matches!(unit, Unit::IsoYear | Unit::DayOfWeek | Unit::IsoDayOfWeek | Unit::DayOfYear | Unit::Epoch)
}

/// Whether extract gives it for a type.
pub(crate) fn extracts(unit: Unit, ty: Type) -> bool {
    let clock = matches!(unit, Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour);
    match ty {
        Type::Timestamp { .. } => true,
        Type::Date => !clock,
        Type::Time => clock || unit == Unit::Epoch,
        Type::Interval => {
            !matches!(unit, Unit::Week | Unit::IsoYear | Unit::DayOfWeek | Unit::IsoDayOfWeek | Unit::DayOfYear)
        }
        _ => false,
    }
}

//! Parts of dates and times, and dates and times of parts.

use super::civil::{self, Civil, DAY, HOUR, MINUTE, SECOND};
use crate::Fault;
use crate::constants::Unit;

/// `date_trunc(unit, timestamp)`; a zoned one in UTC.
pub fn date_trunc(micros: i64, unit: Unit) -> Result<i64, Fault> {
    let (days, time) = civil::split(micros)?;
    let of_day = |part: i64| days * DAY + time - time % part;
    match unit {
        Unit::Microsecond => return Ok(micros),
        Unit::Millisecond => return Ok(of_day(1000)),
        Unit::Second => return Ok(of_day(SECOND)),
        Unit::Minute => return Ok(of_day(MINUTE)),
        Unit::Hour => return Ok(of_day(HOUR)),
        _ => {}
    }
    let Civil { year, month, .. } = civil::civil(days);
    let start = match unit {
        Unit::Week => days - (civil::weekday(days) + 6) % 7,
        Unit::Month => civil::days_of(year, month, 1),
        Unit::Quarter => civil::days_of(year, (month - 1) / 3 * 3 + 1, 1),
        Unit::Year => civil::days_of(year, 1, 1),
        Unit::IsoYear => civil::iso_year_start(civil::iso_week(days).0),
        Unit::Decade => civil::days_of(year / 10 * 10, 1, 1),
        Unit::Century => civil::days_of((year - 1) / 100 * 100 + 1, 1, 1),
        Unit::Millennium => civil::days_of((year - 1) / 1000 * 1000 + 1, 1, 1),
        _ => days,
    };
    Ok(civil::checked_days(start)? * DAY)
}

/// A time as a column holds it: PostgreSQL's 24:00:00 is no time of a day.
#[inline]
pub fn time_of_day(micros: i64) -> Result<i64, Fault> {
    if micros < DAY { Ok(micros) } else { Err(Fault::EndOfDay) }
}

/// `extract(unit from date)`: six digits after the point. Units of time are 0.
pub fn extract_date(days: i64, unit: Unit) -> Result<i128, Fault> {
    Ok(i128::from(of_date(civil::checked_days(days)?, unit)) * i128::from(SECOND))
}

/// `extract(unit from time)`: six digits after the point. Units of dates are 0.
#[must_use]
pub fn extract_time(micros: i64, unit: Unit) -> i128 {
    i128::from(match unit {
        Unit::Epoch => micros,
        unit => of_time(micros, unit).unwrap_or(0),
    })
}

/// `extract(unit from timestamp)`: six digits after the point; a zoned one in UTC.
pub fn extract_timestamp(micros: i64, unit: Unit) -> Result<i128, Fault> {
    let (days, time) = civil::split(micros)?;
    if unit == Unit::Epoch {
        return Ok(i128::from(micros));
    }
    Ok(i128::from(match of_time(time, unit) {
        Some(part) => part,
        None => of_date(days, unit) * SECOND,
    }))
}

/// A part of a time in millionths; none for a part of a date. Also parts of an interval, whose
/// hours have no end.
pub(super) fn of_time(micros: i64, unit: Unit) -> Option<i64> {
    Some(match unit {
        // At most 60,000,000: times a million it is far below 64 bits.
        Unit::Microsecond => micros % MINUTE * SECOND,
        Unit::Millisecond => micros % MINUTE * 1000,
        Unit::Second => micros % MINUTE,
        Unit::Minute => micros % HOUR / MINUTE * SECOND,
        Unit::Hour => micros / HOUR * SECOND,
        _ => return None,
    })
}

fn of_date(days: i64, unit: Unit) -> i64 {
    let Civil { year, month, day } = civil::civil(days);
    match unit {
        Unit::Day => day,
        Unit::Week => civil::iso_week(days).1,
        Unit::Month => month,
        Unit::Quarter => (month - 1) / 3 + 1,
        Unit::Year => year,
        Unit::IsoYear => civil::iso_week(days).0,
        Unit::Decade => year / 10,
        Unit::Century => (year + 99) / 100,
        Unit::Millennium => (year + 999) / 1000,
        Unit::DayOfWeek => civil::weekday(days),
        Unit::IsoDayOfWeek => (civil::weekday(days) + 6) % 7 + 1,
        Unit::DayOfYear => civil::day_of_year(days, year),
        Unit::Epoch => days * (DAY / SECOND),
        _ => 0,
    }
}

/// `make_date(year, month, day)`.
pub fn make_date(year: i64, month: i64, day: i64) -> Result<i64, Fault> {
    civil::checked_date(year, month, day)
}

/// `make_time(hour, minute, second)`: up to `24:00:00`.
pub fn make_time(hour: i64, minute: i64, second: f64) -> Result<i64, Fault> {
    let micros = (second * SECOND as f64).round_ties_even();
    let in_range = (0..=24).contains(&hour) && (0..60).contains(&minute) && (0.0..=MINUTE as f64).contains(&micros);
    if !in_range {
        return Err(Fault::NoSuchDate);
    }
    let time = hour * HOUR + minute * MINUTE + micros as i64;
    if time > DAY { Err(Fault::NoSuchDate) } else { Ok(time) }
}

/// `make_timestamp(year, month, day, hour, minute, second)`.
pub fn make_timestamp(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: f64) -> Result<i64, Fault> {
    civil::checked_micros(make_date(year, month, day)? * DAY + make_time(hour, minute, second)?)
}

/// `to_timestamp(seconds since 1970)`.
pub fn from_epoch(seconds: f64) -> Result<i64, Fault> {
    // PostgreSQL counts from the year 2000, and so the last digits of a double are rounded there.
    const TO_2000: i64 = 946_684_800;
    if seconds.is_nan() {
        return Err(Fault::NumberNotFinite);
    }
    let micros = ((seconds - TO_2000 as f64) * SECOND as f64).round_ties_even();
    // A double beyond 64 bits becomes the last of them, which is out of range.
    civil::checked_micros((micros as i64).saturating_add(TO_2000 * SECOND))
}

/// `date + integer`.
#[inline]
pub fn add_days(days: i64, count: i64) -> Result<i64, Fault> {
    civil::checked_days(days)?.checked_add(count).ok_or(Fault::DateOutOfRange).and_then(civil::checked_days)
}

/// `date - date`.
#[inline]
pub fn days_between(left: i64, right: i64) -> Result<i64, Fault> {
    Ok(civil::checked_days(left)? - civil::checked_days(right)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::cast::{date_to_text, text_to_date, text_to_timestamp, timestamp_to_text};

    fn at(text: &str) -> i64 {
        text_to_timestamp(text).unwrap()
    }

    #[test]
    fn timestamps_are_cut_to_units() {
        let arena = bumpalo::Bump::new();
        let cases = [
            (Unit::Microsecond, "2024-05-17 13:45:56.789012"),
            (Unit::Millisecond, "2024-05-17 13:45:56.789"),
            (Unit::Second, "2024-05-17 13:45:56"),
            (Unit::Minute, "2024-05-17 13:45:00"),
            (Unit::Hour, "2024-05-17 13:00:00"),
            (Unit::Day, "2024-05-17 00:00:00"),
            (Unit::Week, "2024-05-13 00:00:00"),
            (Unit::Month, "2024-05-01 00:00:00"),
            (Unit::Quarter, "2024-04-01 00:00:00"),
            (Unit::Year, "2024-01-01 00:00:00"),
            (Unit::Decade, "2020-01-01 00:00:00"),
            (Unit::Century, "2001-01-01 00:00:00"),
            (Unit::Millennium, "2001-01-01 00:00:00"),
        ];
        for (unit, expected) in cases {
            let cut = date_trunc(at("2024-05-17 13:45:56.789012"), unit).unwrap();
            assert_eq!(timestamp_to_text(cut, false, &arena), Ok(expected));
        }
        assert_eq!(date_trunc(at("1969-12-31 23:59:59.5"), Unit::Hour), Ok(at("1969-12-31 23:00")));
        assert_eq!(date_trunc(at("2000-12-31"), Unit::Century), Ok(at("1901-01-01")));
        assert_eq!(date_trunc(at("0005-01-01"), Unit::Decade), Err(Fault::DateOutOfRange));
        assert_eq!(date_trunc(i64::MIN, Unit::Day), Err(Fault::DateOutOfRange));
    }

    #[test]
    fn parts_are_extracted() {
        let cases = [
            (Unit::Microsecond, 56_789_012_000_000),
            (Unit::Millisecond, 56_789_012_000),
            (Unit::Second, 56_789_012),
            (Unit::Minute, 45_000_000),
            (Unit::Hour, 13_000_000),
            (Unit::Day, 17_000_000),
            (Unit::Week, 20_000_000),
            (Unit::Month, 5_000_000),
            (Unit::Quarter, 2_000_000),
            (Unit::Year, 2_024_000_000),
            (Unit::IsoYear, 2_024_000_000),
            (Unit::Decade, 202_000_000),
            (Unit::Century, 21_000_000),
            (Unit::Millennium, 3_000_000),
            (Unit::DayOfWeek, 5_000_000),
            (Unit::IsoDayOfWeek, 5_000_000),
            (Unit::DayOfYear, 138_000_000),
            (Unit::Epoch, 1_715_953_556_789_012),
        ];
        for (unit, expected) in cases {
            assert_eq!(extract_timestamp(at("2024-05-17 13:45:56.789012"), unit), Ok(expected), "{unit:?}");
        }
        assert_eq!(extract_date(0, Unit::Epoch), Ok(0));
        assert_eq!(extract_date(-3, Unit::IsoDayOfWeek), Ok(1_000_000));
        assert_eq!(extract_time(3_723_500_000, Unit::Hour), 1_000_000);
        assert_eq!(extract_time(3_723_500_000, Unit::Epoch), 3_723_500_000);
        assert_eq!(extract_date(i64::MAX, Unit::Day), Err(Fault::DateOutOfRange));
    }

    #[test]
    fn dates_are_made_of_parts() {
        let arena = bumpalo::Bump::new();
        assert_eq!(make_date(2024, 2, 29).and_then(|days| date_to_text(days, &arena)), Ok("2024-02-29"));
        assert_eq!(make_date(2023, 2, 29), Err(Fault::NoSuchDate));
        assert_eq!(make_date(i64::MAX, i64::MIN, 1), Err(Fault::NoSuchDate));
        assert_eq!(make_time(23, 59, 59.999_999_9), Ok(86_400_000_000));
        assert_eq!(make_time(24, 0, 0.0), Ok(86_400_000_000));
        assert_eq!(make_time(24, 0, 0.1), Err(Fault::NoSuchDate));
        assert_eq!(make_time(0, 0, f64::NAN), Err(Fault::NoSuchDate));
        assert_eq!(make_timestamp(1970, 1, 1, 0, 0, 1.5), Ok(1_500_000));
        assert_eq!(from_epoch(1.5), Ok(1_500_000));
        assert_eq!(from_epoch(f64::NAN), Err(Fault::NumberNotFinite));
        assert_eq!(from_epoch(f64::INFINITY), Err(Fault::DateOutOfRange));
        assert_eq!(from_epoch(-1e300), Err(Fault::DateOutOfRange));
    }

    #[test]
    fn days_are_added_within_the_years() {
        let first = text_to_date("2024-02-28").unwrap();
        assert_eq!(add_days(first, 2), text_to_date("2024-03-01"));
        assert_eq!(add_days(first, i64::MAX), Err(Fault::DateOutOfRange));
        assert_eq!(days_between(first, 0), Ok(19_781));
        assert_eq!(days_between(i64::MAX, i64::MIN), Err(Fault::DateOutOfRange));
    }
}

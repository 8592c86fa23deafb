//! Intervals, and what they do to timestamps.

use std::cmp::Ordering;

use super::civil::{self, Civil, DAY, MINUTE, SECOND};
use super::date::of_time;
use crate::Fault;
use crate::constants::{Interval, Unit};

/// Beyond it a day is far outside the years whatever is added.
const FARTHEST_DAY: i64 = 100_000_000;
const SECONDS_OF_DAY: f64 = 86_400.0;

/// `timestamp + interval`: months first, the day cut to the month's last, then days, then
/// microseconds.
pub fn add_to_timestamp(micros: i64, interval: Interval) -> Result<i64, Fault> {
    let (mut days, time) = civil::split(micros)?;
    if interval.months != 0 {
        let Civil { year, month, day } = civil::civil(days);
        let months = year * 12 + (month - 1) + i64::from(interval.months);
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        days = civil::days_of(year, month, day.min(civil::days_in_month(year, month)));
    }
    days += i64::from(interval.days);
    if days.abs() > FARTHEST_DAY {
        return Err(Fault::DateOutOfRange);
    }
    (days * DAY + time).checked_add(interval.micros).ok_or(Fault::DateOutOfRange).and_then(civil::checked_micros)
}

/// `time + interval`: around midnight; months and days do nothing.
#[must_use]
pub fn add_to_time(micros: i64, interval: Interval) -> i64 {
    (micros.rem_euclid(DAY) + interval.micros.rem_euclid(DAY)).rem_euclid(DAY)
}

/// `timestamp - timestamp`: days and microseconds.
pub fn between(left: i64, right: i64) -> Result<Interval, Fault> {
    let micros = civil::checked_micros(left)? - civil::checked_micros(right)?;
    Ok(Interval { months: 0, days: (micros / DAY) as i32, micros: micros % DAY })
}

/// `age(timestamp, timestamp)`: years, months, days and microseconds as a calendar counts them.
pub fn age(left: i64, right: i64) -> Result<Interval, Fault> {
    let (later, earlier) = (left.max(right), left.min(right));
    let (later_days, later_time) = civil::split(later)?;
    let (earlier_days, earlier_time) = civil::split(earlier)?;
    let (to, from) = (civil::civil(later_days), civil::civil(earlier_days));
    let mut time = later_time - earlier_time;
    let mut days = to.day - from.day;
    let mut months = (to.year - from.year) * 12 + to.month - from.month;
    if time < 0 {
        time += DAY;
        days -= 1;
    }
    while days < 0 {
        // The month that is cut is the earlier moment's.
        days += civil::days_in_month(from.year, from.month);
        months -= 1;
    }
    let sign = if left < right { -1 } else { 1 };
    Ok(Interval { months: (sign * months) as i32, days: (sign * days) as i32, micros: sign * time })
}

/// `interval + interval`.
pub fn add(left: Interval, right: Interval) -> Result<Interval, Fault> {
    let sum = || {
        Some(Interval {
            months: left.months.checked_add(right.months)?,
            days: left.days.checked_add(right.days)?,
            micros: left.micros.checked_add(right.micros)?,
        })
    };
    sum().ok_or(Fault::IntervalOutOfRange)
}

/// `interval * integer`.
pub fn multiply(interval: Interval, factor: i64) -> Result<Interval, Fault> {
    let times = |value: i32| i64::from(value).checked_mul(factor).and_then(|product| i32::try_from(product).ok());
    let product = || {
        Some(Interval {
            months: times(interval.months)?,
            days: times(interval.days)?,
            micros: interval.micros.checked_mul(factor)?,
        })
    };
    product().ok_or(Fault::IntervalOutOfRange)
}

/// `interval * double precision`.
pub fn scale(interval: Interval, factor: f64) -> Result<Interval, Fault> {
    scaled(interval, |part| part * factor)
}

/// `interval / double precision`.
pub fn divide(interval: Interval, divisor: f64) -> Result<Interval, Fault> {
    if divisor == 0.0 {
        return Err(Fault::DivisionByZero);
    }
    scaled(interval, |part| part / divisor)
}

/// Each part by itself: what is no whole month becomes days, 30 to the month, and what is no whole
/// day time. It is PostgreSQL's way, with its rounding to a millionth at each step.
fn scaled(interval: Interval, scale: impl Fn(f64) -> f64) -> Result<Interval, Fault> {
    let rounded = |value: f64| (value * 1e6).round_ties_even() / 1e6;
    let (in_months, in_days) = (scale(f64::from(interval.months)), scale(f64::from(interval.days)));
    let (months, days) = (whole(in_months)?, whole(in_days)?);
    let days_of_months = rounded((in_months - f64::from(months)) * 30.0);
    let mut seconds = rounded((in_days - f64::from(days) + days_of_months - days_of_months.trunc()) * SECONDS_OF_DAY);
    let days_of_seconds = (seconds / SECONDS_OF_DAY).trunc();
    seconds -= days_of_seconds * SECONDS_OF_DAY;
    let micros = (scale(interval.micros as f64) + seconds * 1e6).round_ties_even();
    // Two to the 63rd is a double, one less is not. NaN is within nothing.
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&micros) {
        return Err(Fault::IntervalOutOfRange);
    }
    let days = days.checked_add(days_of_seconds as i32).and_then(|days| days.checked_add(days_of_months as i32));
    Ok(Interval { months, days: days.ok_or(Fault::IntervalOutOfRange)?, micros: micros as i64 })
}

fn whole(value: f64) -> Result<i32, Fault> {
    let fits = (-2_147_483_648.0..2_147_483_648.0).contains(&value);
    if fits { Ok(value as i32) } else { Err(Fault::IntervalOutOfRange) }
}

/// `-interval`.
pub fn negate(interval: Interval) -> Result<Interval, Fault> {
    multiply(interval, -1)
}

/// The order of intervals by their length, months of 30 days and days of 24 hours.
#[must_use]
pub fn compare(left: Interval, right: Interval) -> Ordering {
    let length = |interval: Interval| {
        let days = i128::from(interval.months) * 30 + i128::from(interval.days);
        days * i128::from(DAY) + i128::from(interval.micros)
    };
    length(left).cmp(&length(right))
}

/// `extract(unit from interval)`: six digits after the point; in an epoch a year has 365.25 days.
#[must_use]
pub fn extract(interval: Interval, unit: Unit) -> i128 {
    let (years, months) = (i64::from(interval.months / 12), i64::from(interval.months % 12));
    let days = i64::from(interval.days);
    let whole = match unit {
        Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute => {
            return i128::from(of_time(interval.micros % (60 * MINUTE), unit).unwrap_or(0));
        }
        Unit::Hour => interval.micros / (60 * MINUTE),
        Unit::Day => days,
        Unit::Month => months,
        Unit::Quarter => months / 3 + 1,
        Unit::Year => years,
        Unit::Decade => years / 10,
        Unit::Century => years / 100,
        Unit::Millennium => years / 1000,
        Unit::Epoch => {
            let quarters_of_days = years * 1461 + months * 120 + days * 4;
            return i128::from(quarters_of_days) * i128::from(DAY / 4) + i128::from(interval.micros);
        }
        _ => 0,
    };
    i128::from(whole) * i128::from(SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::cast::{interval_to_text, text_to_timestamp};

    fn at(text: &str) -> i64 {
        text_to_timestamp(text).unwrap()
    }

    fn interval(months: i32, days: i32, micros: i64) -> Interval {
        Interval { months, days, micros }
    }

    #[test]
    fn months_cut_the_day_before_days_are_added() {
        let cases = [
            ("2024-01-31", interval(1, 0, 0), "2024-02-29"),
            ("2024-01-31", interval(1, 1, 0), "2024-03-01"),
            ("2024-03-31", interval(-1, 0, 0), "2024-02-29"),
            ("2024-02-29", interval(12, 0, 0), "2025-02-28"),
            ("2024-02-29", interval(-48, 0, 0), "2020-02-29"),
            ("2024-12-31 23:00", interval(0, 0, 7_200_000_000), "2025-01-01 01:00"),
            ("2024-01-15", interval(-13, 0, 0), "2022-12-15"),
        ];
        for (start, interval, end) in cases {
            assert_eq!(add_to_timestamp(at(start), interval), Ok(at(end)), "{start} {interval:?}");
        }
        for far in
            [interval(i32::MAX, 0, 0), interval(i32::MIN, 0, 0), interval(0, i32::MAX, 0), interval(0, 0, i64::MAX)]
        {
            assert_eq!(add_to_timestamp(at("2024-01-01"), far), Err(Fault::DateOutOfRange));
        }
        assert_eq!(add_to_time(82_800_000_000, interval(1, 1, 7_200_000_000)), 3_600_000_000);
        assert_eq!(add_to_time(0, interval(0, 0, i64::MIN)), i64::MIN.rem_euclid(DAY));
    }

    #[test]
    fn ages_are_counted_by_the_calendar() {
        let arena = bumpalo::Bump::new();
        let cases = [
            ("2001-04-10", "1957-06-13", "43 years 9 mons 27 days"),
            ("1957-06-13", "2001-04-10", "-43 years -9 mons -27 days"),
            ("2024-03-01", "2024-02-29", "1 day"),
            ("2024-03-01 00:00", "2024-01-31 12:00", "1 mon 12:00:00"),
            ("2024-01-01", "2024-01-01", "00:00:00"),
        ];
        for (left, right, expected) in cases {
            assert_eq!(
                age(at(left), at(right)).map(|age| interval_to_text(age, &arena)),
                Ok(expected),
                "{left} {right}"
            );
        }
        assert_eq!(between(at("2024-01-02 01:00"), at("2024-01-01")), Ok(interval(0, 1, 3_600_000_000)));
        assert_eq!(between(at("2024-01-01"), at("2024-01-02 01:00")), Ok(interval(0, -1, -3_600_000_000)));
        assert_eq!(age(i64::MAX, 0), Err(Fault::DateOutOfRange));
        assert_eq!(between(i64::MAX, i64::MIN), Err(Fault::DateOutOfRange));
    }

    #[test]
    fn intervals_are_computed_part_by_part() {
        assert_eq!(add(interval(1, 2, 3), interval(10, 20, 30)), Ok(interval(11, 22, 33)));
        assert_eq!(add(interval(i32::MAX, 0, 0), interval(1, 0, 0)), Err(Fault::IntervalOutOfRange));
        assert_eq!(multiply(interval(1, -2, 3), -3), Ok(interval(-3, 6, -9)));
        assert_eq!(multiply(interval(0, 0, i64::MAX), 2), Err(Fault::IntervalOutOfRange));
        assert_eq!(negate(interval(i32::MIN, 0, 0)), Err(Fault::IntervalOutOfRange));
        assert_eq!(compare(interval(1, 0, 0), interval(0, 30, 0)), Ordering::Equal);
        assert_eq!(compare(interval(0, 0, DAY), interval(0, 2, 0)), Ordering::Less);
    }

    #[test]
    fn parts_of_intervals_are_extracted() {
        let long = interval(-14, 3, 100 * 60 * MINUTE + 90_500_000);
        let cases = [
            (Unit::Year, -1_000_000),
            (Unit::Month, -2_000_000),
            (Unit::Day, 3_000_000),
            (Unit::Hour, 100_000_000),
            (Unit::Minute, 1_000_000),
            (Unit::Second, 30_500_000),
            (Unit::Millisecond, 30_500_000_000),
        ];
        for (unit, expected) in cases {
            assert_eq!(extract(long, unit), expected, "{unit:?}");
        }
        assert_eq!(extract(interval(12, 0, 0), Unit::Epoch), 31_557_600_000_000);
        assert_eq!(extract(interval(1, 1, 1), Unit::Epoch), 31 * 86_400_000_000 + 1);
    }

    #[test]
    fn parts_that_are_not_whole_become_smaller_ones() {
        let hours = |hours: i64| hours * 60 * MINUTE;
        let cases = [
            (interval(1, 0, 0), 1.5, Ok(interval(1, 15, 0))),
            (interval(1, 0, 0), 0.55, Ok(interval(0, 16, hours(12)))),
            (interval(0, 1, 0), 0.5, Ok(interval(0, 0, hours(12)))),
            (interval(0, -1, 0), 1.25, Ok(interval(0, -1, -hours(6)))),
            (interval(0, 0, hours(1)), 0.25, Ok(interval(0, 0, 15 * MINUTE))),
            (interval(0, 0, 1), 0.5, Ok(interval(0, 0, 0))),
            (interval(13, -40, 0), -2.0, Ok(interval(-26, 80, 0))),
            (interval(1, 0, 0), f64::NAN, Err(Fault::IntervalOutOfRange)),
            (interval(0, 0, 1), f64::INFINITY, Err(Fault::IntervalOutOfRange)),
            (interval(i32::MAX, 0, 0), 1.5, Err(Fault::IntervalOutOfRange)),
            (interval(0, 0, i64::MAX), 2.0, Err(Fault::IntervalOutOfRange)),
        ];
        for (value, factor, expected) in cases {
            assert_eq!(scale(value, factor), expected, "{value:?} * {factor}");
        }
        assert_eq!(divide(interval(1, 1, 0), 4.0), Ok(interval(0, 7, hours(18))));
        assert_eq!(divide(interval(1, 0, 0), 0.0), Err(Fault::DivisionByZero));
        assert_eq!(divide(interval(1, 0, 0), -0.0), Err(Fault::DivisionByZero));
    }
}

//! The calendar: days since 1970-01-01 and years, months and days, in the years 1 to 9999.

use crate::Fault;

/// Microseconds of a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Microseconds of a minute.
pub(super) const MINUTE: i64 = 60 * SECOND;
/// Microseconds of an hour.
pub(super) const HOUR: i64 = 60 * MINUTE;
/// Microseconds of a day.
pub(super) const DAY: i64 = 24 * HOUR;
/// Eras of 400 years, more than any interval has before the year 0.
const ERAS: i64 = 1_000_000;
/// 0001-01-01.
const FIRST_DAY: i64 = -719_162;
/// 9999-12-31.
const LAST_DAY: i64 = 2_932_896;

/// The months' short English names.
pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// The weekdays' English names, from Sunday.
pub(super) const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

/// The days, when they are within the years.
#[inline]
pub(super) fn checked_days(days: i64) -> Result<i64, Fault> {
    if (FIRST_DAY..=LAST_DAY).contains(&days) { Ok(days) } else { Err(Fault::DateOutOfRange) }
}

/// The microseconds, when they are within the years.
#[inline]
pub(super) fn checked_micros(micros: i64) -> Result<i64, Fault> {
    if (FIRST_DAY * DAY..(LAST_DAY + 1) * DAY).contains(&micros) { Ok(micros) } else { Err(Fault::DateOutOfRange) }
}

/// The day and the time within it of a timestamp within the years.
#[inline]
pub(super) fn split(micros: i64) -> Result<(i64, i64), Fault> {
    let micros = checked_micros(micros)?;
    Ok((micros.div_euclid(DAY), micros.rem_euclid(DAY)))
}

/// The day of the calendar. The calendar is counted from March, so that a leap day ends a year.
#[inline]
pub(super) fn civil(days: i64) -> Civil {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    Civil { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
}

/// The days since 1970-01-01 of a day of the calendar that exists.
#[inline]
pub(super) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // Above zero, 32 bits are enough for the divisions.
    let years = (year - i64::from(month <= 2) + ERAS * 400) as u32;
    let leap_days = years / 4 - years / 100 + years / 400;
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = i64::from((153 * month_from_march as u32 + 2) / 5) + day - 1;
    i64::from(years) * 365 + i64::from(leap_days) + day_of_year - 719_468 - ERAS * 146_097
}

/// The days since 1970-01-01, when such a day exists within the years.
#[inline]
pub(super) fn checked_date(year: i64, month: i64, day: i64) -> Result<i64, Fault> {
    if !(1..=12).contains(&month) || day < 1 || year == 0 {
        return Err(Fault::NoSuchDate);
    }
    if !(1..=9999).contains(&year) {
        return Err(Fault::DateOutOfRange);
    }
    if day > days_in_month(year, month) {
        return Err(Fault::NoSuchDate);
    }
    Ok(days_of(year, month, day))
}

/// How many days a month has.
#[inline]
pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Whether a year has a 29th of February.
#[inline]
pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// 0 for Sunday to 6.
#[inline]
pub(super) fn weekday(days: i64) -> i64 {
    (days + 4).rem_euclid(7)
}

/// From 1.
#[inline]
pub(super) fn day_of_year(days: i64, year: i64) -> i64 {
    days - days_of(year, 1, 1) + 1
}

/// The Monday of the first ISO week of a year: the week with the 4th of January.
fn first_iso_week(year: i64) -> i64 {
    let fourth = days_of(year, 1, 4);
    fourth - (weekday(fourth) + 6) % 7
}

/// The ISO year of a day, and its week from 1.
pub(super) fn iso_week(days: i64) -> (i64, i64) {
    let year = civil(days).year;
    let (start, year) = match first_iso_week(year) {
        start if days < start => (first_iso_week(year - 1), year - 1),
        start => match first_iso_week(year + 1) {
            next if days >= next => (next, year + 1),
            _ => (start, year),
        },
    };
    (year, (days - start) / 7 + 1)
}

/// The first day of an ISO year.
pub(super) fn iso_year_start(year: i64) -> i64 {
    first_iso_week(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_years_is_found_back() {
        for days in (FIRST_DAY..=LAST_DAY).step_by(7) {
            let Civil { year, month, day } = civil(days);
            assert_eq!(checked_date(year, month, day), Ok(days));
        }
        assert_eq!(civil(FIRST_DAY), Civil { year: 1, month: 1, day: 1 });
        assert_eq!(civil(LAST_DAY), Civil { year: 9999, month: 12, day: 31 });
        assert_eq!(civil(0), Civil { year: 1970, month: 1, day: 1 });
    }

    #[test]
    fn days_that_do_not_exist_are_told_from_those_out_of_range() {
        assert_eq!(checked_date(2023, 2, 29), Err(Fault::NoSuchDate));
        assert_eq!(checked_date(1900, 2, 29), Err(Fault::NoSuchDate));
        assert!(checked_date(2000, 2, 29).is_ok());
        assert_eq!(checked_date(2023, 13, 1), Err(Fault::NoSuchDate));
        assert_eq!(checked_date(10_000, 1, 1), Err(Fault::DateOutOfRange));
        assert_eq!(checked_date(0, 1, 1), Err(Fault::NoSuchDate));
    }

    #[test]
    fn iso_weeks_belong_to_the_year_of_their_thursday() {
        let cases = [
            ((2021, 1, 3), (2020, 53)),
            ((2021, 1, 4), (2021, 1)),
            ((2024, 12, 30), (2025, 1)),
            ((2016, 1, 1), (2015, 53)),
            ((1970, 1, 1), (1970, 1)),
        ];
        for ((year, month, day), expected) in cases {
            assert_eq!(iso_week(days_of(year, month, day)), expected);
        }
    }
}

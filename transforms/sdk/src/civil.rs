//! Days and clock times of the Gregorian calendar, without a library.

/// Microseconds of a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds of a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds of an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Microseconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// Days from 1970-01-01 to a date; `None` when there is no such date in the years 1 to 9999.
#[must_use]
pub fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_date = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    is_date.then(|| days_unchecked(year, month, day))
}

/// Year, month and day of a number of days from 1970-01-01.
#[must_use]
pub fn date(days: i64) -> (i64, i64, i64) {
    // Counted in eras of 400 years that begin on the first of March, so that the leap day is last.
    let since = days + 719_468;
    let era = since.div_euclid(146_097);
    let day_of_era = since.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

/// The weekday of a number of days from 1970-01-01: 0 for Sunday.
#[must_use]
pub fn weekday(days: i64) -> i64 {
    (days + 4).rem_euclid(7)
}

fn days_unchecked(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_survives() {
        let (mut expected, last) = (days(1800, 1, 1).unwrap(), days(2200, 12, 31).unwrap());
        assert_eq!((days(1970, 1, 1), weekday(0)), (Some(0), 4));
        while expected <= last {
            let (year, month, day) = date(expected);
            assert_eq!(days(year, month, day), Some(expected));
            expected += 1;
        }
    }

    #[test]
    fn what_is_no_date_has_no_day() {
        for (year, month, day) in [(2013, 2, 29), (2013, 0, 1), (2013, 13, 1), (2013, 4, 31), (2013, 1, 0), (0, 1, 1)] {
            assert_eq!(days(year, month, day), None);
        }
        assert!(days(2012, 2, 29).is_some() && days(2000, 2, 29).is_some() && days(1900, 2, 29).is_none());
    }
}

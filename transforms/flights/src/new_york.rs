//! New York's clock: five hours behind UTC, four in summer.

use sdk::civil::{DAY, HOUR, date, days, weekday};

/// The point in time at which New York's clock shows `local` (microseconds since
/// 1970-01-01T00:00:00 on that clock). `None` before 2007, when summer time had other dates.
///
/// The hour that is skipped in March is read as winter time, the one that comes twice in November
/// as its first coming.
pub(crate) fn to_utc(local: i64) -> Option<i64> {
    let (year, _, _) = date(local.div_euclid(DAY));
    if year < 2007 {
        return None;
    }
    let begin = sunday(year, 3, 2)? * DAY + 3 * HOUR;
    let end = sunday(year, 11, 1)? * DAY + 2 * HOUR;
    let behind = if (begin..end).contains(&local) { 4 * HOUR } else { 5 * HOUR };
    Some(local + behind)
}

/// The `number`-th Sunday of a month, as days since 1970-01-01.
fn sunday(year: i64, month: i64, number: i64) -> Option<i64> {
    let first = days(year, month, 1)?;
    Some(first + (7 - weekday(first)) % 7 + (number - 1) * 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(year: i64, month: i64, day: i64, hour: i64) -> i64 {
        let local = days(year, month, day).unwrap() * DAY + hour * HOUR;
        (to_utc(local).unwrap() - local) / HOUR
    }

    #[test]
    fn summer_time_lasts_from_the_second_sunday_in_march_to_the_first_in_november() {
        assert_eq!([behind(2013, 1, 1, 5), behind(2013, 3, 10, 1), behind(2013, 3, 10, 2)], [5, 5, 5]);
        assert_eq!([behind(2013, 3, 10, 3), behind(2013, 7, 4, 12), behind(2013, 11, 3, 1)], [4, 4, 4]);
        assert_eq!([behind(2013, 11, 3, 2), behind(2020, 3, 8, 3), behind(2020, 11, 1, 2)], [5, 4, 5]);
    }

    #[test]
    fn earlier_years_are_not_guessed() {
        assert_eq!(to_utc(days(2006, 12, 31).unwrap() * DAY), None);
    }
}

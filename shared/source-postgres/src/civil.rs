//! Days and microseconds as the dates and times PostgreSQL writes, over its whole range.

use std::fmt::Write as _;

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL begins to count.
pub(crate) const EPOCH_DAYS: i32 = 10_957;
/// Microseconds from 1970-01-01 to 2000-01-01.
pub(crate) const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * DAY_MICROS;
/// Microseconds of a day.
pub(crate) const DAY_MICROS: i64 = 86_400_000_000;

/// Appends a date; `days` are counted from 2000-01-01.
pub(crate) fn write_date(days: i64, text: &mut String) {
    let (year, month, day) = year_month_day(days + i64::from(EPOCH_DAYS));
    let (shown, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    let _ = write!(text, "{shown:04}-{month:02}-{day:02}{era}");
}

/// Appends a time of day.
pub(crate) fn write_time(micros: i64, text: &mut String) {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let _ = write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction != 0 {
        let _ = write!(text, ".{fraction:06}");
    }
}

/// Appends a date and time; `micros` are counted from 2000-01-01. `zone` follows the time.
pub(crate) fn write_timestamp(micros: i64, zone: &str, text: &mut String) {
    let start = text.len();
    write_date(micros.div_euclid(DAY_MICROS), text);
    let is_before_christ = text.ends_with(" BC");
    if is_before_christ {
        text.truncate(text.len() - " BC".len());
    }
    debug_assert!(text.len() > start);
    text.push(' ');
    write_time(micros.rem_euclid(DAY_MICROS), text);
    text.push_str(zone);
    if is_before_christ {
        text.push_str(" BC");
    }
}

/// Counts in cycles of 400 years that begin in March, so that the leap day is the last of a year.
fn year_month_day(days_since_1970: i64) -> (i64, i64, i64) {
    let shifted = days_since_1970 + 719_468;
    let (cycle, day_of_cycle) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_cycle + cycle * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_postgres_writes_them_over_its_whole_range() {
        for (days, expected) in [
            (0, "2000-01-01"),
            (-1, "1999-12-31"),
            (59, "2000-02-29"),
            (60, "2000-03-01"),
            (-730_119, "0001-01-01"),
            (-730_120, "0001-12-31 BC"),
            (-2_451_545, "4714-11-24 BC"),
            (2_145_031_948, "5874897-12-31"),
        ] {
            let mut text = String::new();
            write_date(days, &mut text);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn timestamps_keep_their_microseconds_and_their_era() {
        for (micros, expected) in [
            (0, "2000-01-01 00:00:00+00"),
            (1, "2000-01-01 00:00:00.000001+00"),
            (-1, "1999-12-31 23:59:59.999999+00"),
            (-63_082_368_000_000_000, "0001-12-31 00:00:00+00 BC"),
        ] {
            let mut text = String::new();
            write_timestamp(micros, "+00", &mut text);
            assert_eq!(text, expected);
        }
    }
}

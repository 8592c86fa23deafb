//! Times and UUIDs as texts, in forms that sort as the values do.
//!
//! Microseconds are written when there are any. Still, `+` sorts before `.`, so
//! `10:17:00+00:00` comes before `10:17:00.000001+00:00`; a `Z` would not.

use std::fmt::Write;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike};

/// Days from 0000-12-31 (day 0 of the common era) to 1970-01-01.
const EPOCH_DAY: i32 = 719_163;

const MICROS: i64 = 1_000_000;

/// `2013-01-31`; `None` outside the years 0 to 9999.
pub(crate) fn date(days: i32) -> Option<String> {
    let date = NaiveDate::from_num_days_from_ce_opt(days.checked_add(EPOCH_DAY)?)?;
    let mut text = String::with_capacity(10);
    push_date(&mut text, date)?;
    Some(text)
}

/// `05:17:00` or `05:17:00.123456`; `None` outside a day.
pub(crate) fn time(micros: i64) -> Option<String> {
    let seconds = u32::try_from(micros.div_euclid(MICROS)).ok()?;
    let nanos = u32::try_from(micros.rem_euclid(MICROS)).ok()? * 1000;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)?;
    let mut text = String::with_capacity(15);
    push_time(&mut text, time)?;
    Some(text)
}

/// `2013-01-31 05:17:00`, with microseconds when there are any; `None` outside the years 0 to 9999.
pub(crate) fn timestamp(micros: i64) -> Option<String> {
    let moment = DateTime::from_timestamp_micros(micros)?.naive_utc();
    let mut text = String::with_capacity(32);
    push_date(&mut text, moment.date())?;
    text.push(' ');
    push_time(&mut text, moment.time())?;
    Some(text)
}

/// The same, followed by `+00:00`.
pub(crate) fn zoned_timestamp(micros: i64) -> Option<String> {
    let mut text = timestamp(micros)?;
    text.push_str("+00:00");
    Some(text)
}

/// `01234567-89ab-cdef-0123-456789abcdef`.
pub(crate) fn uuid(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for half in [byte >> 4, byte & 15] {
            text.push(char::from(DIGITS[usize::from(half)]));
        }
    }
    text
}

fn push_date(text: &mut String, date: NaiveDate) -> Option<()> {
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
    push_two(text, year / 100);
    push_two(text, year % 100);
    text.push('-');
    push_two(text, date.month());
    text.push('-');
    push_two(text, date.day());
    Some(())
}

fn push_time(text: &mut String, time: NaiveTime) -> Option<()> {
    push_two(text, time.hour());
    text.push(':');
    push_two(text, time.minute());
    text.push(':');
    push_two(text, time.second());
    match time.nanosecond() / 1000 {
        0 => Some(()),
        micros => write!(text, ".{micros:06}").ok(),
    }
}

/// A number below 100 as two digits.
fn push_two(text: &mut String, number: u32) {
    for digit in [number / 10, number % 10] {
        text.extend(char::from_digit(digit, 10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_so_that_they_sort() {
        let moments = [-62_135_596_800_000_000, -1, 0, 1, 500_000, 1_356_998_400_000_000, 253_402_300_799_999_999];
        for text_of in [timestamp, zoned_timestamp] {
            let texts: Vec<String> = moments.iter().filter_map(|micros| text_of(*micros)).collect();
            assert_eq!(texts.len(), moments.len());
            assert!(texts.is_sorted(), "{texts:?}");
        }
        assert_eq!(timestamp(1_356_998_400_000_000).unwrap(), "2013-01-01 00:00:00");
        assert_eq!(zoned_timestamp(1_356_998_400_000_001).unwrap(), "2013-01-01 00:00:00.000001+00:00");
        assert_eq!(zoned_timestamp(-1).unwrap(), "1969-12-31 23:59:59.999999+00:00");
    }

    #[test]
    fn days_and_times_of_day_have_one_form() {
        assert_eq!(date(0).unwrap(), "1970-01-01");
        assert_eq!(date(-719_162).unwrap(), "0001-01-01");
        assert_eq!(time(19_020_000_000).unwrap(), "05:17:00");
        assert_eq!(time(86_399_999_999).unwrap(), "23:59:59.999999");
    }

    #[test]
    fn what_is_out_of_range_has_no_text() {
        assert_eq!([date(i32::MAX), date(2_932_897), date(-719_529)], [None, None, None]);
        assert_eq!([time(-1), time(86_400_000_000)], [None, None]);
        assert_eq!([timestamp(i64::MAX), timestamp(253_402_300_800_000_000)], [None, None]);
    }

    #[test]
    fn a_uuid_is_lowercase_with_hyphens() {
        assert_eq!(uuid(&[0xAB; 16]), "abababab-abab-abab-abab-abababababab");
    }
}

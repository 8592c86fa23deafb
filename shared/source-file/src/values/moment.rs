//! Days, times of day and moments, ISO 8601, to the microsecond.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::values::Mismatch;

const NO_DATE: Mismatch = Mismatch("text that is no date of the form YYYY-MM-DD");
const NO_SUCH_DAY: Mismatch = Mismatch("a day that is in no calendar");
const NO_TIME: Mismatch = Mismatch("text that is no time of day of the form HH:MM:SS");
const NO_TIMESTAMP: Mismatch = Mismatch("text that is no timestamp of the form YYYY-MM-DDTHH:MM:SS");
const TOO_FINE: Mismatch = Mismatch("a time finer than a microsecond");
const ZONE_GIVEN: Mismatch = Mismatch("a timestamp with a zone, which would be lost; declare `timestamp(us,UTC)`");
const ZONE_MISSING: Mismatch = Mismatch("a timestamp without a zone; set `timezone`");
const CLOCK_SKIPPED: Mismatch = Mismatch("a clock time that the time zone skips");

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A day, in days since 1970-01-01.
pub(crate) fn date(text: &[u8]) -> Result<i32, Mismatch> {
    match take_date(text)? {
        (days, []) => Ok(days),
        _ => Err(NO_DATE),
    }
}

/// A time of day, in microseconds since midnight.
pub(crate) fn time(text: &[u8]) -> Result<i64, Mismatch> {
    match take_time(text)? {
        (micros, []) => Ok(micros),
        _ => Err(NO_TIME),
    }
}

/// A clock's reading, in microseconds since 1970-01-01 on that clock.
pub(crate) fn clock_time(text: &[u8]) -> Result<i64, Mismatch> {
    match take_timestamp(text)? {
        (micros, None) => Ok(micros),
        (_, Some(_)) => Err(ZONE_GIVEN),
    }
}

/// A point in time, in microseconds UTC. Without a zone in the text it is read in `zone`; of a
/// clock time that comes twice, the earlier point is taken.
pub(crate) fn instant(text: &[u8], zone: Option<Tz>) -> Result<i64, Mismatch> {
    match (take_timestamp(text)?, zone) {
        ((micros, Some(offset)), _) => Ok(micros - offset * MICROS_PER_SECOND),
        ((micros, None), Some(zone)) => in_zone(micros, zone),
        ((_, None), None) => Err(ZONE_MISSING),
    }
}

fn in_zone(micros: i64, zone: Tz) -> Result<i64, Mismatch> {
    let clock = DateTime::from_timestamp_micros(micros).ok_or(NO_TIMESTAMP)?.naive_utc();
    let found = zone.offset_from_local_datetime(&clock).earliest().ok_or(CLOCK_SKIPPED)?;
    Ok(micros - i64::from(found.fix().local_minus_utc()) * MICROS_PER_SECOND)
}

fn take_timestamp(text: &[u8]) -> Result<(i64, Option<i64>), Mismatch> {
    let (days, rest) = take_date(text).map_err(|mismatch| if mismatch == NO_DATE { NO_TIMESTAMP } else { mismatch })?;
    let [b'T' | b't' | b' ', clock @ ..] = rest else { return Err(NO_TIMESTAMP) };
    let (time, zone) =
        take_time(clock).map_err(|mismatch| if mismatch == NO_TIME { NO_TIMESTAMP } else { mismatch })?;
    let micros = i64::from(days) * SECONDS_PER_DAY * MICROS_PER_SECOND + time;
    Ok((micros, take_zone(zone)?))
}

fn take_date(text: &[u8]) -> Result<(i32, &[u8]), Mismatch> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, rest @ ..] = text else { return Err(NO_DATE) };
    let year = two(*y1, *y2).zip(two(*y3, *y4)).map(|(high, low)| high * 100 + low).ok_or(NO_DATE)?;
    let month = two(*m1, *m2).ok_or(NO_DATE)?;
    let day = two(*d1, *d2).ok_or(NO_DATE)?;
    let exists = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    if exists { Ok((days_since_epoch(year, month, day), rest)) } else { Err(NO_SUCH_DAY) }
}

fn take_time(text: &[u8]) -> Result<(i64, &[u8]), Mismatch> {
    let [h1, h2, b':', m1, m2, rest @ ..] = text else { return Err(NO_TIME) };
    let (hour, minute) = two(*h1, *h2).zip(two(*m1, *m2)).ok_or(NO_TIME)?;
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (two(*s1, *s2).ok_or(NO_TIME)?, rest),
        rest => (0, rest),
    };
    if hour > 23 || minute > 59 || second > 59 {
        return Err(NO_TIME);
    }
    let (micros, rest) = take_fraction(rest)?;
    let seconds = i64::from((hour * 60 + minute) * 60 + second);
    Ok((seconds * MICROS_PER_SECOND + micros, rest))
}

fn take_fraction(text: &[u8]) -> Result<(i64, &[u8]), Mismatch> {
    let [b'.', behind @ ..] = text else { return Ok((0, text)) };
    let length = behind.iter().take_while(|digit| digit.is_ascii_digit()).count();
    let (digits, rest) = behind.split_at(length);
    if digits.is_empty() {
        return Err(NO_TIME);
    }
    if digits.iter().skip(6).any(|digit| *digit != b'0') {
        return Err(TOO_FINE);
    }
    let six = digits.iter().chain(std::iter::repeat(&b'0')).take(6);
    Ok((six.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')), rest))
}

/// The offset in seconds; `None` when there is no zone.
fn take_zone(text: &[u8]) -> Result<Option<i64>, Mismatch> {
    let (sign, hours, minutes) = match text {
        [] => return Ok(None),
        [b'Z' | b'z'] => return Ok(Some(0)),
        [sign, h1, h2] => (sign, two(*h1, *h2), Some(0)),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, two(*h1, *h2), two(*m1, *m2)),
        _ => return Err(NO_TIMESTAMP),
    };
    let (hours, minutes) = hours.zip(minutes).filter(|(h, m)| *h < 24 && *m < 60).ok_or(NO_TIMESTAMP)?;
    let seconds = i64::from(hours * 3600 + minutes * 60);
    match sign {
        b'+' => Ok(Some(seconds)),
        b'-' => Ok(Some(-seconds)),
        _ => Err(NO_TIMESTAMP),
    }
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts from 1 March of year 0, so that the leap day is the last of its year.
fn days_since_epoch(year: u32, month: u32, day: u32) -> i32 {
    const TO_EPOCH: i32 = 719_468;
    let (march_year, march_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = march_year / 4 - march_year / 100 + march_year / 400;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    (march_year * 365 + leap_days + day_of_year) as i32 - TO_EPOCH
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn every_day_of_the_calendar_agrees_with_chrono() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        let (first, last) = (-719_162, 2_932_896);
        for days in (first..=last).step_by(373).chain([first, last]) {
            let day = epoch + chrono::TimeDelta::days(days);
            let text = day.format("%Y-%m-%d").to_string();
            assert_eq!(date(text.as_bytes()).map(i64::from), Ok(days), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for (text, expected) in [
            ("2013-02-29", NO_SUCH_DAY),
            ("1900-02-29", NO_SUCH_DAY),
            ("2013-13-01", NO_SUCH_DAY),
            ("2013-00-01", NO_SUCH_DAY),
            ("2013-01-00", NO_SUCH_DAY),
            ("0000-01-01", NO_SUCH_DAY),
            ("2013-1-1", NO_DATE),
            ("2013-01-01 ", NO_DATE),
            ("20130101", NO_DATE),
            ("", NO_DATE),
        ] {
            assert_eq!(date(text.as_bytes()), Err(expected), "{text}");
        }
        assert!(date(b"2000-02-29").is_ok());
    }

    #[test]
    fn times_are_kept_to_the_microsecond_and_never_cut() {
        for (text, expected) in [
            ("00:00", Ok(0)),
            ("23:59:59.999999", Ok(86_399_999_999)),
            ("01:02:03.5", Ok(3_723_500_000)),
            ("01:02:03.123456000", Ok(3_723_123_456)),
            ("01:02:03.1234567", Err(TOO_FINE)),
            ("24:00:00", Err(NO_TIME)),
            ("23:59:60", Err(NO_TIME)),
            ("1:02:03", Err(NO_TIME)),
            ("01:02:03.", Err(NO_TIME)),
        ] {
            assert_eq!(time(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_point_in_time_comes_from_its_offset_and_a_clock_time_must_have_none() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01 00:00:00.000001+00", 1),
            ("1970-01-01T02:00:00+02:00", 0),
            ("1969-12-31T18:30:00-0530", 0),
        ] {
            assert_eq!(instant(text.as_bytes(), None), Ok(expected), "{text}");
            assert_eq!(clock_time(text.as_bytes()), Err(ZONE_GIVEN), "{text}");
        }
        assert_eq!(clock_time(b"1970-01-01T00:00"), Ok(0));
        for text in ["1970-01-01", "1970-01-01T00:00:00 Z", "1970-01-01T00:00:00*02", "1970-01-01T00:00:00+24:00"] {
            assert_eq!(instant(text.as_bytes(), None), Err(NO_TIMESTAMP), "{text}");
        }
    }

    #[test]
    fn a_clock_time_is_read_in_its_zone_the_earlier_one_when_it_comes_twice() {
        let new_york = Some(chrono_tz::America::New_York);
        let utc = |text: &str| instant(text.as_bytes(), None);
        assert_eq!(instant(b"2013-01-01 05:17:00", new_york), utc("2013-01-01T10:17:00Z"));
        assert_eq!(instant(b"2013-11-03 01:30:00", new_york), utc("2013-11-03T05:30:00Z"));
        assert_eq!(instant(b"2013-03-10 02:30:00", new_york), Err(CLOCK_SKIPPED));
        assert_eq!(instant(b"2013-01-01 05:17:00Z", new_york), utc("2013-01-01T05:17:00Z"));
        assert_eq!(instant(b"2013-01-01 05:17:00", None), Err(ZONE_MISSING));
    }
}

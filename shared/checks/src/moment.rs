//! Days, times of day and moments from their ISO 8601 text, to the microsecond.

use chrono::{Days, NaiveDate};

const MICROS_PER_SECOND: i64 = 1_000_000;
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// `2026-01-31` as days since 1970-01-01.
pub(crate) fn parse_date(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    let &[_, _, _, _, b'-', _, _, b'-', _, _] = bytes else { return None };
    let year = i32::try_from(number(&bytes[..4])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&bytes[5..7])?, number(&bytes[8..])?)?;
    Some(date.to_epoch_days())
}

/// `05:17`, `05:17:30` or `05:17:30.25` as microseconds since midnight. Finer than a microsecond
/// is refused: it could not be kept.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let (hour, minute, second) = match clock.as_bytes() {
        [hour @ .., b':', m1, m2, b':', s1, s2] if hour.len() == 2 => (hour, [*m1, *m2], [*s1, *s2]),
        [hour @ .., b':', m1, m2] if hour.len() == 2 && fraction.is_none() => (hour, [*m1, *m2], *b"00"),
        _ => return None,
    };
    let (hour, minute, second) = (number(hour)?, number(&minute)?, number(&second)?);
    let is_a_time = hour < 24 && minute < 60 && second < 60;
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    is_a_time.then_some(seconds * MICROS_PER_SECOND + parse_fraction(fraction)?)
}

/// `2026-01-31T05:17:30.25` as microseconds since 1970-01-01. With `zoned` the text names its
/// offset (`Z`, `+08:00`); without, it must not, and may be a date alone.
pub(crate) fn parse_timestamp(text: &str, zoned: bool) -> Option<i64> {
    let date = parse_date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    let (time, offset) = match rest.strip_prefix(['T', 't', ' ']) {
        None if rest.is_empty() && !zoned => (0, 0),
        None => return None,
        Some(clock) if zoned => {
            let (clock, offset) = split_offset(clock)?;
            (parse_time(clock)?, offset)
        }
        Some(clock) => (parse_time(clock)?, 0),
    };
    Some(i64::from(date) * MICROS_PER_DAY + time - offset)
}

/// The day as `2026-01-31`.
pub(crate) fn date_text(days: i32) -> String {
    let epoch = NaiveDate::default();
    let distance = Days::new(u64::from(days.unsigned_abs()));
    let date = if days < 0 { epoch.checked_sub_days(distance) } else { epoch.checked_add_days(distance) };
    date.map_or_else(|| format!("day {days} since 1970-01-01"), |date| date.to_string())
}

/// The time of day as `05:17:30`, with six digits behind the point where it has any.
pub(crate) fn time_text(micros: i64) -> String {
    let (seconds, fraction) = (micros.div_euclid(MICROS_PER_SECOND), micros.rem_euclid(MICROS_PER_SECOND));
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 { clock } else { format!("{clock}.{fraction:06}") }
}

/// The moment as `2026-01-31T05:17:30`, with a `Z` behind when `zoned`.
pub(crate) fn timestamp_text(micros: i64, zoned: bool) -> String {
    let zone = if zoned { "Z" } else { "" };
    match i32::try_from(micros.div_euclid(MICROS_PER_DAY)) {
        Ok(days) => format!("{}T{}{zone}", date_text(days), time_text(micros.rem_euclid(MICROS_PER_DAY))),
        Err(_) => format!("{micros} microseconds since 1970-01-01"),
    }
}

fn split_offset(clock: &str) -> Option<(&str, i64)> {
    if let Some(time) = clock.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let (time, offset) = clock.split_at_checked(clock.rfind(['+', '-'])?)?;
    let minutes = match offset.as_bytes() {
        [_, h1, h2] => number(&[*h1, *h2])? * 60,
        [_, h1, h2, b':', m1, m2] | [_, h1, h2, m1, m2] => number(&[*h1, *h2])? * 60 + number(&[*m1, *m2])?,
        _ => return None,
    };
    // The widest offset ever in use is below 16 hours.
    let size = i64::from(minutes) * 60 * MICROS_PER_SECOND;
    (minutes <= 16 * 60).then_some((time, if offset.starts_with('-') { -size } else { size }))
}

fn parse_fraction(fraction: Option<&str>) -> Option<i64> {
    let Some(fraction) = fraction else { return Some(0) };
    let digits = i32::try_from(fraction.len()).ok().filter(|digits| (1..=6).contains(digits))?;
    let value = i64::from(number(fraction.as_bytes())?);
    Some(value * 10_i64.pow(u32::try_from(6 - digits).ok()?))
}

fn number(digits: &[u8]) -> Option<u32> {
    let all_digits = !digits.is_empty() && digits.len() <= 9 && digits.iter().all(u8::is_ascii_digit);
    all_digits.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_their_text() {
        for text in
            ["1970-01-01T00:00:00", "2013-01-01T05:17:00.000001", "9999-12-31T23:59:59.999999", "0001-01-01T00:00:00"]
        {
            assert_eq!(timestamp_text(parse_timestamp(text, false).unwrap(), false), text);
        }
        for text in ["2013-01-01", "0001-01-01", "9999-12-31"] {
            assert_eq!(date_text(parse_date(text).unwrap()), text);
        }
        for text in ["00:00:00", "23:59:59.999999", "05:17:30"] {
            assert_eq!(time_text(parse_time(text).unwrap()), text);
        }
    }

    #[test]
    fn offsets_lead_to_one_moment() {
        let noon = parse_timestamp("2013-07-01T12:00:00Z", true).unwrap();
        for text in ["2013-07-01 14:00+02", "2013-07-01T14:00:00.0+02:00", "2013-07-01T05:30:00-0630"] {
            assert_eq!(parse_timestamp(text, true), Some(noon), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["", "2013-02-29", "2013-1-01", "13-01-01", "2013-01-01x", "2013/01/01", "２０１３-01-01"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in ["", "24:00", "5:17", "05:60", "05:17:60", "05:17.5", "05:17:00.", "05:17:00.1234567", "+5:17"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        for text in ["2013-01-01", "2013-01-01T00:00:00", "2013-01-01T00:00:00+1", "2013-01-01T00:00:00+99:00"] {
            assert_eq!(parse_timestamp(text, true), None, "{text}");
        }
        assert_eq!(parse_timestamp("2013-01-01T00:00:00Z", false), None);
    }

    #[test]
    fn values_beyond_the_calendar_still_have_a_text() {
        assert_eq!(date_text(i32::MAX), "day 2147483647 since 1970-01-01");
        assert!(timestamp_text(i64::MAX, true).ends_with('Z'));
        assert!(!timestamp_text(i64::MIN, true).is_empty());
    }
}

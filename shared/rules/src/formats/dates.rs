//! Dates, times and timestamps written in a rule, in ISO 8601 as PostgreSQL writes them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// `2024-01-31` as days since 1970.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.trim().split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() < 4 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(number(year, 6)?.try_into().ok()?, number(month, 2)?, number(day, 2)?)?;
    Some((date - NaiveDate::from_ymd_opt(1970, 1, 1)?).num_days())
}

/// `10:20`, `10:20:30.123456` as microseconds since midnight; `24:00:00` is the day's end.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let text = text.trim();
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    if parts.next().is_some() {
        return None;
    }
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    let micros = fraction_micros(fraction)?;
    let (hour, minute, second) = (number(hour, 2)?, number(minute, 2)?, number(second, 2)?);
    if hour == 24 && minute == 0 && second == 0 && micros == 0 {
        return Some(DAY);
    }
    NaiveTime::from_hms_opt(hour, minute, second)?;
    Some((i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)) * 1_000_000 + micros)
}

/// A date, or a date and a time, as microseconds since 1970; a zoned one may end in an offset.
pub(crate) fn parse_timestamp(text: &str, zoned: bool) -> Option<i64> {
    let text = text.trim();
    let (date, rest) = match text.find([' ', 'T', 't']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None => (text, ""),
    };
    let days = parse_date(date)?;
    let (clock, offset) = if zoned { split_offset(rest)? } else { (rest, 0) };
    let micros = if clock.is_empty() { 0 } else { parse_time(clock)? };
    days.checked_mul(DAY)?.checked_add(micros)?.checked_sub(offset * 1_000_000)
}

fn split_offset(clock: &str) -> Option<(&str, i64)> {
    if let Some(clock) = clock.strip_suffix(['Z', 'z']) {
        return Some((clock.trim_end(), 0));
    }
    if clock.len() > 3 && clock.is_char_boundary(clock.len() - 3) {
        let (front, name) = clock.split_at(clock.len() - 3);
        if name.eq_ignore_ascii_case("utc") {
            return Some((front.trim_end(), 0));
        }
    }
    let Some(at) = clock.rfind(['+', '-']) else {
        return Some((clock, 0));
    };
    let sign = if clock[at..].starts_with('-') { -1 } else { 1 };
    let digits = &clock[at + 1..];
    let mut parts = digits.split(':');
    let first = parts.next()?;
    let (hours, minutes) = match (first.len(), parts.next()) {
        (4, None) => (number(first.get(..2)?, 2)?, number(first.get(2..)?, 2)?),
        (_, minutes) => (number(first, 2)?, number(minutes.unwrap_or("0"), 2)?),
    };
    let seconds = number(parts.next().unwrap_or("0"), 2)?;
    if parts.next().is_some() || hours > 15 || minutes > 59 || seconds > 59 {
        return None;
    }
    Some((clock[..at].trim_end(), sign * i64::from(hours * 3600 + minutes * 60 + seconds)))
}

/// A number of at most so many digits and nothing else.
fn number(text: &str, digits: usize) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= digits && text.bytes().all(|letter| letter.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Digits behind the point as microseconds; a seventh digit is refused rather than rounded.
fn fraction_micros(fraction: &str) -> Option<i64> {
    if fraction.len() > 6 || !fraction.bytes().all(|letter| letter.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<6}").parse().ok()
}

/// Days since 1970 as `2024-01-31`; none beyond what a calendar shows.
pub(crate) fn date_text(days: i64) -> Option<String> {
    let date = NaiveDate::from_ymd_opt(1970, 1, 1)?.checked_add_signed(chrono::TimeDelta::try_days(days)?)?;
    Some(date.format("%Y-%m-%d").to_string())
}

/// Microseconds since midnight as `10:20:30.5`.
pub(crate) fn time_text(micros: i64) -> Option<String> {
    if micros == DAY {
        return Some("24:00:00".to_owned());
    }
    let seconds = u32::try_from(micros.div_euclid(1_000_000)).ok()?;
    let nanos = u32::try_from(micros.rem_euclid(1_000_000)).ok()? * 1_000;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)?;
    Some(clock_text(&time))
}

/// Microseconds since 1970 as `2024-01-31 10:20:30.5`.
pub(crate) fn timestamp_text(micros: i64) -> Option<String> {
    let moment: NaiveDateTime = DateTime::from_timestamp_micros(micros)?.naive_utc();
    Some(format!("{} {}", moment.format("%Y-%m-%d"), clock_text(&moment.time())))
}

fn clock_text(time: &NaiveTime) -> String {
    let clock = time.format("%H:%M:%S").to_string();
    match time.nanosecond() / 1_000 {
        0 => clock,
        micros => format!("{clock}.{micros:06}").trim_end_matches('0').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        let there = |text| parse_timestamp(text, false).and_then(timestamp_text);
        assert_eq!(there("2024-02-29 10:20:30.5").as_deref(), Some("2024-02-29 10:20:30.5"));
        assert_eq!(there("1969-12-31T23:59:59").as_deref(), Some("1969-12-31 23:59:59"));
        assert_eq!(parse_date("2023-02-29"), None);
        assert_eq!(parse_timestamp("2024-01-01 02:00+02", true), parse_timestamp("2024-01-01 00:00Z", true));
        assert_eq!(parse_timestamp("2024-01-01 02:00+02", false), None);
        assert_eq!(parse_time("24:00"), Some(DAY));
        assert_eq!(parse_time("24:01"), None);
        assert_eq!(parse_timestamp("2024-01-01 ü+é", true), None);
    }
}

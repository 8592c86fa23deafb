//! Values as the texts they have in JSON: days, times, decimals, UUIDs.

use std::fmt::Write as _;

use arrow_buffer::i256;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Digits of a year: days are counted in 32 bits.
const YEAR_DIGITS: usize = 7;

/// Writes a number of days from 1970-01-01 as `2013-01-31`.
pub(crate) fn push_date(out: &mut String, days: i64) {
    let (year, month, day) = date(days);
    match year {
        0..=9999 => {
            two_digits(out, year / 100);
            two_digits(out, year % 100);
        }
        // Writing to a text cannot fail.
        _ => _ = write!(out, "{year:+05}"),
    }
    out.push('-');
    two_digits(out, month);
    out.push('-');
    two_digits(out, day);
}

/// Writes microseconds since midnight as `10:15:00` or `10:15:00.25`.
pub(crate) fn push_time(out: &mut String, micros: i64) {
    let seconds = micros / SECOND;
    two_digits(out, seconds / 3600);
    out.push(':');
    two_digits(out, seconds / 60 % 60);
    out.push(':');
    two_digits(out, seconds % 60);
    let fraction = micros % SECOND;
    if fraction != 0 {
        _ = write!(out, ".{fraction:06}");
        out.truncate(out.trim_end_matches('0').len());
    }
}

/// Writes microseconds since 1970-01-01T00:00:00 as `2013-01-31T10:15:00`.
pub(crate) fn push_timestamp(out: &mut String, micros: i64) {
    push_date(out, micros.div_euclid(DAY));
    out.push('T');
    push_time(out, micros.rem_euclid(DAY));
}

/// Writes an unscaled number with its point.
pub(crate) fn push_decimal(out: &mut String, unscaled: i128, scale: u32) {
    if unscaled < 0 {
        out.push('-');
    }
    let digits = unscaled.unsigned_abs();
    let mut buffer = itoa::Buffer::new();
    let one = 10_u128.pow(scale.min(38));
    out.push_str(buffer.format(digits / one));
    if scale > 0 {
        out.push('.');
        let fraction = buffer.format(digits % one);
        let zeros = usize::try_from(scale).unwrap_or(0).saturating_sub(fraction.len());
        out.extend(std::iter::repeat_n('0', zeros));
        out.push_str(fraction);
    }
}

/// Writes sixteen bytes with hyphens.
pub(crate) fn push_uuid(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Days from 1970-01-01.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (year, rest) = unsigned.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let plain = unsigned.len() == text.len();
    if year.len() < 4 || year.len() > YEAR_DIGITS || (plain && year.len() != 4) {
        return None;
    }
    let year = number(year)?;
    let (year, month, day) = (if negative { -year } else { year }, two(month)?, two(day)?);
    let is_date = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    is_date.then(|| days(year, month, day))
}

/// Microseconds since midnight.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let (hour, rest) = clock.split_once(':')?;
    let (minute, second) = rest.split_once(':')?;
    let (hour, minute, second) = (two(hour)?, two(minute)?, two(second)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = match fraction {
        Some(fraction) if (1..=6).contains(&fraction.len()) => {
            let missing = u32::try_from(6 - fraction.len()).ok()?;
            number(fraction)? * 10_i64.pow(missing)
        }
        Some(_) => return None,
        None => 0,
    };
    Some(((hour * 60 + minute) * 60 + second) * SECOND + micros)
}

/// Microseconds since 1970-01-01T00:00:00 of a clock's reading.
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', ' '])?;
    // The first day there is begins before the first microsecond there is.
    let micros = i128::from(parse_date(date)?) * i128::from(DAY) + i128::from(parse_time(time)?);
    i64::try_from(micros).ok()
}

/// Microseconds since 1970-01-01T00:00:00Z of a point in time: a reading with `Z` or an offset.
pub(crate) fn parse_instant(text: &str) -> Option<i64> {
    if let Some(reading) = text.strip_suffix('Z') {
        return parse_timestamp(reading);
    }
    let (reading, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let sign = match offset.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    parse_timestamp(reading)?.checked_sub(sign * (hours * 60 + minutes) * 60 * SECOND)
}

/// The unscaled digits of a number, with as many after the point as the scale has: exact or none.
pub(crate) fn unscaled(text: &str, precision: u8, scale: u8) -> Option<String> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let has_point = whole.len() != unsigned.len();
    if whole.is_empty() || (has_point && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let scale = usize::from(scale);
    let (fraction, beyond) = fraction.split_at_checked(scale).unwrap_or((fraction, ""));
    if beyond.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let mut digits = String::with_capacity(whole.len() + scale + 1);
    digits.push_str(sign);
    digits.push_str(whole.trim_start_matches('0'));
    digits.push_str(fraction);
    digits.extend(std::iter::repeat_n('0', scale - fraction.len()));
    let significant = digits.trim_start_matches(['-', '0']).len();
    if significant == 0 {
        return Some("0".to_owned());
    }
    (significant <= usize::from(precision)).then_some(digits)
}

/// An unscaled number that fits 128 bits.
pub(crate) fn parse_decimal(text: &str, precision: u8, scale: u8) -> Option<i128> {
    unscaled(text, precision, scale)?.parse().ok()
}

/// An unscaled number that fits 256 bits.
pub(crate) fn parse_wide_decimal(text: &str, precision: u8, scale: u8) -> Option<i256> {
    i256::from_string(&unscaled(text, precision, scale)?)
}

/// Sixteen bytes of `123e4567-e89b-12d3-a456-426614174000`.
pub(crate) fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0_u8; 16];
    let mut nibbles = 0;
    for (place, letter) in text.iter().enumerate() {
        if matches!(place, 8 | 13 | 18 | 23) {
            if *letter != b'-' {
                return None;
            }
            continue;
        }
        let nibble = u8::try_from(char::from(*letter).to_digit(16)?).ok()?;
        let byte = bytes.get_mut(nibbles / 2)?;
        *byte = *byte << 4 | nibble;
        nibbles += 1;
    }
    Some(bytes)
}

fn two_digits(out: &mut String, number: i64) {
    let digit = |number: i64| char::from(b'0' + u8::try_from(number % 10).unwrap_or(0));
    out.push(digit(number / 10));
    out.push(digit(number));
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str) -> Option<i64> {
    is_digits(text).then(|| text.parse().ok()).flatten()
}

fn two(text: &str) -> Option<i64> {
    (text.len() == 2).then(|| number(text)).flatten()
}

/// Year, month and day, counted in eras of 400 years that begin on the first of March.
fn date(days: i64) -> (i64, i64, i64) {
    let since = days + 719_468;
    let (era, day_of_era) = (since.div_euclid(146_097), since.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
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

    fn shown(push: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        push(&mut out);
        out
    }

    #[test]
    fn every_moment_survives_its_text() {
        let moments = [0, -1, 1, DAY, -DAY, i64::MAX, i64::MIN, 1_359_627_300_250_000, -62_167_219_200_000_001];
        for micros in moments {
            let text = shown(|out| push_timestamp(out, micros));
            assert_eq!(parse_timestamp(&text), Some(micros), "{text}");
            assert_eq!(parse_instant(&format!("{text}Z")), Some(micros), "{text}");
        }
        for days in [i32::MIN, -719_529, -719_528, -1, 0, 1, 2_932_896, 2_932_897, i32::MAX] {
            let text = shown(|out| push_date(out, days.into()));
            assert_eq!(parse_date(&text), Some(days.into()), "{text}");
        }
        assert_eq!(shown(|out| push_timestamp(out, 1_359_627_300_250_000)), "2013-01-31T10:15:00.25");
        assert_eq!(shown(|out| push_date(out, -735_234)), "-0044-12-31");
        assert_eq!(shown(|out| push_date(out, 2_932_897)), "+10000-01-01");
    }

    #[test]
    fn an_offset_is_taken_off() {
        assert_eq!(parse_instant("1970-01-01T01:30:00+01:30"), Some(0));
        assert_eq!(parse_instant("1969-12-31 23:00:00.000-01:00"), Some(0));
    }

    #[test]
    fn what_no_calendar_or_clock_shows_is_nothing() {
        for text in ["2013-02-29", "2013-13-01", "2013-1-01", "13-01-01", "2013-01-32", "", "-", "12013-01-01", "2013"]
        {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in
            ["24:00:00", "10:60:00", "10:15:60", "10:15", "10:15:00.", "10:15:00.1234567", "1:15:00", "aa:bb:cc"]
        {
            assert_eq!(parse_time(text), None, "{text}");
        }
        for text in [
            "2013-01-31T10:15:00",
            "2013-01-31",
            "Z",
            "ä+01:00",
            "2013-01-31T10:15:00+1:00",
            "+9999999-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }

    #[test]
    fn a_decimal_is_exact_or_nothing() {
        assert_eq!(parse_decimal("12.5", 12, 2), Some(1250));
        assert_eq!(parse_decimal("-0.05", 12, 2), Some(-5));
        assert_eq!(parse_decimal("0012.500", 4, 2), Some(1250));
        assert_eq!(parse_decimal("-0", 4, 2), Some(0));
        for text in ["", ".5", "5.", "1e3", "12.345", "+1", " 1", "1 ", "-", "12345678901.00", "NaN", "1.2.3"] {
            assert_eq!(parse_decimal(text, 12, 2), None, "{text}");
        }
        for (unscaled, text) in [(0, "0.00"), (5, "0.05"), (-1250, "-12.50"), (-5, "-0.05")] {
            assert_eq!(shown(|out| push_decimal(out, unscaled, 2)), text);
        }
        let largest = 10_i128.pow(38) - 1;
        assert_eq!(parse_decimal(&shown(|out| push_decimal(out, largest, 38)), 38, 38), Some(largest));
        assert_eq!(parse_decimal(&shown(|out| push_decimal(out, -largest, 0)), 38, 0), Some(-largest));
        assert_eq!(parse_wide_decimal(&"9".repeat(76), 76, 0).map(|number| number.to_string()), Some("9".repeat(76)));
    }

    #[test]
    fn a_uuid_survives_and_takes_capitals() {
        let text = "123e4567-e89b-12d3-a456-426614174000";
        let bytes = parse_uuid(text).unwrap();
        assert_eq!(shown(|out| push_uuid(out, &bytes)), text);
        assert_eq!(parse_uuid(&text.to_uppercase()), Some(bytes));
        for wrong in ["", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g", &"ä".repeat(18)]
        {
            assert_eq!(parse_uuid(wrong), None);
        }
    }
}

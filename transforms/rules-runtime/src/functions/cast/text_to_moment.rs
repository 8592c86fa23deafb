//! Dates, times and timestamps read from ISO 8601, and made of each other.

use crate::Fault;
use crate::functions::ascii::{is_blank, without_blanks};
use crate::functions::civil::{self, DAY, HOUR, MINUTE, SECOND};

/// `text::date`: `2024-12-31`; a time behind it is checked and forgotten.
pub fn text_to_date(text: &str) -> Result<i64, Fault> {
    read_moment(text, Fault::TextNotDate).map(|moment| moment.days)
}

/// `text::time`: `23:59`, `23:59:59.999999`; a date before it and a zone behind it are checked and
/// forgotten.
pub fn text_to_time(text: &str) -> Result<i64, Fault> {
    let mut letters = Letters { rest: without_blanks(text).as_bytes(), fault: Fault::TextNotTime };
    let digits = letters.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if matches!(letters.rest.get(digits), Some(b'-' | b'/')) && letters.rest.len() > digits + 6 {
        letters.date()?;
        if letters.skip_blanks() == 0 {
            return Err(Fault::TextNotTime);
        }
    }
    let micros = letters.time_of_day()?;
    letters.offset()?;
    if letters.rest.is_empty() { Ok(micros) } else { Err(Fault::TextNotTime) }
}

/// `text::timestamp`: a date, and behind a `T` or a blank a time; a zone behind it is checked and
/// forgotten.
pub fn text_to_timestamp(text: &str) -> Result<i64, Fault> {
    let moment = read_moment(text, Fault::TextNotTimestamp)?;
    civil::checked_micros(moment.days * DAY + moment.micros)
}

/// `text::timestamptz`: as a timestamp; without a zone it is UTC.
pub fn text_to_timestamptz(text: &str) -> Result<i64, Fault> {
    let moment = read_moment(text, Fault::TextNotTimestamp)?;
    civil::checked_micros(moment.days * DAY + moment.micros - moment.offset * SECOND)
}

/// `date::timestamp`, `date::timestamptz`: midnight.
#[inline]
pub fn date_to_timestamp(days: i64) -> Result<i64, Fault> {
    Ok(civil::checked_days(days)? * DAY)
}

/// `timestamp::date`, `timestamptz::date` (in UTC).
#[inline]
pub fn timestamp_to_date(micros: i64) -> Result<i64, Fault> {
    civil::split(micros).map(|(days, _)| days)
}

/// `timestamp::time`, `timestamptz::time` (in UTC).
#[inline]
pub fn timestamp_to_time(micros: i64) -> Result<i64, Fault> {
    civil::split(micros).map(|(_, time)| time)
}

struct Moment {
    days: i64,
    micros: i64,
    /// Seconds east of Greenwich.
    offset: i64,
}

fn read_moment(text: &str, fault: Fault) -> Result<Moment, Fault> {
    match plain_moment(text.as_bytes()) {
        Some(moment) => moment,
        None => any_moment(text, fault),
    }
}

/// The moment of the usual text: `2024-12-31 23:59:59`, a `T` or a blank between date and time.
#[inline]
fn plain_moment(text: &[u8]) -> Option<Result<Moment, Fault>> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b' ' | b'T', h1, h2, b':', n1, n2, b':', s1, s2] = text else {
        return None;
    };
    let (year, month, day) = (two(*y1, *y2)? * 100 + two(*y3, *y4)?, two(*m1, *m2)?, two(*d1, *d2)?);
    let (hour, minute, second) = (two(*h1, *h2)?, two(*n1, *n2)?, two(*s1, *s2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = hour * HOUR + minute * MINUTE + second * SECOND;
    Some(civil::checked_date(year, month, day).map(|days| Moment { days, micros, offset: 0 }))
}

fn any_moment(text: &str, fault: Fault) -> Result<Moment, Fault> {
    let mut letters = Letters { rest: without_blanks(text).as_bytes(), fault };
    let days = letters.date()?;
    if letters.rest.is_empty() {
        return Ok(Moment { days, micros: 0, offset: 0 });
    }
    letters.skip_mark()?;
    let micros = letters.time_of_day()?;
    let offset = letters.offset()?;
    if letters.rest.is_empty() { Ok(Moment { days, micros, offset }) } else { Err(fault) }
}

/// What is left to read, and what is wrong when it cannot be.
struct Letters<'a> {
    rest: &'a [u8],
    fault: Fault,
}

impl Letters<'_> {
    fn date(&mut self) -> Result<i64, Fault> {
        if let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, rest @ ..] = self.rest
            && let (Some(year), Some(century), Some(month), Some(day)) =
                (two(*y3, *y4), two(*y1, *y2), two(*m1, *m2), two(*d1, *d2))
            && !rest.first().is_some_and(u8::is_ascii_digit)
        {
            self.rest = rest;
            return civil::checked_date(century * 100 + year, month, day);
        }
        let (year, digits) = self.number()?;
        let (year, month, day) = if digits == 8 {
            (year / 10_000, year / 100 % 100, year % 100)
        } else if digits >= 3 && matches!(self.rest.first(), Some(b'-' | b'/')) {
            let separator = self.rest[0];
            self.rest = &self.rest[1..];
            let (month, month_digits) = self.number()?;
            if !self.take(separator) {
                return Err(self.fault);
            }
            let (day, day_digits) = self.number()?;
            if month_digits > 2 || day_digits > 2 {
                return Err(self.fault);
            }
            (year, month, day)
        } else {
            return Err(self.fault);
        };
        civil::checked_date(year, month, day)
    }

    /// What is between a date and a time: a `T`, blanks or both.
    fn skip_mark(&mut self) -> Result<(), Fault> {
        let marked = self.take(b'T') || self.take(b't');
        if self.skip_blanks() > 0 || marked { Ok(()) } else { Err(self.fault) }
    }

    /// A time, `AM` or `PM` behind it, and the blanks behind that.
    fn time_of_day(&mut self) -> Result<i64, Fault> {
        let micros = self.time()?;
        self.skip_blanks();
        let Some(half) = self.rest.get(..2) else { return Ok(micros) };
        let is_afternoon = half.eq_ignore_ascii_case(b"pm");
        if !is_afternoon && !half.eq_ignore_ascii_case(b"am") {
            return Ok(micros);
        }
        self.rest = &self.rest[2..];
        self.skip_blanks();
        match micros / HOUR {
            13.. => Err(Fault::NoSuchDate),
            12 if !is_afternoon => Ok(micros - 12 * HOUR),
            0..12 if is_afternoon => Ok(micros + 12 * HOUR),
            _ => Ok(micros),
        }
    }

    fn time(&mut self) -> Result<i64, Fault> {
        let (number, digits) = self.number()?;
        let (hour, minute, second) = if self.take(b':') {
            let (minute, _) = self.number()?;
            (number, minute, if self.take(b':') { Some(self.number()?.0) } else { None })
        } else {
            match digits {
                4 => (number / 100, number % 100, None),
                6 => (number / 10_000, number / 100 % 100, Some(number % 100)),
                _ => return Err(self.fault),
            }
        };
        let pointed = second.is_some() && self.take(b'.') && self.rest.first().is_some_and(u8::is_ascii_digit);
        let fraction = if pointed { self.fraction()? } else { 0 };
        let second = second.unwrap_or(0);
        if hour > 24 || minute > 59 || second > 60 {
            return Err(Fault::NoSuchDate);
        }
        let micros = hour * HOUR + minute * MINUTE + second * SECOND + fraction;
        if micros > DAY { Err(Fault::NoSuchDate) } else { Ok(micros) }
    }

    /// The digits after a point as microseconds.
    fn fraction(&mut self) -> Result<i64, Fault> {
        let start = self.rest;
        let (value, digits) = self.number()?;
        if digits <= 6 {
            return Ok((digits..6).fold(value, |value, _| value * 10));
        }
        // More digits are rounded as the double they stand for is: 15 decide.
        let (mut wide, mut power) = (0_i64, 1_i64);
        for byte in start.iter().take(digits.min(15)) {
            wide = wide * 10 + i64::from(byte - b'0');
            power *= 10;
        }
        Ok((wide as f64 / power as f64 * 1e6).round_ties_even() as i64)
    }

    /// Seconds east of Greenwich; 0 when no zone is written.
    fn offset(&mut self) -> Result<i64, Fault> {
        let sign = match self.rest {
            [b'+', rest @ ..] => {
                self.rest = rest;
                1
            }
            [b'-', rest @ ..] => {
                self.rest = rest;
                -1
            }
            [] => return Ok(0),
            rest => {
                let names: [&[u8]; 4] = [b"utc", b"gmt", b"z", b"zulu"];
                if names.iter().any(|name| rest.eq_ignore_ascii_case(name)) {
                    self.rest = &[];
                }
                return Ok(0);
            }
        };
        let (number, digits) = self.number()?;
        let (mut hour, mut minute, mut second) = (number, 0, 0);
        if self.take(b':') {
            minute = self.number()?.0;
            if self.take(b':') {
                second = self.number()?.0;
            }
        } else if digits > 2 {
            (hour, minute) = (number / 100, number % 100);
        }
        if digits > 4 || hour > 15 || minute > 59 || second > 59 {
            return Err(Fault::NoSuchDate);
        }
        Ok(sign * (hour * 3600 + minute * 60 + second))
    }

    /// A number without a sign, and how many digits it has; beyond nine of them it only grows too
    /// large.
    fn number(&mut self) -> Result<(i64, usize), Fault> {
        let mut value = 0_i64;
        let mut digits = 0;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            value = (value * 10 + i64::from(digit - b'0')).min(9_999_999_999);
            digits += 1;
            self.rest = rest;
        }
        if digits == 0 { Err(self.fault) } else { Ok((value, digits)) }
    }

    fn take(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn skip_blanks(&mut self) -> usize {
        let blanks = self.rest.iter().take_while(|byte| is_blank(**byte)).count();
        self.rest = &self.rest[blanks..];
        blanks
    }
}

/// The number two digits stand for.
#[inline]
fn two(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then_some(i64::from(tens * 10 + ones))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_iso_writes_them() {
        let cases = [
            ("1970-01-01", Ok(0)),
            (" 1970-01-02 ", Ok(1)),
            ("1970/1/2", Ok(1)),
            ("19700102", Ok(1)),
            ("1970-01-02 10:00", Ok(1)),
            ("1970-01-02T10:00:00.5+05:30", Ok(1)),
            ("0001-01-01", Ok(-719_162)),
            ("9999-12-31", Ok(2_932_896)),
            ("10000-01-01", Err(Fault::DateOutOfRange)),
            ("0000-01-01", Err(Fault::NoSuchDate)),
            ("2023-02-29", Err(Fault::NoSuchDate)),
            ("2023-00-01", Err(Fault::NoSuchDate)),
            ("2023-13-01", Err(Fault::NoSuchDate)),
            ("infinity", Err(Fault::TextNotDate)),
            ("01-02-2023", Err(Fault::TextNotDate)),
            ("2023-01", Err(Fault::TextNotDate)),
            ("2023-01-02x", Err(Fault::TextNotDate)),
            ("2023-01-011", Err(Fault::TextNotDate)),
            ("", Err(Fault::TextNotDate)),
            ("now", Err(Fault::TextNotDate)),
            ("99999999999999999999-01-01", Err(Fault::DateOutOfRange)),
        ];
        for (text, expected) in cases {
            assert_eq!(text_to_date(text), expected, "{text:?}");
        }
    }

    #[test]
    fn times_reach_from_midnight_to_midnight() {
        let cases = [
            ("00:00", Ok(0)),
            ("1:2:3", Ok(3_723_000_000)),
            ("23:59:59.9999994", Ok(86_399_999_999)),
            ("23:59:59.9999996", Ok(86_400_000_000)),
            ("23:59:60", Ok(86_400_000_000)),
            ("24:00:00", Ok(86_400_000_000)),
            ("24:00:01", Err(Fault::NoSuchDate)),
            ("12:60", Err(Fault::NoSuchDate)),
            ("001:002", Ok(3_720_000_000)),
            ("99999999999999999999:00", Err(Fault::NoSuchDate)),
            ("23:59:60.5", Err(Fault::NoSuchDate)),
            ("12:00:00.000001 +02", Ok(43_200_000_001)),
            ("12", Err(Fault::TextNotTime)),
            ("12:", Err(Fault::TextNotTime)),
            ("12:00:00.", Ok(43_200_000_000)),
            ("noon", Err(Fault::TextNotTime)),
            ("010203.5", Ok(3_723_500_000)),
            ("0102", Ok(3_720_000_000)),
            ("01020", Err(Fault::TextNotTime)),
            ("1:30 PM", Ok(48_600_000_000)),
            ("12:30am +02", Ok(1_800_000_000)),
            ("12:30 pm", Ok(45_000_000_000)),
            ("13:00 pm", Err(Fault::NoSuchDate)),
            ("1:30 px", Err(Fault::TextNotTime)),
            ("2024-02-09 01:02", Ok(3_720_000_000)),
            ("2024-02-09", Err(Fault::TextNotTime)),
            ("2024-02-09T01:02", Err(Fault::TextNotTime)),
            ("2024-02-30 01:02", Err(Fault::NoSuchDate)),
        ];
        for (text, expected) in cases {
            assert_eq!(text_to_time(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_zone_moves_a_point_in_time_and_not_a_reading() {
        let cases = [
            ("1970-01-01 02:00+02", 7_200_000_000, 0),
            ("1970-01-01T00:00:00Z", 0, 0),
            ("1970-01-01t 00:00", 0, 0),
            ("19700101T000000.5", 500_000, 500_000),
            ("1970-01-01 00:00 UTC", 0, 0),
            ("1970-01-01 00:00:00-0530", 0, 19_800_000_000),
            ("1970-01-01 00:00:00 +00:00:10", 0, -10_000_000),
            ("1970-01-01", 0, 0),
        ];
        for (text, reading, moment) in cases {
            assert_eq!((text_to_timestamp(text), text_to_timestamptz(text)), (Ok(reading), Ok(moment)), "{text:?}");
        }
        assert_eq!(text_to_timestamp("2024-02-29 23:59:59"), Ok(1_709_251_199_000_000));
        assert_eq!(text_to_timestamp("2024-02-29T23:59:59"), text_to_timestamp(" 2024-02-29 23:59:59.0"));
        assert_eq!(text_to_timestamp("2023-02-29 23:59:59"), Err(Fault::NoSuchDate));
        assert_eq!(text_to_timestamp("0000-02-28 23:59:59"), Err(Fault::NoSuchDate));
        assert_eq!(text_to_timestamp("2023-02-28 24:00:00"), text_to_timestamp("2023-03-01 00:00:00"));
        assert_eq!(text_to_timestamp("2023-02-28 23:59:60"), text_to_timestamp("2023-03-01 00:00:00"));
        assert_eq!(text_to_timestamp("2023-02-28 23:60:00"), Err(Fault::NoSuchDate));
        assert_eq!(text_to_timestamp("2023-02-28_23:59:59"), Err(Fault::TextNotTimestamp));
        assert_eq!(text_to_timestamp("2023-02-28 23:59:5x"), Err(Fault::TextNotTimestamp));
        assert_eq!(text_to_timestamptz("0001-01-01 00:00+02"), Err(Fault::DateOutOfRange));
        assert_eq!(text_to_timestamp("9999-12-31 24:00"), Err(Fault::DateOutOfRange));
        assert_eq!(text_to_timestamp("1970-01-01 00:00 Europe/Berlin"), Err(Fault::TextNotTimestamp));
        assert_eq!(text_to_timestamp("1970-01-01 00:00+16"), Err(Fault::NoSuchDate));
    }
}

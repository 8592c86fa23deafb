//! Dates and times from their ISO 8601 texts.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// Days from 0000-12-31 (day 0 of the common era) to 1970-01-01.
const EPOCH_DAY: i32 = 719_163;

const MICROS: i64 = 1_000_000;

/// Days since 1970-01-01 of `2013-01-31`.
pub(crate) fn date(text: &str) -> Option<i32> {
    let mut rest = Rest(text.as_bytes());
    let date = rest.date()?;
    rest.end().then(|| chrono::Datelike::num_days_from_ce(&date) - EPOCH_DAY)
}

/// Microseconds since midnight of `05:17`, `05:17:00` or `05:17:00.123456`.
pub(crate) fn time(text: &str) -> Option<i64> {
    let mut rest = Rest(text.as_bytes());
    let micros = rest.time()?;
    rest.end().then_some(micros)
}

/// A clock's reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Microseconds since 1970-01-01; of UTC when it has a zone.
    pub(crate) micros: i64,
    /// Whether it says its zone.
    pub(crate) zoned: bool,
}

/// `2013-01-31`, `2013-01-31 05:17` or `2013-01-31T05:17:00.123456`, with or without `Z`, `+08:00`.
pub(crate) fn moment(text: &str) -> Option<Moment> {
    let mut rest = Rest(text.as_bytes());
    let midnight = NaiveDateTime::new(rest.date()?, NaiveTime::MIN).and_utc().timestamp_micros();
    if rest.end() {
        return Some(Moment { micros: midnight, zoned: false });
    }
    (rest.take(b' ') || rest.take(b'T')).then_some(())?;
    let local = midnight + rest.time()?;
    if rest.end() {
        return Some(Moment { micros: local, zoned: false });
    }
    rest.take(b' ');
    let micros = local - rest.offset()?;
    rest.end().then_some(Moment { micros, zoned: true })
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn end(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    }

    fn date(&mut self) -> Option<NaiveDate> {
        let year = self.number(4)?;
        let month = self.take(b'-').then(|| self.number(2))??;
        let day = self.take(b'-').then(|| self.number(2))??;
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
    }

    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2).filter(|hour| *hour < 24)?;
        let minute = self.take(b':').then(|| self.number(2))??;
        let second = if self.take(b':') { self.number(2)? } else { 0 };
        let micros = if self.take(b'.') { self.fraction()? } else { 0 };
        let fits = minute < 60 && second < 60;
        fits.then(|| i64::from(hour * 3600 + minute * 60 + second) * MICROS + micros)
    }

    /// Digits behind the point; beyond the sixth they must be zeros.
    fn fraction(&mut self) -> Option<i64> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(length).filter(|_| length > 0)?;
        self.0 = rest;
        let (kept, beyond) = digits.split_at(length.min(6));
        let number = kept.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let exact = beyond.iter().all(|digit| *digit == b'0');
        exact.then(|| number * 10_i64.pow(6 - u32::try_from(kept.len()).unwrap_or(6)))
    }

    /// Microseconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        if self.take(b'Z') {
            return Some(0);
        }
        let sign = if self.take(b'+') { 1 } else { self.take(b'-').then_some(-1)? };
        let hours = self.number(2).filter(|hours| *hours < 24)?;
        self.take(b':');
        let minutes = if self.end() { 0 } else { self.number(2).filter(|minutes| *minutes < 60)? };
        Some(sign * i64::from(hours * 3600 + minutes * 60) * MICROS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, micros: i64, zoned: bool) {
        assert_eq!(moment(text), Some(Moment { micros, zoned }), "{text}");
    }

    #[test]
    fn a_moment_keeps_its_microseconds_and_its_zone() {
        check("2013-01-01", 1_356_998_400_000_000, false);
        check("2013-01-01 00:00", 1_356_998_400_000_000, false);
        check("2013-01-01T00:00:01.5", 1_356_998_401_500_000, false);
        check("2013-01-01 00:00:00.000001+00:00", 1_356_998_400_000_001, true);
        check("2013-01-01T08:00:00.123456000+08:00", 1_356_998_400_123_456, true);
        check("2012-12-31 19:00:00 -0500", 1_356_998_400_000_000, true);
        check("1969-12-31T23:59:59.999999Z", -1, true);
        check("0001-01-01 00:00:00", -62_135_596_800_000_000, false);
    }

    #[test]
    fn what_is_none_or_would_lose_digits_is_no_moment() {
        for text in [
            "",
            "2013",
            "2013-1-1",
            "2013-02-30",
            "2013-01-01 24:00",
            "2013-01-01 10:60",
            "2013-01-01 10:00:00.",
            "2013-01-01 10:00:00.1234567",
            "2013-01-01 10:00:00 UTC",
            "2013-01-01Z",
            "2013-01-01 10:00:00+25:00",
            " 2013-01-01",
            "2013-01-01 ",
            "２013-01-01",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn dates_and_times_of_day_stand_alone() {
        assert_eq!((date("1970-01-02"), date("2013-01-01 00:00")), (Some(1), None));
        assert_eq!((time("05:17"), time("23:59:59.999999")), (Some(19_020_000_000), Some(86_399_999_999)));
        assert_eq!((time("05:17Z"), time("5:17")), (None, None));
    }
}

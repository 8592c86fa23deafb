//! Intervals: PostgreSQL's verbose form and hours with minutes.

use crate::plan::Interval;

const MICROS_PER_SECOND: i128 = 1_000_000;
const MICROS_PER_DAY: i128 = 86_400 * MICROS_PER_SECOND;

/// The parts while they are added up.
#[derive(Default)]
struct Sum {
    months: i128,
    days: i128,
    micros: i128,
}

/// Reads `1 year 2 mons -3 days 04:05:06.7`, `90 minutes`, `1.5 hours ago`.
///
/// `unit` is the unit a number without one has (`INTERVAL '5' DAY`); without it, seconds.
pub(crate) fn parse(text: &str, unit: Option<&str>) -> Option<Interval> {
    let spaced = space_units(text);
    let mut words = spaced.split_whitespace().peekable();
    words.peek()?;
    let mut sum = Sum::default();
    if words.peek() == Some(&"@") {
        words.next();
    }
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("ago") {
            return if words.next().is_none() { sum.negated().finish() } else { None };
        }
        if word.contains(':') {
            sum.micros += clock(word)?;
            continue;
        }
        let number = Number::parse(word)?;
        let named = words.next_if(|next| {
            next.starts_with(|letter: char| letter.is_ascii_alphabetic()) && !next.eq_ignore_ascii_case("ago")
        });
        sum.add(number, named.or(unit).unwrap_or("second"))?;
    }
    sum.finish()
}

/// `3days` is `3 days`.
fn space_units(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut after_digit = false;
    for letter in text.chars() {
        if after_digit && letter.is_ascii_alphabetic() {
            spaced.push(' ');
        }
        spaced.push(letter);
        after_digit = letter.is_ascii_digit();
    }
    spaced
}

/// A number as `mantissa / 10^places`.
struct Number {
    mantissa: i128,
    power: i128,
}

impl Number {
    fn parse(word: &str) -> Option<Self> {
        let (negative, digits) = match word.as_bytes().first()? {
            b'-' => (true, &word[1..]),
            b'+' => (false, &word[1..]),
            _ => (false, word),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() || whole.len() > 19 || fraction.len() > 9 {
            return None;
        }
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return None;
            }
            mantissa = mantissa * 10 + i128::from(digit - b'0');
        }
        let power = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        Some(Number { mantissa: if negative { -mantissa } else { mantissa }, power })
    }

    /// Times so much, rounded half away from zero.
    fn times(&self, factor: i128) -> i128 {
        let product = self.mantissa * factor;
        let half = self.power / 2 * product.signum();
        (product + half) / self.power
    }

    /// Whole units, and the rest of one in microseconds.
    fn split(&self, units: i128, micros: i128) -> (i128, i128) {
        let product = self.mantissa * units;
        let rest = Number { mantissa: product % self.power, power: self.power };
        (product / self.power, rest.times(micros))
    }
}

impl Sum {
    fn add(&mut self, number: Number, unit: &str) -> Option<()> {
        let unit = unit.to_ascii_lowercase();
        match unit.as_str() {
            "microsecond" | "microseconds" | "us" | "usec" | "usecs" => self.micros += number.times(1),
            "millisecond" | "milliseconds" | "ms" | "msec" | "msecs" => self.micros += number.times(1_000),
            "second" | "seconds" | "sec" | "secs" | "s" => self.micros += number.times(MICROS_PER_SECOND),
            "minute" | "minutes" | "min" | "mins" | "m" => self.micros += number.times(60 * MICROS_PER_SECOND),
            "hour" | "hours" | "hr" | "hrs" | "h" => self.micros += number.times(3600 * MICROS_PER_SECOND),
            "day" | "days" | "d" => self.add_days(&number, 1),
            "week" | "weeks" | "w" => self.add_days(&number, 7),
            "month" | "months" | "mon" | "mons" => self.add_months(&number),
            "year" | "years" | "yr" | "yrs" | "y" => self.months += number.times(12),
            "decade" | "decades" | "dec" | "decs" => self.months += number.times(120),
            "century" | "centuries" | "cent" | "c" => self.months += number.times(1_200),
            "millennium" | "millennia" | "mil" | "mils" => self.months += number.times(12_000),
            _ => return None,
        }
        Some(())
    }

    fn add_days(&mut self, number: &Number, days: i128) {
        let (whole, micros) = number.split(days, MICROS_PER_DAY);
        self.days += whole;
        self.micros += micros;
    }

    fn add_months(&mut self, number: &Number) {
        self.months += number.mantissa / number.power;
        let rest = Number { mantissa: number.mantissa % number.power, power: number.power };
        self.add_days(&rest, 30);
    }

    fn negated(self) -> Self {
        Sum { months: -self.months, days: -self.days, micros: -self.micros }
    }

    fn finish(self) -> Option<Interval> {
        Some(Interval {
            months: i32::try_from(self.months).ok()?,
            days: i32::try_from(self.days).ok()?,
            micros: i64::try_from(self.micros).ok()?,
        })
    }
}

/// `[-]HH:MM[:SS[.ffffff]]`.
fn clock(word: &str) -> Option<i128> {
    let (sign, digits) = match word.as_bytes().first()? {
        b'-' => (-1, &word[1..]),
        b'+' => (1, &word[1..]),
        _ => (1, word),
    };
    let mut parts = digits.split(':');
    let whole = |part: &str| -> Option<i128> {
        let plain = !part.is_empty() && part.len() <= 12 && part.bytes().all(|letter| letter.is_ascii_digit());
        if plain { part.parse().ok() } else { None }
    };
    let (hours, minutes) = (whole(parts.next()?)?, whole(parts.next()?)?);
    let seconds = parts.next().unwrap_or("0");
    if parts.next().is_some() || seconds.starts_with(['+', '-']) {
        return None;
    }
    let micros = Number::parse(seconds)?.times(MICROS_PER_SECOND);
    if minutes > 59 || micros >= 60 * MICROS_PER_SECOND {
        return None;
    }
    Some(sign * ((hours * 60 + minutes) * 60 * MICROS_PER_SECOND + micros))
}

/// An interval as [`parse`] reads it back.
pub(crate) fn text(interval: Interval) -> String {
    let parts = [
        (i64::from(interval.months), "months"),
        (i64::from(interval.days), "days"),
        (interval.micros / 1_000_000, "seconds"),
        (interval.micros % 1_000_000, "microseconds"),
    ];
    let there = parts.iter().filter(|(count, _)| *count != 0).map(|(count, unit)| format!("{count} {unit}"));
    let text = there.collect::<Vec<_>>().join(" ");
    if text.is_empty() { "0 days".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(i32, i32, i64)> {
        parse(text, None).map(|it| (it.months, it.days, it.micros))
    }

    #[test]
    fn the_verbose_form_is_read() {
        assert_eq!(parts("1 year 2 mons -3 days 04:05:06.7"), Some((14, -3, 14_706_700_000)));
        assert_eq!(parts("1.5 hours ago"), Some((0, 0, -5_400_000_000)));
        assert_eq!(parts("1.5 months"), Some((1, 15, 0)));
        assert_eq!(parts("1.5 weeks"), Some((0, 10, 43_200_000_000)));
        assert_eq!(parts("90"), Some((0, 0, 90_000_000)));
        assert_eq!(parts("3days"), Some((0, 3, 0)));
        assert_eq!(parts("-00:00:01"), Some((0, 0, -1_000_000)));
    }

    #[test]
    fn what_is_no_interval_is_none() {
        for wrong in ["", "day", "1 fortnight", "1:2:3:4", "1 day ago 2", "99999999999 years", "00:60", "é", "1é"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for interval in [
            Interval { months: -1, days: 2, micros: -3 },
            Interval { months: i32::MIN, days: i32::MAX, micros: i64::MIN },
        ] {
            assert_eq!(parse(&text(interval), None), Some(interval));
        }
    }
}

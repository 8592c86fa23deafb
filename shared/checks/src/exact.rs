//! Decimal numbers of any length, compared and rescaled exactly, straight from their text.

use std::cmp::Ordering;

use arrow_buffer::i256;

/// Exponents beyond this are no numbers anybody means; it keeps the arithmetic on them in range.
const GREATEST_EXPONENT: i64 = 1_000_000;

/// A finite decimal number, borrowed from its text: `0.d₁d₂d₃… × 10^magnitude`, the first and the
/// last digit not zero. Zero has no digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exact<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    magnitude: i64,
}

/// Which way a number goes that lies between two numbers of the wanted scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    Up,
    Down,
}

/// A number as a whole number of its scale's smallest units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scaled {
    /// Below every value of 256 bits.
    BelowAll,
    At(i256),
    /// Above every value of 256 bits.
    AboveAll,
}

impl<'a> Exact<'a> {
    /// Reads `-12.50`, `.5`, `1e3`; `None` for everything else, NaN and infinities included.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, unsigned) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (mantissa, exponent) = match unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(place) => (&unsigned[..place], parse_exponent(&unsigned[place + 1..])?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.iter().position(|byte| *byte == b'.') {
            Some(place) => (&mantissa[..place], &mantissa[place + 1..]),
            None => (mantissa, &[][..]),
        };
        let has_digits = !whole.is_empty() || !fraction.is_empty();
        let all_digits = whole.iter().chain(fraction).all(u8::is_ascii_digit);
        (has_digits && all_digits).then(|| Self::normalised(negative, whole, fraction, exponent))
    }

    fn normalised(negative: bool, whole: &'a [u8], fraction: &'a [u8], exponent: i64) -> Self {
        let mut whole = without_leading_zeros(whole);
        let mut fraction = without_trailing_zeros(fraction);
        let mut magnitude = exponent.saturating_add(length(whole));
        if whole.is_empty() {
            let shorter = without_leading_zeros(fraction);
            magnitude = magnitude.saturating_sub(length(fraction) - length(shorter));
            fraction = shorter;
        }
        if fraction.is_empty() {
            whole = without_trailing_zeros(whole);
        }
        if whole.is_empty() && fraction.is_empty() {
            return Self { negative: false, whole, fraction, magnitude: 0 };
        }
        Self { negative, whole, fraction, magnitude }
    }

    /// The number in units of `10^-scale`, rounded where it lies between two of them.
    pub(crate) fn scaled(&self, scale: i8, rounding: Rounding) -> Scaled {
        let beyond = if self.negative { Scaled::BelowAll } else { Scaled::AboveAll };
        let Some((towards_zero, is_exact)) = self.truncated(scale) else { return beyond };
        let step = match (is_exact, rounding, self.negative) {
            (true, _, _) | (_, Rounding::Up, true) | (_, Rounding::Down, false) => i256::ZERO,
            (false, Rounding::Up, false) => i256::ONE,
            (false, Rounding::Down, true) => i256::MINUS_ONE,
        };
        towards_zero.checked_add(step).map_or(beyond, Scaled::At)
    }

    /// The number in units of `10^-scale`, if it is a whole number of them.
    pub(crate) fn whole_units(&self, scale: i8) -> Option<i256> {
        self.truncated(scale).and_then(|(units, is_exact)| is_exact.then_some(units))
    }

    /// Whether the number fits `precision` digits, `scale` of them behind the point.
    pub(crate) fn fits(&self, precision: u8, scale: i8) -> bool {
        let digits_behind = length(self.whole) + length(self.fraction) - self.magnitude;
        let scale = i64::from(scale);
        self.is_zero() || (digits_behind <= scale && self.magnitude <= i64::from(precision) - scale)
    }

    /// Appends a form that equal numbers share and no two others do.
    pub(crate) fn push_canonical(&self, into: &mut Vec<u8>) {
        into.push(u8::from(self.negative));
        into.extend_from_slice(&self.magnitude.to_le_bytes());
        into.extend_from_slice(self.whole);
        into.extend_from_slice(self.fraction);
    }

    fn truncated(&self, scale: i8) -> Option<(i256, bool)> {
        let wanted = self.magnitude.saturating_add(i64::from(scale));
        if wanted <= 0 || self.is_zero() {
            return Some((i256::ZERO, self.is_zero()));
        }
        // 10^77 is beyond 256 bits: nothing longer needs to be summed up.
        let wanted = usize::try_from(wanted).ok().filter(|wanted| *wanted <= 78)?;
        let ten = i256::from_i128(10);
        let mut units = i256::ZERO;
        for digit in self.digits().chain(std::iter::repeat(b'0')).take(wanted) {
            let digit = i256::from_i128(i128::from(digit - b'0'));
            let signed = if self.negative { digit.wrapping_neg() } else { digit };
            units = units.checked_mul(ten)?.checked_add(signed)?;
        }
        Some((units, self.whole.len() + self.fraction.len() <= wanted))
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn digits(&self) -> impl Iterator<Item = u8> + 'a {
        self.whole.iter().chain(self.fraction).copied()
    }

    fn compare_sizes(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.magnitude.cmp(&other.magnitude).then_with(|| self.digits().cmp(other.digits())),
        }
    }
}

impl Ord for Exact<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.compare_sizes(other),
            (true, true) => other.compare_sizes(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Exact<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Exact<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Exact<'_> {}

fn parse_exponent(text: &[u8]) -> Option<i64> {
    let exponent: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (-GREATEST_EXPONENT..=GREATEST_EXPONENT).contains(&exponent).then_some(exponent)
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    &digits[zeros..]
}

fn without_trailing_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
    &digits[..digits.len() - zeros]
}

fn length(digits: &[u8]) -> i64 {
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact<'_> {
        Exact::parse(text).unwrap()
    }

    fn units(text: &str, scale: i8, rounding: Rounding) -> Option<i128> {
        match exact(text).scaled(scale, rounding) {
            Scaled::At(units) => units.to_i128(),
            _ => None,
        }
    }

    #[test]
    fn numbers_are_ordered_by_value_whatever_their_text() {
        let ascending = [
            "-1e40",
            "-100",
            "-99.9999999999999999999999999999999999999999",
            "-0.002",
            "0",
            "0.0019999999999999999999",
            ".002",
            "1",
            "9",
            "10.5",
            "18446744073709551615",
            "18446744073709551615.0000000000000000001",
            "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
        ];
        for (place, left) in ascending.iter().enumerate() {
            for (other, right) in ascending.iter().enumerate() {
                assert_eq!(exact(left).cmp(&exact(right)), place.cmp(&other), "{left} {right}");
            }
        }
    }

    #[test]
    fn spellings_of_one_number_are_equal_and_have_one_canonical_form() {
        for spellings in [&["0", "-0", "0.000", "0e5", "00"][..], &["1200", "1.2e3", "0001200.00", "+12E2", "1200."]] {
            let canonical = |text: &str| {
                let mut bytes = Vec::new();
                exact(text).push_canonical(&mut bytes);
                bytes
            };
            for text in spellings {
                assert_eq!(exact(text), exact(spellings[0]), "{text}");
                assert_eq!(canonical(text), canonical(spellings[0]), "{text}");
            }
        }
    }

    #[test]
    fn what_lies_between_two_units_is_rounded_the_way_it_is_asked() {
        for (text, down, up) in [
            ("1.005", 100, 101),
            ("-1.005", -101, -100),
            ("1.00", 100, 100),
            ("0.0001", 0, 1),
            ("-0.0001", -1, 0),
            ("12e1", 12_000, 12_000),
        ] {
            assert_eq!(units(text, 2, Rounding::Down), Some(down), "{text} down");
            assert_eq!(units(text, 2, Rounding::Up), Some(up), "{text} up");
        }
    }

    #[test]
    fn what_is_beyond_256_bits_lies_above_or_below_all() {
        assert_eq!(exact("1e77").scaled(0, Rounding::Up), Scaled::AboveAll);
        assert_eq!(exact("-1e500000").scaled(0, Rounding::Up), Scaled::BelowAll);
        assert!(matches!(exact("1e76").scaled(0, Rounding::Up), Scaled::At(_)));
    }

    #[test]
    fn a_number_fits_a_decimal_by_its_digits_before_and_behind_the_point() {
        for (text, fits) in [
            ("999.99", true),
            ("999.990", true),
            ("1000", false),
            ("0.001", false),
            ("0.00", true),
            ("-999.99", true),
            ("1e2", true),
            ("1e3", false),
        ] {
            assert_eq!(exact(text).fits(5, 2), fits, "{text}");
        }
    }

    #[test]
    fn what_is_no_finite_number_is_refused() {
        for text in
            ["", "-", ".", "e5", "1e", "1e9999999", "NaN", "Infinity", "1,5", " 1", "1 ", "0x10", "--1", "1.2.3"]
        {
            assert!(Exact::parse(text).is_none(), "{text}");
        }
    }
}

//! Decimal numbers, digit by digit: never through a float, never rounded.

use arrow_buffer::i256;

use crate::values::Mismatch;

const NO_DECIMAL: Mismatch = Mismatch("text that is no decimal number");
const TOO_PRECISE: Mismatch = Mismatch("a number with more digits behind the point than its scale");
const TOO_LARGE: Mismatch = Mismatch("a number with more digits than its precision");

/// A number taken apart: `-12.50e3` is negative, `12`, `50`, 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    negative: bool,
    integer: &'a [u8],
    fraction: &'a [u8],
    /// The power of ten the digits are multiplied with.
    pub(crate) exponent: i64,
}

impl<'a> Parts<'a> {
    /// Takes a number apart; `None` when it is none. Leading zeros of the integer are gone.
    pub(crate) fn of(text: &'a [u8]) -> Option<Self> {
        let (negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (integer, rest) = split_digits(unsigned);
        let (fraction, rest) = match rest {
            [b'.', behind @ ..] => split_digits(behind),
            rest => (&[][..], rest),
        };
        if integer.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', digits @ ..] => exponent_of(digits)?,
            _ => return None,
        };
        Some(Self { negative, integer: without_leading_zeros(integer), fraction, exponent })
    }

    /// How many digits the number has, zeros at its ends not counted.
    pub(crate) fn digits(&self) -> usize {
        let (first, last) = (self.all().position(|digit| digit != b'0'), self.all().rposition(|digit| digit != b'0'));
        first.zip(last).map_or(0, |(first, last)| last - first + 1)
    }

    /// How many digits are written, leading zeros of the integer not counted.
    pub(crate) fn len(&self) -> usize {
        self.integer.len() + self.fraction.len()
    }

    /// Whether it is nought.
    pub(crate) fn is_zero(&self) -> bool {
        self.all().all(|digit| digit == b'0')
    }

    /// Whether both are the same number, however it is written.
    pub(crate) fn is_same_number(&self, other: &Parts<'_>) -> bool {
        if self.is_zero() || other.is_zero() {
            return self.is_zero() && other.is_zero();
        }
        self.negative == other.negative
            && self.magnitude() == other.magnitude()
            && self.significant().eq(other.significant())
    }

    /// Writes the number without plus sign, leading zeros or exponent; zeros behind the point stay.
    pub(crate) fn write_plain(&self, into: &mut Vec<u8>) {
        if self.negative {
            into.push(b'-');
        }
        let start = into.len();
        let point = self.point();
        (0..point).for_each(|place| into.push(self.digit(place)));
        let zeros = into.iter().skip(start).take_while(|digit| **digit == b'0').count();
        into.drain(start..start + zeros);
        if into.len() == start {
            into.push(b'0');
        }
        let end = (self.len() as i64).max(point);
        if end > point {
            into.push(b'.');
            (point..end).for_each(|place| into.push(self.digit(place)));
        }
    }

    /// The digits at `scale`, as many as `precision` at most; leading zeros are left out.
    fn unscaled(&self, precision: u8, scale: i8) -> Result<impl Iterator<Item = u8>, Mismatch> {
        let end = self.point().saturating_add(i64::from(scale));
        let beyond = usize::try_from(end).unwrap_or(0).min(self.len());
        if self.all().skip(beyond).any(|digit| digit != b'0') {
            return Err(TOO_PRECISE);
        }
        let first = self.all().position(|digit| digit != b'0').map_or(end, |first| first as i64);
        if end - first > i64::from(precision) {
            return Err(TOO_LARGE);
        }
        let parts = *self;
        Ok((first..end).map(move |place| parts.digit(place)))
    }

    fn all(&self) -> impl DoubleEndedIterator<Item = u8> + ExactSizeIterator + '_ {
        let joint = self.integer.len();
        (0..joint + self.fraction.len()).map(move |place| {
            let digit = if place < joint { self.integer.get(place) } else { self.fraction.get(place - joint) };
            digit.copied().unwrap_or(b'0')
        })
    }

    fn digit(&self, place: i64) -> u8 {
        let Ok(place) = usize::try_from(place) else { return b'0' };
        let behind = place.checked_sub(self.integer.len());
        let digit = behind.map_or_else(|| self.integer.get(place), |behind| self.fraction.get(behind));
        digit.copied().unwrap_or(b'0')
    }

    /// How many digits stand before the point once the exponent is applied; negative for zeros behind it.
    fn point(&self) -> i64 {
        self.integer.len() as i64 + self.exponent
    }

    fn magnitude(&self) -> i64 {
        self.point() - self.all().position(|digit| digit != b'0').unwrap_or(0) as i64
    }

    fn significant(&self) -> impl Iterator<Item = u8> + '_ {
        let start = self.all().position(|digit| digit != b'0').unwrap_or(0);
        self.all().skip(start).take(self.digits())
    }
}

/// A decimal of up to 38 digits.
pub(crate) fn decimal128(text: &[u8], precision: u8, scale: i8) -> Result<i128, Mismatch> {
    let parts = Parts::of(text).ok_or(NO_DECIMAL)?;
    if let Some(quick) = quick_decimal(&parts, precision, scale) {
        return Ok(quick);
    }
    let magnitude = parts.unscaled(precision, scale)?.fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    Ok(if parts.negative { -magnitude } else { magnitude })
}

/// A decimal of up to 76 digits.
pub(crate) fn decimal256(text: &[u8], precision: u8, scale: i8) -> Result<i256, Mismatch> {
    let parts = Parts::of(text).ok_or(NO_DECIMAL)?;
    let mut digits = String::with_capacity(80);
    if parts.negative {
        digits.push('-');
    }
    digits.push('0');
    digits.extend(parts.unscaled(precision, scale)?.map(char::from));
    i256::from_string(&digits).ok_or(TOO_LARGE)
}

/// What nearly every number is: few digits, none beyond the scale, no exponent.
fn quick_decimal(parts: &Parts<'_>, precision: u8, scale: i8) -> Option<i128> {
    let missing = usize::try_from(scale).ok()?.checked_sub(parts.fraction.len())?;
    let fits = parts.exponent == 0 && parts.integer.len() + parts.fraction.len() + missing <= usize::from(precision);
    if !fits || parts.integer.len() + parts.fraction.len() > 18 {
        return None;
    }
    let digits = parts.integer.iter().chain(parts.fraction);
    let sum = digits.fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    let magnitude = i128::from(sum) * 10_i128.pow(missing as u32);
    Some(if parts.negative { -magnitude } else { magnitude })
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|letter| !letter.is_ascii_digit()).unwrap_or(text.len()))
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

fn exponent_of(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let fits = (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let magnitude = fits.then(|| digits.iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0')))?;
    Some(if text.starts_with(b"-") { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        for (text, precision, scale, expected) in [
            ("1.25", 12, 2, Ok(125)),
            ("-1.2", 12, 2, Ok(-120)),
            ("0", 12, 2, Ok(0)),
            ("1.2500", 12, 2, Ok(125)),
            ("1.255", 12, 2, Err(TOO_PRECISE)),
            ("9999999999.99", 12, 2, Ok(999_999_999_999)),
            ("10000000000", 12, 2, Err(TOO_LARGE)),
            ("000000000000000000000000001.5", 3, 1, Ok(15)),
            ("1.5e3", 12, 2, Ok(150_000)),
            ("15e-1", 12, 2, Ok(150)),
            ("1e-3", 12, 2, Err(TOO_PRECISE)),
            ("1e12", 12, 0, Err(TOO_LARGE)),
            ("0e999999999", 12, 2, Ok(0)),
            ("1e999999999", 12, 2, Err(TOO_LARGE)),
            ("1e-999999999", 12, 2, Err(TOO_PRECISE)),
            ("99999999999999999999999999999999999999", 38, 0, Ok(99_999_999_999_999_999_999_999_999_999_999_999_999)),
            ("100000000000000000000000000000000000000", 38, 0, Err(TOO_LARGE)),
            ("0.00000000000000000000000000000000000001", 38, 38, Ok(1)),
            ("+.5", 3, 1, Ok(5)),
            ("5.", 3, 1, Ok(50)),
            (".", 3, 1, Err(NO_DECIMAL)),
            ("", 3, 1, Err(NO_DECIMAL)),
            ("1_0", 3, 1, Err(NO_DECIMAL)),
            ("NaN", 3, 1, Err(NO_DECIMAL)),
        ] {
            assert_eq!(decimal128(text.as_bytes(), precision, scale), expected, "{text}");
            let wide = decimal256(text.as_bytes(), precision, scale);
            assert_eq!(wide, expected.map(i256::from_i128), "{text}");
        }
    }

    #[test]
    fn a_wide_decimal_keeps_all_of_its_76_digits() {
        let text = "1234567890123456789012345678901234567890123456789012345678901234567890.123456";
        let value = decimal256(text.as_bytes(), 76, 6).unwrap();
        assert_eq!(value.to_string(), text.replace('.', ""));
    }

    #[test]
    fn the_same_number_is_known_in_every_notation() {
        for (left, right, same) in [
            ("1.50", "15e-1", true),
            ("0.001", "1e-3", true),
            ("100", "1e2", true),
            ("0", "-0.00", true),
            ("12", "21", false),
            ("1", "-1", false),
            ("10", "1", false),
        ] {
            let (left, right) = (Parts::of(left.as_bytes()).unwrap(), Parts::of(right.as_bytes()).unwrap());
            assert_eq!(left.is_same_number(&right), same, "{left:?} {right:?}");
        }
    }
}

//! Numbers read from texts.

use bumpalo::Bump;
use bumpalo::collections::String;

use crate::Fault;
use crate::functions::ascii::without_blanks;
use crate::functions::decimal::{power_of_ten, within};

/// Digits that 64 bits hold whatever they are.
const SHORT_DIGITS: usize = 18;
/// The powers of ten that 64 bits hold.
static SHORT_POWERS: [i64; SHORT_DIGITS + 1] = short_powers();

const fn short_powers() -> [i64; SHORT_DIGITS + 1] {
    let mut powers = [1; SHORT_DIGITS + 1];
    let mut exponent = 1;
    while exponent <= SHORT_DIGITS {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
}

/// Digits before the point PostgreSQL's numeric has at most.
const NUMERIC_INTEGER_DIGITS: i64 = 131_072;
/// Digits after the point PostgreSQL's numeric has at most.
const NUMERIC_SCALE: i64 = 16_383;

/// `text::smallint`, `integer`, `bigint`.
pub fn text_to_int(text: &str, bits: u8) -> Result<i64, Fault> {
    let text = without_blanks(text).as_bytes();
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return Err(Fault::TextNotInteger);
    }
    // Negative numbers reach one further.
    let mut value = 0_i64;
    let mut in_range = true;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(Fault::TextNotInteger);
        }
        match value.checked_mul(10).and_then(|value| value.checked_sub(i64::from(digit))) {
            Some(longer) => value = longer,
            None => in_range = false,
        }
    }
    let value = if negative { Some(value) } else { value.checked_neg() };
    match value {
        Some(value) if in_range => super::int_to_int(value, bits),
        _ => Err(Fault::NumberOutOfRange),
    }
}

/// `text::real`, `double precision`.
pub fn text_to_float(text: &str, bits: u8) -> Result<f64, Fault> {
    let text = without_blanks(text);
    let value: f64 = if bits == 32 {
        text.parse::<f32>().map(f64::from).map_err(|_| Fault::TextNotNumber)?
    } else {
        text.parse().map_err(|_| Fault::TextNotNumber)?
    };
    let beyond = value.is_infinite() && text.bytes().any(|byte| byte.is_ascii_digit());
    let lost = value == 0.0 && mantissa_digits(text).any(|digit| digit != b'0');
    if beyond || lost { Err(Fault::NumberOutOfRange) } else { Ok(value) }
}

fn mantissa_digits(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit)
}

/// `text::decimal(precision,scale)`, halves rounded away from zero.
pub fn text_to_decimal(text: &str, precision: u8, scale: u8) -> Result<i128, Fault> {
    match plain_unscaled(text.as_bytes(), scale) {
        Some(unscaled) => within(i128::from(unscaled), precision).ok_or(Fault::NumberOutOfRange),
        None => any_decimal(text, precision, scale),
    }
}

/// The unscaled number of the usual text: digits and perhaps a point, no more behind it than the
/// scale has, and altogether no more than 64 bits hold.
#[inline]
fn plain_unscaled(text: &[u8], scale: u8) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (mut value, mut behind_point, mut pointed) = (0_i64, 0, 0);
    if digits.is_empty() || digits.len() > SHORT_DIGITS {
        return None;
    }
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            value = value * 10 + i64::from(digit);
            behind_point += pointed;
        } else if *byte == b'.' && pointed == 0 {
            pointed = 1;
        } else {
            return None;
        }
    }
    let missing = usize::from(scale).checked_sub(behind_point)?;
    if digits.len() == pointed || digits.len() + missing > SHORT_DIGITS {
        return None;
    }
    let unscaled = value * SHORT_POWERS.get(missing)?;
    Some(if negative { -unscaled } else { unscaled })
}

fn any_decimal(text: &str, precision: u8, scale: u8) -> Result<i128, Fault> {
    let number = Written::read(text)?;
    let (integer, fraction) = match number.value {
        Value::Digits { integer, fraction } => (integer, fraction),
        Value::NotANumber | Value::Infinity => return Err(Fault::NumberNotFinite),
    };
    // How many of its digits make the unscaled number; the next one rounds it.
    let kept = integer.len() as i64 + number.exponent + i64::from(scale);
    if kept < 0 {
        return Ok(0);
    }
    let digits = integer.iter().chain(fraction);
    let unscaled = if kept <= 18 { short_unscaled(digits, kept as usize) } else { long_unscaled(digits, kept) };
    let signed = unscaled.map(|unscaled| if number.negative { -unscaled } else { unscaled });
    signed.and_then(|signed| within(signed, precision)).ok_or(Fault::NumberOutOfRange)
}

/// At most 18 digits fit 64 bits.
fn short_unscaled<'a>(mut digits: impl Iterator<Item = &'a u8>, kept: usize) -> Option<i128> {
    let mut value = 0_i64;
    let mut taken = 0;
    for digit in digits.by_ref().take(kept) {
        value = value * 10 + i64::from(digit - b'0');
        taken += 1;
    }
    if taken == kept {
        value += i64::from(digits.next().is_some_and(|digit| *digit >= b'5'));
        return Some(i128::from(value));
    }
    Some(i128::from(value) * power_of_ten((kept - taken) as u8))
}

fn long_unscaled<'a>(mut digits: impl Iterator<Item = &'a u8>, kept: i64) -> Option<i128> {
    let mut value = 0_i128;
    let mut missing = kept;
    for digit in digits.by_ref() {
        value = value.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        missing -= 1;
        if missing == 0 {
            return value.checked_add(i128::from(digits.next().is_some_and(|digit| *digit >= b'5')));
        }
    }
    match u8::try_from(missing) {
        _ if value == 0 => Some(0),
        Ok(missing) if missing <= 38 => value.checked_mul(power_of_ten(missing)),
        _ => None,
    }
}

/// `text::numeric`: the text PostgreSQL writes for it.
pub fn text_to_numeric<'a>(text: &'a str, arena: &'a Bump) -> Result<&'a str, Fault> {
    let number = Written::read(text)?;
    let (integer, fraction) = match number.value {
        Value::NotANumber => return Ok("NaN"),
        Value::Infinity => return Ok(if number.negative { "-Infinity" } else { "Infinity" }),
        Value::Digits { integer, fraction } => (integer, fraction),
    };
    let is_zero = integer.iter().chain(fraction).all(|digit| *digit == b'0');
    let leading = integer.iter().chain(fraction).take_while(|digit| **digit == b'0').count() as i64;
    // Where the point lies among the digits.
    let point = integer.len() as i64 + number.exponent;
    let scale = (fraction.len() as i64 - number.exponent).max(0);
    if scale > NUMERIC_SCALE || (!is_zero && point - leading > NUMERIC_INTEGER_DIGITS) {
        return Err(Fault::NumberOutOfRange);
    }
    if number.canonical {
        return Ok(without_blanks(text));
    }
    let digit_at = |place: i64| {
        let digit = usize::try_from(place).ok().and_then(|place| integer.iter().chain(fraction).nth(place));
        char::from(*digit.unwrap_or(&b'0'))
    };
    let mut written = String::new_in(arena);
    if number.negative && !is_zero {
        written.push('-');
    }
    let first = if is_zero { point - 1 } else { leading.min(point - 1) };
    for place in first..point {
        written.push(digit_at(place));
    }
    if scale > 0 {
        written.push('.');
    }
    for place in point..point + scale {
        written.push(digit_at(place));
    }
    Ok(written.into_bump_str())
}

/// A number as it is written.
struct Written<'a> {
    negative: bool,
    value: Value<'a>,
    exponent: i64,
    /// Whether PostgreSQL writes it just so.
    canonical: bool,
}

enum Value<'a> {
    Digits { integer: &'a [u8], fraction: &'a [u8] },
    NotANumber,
    Infinity,
}

impl<'a> Written<'a> {
    fn read(text: &'a str) -> Result<Self, Fault> {
        let bytes = without_blanks(text).as_bytes();
        let (sign, rest) = match bytes {
            [sign @ (b'-' | b'+'), rest @ ..] => (Some(*sign), rest),
            rest => (None, rest),
        };
        let negative = sign == Some(b'-');
        let (integer, rest) = digits(rest);
        let (fraction, rest, pointed) = match rest {
            [b'.', rest @ ..] => {
                let (fraction, rest) = digits(rest);
                (fraction, rest, true)
            }
            rest => (&rest[..0], rest, false),
        };
        if integer.is_empty() && fraction.is_empty() {
            if pointed {
                return Err(Fault::TextNotNumber);
            }
            let value = read_name(rest, sign.is_some())?;
            return Ok(Written { negative, value, exponent: 0, canonical: false });
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => read_exponent(rest)?,
            _ => return Err(Fault::TextNotNumber),
        };
        let canonical = rest.is_empty()
            && sign != Some(b'+')
            && matches!(integer, [b'0'] | [b'1'..=b'9', ..])
            && pointed != fraction.is_empty()
            && !(negative && integer.iter().chain(fraction).all(|digit| *digit == b'0'));
        Ok(Written { negative, value: Value::Digits { integer, fraction }, exponent, canonical })
    }
}

fn read_name(name: &[u8], signed: bool) -> Result<Value<'static>, Fault> {
    if name.eq_ignore_ascii_case(b"infinity") || name.eq_ignore_ascii_case(b"inf") {
        Ok(Value::Infinity)
    } else if name.eq_ignore_ascii_case(b"nan") && !signed {
        Ok(Value::NotANumber)
    } else {
        Err(Fault::TextNotNumber)
    }
}

fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.split_at(count)
}

fn read_exponent(bytes: &[u8]) -> Result<i64, Fault> {
    let (negative, rest) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if rest.is_empty() {
        return Err(Fault::TextNotNumber);
    }
    let mut exponent = 0_i64;
    for byte in rest {
        if !byte.is_ascii_digit() {
            return Err(Fault::TextNotNumber);
        }
        // Beyond a million every number is zero or out of range.
        exponent = (exponent * 10 + i64::from(byte - b'0')).min(1_000_000_000);
    }
    Ok(if negative { -exponent } else { exponent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_with_blanks_and_a_sign() {
        let cases = [
            ("7", 64, Ok(7)),
            (" \t-12\n", 64, Ok(-12)),
            ("+0", 16, Ok(0)),
            ("9223372036854775807", 64, Ok(i64::MAX)),
            ("-9223372036854775808", 64, Ok(i64::MIN)),
            ("9223372036854775808", 64, Err(Fault::NumberOutOfRange)),
            ("32768", 16, Err(Fault::NumberOutOfRange)),
            ("-32768", 16, Ok(-32768)),
            ("99999999999999999999999x", 64, Err(Fault::TextNotInteger)),
            ("", 64, Err(Fault::TextNotInteger)),
            (" ", 64, Err(Fault::TextNotInteger)),
            ("-", 64, Err(Fault::TextNotInteger)),
            ("1 2", 64, Err(Fault::TextNotInteger)),
            ("1.0", 64, Err(Fault::TextNotInteger)),
            ("1_000", 64, Err(Fault::TextNotInteger)),
            ("\u{a0}1", 64, Err(Fault::TextNotInteger)),
            ("١", 64, Err(Fault::TextNotInteger)),
        ];
        for (text, bits, expected) in cases {
            assert_eq!(text_to_int(text, bits), expected, "{text:?}");
        }
    }

    #[test]
    fn doubles_are_refused_when_they_are_lost() {
        let cases = [
            (" 1.5 ", 64, Ok(1.5)),
            (".5", 64, Ok(0.5)),
            ("5.", 64, Ok(5.0)),
            ("1e5", 64, Ok(100_000.0)),
            ("-Infinity", 64, Ok(f64::NEG_INFINITY)),
            ("inf", 64, Ok(f64::INFINITY)),
            ("1e400", 64, Err(Fault::NumberOutOfRange)),
            ("1e-400", 64, Err(Fault::NumberOutOfRange)),
            ("0e-400", 64, Ok(0.0)),
            ("1e39", 32, Err(Fault::NumberOutOfRange)),
            ("5e-324", 64, Ok(5e-324)),
            ("0.1", 32, Ok(f64::from(0.1_f32))),
            ("", 64, Err(Fault::TextNotNumber)),
            ("1e", 64, Err(Fault::TextNotNumber)),
            (".", 64, Err(Fault::TextNotNumber)),
            ("1,5", 64, Err(Fault::TextNotNumber)),
        ];
        for (text, bits, expected) in cases {
            assert_eq!(text_to_float(text, bits), expected, "{text:?}");
        }
    }

    #[test]
    fn decimals_are_read_exactly_and_rounded_half_away_from_zero() {
        let most = "9".repeat(38);
        let cases = [
            ("12.345", 12, 2, Ok(1235)),
            ("-12.345", 12, 2, Ok(-1235)),
            ("12.344999999999999999999999999999999999999999", 12, 2, Ok(1234)),
            (" +1 ", 12, 2, Ok(100)),
            (".005", 12, 2, Ok(1)),
            (".0049", 12, 2, Ok(0)),
            ("1e3", 12, 2, Ok(100_000)),
            ("1.25e-1", 12, 2, Ok(13)),
            ("1e-50", 12, 2, Ok(0)),
            ("0e999999999999", 12, 2, Ok(0)),
            ("1e999999999999", 12, 2, Err(Fault::NumberOutOfRange)),
            ("9999999999.994", 12, 2, Ok(999_999_999_999)),
            ("9999999999.995", 12, 2, Err(Fault::NumberOutOfRange)),
            ("123456789012345678901.5", 38, 1, Ok(1_234_567_890_123_456_789_015)),
            ("000000000000000000000000000000000000000000001", 5, 0, Ok(1)),
            (most.as_str(), 38, 0, Ok(10_i128.pow(38) - 1)),
            ("NaN", 12, 2, Err(Fault::NumberNotFinite)),
            ("-inf", 12, 2, Err(Fault::NumberNotFinite)),
            ("", 12, 2, Err(Fault::TextNotNumber)),
            (".", 12, 2, Err(Fault::TextNotNumber)),
            ("-", 12, 2, Err(Fault::TextNotNumber)),
            ("1e", 12, 2, Err(Fault::TextNotNumber)),
            ("1 000", 12, 2, Err(Fault::TextNotNumber)),
            ("0x10", 12, 2, Err(Fault::TextNotNumber)),
            ("1.2.3", 12, 2, Err(Fault::TextNotNumber)),
            ("--1", 12, 2, Err(Fault::TextNotNumber)),
            ("-.5", 12, 2, Ok(-50)),
            ("5.", 12, 2, Ok(500)),
            ("-0.00", 12, 2, Ok(0)),
            ("1234567890123456", 18, 2, Ok(123_456_789_012_345_600)),
            ("12345678901234567", 18, 2, Err(Fault::NumberOutOfRange)),
            ("12345678901234567", 19, 2, Ok(1_234_567_890_123_456_700)),
            ("999999999999999999", 18, 0, Ok(999_999_999_999_999_999)),
            ("9999999999999999999", 19, 0, Ok(9_999_999_999_999_999_999)),
            ("100", 4, 2, Err(Fault::NumberOutOfRange)),
            (".nan", 12, 2, Err(Fault::TextNotNumber)),
        ];
        for (text, precision, scale, expected) in cases {
            assert_eq!(text_to_decimal(text, precision, scale), expected, "{text:?}");
        }
    }

    #[test]
    fn numerics_are_written_as_postgres_writes_them() {
        let arena = Bump::new();
        let cases = [
            ("1.50", "1.50"),
            (" 007.10 ", "7.10"),
            ("+1", "1"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0", "0"),
            ("-0.00", "0.00"),
            ("0", "0"),
            ("1e3", "1000"),
            ("1e-3", "0.001"),
            ("1.50e1", "15.0"),
            ("-12.5e-2", "-0.125"),
            ("0.0e3", "0"),
            ("0e-3", "0.000"),
            ("nan", "NaN"),
            ("-INF", "-Infinity"),
        ];
        for (text, expected) in cases {
            assert_eq!(text_to_numeric(text, &arena), Ok(expected), "{text:?}");
        }
        assert_eq!(text_to_numeric("1e200000", &arena), Err(Fault::NumberOutOfRange));
        assert_eq!(text_to_numeric("x", &arena), Err(Fault::TextNotNumber));
    }
}

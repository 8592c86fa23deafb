//! Whole numbers, floats, truth values, and numbers of any size.

use crate::values::decimal::Parts;
use crate::values::{Mismatch, Strictness};

const NO_INTEGER: Mismatch = Mismatch("text that is no whole number");
const INTEGER_RANGE: Mismatch = Mismatch("a whole number out of its range");
const PADDED_INTEGER: Mismatch = Mismatch("a whole number with a sign or leading zeros that would be lost");
const NO_NUMBER: Mismatch = Mismatch("text that is no number");
const FLOAT_RANGE: Mismatch = Mismatch("a number out of its range");
const FLOAT_DIGITS: Mismatch = Mismatch("a number with more digits than it keeps; declare the column `numeric`");
const NUMERIC_RANGE: Mismatch = Mismatch("a number with an exponent beyond 16383");

/// A float of double precision keeps every decimal number of so many digits.
const DIGITS_OF_A_DOUBLE: usize = 15;

/// The largest exponent written out as zeros: the digits PostgreSQL keeps behind the point.
const MAX_EXPONENT: i64 = 16_383;

/// A whole number. Declared columns also take a plus sign and leading zeros.
pub(crate) fn integer<T: atoi_simd::Parse>(text: &[u8], strictness: Strictness) -> Result<T, Mismatch> {
    let parsed = match strictness {
        Strictness::Inferred => {
            if is_padded(text) || text == b"-0" {
                return Err(PADDED_INTEGER);
            }
            atoi_simd::parse::<T, false, false>(text)
        }
        Strictness::Declared => atoi_simd::parse::<T, true, true>(text),
    };
    parsed.map_err(|_| if is_signed_digits(text) { INTEGER_RANGE } else { NO_INTEGER })
}

/// A truth value. Declared columns take `true`, `false`, `t`, `f` in any case, `1` and `0`.
pub(crate) fn boolean(text: &[u8], strictness: Strictness) -> Result<bool, Mismatch> {
    match (text, strictness) {
        (b"true", _) | (b"1", Strictness::Declared) => Ok(true),
        (b"false", _) | (b"0", Strictness::Declared) => Ok(false),
        (other, Strictness::Declared) if is_word(other, &["true", "t"]) => Ok(true),
        (other, Strictness::Declared) if is_word(other, &["false", "f"]) => Ok(false),
        _ => Err(Mismatch("text that is no truth value")),
    }
}

/// A float of double precision. An inferred column refuses digits that would be lost; a declared
/// one rounds to the nearest and also takes `NaN` and `Infinity`.
pub(crate) fn float64(text: &[u8], strictness: Strictness) -> Result<f64, Mismatch> {
    let value: f64 = fast_float2::parse(text).map_err(|_| NO_NUMBER)?;
    match strictness {
        Strictness::Declared if value.is_finite() || is_unbounded_word(text) => Ok(value),
        Strictness::Declared => Err(FLOAT_RANGE),
        Strictness::Inferred => {
            let parts = Parts::of(text).filter(|_| !is_padded(text)).ok_or(NO_NUMBER)?;
            if keeps_every_digit(value, &parts) { Ok(value) } else { Err(FLOAT_DIGITS) }
        }
    }
}

/// A float of single precision, rounded to the nearest; only ever declared.
pub(crate) fn float32(text: &[u8]) -> Result<f32, Mismatch> {
    let value: f32 = fast_float2::parse(text).map_err(|_| NO_NUMBER)?;
    if value.is_finite() || is_unbounded_word(text) { Ok(value) } else { Err(FLOAT_RANGE) }
}

/// A number of any size, written to `into` without plus sign, needless leading zeros or exponent.
/// Declared columns also take `NaN` and `Infinity`.
pub(crate) fn numeric(text: &[u8], strictness: Strictness, into: &mut Vec<u8>) -> Result<(), Mismatch> {
    if strictness == Strictness::Inferred && !is_plain_number(text) {
        return Err(NO_NUMBER);
    }
    let Some(parts) = Parts::of(text) else {
        into.extend_from_slice(unbounded_spelling(text).ok_or(NO_NUMBER)?);
        return Ok(());
    };
    if parts.exponent.abs() > MAX_EXPONENT {
        return Err(NUMERIC_RANGE);
    }
    parts.write_plain(into);
    Ok(())
}

/// Whether the text is a number that a column of inferred numbers may hold.
pub(crate) fn is_plain_number(text: &[u8]) -> bool {
    let starts_with_digit = matches!(text, [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..]);
    starts_with_digit && !is_padded(text) && Parts::of(text).is_some_and(|parts| parts.exponent.abs() <= MAX_EXPONENT)
}

fn keeps_every_digit(value: f64, parts: &Parts<'_>) -> bool {
    if !value.is_finite() {
        return false;
    }
    let is_short = parts.len() <= DIGITS_OF_A_DOUBLE || parts.digits() <= DIGITS_OF_A_DOUBLE;
    if is_short && (value.is_normal() || parts.is_zero()) {
        return true;
    }
    let shortest = format!("{value:e}");
    Parts::of(shortest.as_bytes()).is_some_and(|kept| kept.is_same_number(parts))
}

fn is_padded(text: &[u8]) -> bool {
    matches!(text, [b'+', ..] | [b'0', b'0'..=b'9', ..] | [b'-', b'0', b'0'..=b'9', ..])
}

fn is_signed_digits(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

fn is_word(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
}

fn is_unbounded_word(text: &[u8]) -> bool {
    unbounded_spelling(text).is_some()
}

fn unbounded_spelling(text: &[u8]) -> Option<&'static [u8]> {
    let (negative, word) = match text {
        [b'-', word @ ..] => (true, word),
        [b'+', word @ ..] => (false, word),
        word => (false, word),
    };
    match (negative, word) {
        (_, word) if is_word(word, &["nan"]) => Some(b"NaN"),
        (false, word) if is_word(word, &["inf", "infinity"]) => Some(b"Infinity"),
        (true, word) if is_word(word, &["inf", "infinity"]) => Some(b"-Infinity"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Strictness::{Declared, Inferred};

    #[test]
    fn whole_numbers_are_taken_to_their_last_value_and_not_beyond() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("-1", Ok(-1)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("9223372036854775808", Err(INTEGER_RANGE)),
            ("99999999999999999999999999999999999999999999", Err(INTEGER_RANGE)),
            ("", Err(NO_INTEGER)),
            ("-", Err(NO_INTEGER)),
            ("1.0", Err(NO_INTEGER)),
            ("1 ", Err(NO_INTEGER)),
            ("NA", Err(NO_INTEGER)),
        ] {
            assert_eq!(integer::<i64>(text.as_bytes(), Inferred), expected, "{text}");
            assert_eq!(integer::<i64>(text.as_bytes(), Declared), expected, "{text}");
        }
        assert_eq!(integer::<u64>(b"18446744073709551615", Declared), Ok(u64::MAX));
        assert_eq!(integer::<u8>(b"256", Declared), Err(INTEGER_RANGE));
        assert_eq!(integer::<u8>(b"-1", Declared), Err(INTEGER_RANGE));
        assert_eq!(integer::<i8>(b"-128", Declared), Ok(-128));
    }

    #[test]
    fn only_a_declared_column_takes_a_whole_number_that_would_lose_its_zeros_or_sign() {
        for (text, expected) in [("007", 7), ("+7", 7), ("-007", -7), ("-0", 0), ("000000000000000000000000042", 42)] {
            assert_eq!(integer::<i64>(text.as_bytes(), Declared), Ok(expected), "{text}");
            assert_eq!(integer::<i64>(text.as_bytes(), Inferred), Err(PADDED_INTEGER), "{text}");
        }
    }

    #[test]
    fn an_inferred_float_keeps_every_digit_or_refuses() {
        for (text, expected) in [
            ("1.5", Ok(1.5)),
            ("-0.10", Ok(-0.1)),
            ("1e5", Ok(1e5)),
            ("0.1234567890123456", Ok(0.123_456_789_012_345_6)),
            ("1.7976931348623157e308", Ok(f64::MAX)),
            ("5e-324", Ok(5e-324)),
            ("123456789012345.67", Ok(123_456_789_012_345.67)),
            ("1234567890123456.78", Err(FLOAT_DIGITS)),
            ("0.1000000000000000055511151231257827", Err(FLOAT_DIGITS)),
            ("1e400", Err(FLOAT_DIGITS)),
            ("3e-324", Err(FLOAT_DIGITS)),
            ("007.5", Err(NO_NUMBER)),
            ("+1.5", Err(NO_NUMBER)),
            ("-0", Ok(-0.0)),
            ("NaN", Err(NO_NUMBER)),
            ("x", Err(NO_NUMBER)),
        ] {
            assert_eq!(float64(text.as_bytes(), Inferred), expected, "{text}");
        }
    }

    #[test]
    fn a_declared_float_rounds_but_never_overflows() {
        assert_eq!(float64(b"1234567890123456.78", Declared), Ok(1_234_567_890_123_456.8));
        assert_eq!(float64(b"1e400", Declared), Err(FLOAT_RANGE));
        assert_eq!(float64(b"-infinity", Declared), Ok(f64::NEG_INFINITY));
        assert!(float64(b"nan", Declared).unwrap().is_nan());
        assert_eq!(float32(b"1e39"), Err(FLOAT_RANGE));
        assert_eq!(float32(b"0.1"), Ok(0.1));
    }

    #[test]
    fn a_numeric_keeps_its_exact_number_in_plain_notation() {
        for (text, expected) in [
            ("12345678901234567890123456789.000100", "12345678901234567890123456789.000100"),
            ("-0.5", "-0.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+007.50", "7.50"),
            ("1e3", "1000"),
            ("1.25e1", "12.5"),
            ("125e-4", "0.0125"),
            ("nan", "NaN"),
            ("-INF", "-Infinity"),
        ] {
            let mut written = Vec::new();
            numeric(text.as_bytes(), Declared, &mut written).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), expected, "{text}");
        }
        for text in ["", ".", "-", "e5", "1e", "1e99999999999", "0x10", "1,5"] {
            assert!(numeric(text.as_bytes(), Declared, &mut Vec::new()).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_declared_truth_value_may_be_spelled_otherwise() {
        assert_eq!(boolean(b"true", Inferred), Ok(true));
        for (text, expected) in [("TRUE", true), ("f", false), ("1", true), ("0", false)] {
            assert_eq!(boolean(text.as_bytes(), Declared), Ok(expected), "{text}");
            assert!(boolean(text.as_bytes(), Inferred).is_err(), "{text}");
        }
        assert!(boolean(b"yes", Declared).is_err());
    }
}

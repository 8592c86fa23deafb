//! Numbers made other numbers.

use std::fmt::Write;

use super::text_to_decimal;
use crate::Fault;
use crate::functions::ascii::Ascii;
use crate::functions::decimal::{power_of_ten, rescale, within};

/// Below it every integer is a double.
const EXACT_IN_DOUBLE: u128 = 1 << 53;
/// Powers of ten up to it are doubles.
const EXACT_POWER_IN_DOUBLE: u8 = 22;

/// `boolean::text`.
#[inline]
#[must_use]
pub fn bool_to_text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// `boolean::integer`.
#[inline]
#[must_use]
pub fn bool_to_int(value: bool) -> i64 {
    i64::from(value)
}

/// `integer::boolean`.
#[inline]
#[must_use]
pub fn int_to_bool(value: i64) -> bool {
    value != 0
}

/// An integer of another width.
#[inline]
pub fn int_to_int(value: i64, bits: u8) -> Result<i64, Fault> {
    let fits = match bits {
        16 => i16::try_from(value).is_ok(),
        32 => i32::try_from(value).is_ok(),
        _ => true,
    };
    if fits { Ok(value) } else { Err(Fault::NumberOutOfRange) }
}

/// `bigint::real`, `double precision`: the nearest.
#[inline]
#[must_use]
pub fn int_to_float(value: i64, bits: u8) -> f64 {
    if bits == 32 { f64::from(value as f32) } else { value as f64 }
}

/// `bigint::decimal(precision,scale)`.
#[inline]
pub fn int_to_decimal(value: i64, precision: u8, scale: u8) -> Result<i128, Fault> {
    let unscaled = i128::from(value).checked_mul(power_of_ten(scale));
    unscaled.and_then(|unscaled| within(unscaled, precision)).ok_or(Fault::NumberOutOfRange)
}

/// `double precision::integer`: halves to the even neighbour.
#[inline]
pub fn float_to_int(value: f64, bits: u8) -> Result<i64, Fault> {
    let rounded = value.round_ties_even();
    // Two to the 63rd is a double, one less is not. NaN is within nothing.
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded) {
        return Err(Fault::NumberOutOfRange);
    }
    int_to_int(rounded as i64, bits)
}

/// `double precision::real`, and back (which changes nothing).
#[inline]
pub fn float_to_float(value: f64, bits: u8) -> Result<f64, Fault> {
    if bits != 32 {
        return Ok(value);
    }
    let narrow = value as f32;
    let lost = (narrow.is_infinite() && value.is_finite()) || (narrow == 0.0 && value != 0.0);
    if lost { Err(Fault::NumberOutOfRange) } else { Ok(f64::from(narrow)) }
}

/// `double precision::decimal(precision,scale)`: of the 15 digits (6 of a `real`) a double is sure
/// of.
pub fn float_to_decimal(value: f64, bits: u8, precision: u8, scale: u8) -> Result<i128, Fault> {
    if !value.is_finite() {
        return Err(Fault::NumberNotFinite);
    }
    let sure = if bits == 32 { 1e6 } else { 1e15 };
    if value.trunc() == value && value.abs() < sure {
        return int_to_decimal(value as i64, precision, scale);
    }
    let mut written = Ascii::<32>::new();
    let done = if bits == 32 { write!(written, "{:.5e}", value as f32) } else { write!(written, "{value:.14e}") };
    done.map_err(|_| Fault::NumberOutOfRange)?;
    text_to_decimal(written.as_str(), precision, scale)
}

/// `decimal::integer`: halves away from zero.
#[inline]
pub fn decimal_to_int(value: i128, scale: u8, bits: u8) -> Result<i64, Fault> {
    let whole = rescale(value, scale, 0, 38)?;
    int_to_int(i64::try_from(whole).map_err(|_| Fault::NumberOutOfRange)?, bits)
}

/// `decimal::real`, `double precision`: the nearest.
pub fn decimal_to_float(value: i128, scale: u8, bits: u8) -> Result<f64, Fault> {
    if bits != 32 && scale <= EXACT_POWER_IN_DOUBLE && value.unsigned_abs() < EXACT_IN_DOUBLE {
        return Ok(value as f64 / power_of_ten(scale) as f64);
    }
    let mut written = Ascii::<48>::new();
    super::number_to_text::write_unscaled(&mut written, value);
    written.put_all(b"e-");
    written.put_number(u64::from(scale));
    super::text_to_float(written.as_str(), bits)
}

/// A decimal of another precision and scale: halves away from zero.
#[inline]
pub fn decimal_to_decimal(value: i128, from: u8, precision: u8, scale: u8) -> Result<i128, Fault> {
    rescale(value, from, scale, precision)
}

/// `numeric::integer`: halves away from zero.
pub fn numeric_to_int(text: &str, bits: u8) -> Result<i64, Fault> {
    decimal_to_int(text_to_decimal(text, 38, 0)?, 0, bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_become_integers_by_halves_to_the_even_neighbour() {
        let cases = [
            (2.5, 64, Ok(2)),
            (3.5, 64, Ok(4)),
            (-2.5, 64, Ok(-2)),
            (32767.4, 16, Ok(32767)),
            (32767.5, 16, Err(Fault::NumberOutOfRange)),
            (-9_223_372_036_854_775_808.0, 64, Ok(i64::MIN)),
            (9_223_372_036_854_775_808.0, 64, Err(Fault::NumberOutOfRange)),
            (f64::NAN, 64, Err(Fault::NumberOutOfRange)),
            (f64::INFINITY, 64, Err(Fault::NumberOutOfRange)),
        ];
        for (value, bits, expected) in cases {
            assert_eq!(float_to_int(value, bits), expected, "{value}");
        }
    }

    #[test]
    fn doubles_become_decimals_by_their_sure_digits() {
        let cases = [
            (0.1, 64, 20, 18, Ok(100_000_000_000_000_000)),
            (2.675, 64, 5, 2, Ok(268)),
            (-2.675, 64, 5, 2, Ok(-268)),
            (1e20, 64, 38, 0, Ok(10_i128.pow(20))),
            (123_456_789_012_345_678.0, 64, 38, 0, Ok(123_456_789_012_346_000)),
            (f64::from(0.1_f32), 32, 10, 9, Ok(100_000_000)),
            (1e-300, 64, 10, 2, Ok(0)),
            (1e300, 64, 38, 0, Err(Fault::NumberOutOfRange)),
            (1000.0, 64, 3, 0, Err(Fault::NumberOutOfRange)),
            (f64::NAN, 64, 3, 0, Err(Fault::NumberNotFinite)),
        ];
        for (value, bits, precision, scale, expected) in cases {
            assert_eq!(float_to_decimal(value, bits, precision, scale), expected, "{value}");
        }
    }

    #[test]
    fn decimals_become_the_nearest_doubles() {
        assert_eq!(decimal_to_float(1, 1, 64), Ok(0.1));
        assert_eq!(decimal_to_float(1, 38, 64), Ok(1e-38));
        assert_eq!(
            decimal_to_float(-123_456_789_012_345_678_901_234_567_890, 10, 64),
            Ok(-12_345_678_901_234_567_890.123_456_789)
        );
        assert_eq!(decimal_to_float(1, 1, 32), Ok(f64::from(0.1_f32)));
        assert_eq!(float_to_float(1e300, 32), Err(Fault::NumberOutOfRange));
        assert_eq!(float_to_float(1e-300, 32), Err(Fault::NumberOutOfRange));
        assert_eq!(float_to_float(0.1, 32), Ok(f64::from(0.1_f32)));
    }

    #[test]
    fn decimals_become_integers_by_halves_away_from_zero() {
        assert_eq!(decimal_to_int(25, 1, 64), Ok(3));
        assert_eq!(decimal_to_int(-25, 1, 64), Ok(-3));
        assert_eq!(decimal_to_int(10_i128.pow(30), 0, 64), Err(Fault::NumberOutOfRange));
        assert_eq!(numeric_to_int("2.5", 32), Ok(3));
        assert_eq!(numeric_to_int("3e9", 32), Err(Fault::NumberOutOfRange));
        assert_eq!(int_to_decimal(1000, 5, 2), Err(Fault::NumberOutOfRange));
        assert_eq!(int_to_decimal(999, 5, 2), Ok(99900));
    }
}

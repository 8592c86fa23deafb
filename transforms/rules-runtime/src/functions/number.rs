//! Integers of 64 bits and doubles.

use std::cmp::Ordering;

use crate::Fault;

/// `left + right`.
#[inline]
pub fn add(left: i64, right: i64) -> Result<i64, Fault> {
    left.checked_add(right).ok_or(Fault::Overflow)
}

/// `left - right`.
#[inline]
pub fn subtract(left: i64, right: i64) -> Result<i64, Fault> {
    left.checked_sub(right).ok_or(Fault::Overflow)
}

/// `left * right`.
#[inline]
pub fn multiply(left: i64, right: i64) -> Result<i64, Fault> {
    left.checked_mul(right).ok_or(Fault::Overflow)
}

/// `left / right`, cut towards zero.
#[inline]
pub fn divide(left: i64, right: i64) -> Result<i64, Fault> {
    if right == 0 {
        return Err(Fault::DivisionByZero);
    }
    left.checked_div(right).ok_or(Fault::Overflow)
}

/// `left % right`, with the dividend's sign.
#[inline]
pub fn remainder(left: i64, right: i64) -> Result<i64, Fault> {
    if right == 0 {
        return Err(Fault::DivisionByZero);
    }
    Ok(left.wrapping_rem(right))
}

/// `-value`.
#[inline]
pub fn negate(value: i64) -> Result<i64, Fault> {
    value.checked_neg().ok_or(Fault::Overflow)
}

/// `abs(value)`.
#[inline]
pub fn abs(value: i64) -> Result<i64, Fault> {
    value.checked_abs().ok_or(Fault::Overflow)
}

/// `left + right` of doubles.
#[inline]
pub fn float_add(left: f64, right: f64) -> Result<f64, Fault> {
    finite_as(left, right, left + right)
}

/// `left - right` of doubles.
#[inline]
pub fn float_subtract(left: f64, right: f64) -> Result<f64, Fault> {
    finite_as(left, right, left - right)
}

/// `left * right` of doubles.
#[inline]
pub fn float_multiply(left: f64, right: f64) -> Result<f64, Fault> {
    finite_as(left, right, left * right)
}

/// `left / right` of doubles.
#[inline]
pub fn float_divide(left: f64, right: f64) -> Result<f64, Fault> {
    if right == 0.0 && !left.is_nan() {
        return Err(Fault::DivisionByZero);
    }
    finite_as(left, right, left / right)
}

/// The order of doubles: NaN equals itself and is above everything, both zeros are equal.
#[inline]
#[must_use]
pub fn float_compare(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

/// `sign(value)`: -1, 0 or 1; 0 for NaN.
#[inline]
#[must_use]
pub fn float_sign(value: f64) -> f64 {
    if value > 0.0 {
        1.0
    } else if value < 0.0 {
        -1.0
    } else {
        0.0
    }
}

/// `round(value)`, halves to the even neighbour.
#[inline]
#[must_use]
pub fn float_round(value: f64) -> f64 {
    value.round_ties_even()
}

/// `trunc(value)`.
#[inline]
#[must_use]
pub fn float_trunc(value: f64) -> f64 {
    value.trunc()
}

/// `floor(value)`.
#[inline]
#[must_use]
pub fn float_floor(value: f64) -> f64 {
    value.floor()
}

/// `ceil(value)`.
#[inline]
#[must_use]
pub fn float_ceil(value: f64) -> f64 {
    value.ceil()
}

/// `power(base, exponent)`.
pub fn power(base: f64, exponent: f64) -> Result<f64, Fault> {
    let undefined =
        (base == 0.0 && exponent < 0.0) || (base < 0.0 && exponent.is_finite() && exponent.floor() != exponent);
    if undefined {
        return Err(Fault::Undefined);
    }
    let result = libm::pow(base, exponent);
    if base.is_finite() && exponent.is_finite() {
        if result.is_infinite() {
            return Err(Fault::Overflow);
        }
        if result == 0.0 && base != 0.0 {
            return Err(Fault::NumberOutOfRange);
        }
    }
    Ok(result)
}

/// `sqrt(value)`.
pub fn sqrt(value: f64) -> Result<f64, Fault> {
    if value < 0.0 { Err(Fault::Undefined) } else { Ok(value.sqrt()) }
}

/// `exp(value)`.
pub fn exp(value: f64) -> Result<f64, Fault> {
    let result = libm::exp(value);
    if value.is_finite() && result.is_infinite() {
        return Err(Fault::Overflow);
    }
    if value.is_finite() && result == 0.0 {
        return Err(Fault::NumberOutOfRange);
    }
    Ok(result)
}

/// `ln(value)`.
pub fn ln(value: f64) -> Result<f64, Fault> {
    if value <= 0.0 { Err(Fault::Undefined) } else { Ok(libm::log(value)) }
}

#[inline]
fn finite_as(left: f64, right: f64, result: f64) -> Result<f64, Fault> {
    if result.is_infinite() && left.is_finite() && right.is_finite() { Err(Fault::Overflow) } else { Ok(result) }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    #[test]
    fn integers_fault_at_their_ends() {
        assert_eq!(add(i64::MAX, 1), Err(Fault::Overflow));
        assert_eq!(subtract(i64::MIN, 1), Err(Fault::Overflow));
        assert_eq!(multiply(i64::MAX, 2), Err(Fault::Overflow));
        assert_eq!(divide(i64::MIN, -1), Err(Fault::Overflow));
        assert_eq!(divide(1, 0), Err(Fault::DivisionByZero));
        assert_eq!(remainder(1, 0), Err(Fault::DivisionByZero));
        assert_eq!(remainder(i64::MIN, -1), Ok(0));
        assert_eq!(negate(i64::MIN), Err(Fault::Overflow));
        assert_eq!(abs(i64::MIN), Err(Fault::Overflow));
    }

    #[test]
    fn division_cuts_and_the_remainder_follows_the_dividend() {
        let cases = [(7, 2, 3, 1), (-7, 2, -3, -1), (7, -2, -3, 1), (-7, -2, 3, -1)];
        for (left, right, quotient, rest) in cases {
            assert_eq!((divide(left, right), remainder(left, right)), (Ok(quotient), Ok(rest)));
        }
    }

    #[test]
    fn doubles_fault_when_finite_ones_become_infinite() {
        assert_eq!(float_add(f64::MAX, f64::MAX), Err(Fault::Overflow));
        assert_eq!(float_multiply(1e300, 1e300), Err(Fault::Overflow));
        assert_eq!(float_subtract(f64::INFINITY, 1.0), Ok(f64::INFINITY));
        assert_eq!(float_divide(1.0, 0.0), Err(Fault::DivisionByZero));
        assert_eq!(float_divide(0.0, -0.0), Err(Fault::DivisionByZero));
        assert!(float_divide(f64::NAN, 0.0).unwrap().is_nan());
    }

    #[test]
    fn nan_is_above_everything_and_equal_to_itself() {
        assert_eq!(float_compare(f64::NAN, f64::NAN), Ordering::Equal);
        assert_eq!(float_compare(f64::NAN, f64::INFINITY), Ordering::Greater);
        assert_eq!(float_compare(f64::INFINITY, f64::NAN), Ordering::Less);
        assert_eq!(float_compare(0.0, -0.0), Ordering::Equal);
    }

    #[test]
    fn powers_and_logarithms_have_their_undefined_places() {
        assert_eq!(power(2.0, 10.0), Ok(1024.0));
        assert_eq!(power(-8.0, 0.5), Err(Fault::Undefined));
        assert_eq!(power(0.0, -1.0), Err(Fault::Undefined));
        assert_eq!(power(f64::NAN, 0.0), Ok(1.0));
        assert_eq!(power(1.0, f64::NAN), Ok(1.0));
        assert_eq!(power(10.0, 400.0), Err(Fault::Overflow));
        assert_eq!(power(10.0, -400.0), Err(Fault::NumberOutOfRange));
        assert_eq!(power(f64::NEG_INFINITY, 3.0), Ok(f64::NEG_INFINITY));
        assert_eq!(sqrt(-1.0), Err(Fault::Undefined));
        assert_eq!(ln(0.0), Err(Fault::Undefined));
        assert_eq!(exp(1000.0), Err(Fault::Overflow));
        assert_eq!(exp(-1000.0), Err(Fault::NumberOutOfRange));
        assert_eq!(exp(f64::NEG_INFINITY), Ok(0.0));
    }

    #[test]
    fn halves_round_to_the_even_neighbour() {
        for (value, rounded) in [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-1.5, -2.0), (2.4, 2.0)] {
            assert_eq!(float_round(value), rounded);
        }
    }
}

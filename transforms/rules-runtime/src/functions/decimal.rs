//! Decimals: 128-bit unscaled numbers, exact. Scales and precisions are at most 38.

use crate::Fault;

/// The powers of ten that 128 bits hold.
static POWERS: [i128; 39] = powers();

const fn powers() -> [i128; 39] {
    let mut powers = [1_i128; 39];
    let mut exponent = 1;
    while exponent < 39 {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
}

/// Ten to the power of an exponent; of 38 for a larger one.
#[inline]
pub(super) fn power_of_ten(exponent: u8) -> i128 {
    POWERS[usize::from(exponent.min(38))]
}

/// The value, when it has at most so many digits.
#[inline]
pub(super) fn within(value: i128, precision: u8) -> Option<i128> {
    (value.unsigned_abs() < power_of_ten(precision).unsigned_abs()).then_some(value)
}

/// `left + right`, of one scale.
#[inline]
pub fn add(left: i128, right: i128, precision: u8) -> Result<i128, Fault> {
    left.checked_add(right).and_then(|sum| within(sum, precision)).ok_or(Fault::Overflow)
}

/// `left - right`, of one scale.
#[inline]
pub fn subtract(left: i128, right: i128, precision: u8) -> Result<i128, Fault> {
    left.checked_sub(right).and_then(|difference| within(difference, precision)).ok_or(Fault::Overflow)
}

/// `left * right`; the result's scale is the sum of theirs.
#[inline]
pub fn multiply(left: i128, right: i128, precision: u8) -> Result<i128, Fault> {
    let product = match (i64::try_from(left), i64::try_from(right)) {
        (Ok(left), Ok(right)) => Some(i128::from(left) * i128::from(right)),
        _ => left.checked_mul(right),
    };
    product.and_then(|product| within(product, precision)).ok_or(Fault::Overflow)
}

/// `left / right` with a scale, halves rounded away from zero.
pub fn divide(
    left: i128,
    left_scale: u8,
    right: i128,
    right_scale: u8,
    precision: u8,
    scale: u8,
) -> Result<i128, Fault> {
    if right == 0 {
        return Err(Fault::DivisionByZero);
    }
    let shift = i16::from(scale) + i16::from(right_scale) - i16::from(left_scale);
    let (dividend, divisor) = (left.unsigned_abs(), right.unsigned_abs());
    let quotient = if shift >= 0 {
        divide_shifted(dividend, shift.unsigned_abs(), divisor)
    } else {
        // A divisor beyond 128 bits is more than twice any dividend.
        let power = power_of_ten(u8::try_from(shift.unsigned_abs()).unwrap_or(u8::MAX)).unsigned_abs();
        divisor.checked_mul(power).map_or(Some(0), |divisor| Some(rounded_quotient(dividend, divisor)))
    };
    let signed = quotient
        .and_then(|quotient| i128::try_from(quotient).ok())
        .map(|quotient| if (left < 0) == (right < 0) { quotient } else { -quotient });
    signed.and_then(|signed| within(signed, precision)).ok_or(Fault::Overflow)
}

/// `left % right`, of one scale, with the dividend's sign.
#[inline]
pub fn remainder(left: i128, right: i128) -> Result<i128, Fault> {
    if right == 0 {
        return Err(Fault::DivisionByZero);
    }
    Ok(left.wrapping_rem(right))
}

/// The value in another scale, halves rounded away from zero; `NumberOutOfRange` beyond the
/// precision.
#[inline]
pub fn rescale(value: i128, from: u8, to: u8, precision: u8) -> Result<i128, Fault> {
    let rescaled =
        if to >= from { value.checked_mul(power_of_ten(to - from)) } else { Some(round_off(value, from - to)) };
    rescaled.and_then(|rescaled| within(rescaled, precision)).ok_or(Fault::NumberOutOfRange)
}

/// `round(value, to)`; `Overflow` beyond the precision.
pub fn round(value: i128, from: u8, to: u8, precision: u8) -> Result<i128, Fault> {
    rescale(value, from, to, precision).map_err(|_| Fault::Overflow)
}

/// `round(value, -places)`, with scale 0.
pub fn round_left(value: i128, scale: u8, places: u8, precision: u8) -> Result<i128, Fault> {
    let cut = scale.saturating_add(places);
    // Half of ten to the 39th is beyond 38 digits.
    if cut > 38 {
        return Ok(0);
    }
    let rounded = round_off(value, cut).checked_mul(power_of_ten(places));
    rounded.and_then(|rounded| within(rounded, precision)).ok_or(Fault::Overflow)
}

/// `trunc(value, to)`; `Overflow` beyond the precision.
pub fn trunc(value: i128, from: u8, to: u8, precision: u8) -> Result<i128, Fault> {
    let cut =
        if to >= from { value.checked_mul(power_of_ten(to - from)) } else { Some(value / power_of_ten(from - to)) };
    cut.and_then(|cut| within(cut, precision)).ok_or(Fault::Overflow)
}

/// `trunc(value, -places)`, with scale 0.
#[must_use]
pub fn trunc_left(value: i128, scale: u8, places: u8) -> i128 {
    let cut = scale.saturating_add(places);
    if cut > 38 { 0 } else { value / power_of_ten(cut) * power_of_ten(places) }
}

/// `floor(value)`, with scale 0.
#[must_use]
pub fn floor(value: i128, scale: u8) -> i128 {
    value.div_euclid(power_of_ten(scale))
}

/// `ceil(value)`, with scale 0.
#[must_use]
pub fn ceil(value: i128, scale: u8) -> i128 {
    let unit = power_of_ten(scale);
    value.div_euclid(unit) + i128::from(value.rem_euclid(unit) != 0)
}

/// The value without its last digits, halves rounded away from zero.
fn round_off(value: i128, digits: u8) -> i128 {
    let quotient = rounded_quotient(value.unsigned_abs(), power_of_ten(digits).unsigned_abs());
    // A quotient of a value by one or more is at most the value.
    let quotient = i128::try_from(quotient).unwrap_or(i128::MAX);
    if value < 0 { -quotient } else { quotient }
}

#[inline]
fn rounded_quotient(dividend: u128, divisor: u128) -> u128 {
    let (quotient, rest) = match (u64::try_from(dividend), u64::try_from(divisor)) {
        (Ok(dividend), Ok(divisor)) => (u128::from(dividend / divisor), u128::from(dividend % divisor)),
        _ => (dividend / divisor, dividend % divisor),
    };
    quotient + u128::from(rest >= divisor - rest)
}

/// `dividend * 10^shift / divisor`, rounded; none when it is beyond 128 bits.
fn divide_shifted(dividend: u128, shift: u16, divisor: u128) -> Option<u128> {
    if dividend == 0 {
        return Some(0);
    }
    let narrow = u8::try_from(shift).ok().filter(|shift| *shift <= 38);
    if let Some(product) = narrow.and_then(|shift| dividend.checked_mul(power_of_ten(shift).unsigned_abs())) {
        return Some(rounded_quotient(product, divisor));
    }
    let first = shift.min(38);
    let mut product = multiply_wide(dividend, power_of_ten(first as u8).unsigned_abs());
    for _ in first..shift {
        product = multiply_by_ten(product)?;
    }
    divide_wide(product, divisor)
}

/// 256 bits, the high half first.
type Wide = (u128, u128);

fn multiply_wide(left: u128, right: u128) -> Wide {
    const LOW: u128 = u64::MAX as u128;
    let (left_high, left_low) = (left >> 64, left & LOW);
    let (right_high, right_low) = (right >> 64, right & LOW);
    let low = left_low * right_low;
    // Each sum is below 2^128: (2^64 - 1)^2 + 2 * (2^64 - 1) is 2^128 - 1.
    let middle = left_high * right_low + (low >> 64);
    let other = left_low * right_high + (middle & LOW);
    let high = left_high * right_high + (middle >> 64) + (other >> 64);
    (high, (other << 64) | (low & LOW))
}

fn multiply_by_ten((high, low): Wide) -> Option<Wide> {
    let (carry, low) = multiply_wide(low, 10);
    Some((high.checked_mul(10)?.checked_add(carry)?, low))
}

fn divide_wide((high, low): Wide, divisor: u128) -> Option<u128> {
    if high >= divisor {
        return None;
    }
    // Long division, bit by bit: the rest stays below the divisor, which is at most 2^127.
    let (mut rest, mut quotient) = (high, 0_u128);
    for bit in (0..128).rev() {
        rest = (rest << 1) | ((low >> bit) & 1);
        quotient <<= 1;
        if rest >= divisor {
            rest -= divisor;
            quotient |= 1;
        }
    }
    quotient.checked_add(u128::from(rest >= divisor - rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: i128 = 10_i128.pow(38) - 1;

    #[test]
    fn sums_stay_within_their_precision() {
        assert_eq!(add(999, 1, 3), Err(Fault::Overflow));
        assert_eq!(add(998, 1, 3), Ok(999));
        assert_eq!(add(MOST, 1, 38), Err(Fault::Overflow));
        assert_eq!(add(i128::MAX, 1, 38), Err(Fault::Overflow));
        assert_eq!(subtract(-999, 1, 3), Err(Fault::Overflow));
        assert_eq!(multiply(10_i128.pow(19), 10_i128.pow(18), 38), Ok(10_i128.pow(37)));
        assert_eq!(multiply(10_i128.pow(19), 10_i128.pow(19), 38), Err(Fault::Overflow));
        assert_eq!(multiply(-1_000_000_007, 998_244_353, 38), Ok(-998_244_359_987_710_471));
    }

    #[test]
    fn quotients_are_rounded_half_away_from_zero() {
        // (left, its scale, right, its scale, the scale) -> the quotient
        let cases = [
            (1, 0, 3, 0, 4, 3333),
            (2, 0, 3, 0, 4, 6667),
            (-2, 0, 3, 0, 4, -6667),
            (1, 0, 8, 0, 2, 13),
            (-1, 0, 8, 0, 2, -13),
            (100, 2, 3, 0, 2, 33),
            (12345, 4, 10, 0, 2, 12),
            (5, 38, 1, 0, 2, 0),
            (MOST, 0, MOST, 0, 16, 10_i128.pow(16)),
            (MOST, 0, 3, 0, 0, 33_333_333_333_333_333_333_333_333_333_333_333_333),
            (MOST, 38, MOST, 38, 37, 10_i128.pow(37)),
            (1, 38, 1, 0, 38, 1),
            (0, 0, 7, 38, 38, 0),
        ];
        for (left, left_scale, right, right_scale, scale, quotient) in cases {
            assert_eq!(divide(left, left_scale, right, right_scale, 38, scale), Ok(quotient), "{left}/{right}");
        }
        assert_eq!(divide(1, 0, 0, 0, 38, 0), Err(Fault::DivisionByZero));
        assert_eq!(divide(MOST, 0, 1, 38, 38, 38), Err(Fault::Overflow));
        assert_eq!(divide(MOST, 0, 1, 0, 38, 1), Err(Fault::Overflow));
    }

    #[test]
    fn wide_division_agrees_with_multiplication() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u128::from(state >> 1) << 63 | u128::from(state.rotate_left(17))
        };
        for _ in 0..2000 {
            let (quotient, divisor) = (next() >> 2, (next() >> 2) | 1);
            let product = multiply_wide(quotient, divisor);
            assert_eq!(divide_wide(product, divisor), Some(quotient));
        }
    }

    #[test]
    fn scales_change_with_halves_away_from_zero() {
        let cases =
            [(125, 2, 1, Ok(13)), (-125, 2, 1, Ok(-13)), (124, 2, 1, Ok(12)), (5, 1, 0, Ok(1)), (1, 0, 3, Ok(1000))];
        for (value, from, to, expected) in cases {
            assert_eq!(rescale(value, from, to, 38), expected);
        }
        assert_eq!(rescale(995, 2, 1, 2), Err(Fault::NumberOutOfRange));
        assert_eq!(rescale(MOST, 0, 1, 38), Err(Fault::NumberOutOfRange));
    }

    #[test]
    fn rounding_has_places_on_both_sides_of_the_point() {
        assert_eq!(round(12345, 2, 1, 38), Ok(1235));
        assert_eq!(round_left(12_555, 2, 1, 38), Ok(130));
        assert_eq!(round_left(-12_555, 2, 2, 38), Ok(-100));
        assert_eq!(round_left(MOST, 0, 38, 38), Err(Fault::Overflow));
        assert_eq!(round_left(MOST, 10, 38, 38), Ok(0));
        assert_eq!(trunc(-12399, 2, 1, 38), Ok(-1239));
        assert_eq!(trunc_left(-19_999, 2, 2), -100);
        assert_eq!([floor(-101, 2), floor(199, 2), ceil(-199, 2), ceil(101, 2), ceil(100, 2)], [-2, 1, -1, 2, 1]);
    }
}

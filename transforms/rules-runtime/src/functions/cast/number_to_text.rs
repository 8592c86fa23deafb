//! Numbers written as PostgreSQL writes them.

use std::fmt::Write;

use bumpalo::Bump;

use crate::Fault;
use crate::functions::ascii::{Ascii, write_digits};

/// Ten to the 19th: the digits that 64 bits surely hold.
const CHUNK: u128 = 10_000_000_000_000_000_000;

/// `bigint::text`.
#[must_use]
pub fn int_to_text(value: i64, arena: &Bump) -> &str {
    let mut written = Ascii::<20>::new();
    if value < 0 {
        written.put(b'-');
    }
    written.put_number(value.unsigned_abs());
    written.finish(arena)
}

/// `decimal::text`: with all digits of its scale.
#[must_use]
pub fn decimal_to_text(value: i128, scale: u8, arena: &Bump) -> &str {
    let mut digits = [b'0'; 60];
    let count = unscaled_digits(value.unsigned_abs(), &mut digits);
    let scale = usize::from(scale.min(38));
    let mut written = Ascii::<48>::new();
    if value < 0 {
        written.put(b'-');
    }
    let point = 60 - scale;
    written.put_all(&digits[(60 - count).min(point - 1)..point]);
    if scale > 0 {
        written.put(b'.');
        written.put_all(&digits[point..]);
    }
    written.finish(arena)
}

/// The unscaled number with its sign.
pub(super) fn write_unscaled<const N: usize>(written: &mut Ascii<N>, value: i128) {
    let mut digits = [b'0'; 60];
    let count = unscaled_digits(value.unsigned_abs(), &mut digits).max(1);
    if value < 0 {
        written.put(b'-');
    }
    written.put_all(&digits[60 - count..]);
}

/// Writes the number at the end of the digits, which are zeros; how many it took.
fn unscaled_digits(value: u128, digits: &mut [u8; 60]) -> usize {
    let mut rest = value;
    let mut end = 60;
    let mut count = 0;
    while rest > 0 {
        let chunk = match u64::try_from(rest) {
            Ok(last) if u128::from(last) < CHUNK => {
                rest = 0;
                last
            }
            _ => {
                let chunk = (rest % CHUNK) as u64;
                rest /= CHUNK;
                chunk
            }
        };
        let mut chunk_digits = [b'0'; 20];
        let written = write_digits(chunk, &mut chunk_digits);
        digits[end - 19..end].copy_from_slice(&chunk_digits[1..]);
        count = 60 - end + written;
        end -= 19;
    }
    count
}

/// `real::text`, `double precision::text`: the shortest that is read back as the same number.
#[must_use]
pub fn float_to_text(value: f64, bits: u8, arena: &Bump) -> &str {
    if value.is_nan() {
        return "NaN";
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" };
    }
    let plain_until = if bits == 32 { 6 } else { 15 };
    lay_out(shortest(value, bits).as_str(), plain_until).finish(arena)
}

/// The shortest digits that stand for no other double, of those of one length the nearest, of two
/// equally near ones the even: `-1.25e-7`.
fn shortest(value: f64, bits: u8) -> Ascii<32> {
    // A text on the stack takes every letter.
    let mut first = Ascii::<32>::new();
    let _ = if bits == 32 { write!(first, "{:e}", value as f32) } else { write!(first, "{value:e}") };
    let mantissa = first.as_str().split('e').next().unwrap_or_default();
    let behind_point = mantissa.bytes().filter(u8::is_ascii_digit).count().saturating_sub(1);
    for digits in behind_point..=16 {
        let written = rounded(value, bits, digits);
        let is_value = written.as_str() == first.as_str() || is_nearest_to_none_other(value, bits, digits);
        if !is_value && digits == behind_point && !is_between_two(first.as_str(), value, bits) {
            return first;
        }
        if is_value && !is_between_two(written.as_str(), value, bits) {
            return written;
        }
    }
    first
}

/// So many digits behind the point.
fn rounded(value: f64, bits: u8, digits: usize) -> Ascii<32> {
    let mut written = Ascii::new();
    let _ =
        if bits == 32 { write!(written, "{:.digits$e}", value as f32) } else { write!(written, "{value:.digits$e}") };
    written
}

/// Whether the nearest number of so many digits, which are enough for the double, stands for it:
/// not always below a power of two, where doubles lie closer. There it is if half a unit of its
/// last digit is less than half the way to the double below. The double, with one digit more, is a
/// number of tenths of that unit, and the way `2^-precision` of it.
fn is_nearest_to_none_other(value: f64, bits: u8, digits: usize) -> bool {
    let (is_power_of_two, precision) = if bits == 32 {
        let (bits, least) = ((value as f32).abs().to_bits(), f32::MIN_POSITIVE.to_bits());
        (bits.trailing_zeros() >= 23 && bits > least, 24)
    } else {
        let (bits, least) = (value.abs().to_bits(), f64::MIN_POSITIVE.to_bits());
        (bits.trailing_zeros() >= 52 && bits > least, 53)
    };
    if !is_power_of_two {
        return true;
    }
    let longer = rounded(value, bits, digits + 1);
    let tenths = longer.as_str().bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit);
    let tenths = tenths.fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')));
    tenths > 5 << (precision + 1)
}

/// Whether digits stand exactly between the double and one beside it: they are read as the even
/// one of the two, but are not its own. Only whole numbers beyond the doubles' precision can.
fn is_between_two(written: &str, value: f64, bits: u8) -> bool {
    let precision = if bits == 32 { 24 } else { 53 };
    let Some((mantissa, exponent)) = written.split_once('e') else { return false };
    let mut digits = 0_u128;
    let mut behind_point = 0;
    let mut pointed = false;
    for byte in mantissa.bytes() {
        match byte {
            b'0'..=b'9' => {
                digits = digits * 10 + u128::from(byte - b'0');
                behind_point += u32::from(pointed);
            }
            b'.' => pointed = true,
            _ => {}
        }
    }
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let bits_of = value.abs().to_bits();
    // The value is `significand * 2^power`, with as many bits as the type has.
    let power = (bits_of >> 52) as i64 - 1075 + (53 - precision);
    let significand = u128::from((bits_of & ((1 << 52) - 1)) | 1 << 52) >> (53 - precision);
    let tens = exponent - i64::from(behind_point);
    // Five to the 24th does not divide what has 54 bits.
    if power < 1 || !(0..24).contains(&tens) {
        return false;
    }
    // Both sides without their twos: half steps above and below, quarter steps below a power of two.
    let fives = digits * 5_u128.pow(tens as u32);
    let is_at = |numerator: u128, power: i64| {
        let twos = power - tens;
        if twos >= 0 {
            u32::try_from(twos).ok().and_then(|twos| numerator.checked_mul(1_u128.checked_shl(twos)?)) == Some(fives)
        } else {
            u32::try_from(-twos).ok().and_then(|twos| fives.checked_mul(1_u128.checked_shl(twos)?)) == Some(numerator)
        }
    };
    is_at(2 * significand + 1, power - 1)
        || is_at(2 * significand - 1, power - 1)
        || (significand.is_power_of_two() && is_at(4 * significand - 1, power - 2))
}

/// `real::numeric`, `double precision::numeric`: of the 15 digits (6 of a `real`) a double is sure
/// of.
pub fn float_to_numeric(value: f64, bits: u8, arena: &Bump) -> Result<&str, Fault> {
    if !value.is_finite() {
        return Ok(float_to_text(value, bits, arena));
    }
    let mut digits = Ascii::<32>::new();
    // A text on the stack takes every letter.
    let _ = if bits == 32 { write!(digits, "{:.5e}", value as f32) } else { write!(digits, "{value:.14e}") };
    let (mantissa, exponent) = digits.as_str().split_once('e').unwrap_or((digits.as_str(), "0"));
    let mut written = Ascii::<32>::new();
    written.put_all(mantissa.trim_end_matches('0').trim_end_matches('.').as_bytes());
    written.put(b'e');
    written.put_all(exponent.as_bytes());
    super::text_to_numeric(arena.alloc_str(written.as_str()), arena)
}

/// Turns `-1.25e-7` into PostgreSQL's way: plain between 1e-4 and the limit, else with an exponent
/// of a sign and two digits.
fn lay_out(shortest: &str, plain_until: i32) -> Ascii<40> {
    let mut written = Ascii::new();
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = match mantissa.strip_prefix('-') {
        Some(mantissa) => {
            written.put(b'-');
            mantissa
        }
        None => mantissa,
    };
    let (first, others) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if exponent < -4 || exponent >= plain_until {
        written.put_all(mantissa.as_bytes());
        written.put_all(if exponent < 0 { b"e-" } else { b"e+" });
        written.put_padded(u64::from(exponent.unsigned_abs()), 2);
        return written;
    }
    if exponent < 0 {
        written.put_all(b"0.");
        for _ in 1..exponent.unsigned_abs() {
            written.put(b'0');
        }
        written.put_all(first.as_bytes());
        written.put_all(others.as_bytes());
        return written;
    }
    let whole = exponent.unsigned_abs() as usize;
    written.put_all(first.as_bytes());
    let (before, after) = others.as_bytes().split_at(whole.min(others.len()));
    written.put_all(before);
    for _ in before.len()..whole {
        written.put(b'0');
    }
    if !after.is_empty() {
        written.put(b'.');
        written.put_all(after);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_decimals_keep_all_their_digits() {
        let arena = Bump::new();
        assert_eq!(int_to_text(i64::MIN, &arena), "-9223372036854775808");
        assert_eq!(int_to_text(0, &arena), "0");
        let cases = [
            (0, 0, "0"),
            (0, 2, "0.00"),
            (5, 2, "0.05"),
            (-5, 2, "-0.05"),
            (12345, 2, "123.45"),
            (-12345, 0, "-12345"),
            (10_i128.pow(38) - 1, 38, "0.99999999999999999999999999999999999999"),
            (10_i128.pow(37), 0, "10000000000000000000000000000000000000"),
            (10_i128.pow(19), 1, "1000000000000000000.0"),
            (-(10_i128.pow(38) - 1), 1, "-9999999999999999999999999999999999999.9"),
        ];
        for (value, scale, expected) in cases {
            assert_eq!(decimal_to_text(value, scale, &arena), expected);
        }
    }

    #[test]
    fn doubles_become_numerics_by_their_sure_digits() {
        let arena = Bump::new();
        let cases = [
            (0.1 + 0.2, 64, "0.3"),
            (-1.5e20, 64, "-150000000000000000000"),
            (1e-7, 64, "0.0000001"),
            (0.0, 64, "0"),
            (100.0, 64, "100"),
            (f64::from(16_777_216_f32), 32, "16777200"),
            (f64::NAN, 64, "NaN"),
            (f64::NEG_INFINITY, 64, "-Infinity"),
        ];
        for (value, bits, expected) in cases {
            assert_eq!(float_to_numeric(value, bits, &arena), Ok(expected));
        }
    }

    #[test]
    fn doubles_are_written_as_postgres_writes_them() {
        let arena = Bump::new();
        let cases = [
            (0.0, 64, "0"),
            (-0.0, 64, "-0"),
            (1.0, 64, "1"),
            (100.0, 64, "100"),
            (0.1, 64, "0.1"),
            (0.0001, 64, "0.0001"),
            (0.00001, 64, "1e-05"),
            (123_456.789, 64, "123456.789"),
            (1e14, 64, "100000000000000"),
            (1e15, 64, "1e+15"),
            (-1.5e300, 64, "-1.5e+300"),
            (5e-324, 64, "5e-324"),
            (123_456_789_012_345.0, 64, "123456789012345"),
            (f64::from(0.1_f32), 32, "0.1"),
            (999_999.0, 32, "999999"),
            (1e6, 32, "1e+06"),
            (f64::NAN, 64, "NaN"),
            (f64::NEG_INFINITY, 64, "-Infinity"),
            (f64::from(70.947_174_f32), 64, "70.94717407226562"),
            (5e22, 64, "4.9999999999999996e+22"),
            (5.960_464_477_539_063e-8, 64, "5.960464477539063e-08"),
            (2.292_826_062_703_228e17, 64, "2.2928260627032282e+17"),
            (9_007_199_254_740_992.0, 64, "9.007199254740992e+15"),
            (1e22, 64, "1e+22"),
            (1e23, 64, "9.999999999999999e+22"),
            (f64::MAX, 64, "1.7976931348623157e+308"),
            (16_777_216.0, 32, "1.6777216e+07"),
        ];
        for (value, bits, expected) in cases {
            assert_eq!(float_to_text(value, bits, &arena), expected);
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_number() {
        use crate::functions::cast::text_to_float;
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let around = |bits: u64| [bits.wrapping_sub(1), bits, bits + 1];
        let powers = (0..2047).flat_map(|power| around(power << 52));
        let others: Vec<u64> = (0..20_000).map(|_| random()).collect();
        for bits in powers.chain(others).filter(|bits| f64::from_bits(*bits).is_finite()) {
            let value = f64::from_bits(bits);
            let arena = Bump::new();
            let written = float_to_text(value, 64, &arena);
            assert_eq!(text_to_float(written, 64).map(f64::to_bits), Ok(bits), "{written}");
        }
        let powers = (0..255).flat_map(|power| around(power << 23));
        let others: Vec<u64> = (0..20_000).map(|_| random() >> 32).collect();
        let values = powers.chain(others).filter_map(|bits| u32::try_from(bits).ok()).map(f32::from_bits);
        for value in values.filter(|value| value.is_finite()) {
            let arena = Bump::new();
            let written = float_to_text(f64::from(value), 32, &arena);
            assert_eq!(text_to_float(written, 32), Ok(f64::from(value)), "{written}");
        }
    }
}

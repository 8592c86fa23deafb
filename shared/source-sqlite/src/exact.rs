//! Numbers and UUIDs from texts, with every digit or not at all.

use arrow_buffer::i256;

use crate::value::Raw;

/// The digits of an integer or real, without an exponent; `None` for infinities.
///
/// A real is written with the fewest digits that read back as the same real: the ones that were
/// written when it was stored, as long as they were no more than 15.
pub(crate) fn written(raw: Raw<'_>) -> Option<String> {
    match raw {
        Raw::Integer(value) => Some(value.to_string()),
        Raw::Real(value) if value.is_finite() => Some(value.to_string()),
        _ => None,
    }
}

/// The unscaled value; `None` when a digit would be lost.
pub(crate) fn decimal128(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let number = Number::of(text)?;
    let mut unscaled: i128 = 0;
    for digit in number.digits(precision, scale)? {
        unscaled = unscaled.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    Some(if number.is_negative { -unscaled } else { unscaled })
}

/// The same for up to 76 digits.
pub(crate) fn decimal256(text: &str, precision: u8, scale: i8) -> Option<i256> {
    let number = Number::of(text)?;
    let digits = number.digits(precision, scale)?.map(|digit| char::from(b'0' + digit));
    let sign = if number.is_negative { "-" } else { "" };
    i256::from_string(&format!("{sign}0{}", digits.collect::<String>()))
}

/// Whether it is a number as PostgreSQL's `numeric` would take it, without an exponent.
pub(crate) fn is_number(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity") || Number::of(text).is_some()
}

/// The bytes of 32 hexadecimal digits, with hyphens in their places or without any.
pub(crate) fn uuid(text: &str) -> Option<[u8; 16]> {
    let hyphens = text.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(place, _)| place);
    let well_placed = match text.len() {
        32 => hyphens.count() == 0,
        36 => hyphens.eq([8, 13, 18, 23]),
        _ => false,
    };
    let digits = well_placed.then(|| text.replace('-', ""))?;
    let all_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = all_hexadecimal.then(|| u128::from_str_radix(&digits, 16).ok())??;
    Some(number.to_be_bytes())
}

/// A plain decimal number: sign, digits, point, digits.
struct Number<'a> {
    is_negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
}

impl<'a> Number<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        let any_digit = !whole.is_empty() || !fraction.is_empty();
        (all_digits && any_digit).then_some(Self {
            is_negative: text.starts_with('-'),
            whole: whole.as_bytes(),
            fraction: fraction.as_bytes(),
        })
    }

    /// The digits of the value times ten to the scale.
    fn digits(&self, precision: u8, scale: i8) -> Option<impl Iterator<Item = u8> + 'a> {
        let whole = self.whole.trim_prefix_zeros();
        let fraction = self.fraction.trim_suffix_zeros();
        let scale = usize::try_from(scale).ok()?;
        let fits = fraction.len() <= scale && whole.len() + scale <= usize::from(precision);
        let padding = std::iter::repeat_n(&b'0', scale.saturating_sub(fraction.len()));
        fits.then(|| whole.iter().chain(fraction).chain(padding).map(|digit| digit - b'0'))
    }
}

trait Zeros {
    fn trim_prefix_zeros(&self) -> &Self;
    fn trim_suffix_zeros(&self) -> &Self;
}

impl Zeros for [u8] {
    fn trim_prefix_zeros(&self) -> &Self {
        let zeros = self.iter().take_while(|digit| **digit == b'0').count();
        self.get(zeros..).unwrap_or_default()
    }
    fn trim_suffix_zeros(&self) -> &Self {
        let zeros = self.iter().rev().take_while(|digit| **digit == b'0').count();
        self.get(..self.len() - zeros).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_keeps_every_digit_or_is_none() {
        for (text, expected) in [
            ("123.45", Some(12_345)),
            ("-0.01", Some(-1)),
            ("+7", Some(700)),
            (".5", Some(50)),
            ("5.", Some(500)),
            ("0001.500", Some(150)),
            ("999.99", Some(99_999)),
            ("1000", None),
            ("0.001", None),
            ("1e2", None),
            ("", None),
            (".", None),
            ("1 ", None),
            ("1.2.3", None),
            ("--1", None),
        ] {
            assert_eq!(decimal128(text, 5, 2), expected, "{text}");
            assert_eq!(decimal256(text, 5, 2), expected.map(i256::from_i128), "{text}");
        }
        let most = "9".repeat(76);
        assert_eq!(decimal256(&most, 76, 0).unwrap().to_string(), most);
        assert_eq!(decimal128(&"9".repeat(38), 38, 0), Some(10_i128.pow(38) - 1));
    }

    #[test]
    fn a_real_is_written_as_it_was_given() {
        assert_eq!(written(Raw::Real(0.1)).as_deref(), Some("0.1"));
        assert_eq!(written(Raw::Real(1e21)).as_deref(), Some("1000000000000000000000"));
        assert_eq!(written(Raw::Real(f64::NEG_INFINITY)), None);
    }

    #[test]
    fn a_uuid_has_its_hyphens_in_their_places_or_none() {
        assert_eq!(
            uuid("000102030405060708090a0b0c0d0e0f"),
            Some([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
        );
        assert_eq!(uuid("00010203-0405-0607-0809-0A0B0C0D0E0F"), uuid("000102030405060708090a0b0c0d0e0f"));
        for text in ["", "0001", "+00102030405060708090a0b0c0d0e0f", "0001020304050607-0809-0a0b-0c0d-0e0f00"] {
            assert_eq!(uuid(text), None, "{text}");
        }
    }
}

//! Decimals as text, without a library.

/// The unscaled number a text stands for: an optional sign, digits, an optional point with at most
/// `scale` digits after it. `None` when it is none or has more than `precision` digits (at most 38).
#[must_use]
pub fn parse(text: &str, precision: u32, scale: u32) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, fraction),
        None => (unsigned, ""),
    };
    let missing = scale.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    if whole.is_empty() {
        return None;
    }
    let mut number: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    number = number.checked_mul(10_i128.checked_pow(missing)?)?;
    let fits = number < 10_i128.checked_pow(precision)?;
    fits.then_some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_exact_or_nothing() {
        let cases = [("12.5", 1250), ("-0.05", -5), ("7", 700), ("0012.50", 1250), ("9999999999.99", 999_999_999_999)];
        for (text, number) in cases {
            assert_eq!(parse(text, 12, 2), Some(number), "{text}");
        }
        for text in ["", "-", ".5", "5.", "12.345", "1e3", "+1", " 1", "10000000000", "ä"] {
            assert_eq!(parse(text, 12, 2), None, "{text}");
        }
    }
}

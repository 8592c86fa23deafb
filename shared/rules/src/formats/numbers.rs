//! Numbers written in a rule.

use crate::value_type::Type;

/// Digits a decimal can have.
pub(crate) const DIGITS: u8 = 38;

/// A number with its exact digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) unscaled: i128,
    pub(crate) scale: u8,
}

impl Decimal {
    /// Reads `12`, `-1.50`, `.5`, `1e3`; none when it is no number or has more than 38 digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (digits, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let mut unscaled: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return None;
            }
            unscaled = unscaled.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let positive = scaled(unscaled, scale)?;
        let unscaled = if negative { -positive.unscaled } else { positive.unscaled };
        Some(Decimal { unscaled, ..positive })
    }

    /// The smallest type that holds it.
    pub(crate) fn ty(self) -> Type {
        Type::Decimal { precision: digits(self.unscaled).max(self.scale).max(1), scale: self.scale }
    }

    /// The same number with another scale, when no digit is lost by it.
    pub(crate) fn rescale(self, scale: u8) -> Option<Self> {
        let unscaled = if scale >= self.scale {
            self.unscaled.checked_mul(power(scale - self.scale)?)?
        } else {
            let power = power(self.scale - scale)?;
            if self.unscaled % power != 0 {
                return None;
            }
            self.unscaled / power
        };
        (digits(unscaled) <= DIGITS).then_some(Decimal { unscaled, scale })
    }
}

fn scaled(unscaled: i128, scale: i32) -> Option<Decimal> {
    let decimal = if scale < 0 {
        let power = power(u8::try_from(-scale).ok()?)?;
        Decimal { unscaled: unscaled.checked_mul(power)?, scale: 0 }
    } else {
        Decimal { unscaled, scale: u8::try_from(scale).ok()? }
    };
    (digits(decimal.unscaled) <= DIGITS && decimal.scale <= DIGITS).then_some(decimal)
}

fn power(exponent: u8) -> Option<i128> {
    10_i128.checked_pow(u32::from(exponent))
}

/// How many digits a number has.
pub(crate) fn digits(number: i128) -> u8 {
    let mut rest = number.unsigned_abs();
    let mut count = 0;
    while rest > 0 {
        rest /= 10;
        count += 1;
    }
    count
}

/// A decimal as it is written: `-1.50`.
pub(crate) fn decimal_text(unscaled: i128, scale: u8) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = unscaled.unsigned_abs().to_string();
    let scale = usize::from(scale);
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// A double that is written in a rule or in a text constant.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "nan" => return Some(f64::NAN),
        "infinity" | "+infinity" | "inf" | "+inf" => return Some(f64::INFINITY),
        "-infinity" | "-inf" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let plain = lower.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'.' | b'e' | b'+' | b'-'));
    let number: f64 = if plain { lower.parse().ok()? } else { return None };
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_every_digit() {
        let parse = |text| Decimal::parse(text).map(|it| (it.unscaled, it.scale));
        assert_eq!(parse("-1.50"), Some((-150, 2)));
        assert_eq!(parse(".5"), Some((5, 1)));
        assert_eq!(parse("1.5e3"), Some((1500, 0)));
        assert_eq!(parse("1e-3"), Some((1, 3)));
        assert_eq!(parse("1.2.3"), None);
        assert_eq!(parse("-"), None);
        assert_eq!(parse("1e99999"), None);
        assert_eq!(parse(&"9".repeat(39)), None);
        assert_eq!(decimal_text(-5, 2), "-0.05");
    }
}

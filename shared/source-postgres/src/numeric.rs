//! PostgreSQL's binary `numeric`: groups of four decimal digits with a weight.

use std::fmt::Write as _;

use arrow_buffer::i256;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xc000;
const INFINITY: u16 = 0xd000;
const NEGATIVE_INFINITY: u16 = 0xf000;

/// A `numeric` as it came over the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numeric<'a> {
    groups: &'a [u8],
    /// The first group stands for multiples of 10000 to this power.
    weight: i32,
    sign: u16,
    /// Digits behind the point when written out.
    scale: u16,
}

/// Why a number is none of a column's decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    NotANumber,
    Infinite,
    /// More digits than the column has, before or behind the point.
    TooManyDigits,
}

/// An integer wide enough for a decimal's digits.
pub(crate) trait Unscaled: Sized + Copy {
    const ZERO: Self;
    /// `self × factor + addend`; `None` when it does not fit.
    fn push(self, factor: u32, addend: u32) -> Option<Self>;
    fn negated(self) -> Self;
}

impl Unscaled for i128 {
    const ZERO: Self = 0;
    fn push(self, factor: u32, addend: u32) -> Option<Self> {
        self.checked_mul(i128::from(factor))?.checked_add(i128::from(addend))
    }
    fn negated(self) -> Self {
        -self
    }
}

impl Unscaled for i256 {
    const ZERO: Self = i256::ZERO;
    fn push(self, factor: u32, addend: u32) -> Option<Self> {
        self.checked_mul(i256::from_i128(i128::from(factor)))?.checked_add(i256::from_i128(i128::from(addend)))
    }
    fn negated(self) -> Self {
        self.wrapping_neg()
    }
}

impl<'a> Numeric<'a> {
    /// Takes the wire form apart; `None` when it is none.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, groups) = bytes.split_first_chunk::<8>()?;
        let [count_high, count_low, weight_high, weight_low, sign_high, sign_low, scale_high, scale_low] = *header;
        let count = usize::from(u16::from_be_bytes([count_high, count_low]));
        (groups.len() == count * 2).then_some(Self {
            groups,
            weight: i32::from(i16::from_be_bytes([weight_high, weight_low])),
            sign: u16::from_be_bytes([sign_high, sign_low]),
            scale: u16::from_be_bytes([scale_high, scale_low]),
        })
    }

    /// The number times ten to the power of `scale`, exactly.
    pub(crate) fn unscaled<T: Unscaled>(&self, scale: i8) -> Result<T, Unfit> {
        match self.sign {
            NAN => Err(Unfit::NotANumber),
            INFINITY | NEGATIVE_INFINITY => Err(Unfit::Infinite),
            sign => {
                let magnitude = self.magnitude::<T>(i32::from(scale)).ok_or(Unfit::TooManyDigits)?;
                Ok(if sign == NEGATIVE { magnitude.negated() } else { magnitude })
            }
        }
    }

    /// Appends the number as PostgreSQL writes it.
    pub(crate) fn write(&self, text: &mut String) {
        match self.sign {
            NAN => return text.push_str("NaN"),
            INFINITY => return text.push_str("Infinity"),
            NEGATIVE_INFINITY => return text.push_str("-Infinity"),
            NEGATIVE => text.push('-'),
            _ => {}
        }
        self.write_whole(text);
        self.write_fraction(text);
    }

    fn magnitude<T: Unscaled>(&self, scale: i32) -> Option<T> {
        let mut value = T::ZERO;
        // The power of ten that one unit of the current group stands for in the scaled number.
        let mut exponent = 4 * self.weight + scale;
        for group in self.groups() {
            value = match exponent {
                0.. => value.push(10_000, group)?,
                -3..=-1 => {
                    let cut = 10_u32.pow(exponent.unsigned_abs());
                    if group % cut != 0 {
                        return None;
                    }
                    value.push(10_000 / cut, group / cut)?
                }
                _ if group == 0 => value,
                _ => return None,
            };
            exponent -= 4;
        }
        if self.groups.is_empty() {
            return Some(value);
        }
        // What is left out behind the last group are zeros.
        for _ in 0..exponent + 4 {
            value = value.push(10, 0)?;
        }
        Some(value)
    }

    fn write_whole(&self, text: &mut String) {
        if self.weight < 0 {
            text.push('0');
            return;
        }
        for place in 0..=self.weight {
            let group = self.group(place);
            let _ = if place == 0 { write!(text, "{group}") } else { write!(text, "{group:04}") };
        }
    }

    fn write_fraction(&self, text: &mut String) {
        let mut missing = usize::from(self.scale);
        if missing == 0 {
            return;
        }
        text.push('.');
        // Groups before the first one, as a small number has them, are zeros.
        let mut place = self.weight + 1;
        while missing > 0 {
            let digits = four_digits(self.group(place));
            let taken = missing.min(4);
            text.extend(digits.iter().take(taken).map(|digit| char::from(*digit)));
            missing -= taken;
            place += 1;
        }
    }

    fn groups(&self) -> impl Iterator<Item = u32> + '_ {
        self.groups.chunks_exact(2).map(|pair| match *pair {
            [high, low] => u32::from(u16::from_be_bytes([high, low])),
            _ => 0,
        })
    }

    fn group(&self, place: i32) -> u32 {
        let pair = usize::try_from(place).ok().and_then(|place| self.groups.get(place * 2..place * 2 + 2));
        match pair {
            Some([high, low]) => u32::from(u16::from_be_bytes([*high, *low])),
            _ => 0,
        }
    }
}

fn four_digits(group: u32) -> [u8; 4] {
    let digit = |divisor: u32| b'0' + u8::try_from(group / divisor % 10).unwrap_or(0);
    [digit(1000), digit(100), digit(10), digit(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(groups: &[u16], weight: i16, sign: u16, scale: u16) -> Vec<u8> {
        let count = u16::try_from(groups.len()).unwrap();
        let header = [count, u16::from_be_bytes(weight.to_be_bytes()), sign, scale];
        header.iter().chain(groups).flat_map(|part| part.to_be_bytes()).collect()
    }

    #[test]
    fn numbers_become_their_text_and_their_scaled_integer() {
        for (groups, weight, sign, scale, text, unscaled) in [
            (&[][..], 0, 0, 2, "0.00", 0),
            (&[1234, 5600], 0, 0, 2, "1234.56", 123_456),
            (&[1], 1, NEGATIVE, 0, "-10000", -1_000_000),
            (&[5], -1, 0, 4, "0.0005", 5),
            (&[500], -2, 0, 5, "0.00000", 0),
            (&[1, 0, 7000], 1, 0, 1, "10000.7", 1_000_070),
            (&[9999, 9999, 9900], 1, 0, 2, "99999999.99", 9_999_999_999),
        ] {
            let bytes = wire(groups, weight, sign, scale);
            let number = Numeric::parse(&bytes).unwrap();
            let mut written = String::new();
            number.write(&mut written);
            assert_eq!(written, text);
            let expected = if text == "0.0005" || text == "0.00000" { None } else { Some(unscaled) };
            assert_eq!(number.unscaled::<i128>(2).ok(), expected, "{text}");
            assert_eq!(number.unscaled::<i256>(2).ok(), expected.map(i256::from_i128), "{text}");
        }
    }

    #[test]
    fn the_greatest_decimals_fit_and_one_digit_more_does_not() {
        // 99999999999999999999.999999999999999999: numeric(38,18) at its end.
        let bytes = wire(&[9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9900], 4, NEGATIVE, 18);
        let number = Numeric::parse(&bytes).unwrap();
        assert_eq!(number.unscaled::<i128>(18), Ok(-(10_i128.pow(38) - 1)));
        assert_eq!(number.unscaled::<i128>(17), Err(Unfit::TooManyDigits));
        assert_eq!(number.unscaled::<i128>(20), Err(Unfit::TooManyDigits));
    }

    #[test]
    fn what_is_no_number_is_told_apart_and_half_a_number_is_none() {
        for (sign, text, unfit) in [
            (NAN, "NaN", Unfit::NotANumber),
            (INFINITY, "Infinity", Unfit::Infinite),
            (NEGATIVE_INFINITY, "-Infinity", Unfit::Infinite),
        ] {
            let bytes = wire(&[], 0, sign, 0);
            let number = Numeric::parse(&bytes).unwrap();
            let mut written = String::new();
            number.write(&mut written);
            assert_eq!((written.as_str(), number.unscaled::<i128>(0)), (text, Err(unfit)));
        }
        assert!(Numeric::parse(&wire(&[1, 2], 0, 0, 0)[..11]).is_none());
    }
}

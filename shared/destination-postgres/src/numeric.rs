//! Numbers as PostgreSQL's binary `numeric`: groups of four decimal digits with a weight.

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xc000;
const INFINITY: u16 = 0xd000;
const NEGATIVE_INFINITY: u16 = 0xf000;

/// PostgreSQL's limits: digits before and behind the point.
const MOST_WHOLE_DIGITS: usize = 131_072;
const MOST_SCALE: usize = 16_383;

/// 128 bits have 39 digits: 10 groups, and one more where the point cuts a group.
const MOST_GROUPS: usize = 12;

/// Appends `unscaled × 10^-scale` as a field, its length first.
pub(crate) fn write_unscaled(unscaled: i128, scale: u8, buffer: &mut Vec<u8>) {
    let sign = if unscaled < 0 { NEGATIVE } else { 0 };
    let mut rest = unscaled.unsigned_abs();
    // The least group first.
    let mut groups = [0_u16; MOST_GROUPS];
    let mut count = 0;
    let mut push = |group: u16| {
        if let Some(place) = groups.get_mut(count) {
            *place = group;
        }
        count += 1;
    };
    let cut = u32::from(scale) % 4;
    if cut > 0 {
        let unit = 10_u128.pow(cut);
        push(low_digits(rest % unit) * 10_u16.pow(4 - cut));
        rest /= unit;
    }
    while rest > u128::from(u64::MAX) {
        push(low_digits(rest % 10_000));
        rest /= 10_000;
    }
    // Dividing 64 bits is many times faster than dividing 128.
    let mut short = u64::try_from(rest).unwrap_or_default();
    while short > 0 {
        push(low_digits(u128::from(short % 10_000)));
        short /= 10_000;
    }
    let groups = groups.get(..count).unwrap_or_default();
    let fraction = i32::from(scale).div_euclid(4) + i32::from(cut > 0);
    let weight = i32::try_from(count).unwrap_or_default() - fraction - 1;
    let end_zeros = groups.iter().take_while(|group| **group == 0).count();
    let groups = groups.get(end_zeros..).unwrap_or_default().iter().rev().copied();
    let weight = if unscaled == 0 { 0 } else { weight };
    write_field(groups, weight, sign, u16::from(scale), buffer);
}

/// Appends the number a text stands for as a field; `None` when it is none PostgreSQL can hold.
pub(crate) fn write_text(text: &str, buffer: &mut Vec<u8>) -> Option<()> {
    let (is_negative, magnitude) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let sign = match (magnitude.to_ascii_lowercase().as_slice(), is_negative) {
        (b"nan", false) => NAN,
        (b"infinity" | b"inf", false) => INFINITY,
        (b"infinity" | b"inf", true) => NEGATIVE_INFINITY,
        _ => return write_digits(magnitude, is_negative, buffer),
    };
    write_field(std::iter::empty(), 0, sign, 0, buffer);
    Some(())
}

fn write_digits(text: &[u8], is_negative: bool, buffer: &mut Vec<u8>) -> Option<()> {
    let (mantissa, exponent) = match text.iter().position(|letter| letter.eq_ignore_ascii_case(&b'e')) {
        Some(at) => (text.get(..at)?, std::str::from_utf8(text.get(at + 1..)?).ok()?.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = match mantissa.iter().position(|letter| *letter == b'.') {
        Some(at) => (mantissa.get(..at)?, mantissa.get(at + 1..)?),
        None => (mantissa, &[][..]),
    };
    let are_digits = whole.iter().chain(fraction).all(u8::is_ascii_digit);
    if !are_digits || whole.len() + fraction.len() == 0 {
        return None;
    }
    // Where the point stands among the digits; outside of them there are zeros.
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let digits = whole.len() + fraction.len();
    let scale = usize::try_from((i64::try_from(digits).ok()?.checked_sub(point)?).max(0)).ok()?;
    let digit = |place: i64| -> u16 {
        let place = usize::try_from(place).ok();
        let letter = place.and_then(|place| match place.checked_sub(whole.len()) {
            None => whole.get(place),
            Some(place) => fraction.get(place),
        });
        letter.map_or(0, |letter| u16::from(letter - b'0'))
    };
    let first = (0..i64::try_from(digits).ok()?).find(|place| digit(*place) != 0);
    let Some(first) = first else {
        // Zero: only its scale is left of it.
        write_field(std::iter::empty(), 0, 0, u16::try_from(scale.min(MOST_SCALE)).ok()?, buffer);
        return Some(());
    };
    let whole_digits = usize::try_from((point - first).max(0)).ok()?;
    if whole_digits > MOST_WHOLE_DIGITS || scale > MOST_SCALE {
        return None;
    }
    // Groups are counted from the point: group 0 is the four digits before it.
    let weight = (point - first - 1).div_euclid(4);
    let last = -i64::try_from(scale.div_ceil(4)).ok()?;
    let group = |number: i64| -> u16 {
        let start = point - 4 * (number + 1);
        (start..start + 4).fold(0, |group, place| group * 10 + digit(place))
    };
    let least = (last..=weight).find(|number| group(*number) != 0)?;
    let sign = if is_negative { NEGATIVE } else { 0 };
    let groups = (least..=weight).rev().map(group);
    write_field(groups, i32::try_from(weight).ok()?, sign, u16::try_from(scale).ok()?, buffer);
    Some(())
}

/// Groups come with the greatest first.
fn write_field(groups: impl Iterator<Item = u16>, weight: i32, sign: u16, scale: u16, buffer: &mut Vec<u8>) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; 6]);
    buffer.extend_from_slice(&i16::try_from(weight).unwrap_or_default().to_be_bytes());
    buffer.extend_from_slice(&sign.to_be_bytes());
    buffer.extend_from_slice(&scale.to_be_bytes());
    let mut count = 0_u16;
    for group in groups {
        buffer.extend_from_slice(&group.to_be_bytes());
        count += 1;
    }
    let length = 8 + 2 * u32::from(count);
    if let Some(header) = buffer.get_mut(start..start + 6) {
        let (length_bytes, count_bytes) = header.split_at_mut(4);
        length_bytes.copy_from_slice(&length.to_be_bytes());
        count_bytes.copy_from_slice(&count.to_be_bytes());
    }
}

/// Below 10,000 by construction.
fn low_digits(digits: u128) -> u16 {
    u16::try_from(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(groups: &[u16], weight: i16, sign: u16, scale: u16) -> Vec<u8> {
        let count = u16::try_from(groups.len()).unwrap();
        let header = [count, u16::from_be_bytes(weight.to_be_bytes()), sign, scale];
        let body: Vec<u8> = header.iter().chain(groups).flat_map(|part| part.to_be_bytes()).collect();
        [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &body].concat()
    }

    #[test]
    fn texts_and_scaled_integers_give_the_same_field() {
        for (text, unscaled, scale, groups, weight, sign) in [
            ("0.00", 0, 2, &[][..], 0, 0),
            ("1234.56", 123_456, 2, &[1234, 5600], 0, 0),
            ("-10000", -10_000, 0, &[1], 1, NEGATIVE),
            ("0.0005", 5, 4, &[5], -1, 0),
            ("0.00005", 5, 5, &[5000], -2, 0),
            ("10000.7", 100_007, 1, &[1, 0, 7000], 1, 0),
            ("99999999.99", 9_999_999_999, 2, &[9999, 9999, 9900], 1, 0),
        ] {
            let expected = field(groups, weight, sign, scale);
            let mut from_text = Vec::new();
            write_text(text, &mut from_text).unwrap();
            assert_eq!(from_text, expected, "text {text}");
            let mut from_integer = Vec::new();
            write_unscaled(unscaled, u8::try_from(scale).unwrap(), &mut from_integer);
            assert_eq!(from_integer, expected, "integer {unscaled} scale {scale}");
        }
    }

    #[test]
    fn the_greatest_integers_and_every_scale_agree_with_their_text() {
        for scale in 0..=38_u8 {
            for unscaled in [i128::MAX, i128::MIN, 10_i128.pow(38) - 1, 1, -105, 10_i128.pow(20)] {
                let digits = format!("{:0>40}", unscaled.unsigned_abs());
                let (whole, fraction) = digits.split_at(40 - usize::from(scale));
                let text = format!("{}{whole}.{fraction}", if unscaled < 0 { "-" } else { "" });
                let (mut from_text, mut from_integer) = (Vec::new(), Vec::new());
                write_text(&text, &mut from_text).unwrap();
                write_unscaled(unscaled, scale, &mut from_integer);
                assert_eq!(from_integer, from_text, "{unscaled} scale {scale}");
            }
        }
    }

    #[test]
    fn exponents_move_the_point_and_what_is_no_number_is_none() {
        for (text, same) in [("1.5e3", "1500"), ("25E-3", "0.025"), ("1e0", "1"), ("+.5", "0.5"), ("7.", "7")] {
            let (mut first, mut second) = (Vec::new(), Vec::new());
            write_text(text, &mut first).unwrap();
            write_text(same, &mut second).unwrap();
            assert_eq!(first, second, "{text}");
        }
        for (text, sign) in [("NaN", NAN), ("Infinity", INFINITY), ("-Infinity", NEGATIVE_INFINITY)] {
            let mut buffer = Vec::new();
            write_text(text, &mut buffer).unwrap();
            assert_eq!(buffer, field(&[], 0, sign, 0));
        }
        for text in ["", "-", ".", "1.2.3", "0x1", "1e", "1e999999", "1e-20000", "-nan", " 1"] {
            assert!(write_text(text, &mut Vec::new()).is_none(), "{text:?} was taken");
        }
    }
}

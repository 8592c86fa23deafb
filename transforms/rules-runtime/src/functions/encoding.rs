//! Hexadecimal and base64.

use bumpalo::Bump;
use bumpalo::collections::{String, Vec};

use super::LONGEST;
use super::ascii::Ascii;
use crate::Fault;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Letters of a line of base64.
const LINE: usize = 76;

/// The small digit of a number below 16.
#[inline]
pub(super) fn hex_digit(value: u8) -> u8 {
    let value = value & 15;
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

/// The number of a hexadecimal digit.
#[inline]
pub(super) fn value_of_hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The bytes in hexadecimal digits, something before them.
pub(super) fn hex_text<'a>(before: &str, bytes: &[u8], arena: &'a Bump) -> Result<&'a str, Fault> {
    if bytes.len() > LONGEST / 2 {
        return Err(Fault::TextTooLong);
    }
    let mut made = String::with_capacity_in(before.len() + 2 * bytes.len(), arena);
    made.push_str(before);
    for byte in bytes {
        made.push(char::from(hex_digit(byte >> 4)));
        made.push(char::from(hex_digit(*byte)));
    }
    Ok(made.into_bump_str())
}

/// `encode(bytes, 'hex')`.
pub fn encode_hex<'a>(bytes: &[u8], arena: &'a Bump) -> Result<&'a str, Fault> {
    hex_text("", bytes, arena)
}

/// `decode(text, 'hex')`: blanks between pairs of digits are passed over.
pub fn decode_hex<'a>(text: &str, arena: &'a Bump) -> Result<&'a [u8], Fault> {
    let mut bytes = Vec::with_capacity_in(text.len() / 2, arena);
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return Ok(bytes.into_bump_slice()),
            [blank, after @ ..] if is_space(*blank) => after,
            [high, low, after @ ..] => {
                let (Some(high), Some(low)) = (value_of_hex(*high), value_of_hex(*low)) else {
                    return Err(Fault::NotHex);
                };
                bytes.push(high << 4 | low);
                after
            }
            [_] => return Err(Fault::NotHex),
        };
    }
}

/// `encode(bytes, 'base64')`: lines of 76 letters.
pub fn encode_base64<'a>(bytes: &[u8], arena: &'a Bump) -> Result<&'a str, Fault> {
    if bytes.len() > LONGEST / 2 {
        return Err(Fault::TextTooLong);
    }
    let letters = bytes.len().div_ceil(3) * 4;
    let mut made = String::with_capacity_in(letters + letters / LINE, arena);
    let mut of_line = 0;
    for group in bytes.chunks(3) {
        if of_line == LINE {
            made.push('\n');
            of_line = 0;
        }
        of_line += 4;
        let wide = group.iter().fold(0_u32, |wide, byte| wide << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = BASE64[(wide >> (18 - 6 * place)) as usize & 63];
            made.push(if place > group.len() { '=' } else { char::from(letter) });
        }
    }
    // A full last line is ended as well, but not one that needed filling up.
    if of_line == LINE && bytes.len().is_multiple_of(3) {
        made.push('\n');
    }
    Ok(made.into_bump_str())
}

/// `decode(text, 'base64')`: blanks are passed over.
pub fn decode_base64<'a>(text: &str, arena: &'a Bump) -> Result<&'a [u8], Fault> {
    let mut bytes = Vec::with_capacity_in(text.len() / 4 * 3 + 3, arena);
    let (mut wide, mut place) = (0_u32, 0);
    // How many bytes a group still gives after the first `=`.
    let mut ended: Option<u32> = None;
    for letter in text.bytes().filter(|letter| !is_space(*letter)) {
        let value = match letter {
            b'=' if ended.is_some() => 0,
            b'=' if place >= 2 => {
                ended = Some(place - 1);
                0
            }
            letter => match value_of_base64(letter) {
                Some(value) => value,
                None => return Err(Fault::NotBase64),
            },
        };
        wide = wide << 6 | u32::from(value);
        place += 1;
        if place == 4 {
            bytes.push((wide >> 16) as u8);
            if ended != Some(1) {
                bytes.push((wide >> 8) as u8);
            }
            if ended.is_none() {
                bytes.push(wide as u8);
            }
            (wide, place) = (0, 0);
        }
    }
    if place == 0 { Ok(bytes.into_bump_slice()) } else { Err(Fault::NotBase64) }
}

fn value_of_base64(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// `to_hex(integer)`: 32 bits of an `integer`, 64 of a `bigint`.
#[must_use]
pub fn to_hex(value: i64, bits: u8, arena: &Bump) -> &str {
    let value = if bits == 64 { value as u64 } else { u64::from(value as u32) };
    let mut made = Ascii::<16>::new();
    let digits = (64 - value.leading_zeros()).div_ceil(4).max(1);
    for digit in (0..digits).rev() {
        made.put(hex_digit((value >> (4 * digit)) as u8));
    }
    made.finish(arena)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_both_encodings() {
        let arena = Bump::new();
        for length in 0..200_u8 {
            let bytes: std::vec::Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            let hex = encode_hex(&bytes, &arena).unwrap();
            assert_eq!(decode_hex(hex, &arena), Ok(&bytes[..]));
            let base64 = encode_base64(&bytes, &arena).unwrap();
            assert!(base64.lines().all(|line| line.len() <= LINE));
            assert_eq!(decode_base64(base64, &arena), Ok(&bytes[..]));
        }
    }

    #[test]
    fn base64_is_padded() {
        let arena = Bump::new();
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(encode_base64(bytes.as_bytes(), &arena), Ok(text));
        }
        for text in ["Z", "Zg", "Zg=", "Z===", "Zm9v!", "=Zm9"] {
            assert_eq!(decode_base64(text, &arena), Err(Fault::NotBase64), "{text}");
        }
        assert_eq!(decode_base64(" Z m\n8= ", &arena), Ok(&b"fo"[..]));
    }

    #[test]
    fn hexadecimal_takes_both_cases() {
        let arena = Bump::new();
        assert_eq!(decode_hex("dE aD", &arena), Ok(&[0xde, 0xad][..]));
        for text in ["d", "dg", "d e"] {
            assert_eq!(decode_hex(text, &arena), Err(Fault::NotHex), "{text}");
        }
        assert_eq!(to_hex(255, 64, &arena), "ff");
        assert_eq!(to_hex(0, 64, &arena), "0");
        assert_eq!(to_hex(-1, 32, &arena), "ffffffff");
        assert_eq!(to_hex(-1, 64, &arena), "ffffffffffffffff");
    }
}

//! Booleans, uuids, bytes and JSON, from and to texts.

use bumpalo::Bump;
use bumpalo::collections::Vec;

use crate::Fault;
use crate::functions::ascii::{Ascii, without_blanks};
use crate::functions::encoding::{hex_digit, hex_text, value_of_hex};
use crate::functions::json;

/// `text::boolean`: `true`, `false`, `yes`, `no`, `on`, `off`, what they begin with where it is
/// theirs alone, `1` and `0`.
pub fn text_to_bool(text: &str) -> Result<bool, Fault> {
    let text = without_blanks(text);
    // (the word, how much of it is enough, what it means)
    let words = [
        ("true", 1, true),
        ("false", 1, false),
        ("yes", 1, true),
        ("no", 1, false),
        ("on", 2, true),
        ("off", 2, false),
        ("1", 1, true),
        ("0", 1, false),
    ];
    for (word, enough, value) in words {
        let begins = word.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
        if begins && text.len() >= enough {
            return Ok(value);
        }
    }
    Err(Fault::TextNotBool)
}

/// `text::uuid`: 32 hexadecimal digits, hyphens after any four of them, in braces or not.
pub fn text_to_uuid<'a>(text: &str, arena: &'a Bump) -> Result<&'a [u8], Fault> {
    let bytes = text.as_bytes();
    let mut rest = match bytes {
        [b'{', inner @ .., b'}'] => inner,
        bytes => bytes,
    };
    let mut uuid = [0_u8; 16];
    for (index, byte) in uuid.iter_mut().enumerate() {
        let [high, low, after @ ..] = rest else { return Err(Fault::TextNotUuid) };
        let (Some(high), Some(low)) = (value_of_hex(*high), value_of_hex(*low)) else {
            return Err(Fault::TextNotUuid);
        };
        *byte = high << 4 | low;
        rest = match after {
            [b'-', after @ ..] if index % 2 == 1 && index < 15 => after,
            after => after,
        };
    }
    if rest.is_empty() { Ok(arena.alloc_slice_copy(&uuid)) } else { Err(Fault::TextNotUuid) }
}

/// `uuid::text`.
#[must_use]
pub fn uuid_to_text<'a>(bytes: &[u8], arena: &'a Bump) -> &'a str {
    let mut written = Ascii::<36>::new();
    for (index, byte) in bytes.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            written.put(b'-');
        }
        written.put(hex_digit(byte >> 4));
        written.put(hex_digit(byte & 15));
    }
    written.finish(arena)
}

/// `text::bytea`: `\x` and hexadecimal digits, or letters with `\\` and `\ooo`.
pub fn text_to_bytes<'a>(text: &'a str, arena: &'a Bump) -> Result<&'a [u8], Fault> {
    match text.strip_prefix("\\x") {
        Some(digits) => hex_bytes(digits.as_bytes(), arena),
        None if text.contains('\\') => escaped_bytes(text.as_bytes(), arena),
        None => Ok(text.as_bytes()),
    }
}

/// Pairs of hexadecimal digits with blanks between them.
fn hex_bytes<'a>(digits: &[u8], arena: &'a Bump) -> Result<&'a [u8], Fault> {
    let mut bytes = Vec::with_capacity_in(digits.len() / 2, arena);
    let mut rest = digits;
    loop {
        match rest {
            [] => return Ok(bytes.into_bump_slice()),
            [blank, after @ ..] if matches!(*blank, b' ' | b'\n' | b'\t' | b'\r') => rest = after,
            [high, low, after @ ..] => {
                let (Some(high), Some(low)) = (value_of_hex(*high), value_of_hex(*low)) else {
                    return Err(Fault::TextNotBytes);
                };
                bytes.push(high << 4 | low);
                rest = after;
            }
            [_] => return Err(Fault::TextNotBytes),
        }
    }
}

fn escaped_bytes<'a>(text: &[u8], arena: &'a Bump) -> Result<&'a [u8], Fault> {
    let mut bytes = Vec::with_capacity_in(text.len(), arena);
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Ok(bytes.into_bump_slice()),
            [b'\\', b'\\', after @ ..] => {
                bytes.push(b'\\');
                after
            }
            [b'\\', high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', after @ ..] => {
                bytes.push((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'));
                after
            }
            [b'\\', ..] => return Err(Fault::TextNotBytes),
            [byte, after @ ..] => {
                bytes.push(*byte);
                after
            }
        };
    }
}

/// `bytea::text`.
pub fn bytes_to_text<'a>(bytes: &[u8], arena: &'a Bump) -> Result<&'a str, Fault> {
    hex_text("\\x", bytes, arena)
}

/// `text::json`: the text itself, checked.
pub fn text_to_json(text: &str) -> Result<&str, Fault> {
    json::check(text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_have_many_names() {
        for text in ["t", " TRUE ", "tru", "y", "yes", "on", "1"] {
            assert_eq!(text_to_bool(text), Ok(true), "{text:?}");
        }
        for text in ["f", "False", "n", "NO", "of", "off", "0"] {
            assert_eq!(text_to_bool(text), Ok(false), "{text:?}");
        }
        for text in ["", " ", "o", "truee", "10", "2", "ja", "\u{1F600}"] {
            assert_eq!(text_to_bool(text), Err(Fault::TextNotBool), "{text:?}");
        }
    }

    #[test]
    fn uuids_are_read_with_and_without_hyphens() {
        let arena = Bump::new();
        let plain = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        for text in [plain, "{A0EEBC99-9c0b4ef8-bb6d6bb9-bd380a11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11"] {
            let bytes = text_to_uuid(text, &arena).unwrap();
            assert_eq!(uuid_to_text(bytes, &arena), plain);
        }
        for text in [
            "",
            "{a0eebc999c0b4ef8bb6d6bb9bd380a11",
            " a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0-eebc999c0b4ef8bb6d6bb9bd380a11",
            "g0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a1",
        ] {
            assert_eq!(text_to_uuid(text, &arena), Err(Fault::TextNotUuid), "{text:?}");
        }
    }

    #[test]
    fn bytes_are_read_in_both_forms() {
        let arena = Bump::new();
        let cases: [(&str, Result<&[u8], Fault>); 8] = [
            ("\\xdeAD", Ok(&[0xde, 0xad])),
            ("\\x de ad ", Ok(&[0xde, 0xad])),
            ("\\xd", Err(Fault::TextNotBytes)),
            ("\\xd ead", Err(Fault::TextNotBytes)),
            ("abc", Ok(b"abc")),
            ("a\\\\b\\001", Ok(b"a\\b\x01")),
            ("a\\b", Err(Fault::TextNotBytes)),
            ("", Ok(b"")),
        ];
        for (text, expected) in cases {
            assert_eq!(text_to_bytes(text, &arena), expected, "{text:?}");
        }
        assert_eq!(bytes_to_text(&[0, 255], &arena), Ok("\\x00ff"));
    }
}

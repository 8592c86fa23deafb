//! Bytes and UUIDs from their hexadecimal text.

use crate::values::Mismatch;

/// Bytes: hexadecimal digits, `\x` before them allowed (PostgreSQL's notation).
pub(crate) fn binary(text: &[u8], into: &mut Vec<u8>) -> Result<(), Mismatch> {
    let digits = text.strip_prefix(b"\\x").unwrap_or(text);
    let start = into.len();
    into.resize(start + digits.len() / 2, 0);
    let decoded = into.get_mut(start..).map_or(Ok(()), |target| hex::decode_to_slice(digits, target));
    decoded.map_err(|_| {
        into.truncate(start);
        Mismatch("text that is no hexadecimal bytes")
    })
}

/// A UUID: 32 hexadecimal digits, with hyphens (8-4-4-4-12) or without.
pub(crate) fn uuid(text: &[u8]) -> Result<[u8; 16], Mismatch> {
    const NO_UUID: Mismatch = Mismatch("text that is no UUID");
    let mut value = [0; 16];
    if text.len() == 32 {
        return hex::decode_to_slice(text, &mut value).map(|()| value).map_err(|_| NO_UUID);
    }
    let hyphens_are_right = text.len() == 36 && [8, 13, 18, 23].iter().all(|place| text.get(*place) == Some(&b'-'));
    if !hyphens_are_right {
        return Err(NO_UUID);
    }
    let mut digits = [0; 32];
    let compact = text.iter().filter(|letter| **letter != b'-');
    let written = digits.iter_mut().zip(compact).map(|(target, digit)| *target = *digit).count();
    let decoded = hex::decode_to_slice(digits, &mut value);
    if written == 32 && decoded.is_ok() { Ok(value) } else { Err(NO_UUID) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_hexadecimal_with_or_without_a_prefix() {
        for (text, expected) in [("", Some(vec![])), ("00fF", Some(vec![0, 255])), ("\\xdead", Some(vec![0xde, 0xad]))]
        {
            let mut bytes = Vec::new();
            assert_eq!(binary(text.as_bytes(), &mut bytes).ok().map(|()| bytes), expected);
        }
        for text in ["0", "zz", "0x00"] {
            let mut bytes = vec![7];
            assert!(binary(text.as_bytes(), &mut bytes).is_err(), "{text}");
            assert_eq!(bytes, [7]);
        }
    }

    #[test]
    fn uuids_are_taken_in_both_notations() {
        let expected = [0x55, 0x0e, 0x84, 0, 0xe2, 0x9b, 0x41, 0xd4, 0xa7, 0x16, 0x44, 0x66, 0x55, 0x44, 0, 0];
        for text in ["550e8400-e29b-41d4-a716-446655440000", "550E8400E29B41D4A716446655440000"] {
            assert_eq!(uuid(text.as_bytes()), Ok(expected));
        }
        for text in ["", "550e8400", "550e8400-e29b-41d4-a716-44665544000g", "550e-8400e29b-41d4-a716-446655440000"] {
            assert!(uuid(text.as_bytes()).is_err(), "{text}");
        }
    }
}

//! MD5, SHA-256 and HMAC-SHA-256.

use bumpalo::Bump;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::{Digest, Sha256};

use super::ascii::Ascii;
use super::encoding::hex_digit;
use crate::Fault;

/// `md5(text)`, `md5(bytes)`: in hexadecimal digits.
#[must_use]
pub fn md5<'a>(bytes: &[u8], arena: &'a Bump) -> &'a str {
    in_hex(&Md5::digest(bytes), arena)
}

/// `sha256(bytes)`.
#[must_use]
pub fn sha256<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u8] {
    arena.alloc_slice_copy(&Sha256::digest(bytes))
}

/// HMAC-SHA-256 in hexadecimal digits; a key may have any length.
pub(super) fn hmac_sha256<'a>(key: &[u8], bytes: &[u8], arena: &'a Bump) -> Result<&'a str, Fault> {
    let mut digest = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Fault::Undefined)?;
    digest.update(bytes);
    Ok(in_hex(&digest.finalize().into_bytes(), arena))
}

fn in_hex<'a>(bytes: &[u8], arena: &'a Bump) -> &'a str {
    let mut made = Ascii::<64>::new();
    for byte in bytes {
        made.put(hex_digit(byte >> 4));
        made.put(hex_digit(*byte));
    }
    made.finish(arena)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::encoding::encode_hex;

    #[test]
    fn digests_are_those_of_the_standards() {
        let arena = Bump::new();
        let long = "12345678901234567890123456789012345678901234567890123456789012345678901234567890";
        let cases = [
            (
                "",
                "d41d8cd98f00b204e9800998ecf8427e",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "abc",
                "900150983cd24fb0d6963f7d28e17f72",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                long,
                "57edf4a22be3c955ac49da2e2107b67a",
                "f371bc4a311f2b009eef952dd83ca80e2b60026c8e935592d0f9c308453c813e",
            ),
        ];
        for (text, short, wide) in cases {
            assert_eq!(md5(text.as_bytes(), &arena), short);
            assert_eq!(encode_hex(sha256(text.as_bytes(), &arena), &arena), Ok(wide));
        }
    }

    #[test]
    fn keyed_digests_are_those_of_rfc_4231() {
        let arena = Bump::new();
        let short = hmac_sha256(b"Jefe", b"what do ya want for nothing?", &arena);
        assert_eq!(short, Ok("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
        let long_key = [0xaa; 131];
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        let long = hmac_sha256(&long_key, text, &arena);
        assert_eq!(long, Ok("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    }

    #[test]
    fn every_length_around_a_block_has_a_digest_of_its_own() {
        let arena = Bump::new();
        let bytes = [b'x'; 200];
        let digests: std::collections::HashSet<_> = (0..200).map(|length| md5(&bytes[..length], &arena)).collect();
        assert_eq!(digests.len(), 200);
    }
}

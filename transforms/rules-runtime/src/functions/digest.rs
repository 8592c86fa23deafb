//! MD5, SHA-256 and HMAC-SHA-256, written for small code: a rule's texts are short.

use bumpalo::Bump;

use super::ascii::Ascii;
use super::encoding::hex_digit;

const BLOCK: usize = 64;

/// `md5(text)`, `md5(bytes)`: in hexadecimal digits.
#[must_use]
pub fn md5<'a>(bytes: &[u8], arena: &'a Bump) -> &'a str {
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    each_block(&[bytes], u64::to_le_bytes, |block| md5_block(&mut state, block));
    let mut digest = [0; 16];
    for (place, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *place = u32::to_le_bytes(word);
    }
    in_hex(&digest, arena)
}

/// `sha256(bytes)`.
#[must_use]
pub fn sha256<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u8] {
    arena.alloc_slice_copy(&sha256_of(&[bytes]))
}

/// HMAC-SHA-256 in hexadecimal digits.
pub(super) fn hmac_sha256<'a>(key: &[u8], bytes: &[u8], arena: &'a Bump) -> &'a str {
    let hashed;
    let key = if key.len() > BLOCK {
        hashed = sha256_of(&[key]);
        &hashed[..]
    } else {
        key
    };
    let padded = |with: u8| {
        let mut block = [with; BLOCK];
        for (place, byte) in block.iter_mut().zip(key) {
            *place ^= byte;
        }
        block
    };
    let inner = sha256_of(&[&padded(0x36), bytes]);
    in_hex(&sha256_of(&[&padded(0x5c), &inner]), arena)
}

fn in_hex<'a>(bytes: &[u8], arena: &'a Bump) -> &'a str {
    let mut made = Ascii::<64>::new();
    for byte in bytes {
        made.put(hex_digit(byte >> 4));
        made.put(hex_digit(*byte));
    }
    made.finish(arena)
}

/// Cuts what follows each other into blocks, the last filled up with a bit, zeros and the length.
fn each_block(parts: &[&[u8]], length_bytes: fn(u64) -> [u8; 8], mut take: impl FnMut(&[u8; BLOCK])) {
    let mut block = [0; BLOCK];
    let mut filled = 0;
    let mut length = 0_u64;
    for part in parts {
        length += part.len() as u64;
        let mut rest = *part;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BLOCK - filled));
            block[filled..filled + now.len()].copy_from_slice(now);
            filled += now.len();
            rest = later;
            if filled == BLOCK {
                take(&block);
                filled = 0;
            }
        }
    }
    block[filled] = 0x80;
    block[filled + 1..].fill(0);
    if filled + 9 > BLOCK {
        take(&block);
        block.fill(0);
    }
    block[BLOCK - 8..].copy_from_slice(&length_bytes(length * 8));
    take(&block);
}

fn sha256_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut state =
        [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
    each_block(parts, u64::to_be_bytes, |block| sha256_block(&mut state, block));
    let mut digest = [0; 32];
    for (place, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *place = u32::to_be_bytes(word);
    }
    digest
}

/// The first 32 bits behind the point of the cube roots of the first 64 primes.
#[rustfmt::skip]
static SHA256_CONSTANTS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

fn sha256_block(state: &mut [u32; 8], block: &[u8; BLOCK]) {
    let mut words = [0_u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for at in 16..64 {
        let (early, late) = (words[at - 15], words[at - 2]);
        let early = early.rotate_right(7) ^ early.rotate_right(18) ^ (early >> 3);
        let late = late.rotate_right(17) ^ late.rotate_right(19) ^ (late >> 10);
        words[at] = words[at - 16].wrapping_add(early).wrapping_add(words[at - 7]).wrapping_add(late);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (word, constant) in words.iter().zip(&SHA256_CONSTANTS) {
        let mixed = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let chosen = (e & f) ^ (!e & g);
        let first = h.wrapping_add(mixed).wrapping_add(chosen).wrapping_add(*constant).wrapping_add(*word);
        let mixed = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let second = mixed.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(second));
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(add);
    }
}

/// The first 32 bits of the absolute sines of 1 to 64.
#[rustfmt::skip]
static MD5_CONSTANTS: [u32; 64] = [
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
];

/// How far each of a round's four steps turns.
static MD5_TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

fn md5_block(state: &mut [u32; 4], block: &[u8; BLOCK]) {
    let mut words = [0_u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for (step, constant) in MD5_CONSTANTS.iter().enumerate() {
        let (mixed, word) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), 5 * step + 1),
            2 => (b ^ c ^ d, 3 * step + 5),
            _ => (c ^ (b | !d), 7 * step),
        };
        let sum = a.wrapping_add(mixed).wrapping_add(*constant).wrapping_add(words[word % 16]);
        (a, d, c) = (d, c, b);
        b = b.wrapping_add(sum.rotate_left(MD5_TURNS[step / 16][step % 4]));
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d]) {
        *word = word.wrapping_add(add);
    }
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
        assert_eq!(short, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let long_key = [0xaa; 131];
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        let long = hmac_sha256(&long_key, text, &arena);
        assert_eq!(long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn every_length_around_a_block_has_a_digest_of_its_own() {
        let arena = Bump::new();
        let bytes = [b'x'; 200];
        let digests: std::collections::HashSet<_> = (0..200).map(|length| md5(&bytes[..length], &arena)).collect();
        assert_eq!(digests.len(), 200);
    }
}

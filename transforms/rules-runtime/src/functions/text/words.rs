//! ASCII letters changed eight at a time.

use bumpalo::Bump;

const BYTES: usize = 8;
const ONES: u64 = u64::from_le_bytes([1; BYTES]);
const HIGH: u64 = ONES << 7;

/// What becomes of a text whose ASCII letters change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It stays.
    None,
    /// It is ASCII and changes.
    Ascii,
    /// It is not ASCII: its letters have to be looked at one by one.
    Other,
}

/// Of eight ASCII letters, bit 5 of those that are capitals.
pub(super) fn capitals(word: u64) -> u64 {
    within(word, b'A', b'Z')
}

/// Of eight ASCII letters, bit 5 of those that are small.
pub(super) fn small(word: u64) -> u64 {
    within(word, b'a', b'z')
}

/// Adding carries into a byte's highest bit from the bound on, and never into the next byte.
#[inline]
fn within(word: u64, first: u8, last: u8) -> u64 {
    let reached = word + ONES * u64::from(0x80 - first);
    let passed = word + ONES * u64::from(0x7f - last);
    (reached & !passed & HIGH) >> 2
}

/// What changing the letters `which` tells does to a text.
#[inline]
pub(super) fn needed(text: &str, which: impl Fn(u64) -> u64) -> Change {
    let (words, rest) = text.as_bytes().as_chunks::<BYTES>();
    let (mut high, mut changes) = (0, 0);
    for word in words.iter().copied().chain([padded(rest)]) {
        let word = u64::from_le_bytes(word);
        high |= word & HIGH;
        changes |= which(word & !HIGH);
    }
    match (high, changes) {
        (0, 0) => Change::None,
        (0, _) => Change::Ascii,
        _ => Change::Other,
    }
}

/// An ASCII text with the other form of the letters `which` tells.
#[inline]
pub(super) fn changed<'a>(text: &str, which: impl Fn(u64) -> u64, arena: &'a Bump) -> &'a str {
    let (words, rest) = text.as_bytes().as_chunks::<BYTES>();
    let last = padded(rest);
    let made = arena.alloc_slice_fill_with(words.len() + 1, |place| {
        let word = u64::from_le_bytes(*words.get(place).unwrap_or(&last));
        (word ^ which(word)).to_le_bytes()
    });
    let bytes = made.as_flattened().get(..text.len()).unwrap_or_default();
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// What is behind the last whole word.
#[inline]
fn padded(rest: &[u8]) -> [u8; BYTES] {
    let mut word = [0; BYTES];
    for (place, byte) in word.iter_mut().zip(rest) {
        *place = *byte;
    }
    word
}

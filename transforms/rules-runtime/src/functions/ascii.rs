//! Short ASCII texts, written on the stack before they go to the arena: numbers and dates.

use std::fmt;

use bumpalo::Bump;

use crate::constants::TrimSide;

/// A text of at most `N` letters; what is too much is left out.
pub(super) struct Ascii<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Ascii<N> {
    pub(super) fn new() -> Self {
        Ascii { bytes: [0; N], length: 0 }
    }

    #[inline]
    pub(super) fn put(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    #[inline]
    pub(super) fn put_all(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.put(*byte);
        }
    }

    /// Two digits.
    #[inline]
    pub(super) fn put_two(&mut self, value: u32) {
        self.put(b'0' + (value / 10 % 10) as u8);
        self.put(b'0' + (value % 10) as u8);
    }

    /// At least `width` digits, zeros before them.
    pub(super) fn put_padded(&mut self, value: u64, width: usize) {
        let mut digits = [b'0'; 20];
        let count = write_digits(value, &mut digits).max(width.min(20));
        self.put_all(&digits[20 - count..]);
    }

    /// The number without zeros before it.
    pub(super) fn put_number(&mut self, value: u64) {
        self.put_padded(value, 1);
    }

    /// `.123456` without the zeros at its end; nothing for zero.
    pub(super) fn put_fraction(&mut self, micros: u32) {
        if micros == 0 {
            return;
        }
        self.put(b'.');
        self.put_padded(u64::from(micros), 6);
        while self.length > 0 && self.bytes[self.length - 1] == b'0' {
            self.length -= 1;
        }
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The text, moved to the arena.
    pub(super) fn finish<'a>(&self, arena: &'a Bump) -> &'a str {
        arena.alloc_str(self.as_str())
    }
}

impl<const N: usize> fmt::Write for Ascii<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put_all(text.as_bytes());
        Ok(())
    }
}

/// Writes a number at the end of the digits; how many it took, none for zero.
pub(super) fn write_digits(mut value: u64, digits: &mut [u8; 20]) -> usize {
    let mut at = 20;
    while value > 0 && at > 0 {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    20 - at
}

/// What PostgreSQL's input functions skip at both ends.
#[inline]
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// The text without blanks at its ends.
#[inline]
pub(super) fn without_blanks(text: &str) -> &str {
    without(text, TrimSide::Both, is_blank)
}

/// The text without those ASCII letters at its ends: looked for byte by byte, which no other letter
/// has.
#[inline]
pub(super) fn without(text: &str, side: TrimSide, is_one: impl Fn(u8) -> bool) -> &str {
    let is_one = |byte: &u8| byte.is_ascii() && is_one(*byte);
    let bytes = text.as_bytes();
    let (mut start, mut end) = (0, bytes.len());
    if side != TrimSide::Trailing {
        while bytes.get(start).is_some_and(is_one) {
            start += 1;
        }
    }
    if side != TrimSide::Leading {
        while end > start && bytes.get(end - 1).is_some_and(is_one) {
            end -= 1;
        }
    }
    text.get(start..end).unwrap_or_default()
}

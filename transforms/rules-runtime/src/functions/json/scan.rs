use crate::Fault;

/// How deep values may lie in each other.
const DEEPEST: usize = 1024;

/// Whether what escapes stand for matters.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Escapes {
    /// Their form is checked.
    Unread,
    /// They must be letters text can hold.
    Read,
}

/// Reads a document from its beginning.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    escapes: Escapes,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, escapes: Escapes) -> Self {
        Scanner { text, at: 0, escapes }
    }

    /// Nothing but blanks is left.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Fault::TextNotJson),
        }
    }

    /// Passes over blanks, and the byte when it is the next one.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.take(byte) { Ok(()) } else { Err(Fault::TextNotJson) }
    }

    /// Behind a member: whether another one follows, else the closing bracket.
    pub(super) fn next_of(&mut self, closing: u8) -> Result<bool, Fault> {
        if self.take(b',') {
            return Ok(true);
        }
        self.expect(closing).map(|()| false)
    }

    /// The next value's text.
    pub(super) fn value(&mut self) -> Result<&'a str, Fault> {
        self.peek();
        let start = self.at;
        // For each open bracket whether it is an object's.
        let mut open = Brackets::default();
        loop {
            match self.peek() {
                Some(b'"') => self.string().map(|_| ())?,
                Some(b'{') => {
                    self.at += 1;
                    open.push(true)?;
                    if !self.take(b'}') {
                        self.key()?;
                        continue;
                    }
                    open.pop();
                }
                Some(b'[') => {
                    self.at += 1;
                    open.push(false)?;
                    if !self.take(b']') {
                        continue;
                    }
                    open.pop();
                }
                Some(b't') => self.word("true")?,
                Some(b'f') => self.word("false")?,
                Some(b'n') => self.word("null")?,
                Some(_) => self.number()?,
                None => return Err(Fault::TextNotJson),
            }
            // Behind a value: what it is in ends or goes on.
            loop {
                let Some(is_object) = open.last() else {
                    return Ok(self.text.get(start..self.at).unwrap_or_default());
                };
                if self.next_of(if is_object { b'}' } else { b']' })? {
                    if is_object {
                        self.key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    /// A string, without its quotes, its escapes as they are.
    pub(super) fn string(&mut self) -> Result<&'a str, Fault> {
        self.expect(b'"')?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(0..0x20) | None => return Err(Fault::TextNotJson),
                Some(_) => self.at += 1,
            }
        }
        let inner = self.text.get(start..self.at).unwrap_or_default();
        self.at += 1;
        Ok(inner)
    }

    fn key(&mut self) -> Result<(), Fault> {
        self.string()?;
        self.expect(b':')
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => {
                let unit = hex_unit(bytes, self.at + 2).ok_or(Fault::TextNotJson)?;
                self.at += 6;
                if self.escapes == Escapes::Unread {
                    return Ok(());
                }
                match unit {
                    0 | 0xdc00..0xe000 => Err(Fault::JsonNotText),
                    0xd800..0xdc00 => match low_half(bytes, self.at) {
                        Some(_) => {
                            self.at += 6;
                            Ok(())
                        }
                        None => Err(Fault::JsonNotText),
                    },
                    _ => Ok(()),
                }
            }
            _ => Err(Fault::TextNotJson),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        let end = self.at + word.len();
        if bytes.get(self.at..end) == Some(word.as_bytes()) && !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
            self.at = end;
            return Ok(());
        }
        Err(Fault::TextNotJson)
    }

    fn number(&mut self) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        self.at += usize::from(bytes[self.at] == b'-');
        match bytes.get(self.at) {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(bytes.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        // A letter right behind it belongs to it.
        if bytes.get(self.at).is_some_and(u8::is_ascii_alphanumeric) { Err(Fault::TextNotJson) } else { Ok(()) }
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let count = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(Fault::TextNotJson) } else { Ok(()) }
    }

    #[inline]
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }
}

/// A stack of bits.
#[derive(Default)]
struct Brackets {
    bits: [u64; DEEPEST / 64],
    depth: usize,
}

impl Brackets {
    fn push(&mut self, bit: bool) -> Result<(), Fault> {
        let word = self.bits.get_mut(self.depth / 64).ok_or(Fault::TextNotJson)?;
        *word = *word & !(1 << (self.depth % 64)) | u64::from(bit) << (self.depth % 64);
        self.depth += 1;
        Ok(())
    }

    fn last(&self) -> Option<bool> {
        let place = self.depth.checked_sub(1)?;
        Some(self.bits[place / 64] >> (place % 64) & 1 == 1)
    }

    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}

/// The letters a string stands for whose escapes were found good.
pub(super) fn unescape(inner: &str) -> impl Iterator<Item = char> {
    let mut rest = inner;
    std::iter::from_fn(move || {
        let mut letters = rest.chars();
        let first = letters.next()?;
        if first != '\\' {
            rest = letters.as_str();
            return Some(first);
        }
        let letter = match letters.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let bytes = rest.as_bytes();
                let high = hex_unit(bytes, 2)?;
                let (code, length) = match low_half(bytes, 6) {
                    Some(low) if (0xd800..0xdc00).contains(&high) => {
                        (0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12)
                    }
                    _ => (high, 6),
                };
                rest = rest.get(length..)?;
                return char::from_u32(code);
            }
            other => other,
        };
        rest = letters.as_str();
        Some(letter)
    })
}

/// The second half of a surrogate pair, escaped at this place.
fn low_half(bytes: &[u8], at: usize) -> Option<u32> {
    if bytes.get(at..at + 2)? != b"\\u" {
        return None;
    }
    hex_unit(bytes, at + 2).filter(|unit| (0xdc00..0xe000).contains(unit))
}

fn hex_unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

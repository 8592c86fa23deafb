//! The unpacked bytes as UTF-8 text, a window at a time. UTF-8 is passed on as it is; every other
//! encoding is decoded before anything is split.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use source::Error;
use spec::Compression;

use crate::input::{self, Input};

/// Bytes asked for at once, and the least the window can take.
const CHUNK: usize = 256 << 10;

/// How a file is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coding {
    pub(crate) encoding: &'static Encoding,
    pub(crate) compression: Compression,
}

/// A window on the text of a file.
pub(crate) struct Text {
    name: String,
    input: Input,
    decoding: Option<Decoding>,
    is_plain: bool,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Where `bytes` begins: in the file's bytes for UTF-8, else in the decoded text.
    offset: u64,
    at_end: bool,
}

impl Text {
    /// Opens a file at its beginning and skips its byte order mark, which overrules the encoding.
    pub(crate) fn open(path: &Path, name: &str, coding: Coding) -> Result<Self, Error> {
        let mut text = Self::new(name, input::open(path, name, coding.compression, 0)?, coding, 0);
        text.fill()?;
        let (encoding, mark) = Encoding::for_bom(text.unread()).unwrap_or((coding.encoding, 0));
        text.consume(mark);
        if encoding != UTF_8 {
            text.decode_from_here(encoding);
            text.fill()?;
        }
        Ok(text)
    }

    /// Opens a file that is neither packed nor encoded at an offset.
    pub(crate) fn open_at(path: &Path, name: &str, coding: Coding, offset: u64) -> Result<Self, Error> {
        Ok(Self::new(name, input::open(path, name, coding.compression, offset)?, coding, offset))
    }

    fn new(name: &str, input: Input, coding: Coding, offset: u64) -> Self {
        let is_plain = coding.compression == Compression::None;
        let (start, end) = (0, 0);
        Self {
            name: name.to_owned(),
            input,
            decoding: None,
            is_plain,
            bytes: Vec::new(),
            start,
            end,
            offset,
            at_end: false,
        }
    }

    /// The text that is there and not consumed.
    pub(crate) fn unread(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether the file has nothing beyond [`unread`](Self::unread).
    pub(crate) fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Marks text as done with.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
    }

    /// Where the unread text begins in the file; `None` when the file cannot be opened there.
    pub(crate) fn file_offset(&self) -> Option<u64> {
        (self.is_plain && self.decoding.is_none()).then(|| self.offset + self.start as u64)
    }

    /// Reads on. What [`unread`](Self::unread) gave stays, with more behind it unless the file is at its end.
    pub(crate) fn fill(&mut self) -> Result<(), Error> {
        if self.at_end {
            return Ok(());
        }
        self.make_room();
        let free = self.bytes.get_mut(self.end..).unwrap_or_default();
        let read = match &mut self.decoding {
            None => self.input.read(free),
            Some(decoding) => decoding.read(&mut self.input, free, self.offset + self.end as u64),
        };
        match read {
            Ok(0) => self.at_end = true,
            Ok(read) => self.end += read,
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(input::read_error(&self.name, cause)),
        }
        Ok(())
    }

    /// The place in the file of the first byte in a range of the unread text that is not valid in
    /// the encoding.
    pub(crate) fn invalid_byte(&self, range: Range<usize>) -> Option<u64> {
        let (start, end) = (self.start + range.start, self.start + range.end);
        match &self.decoding {
            None => {
                let error = std::str::from_utf8(self.bytes.get(start..end)?).err()?;
                Some(self.offset + (start + error.valid_up_to()) as u64)
            }
            Some(decoding) => {
                let (start, end) = (self.offset + start as u64, self.offset + end as u64);
                decoding.flaws.iter().find(|flaw| (start..end).contains(&flaw.decoded)).map(|flaw| flaw.raw)
            }
        }
    }

    /// Decodes the unread bytes and everything behind them.
    fn decode_from_here(&mut self, encoding: &'static Encoding) {
        let raw = self.unread().to_vec();
        let raw_offset = self.offset + self.start as u64;
        self.decoding = Some(Decoding::new(encoding, raw, raw_offset, self.at_end));
        (self.start, self.end, self.offset, self.at_end) = (0, 0, 0, false);
    }

    fn make_room(&mut self) {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.offset += self.start as u64;
            self.end -= self.start;
            self.start = 0;
            if let Some(decoding) = &mut self.decoding {
                decoding.forget_before(self.offset);
            }
        }
        if self.bytes.len() - self.end < CHUNK / 2 {
            self.bytes.resize((self.bytes.len() * 2).max(CHUNK), 0);
        }
    }
}

/// A byte that is not valid in the encoding.
#[derive(Debug, Clone, Copy)]
struct Flaw {
    decoded: u64,
    raw: u64,
}

struct Decoding {
    decoder: Decoder,
    raw: Vec<u8>,
    start: usize,
    /// Where `raw` begins in the file.
    offset: u64,
    raw_is_at_end: bool,
    is_finished: bool,
    /// One a line at most: a second one in the same line says nothing new about its record.
    flaws: VecDeque<Flaw>,
}

impl Decoding {
    fn new(encoding: &'static Encoding, raw: Vec<u8>, offset: u64, raw_is_at_end: bool) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { decoder, raw, start: 0, offset, raw_is_at_end, is_finished: false, flaws: VecDeque::new() }
    }

    /// Decodes into `target`, which begins at `decoded` of the decoded text; gives 0 at the end.
    fn read(&mut self, input: &mut Input, target: &mut [u8], decoded: u64) -> std::io::Result<usize> {
        let mut written = 0;
        let mut line_start = 0;
        while written == 0 && !self.is_finished {
            if self.start == self.raw.len() && !self.raw_is_at_end {
                self.refill(input)?;
            }
            while let Some(free) = target.get_mut(written..).filter(|free| free.len() >= 16) {
                let source = self.raw.get(self.start..).unwrap_or_default();
                let (result, read, wrote) =
                    self.decoder.decode_to_utf8_without_replacement(source, free, self.raw_is_at_end);
                self.start += read;
                written += wrote;
                let DecoderResult::Malformed(length, extra) = result else {
                    self.is_finished = self.raw_is_at_end && result == DecoderResult::InputEmpty;
                    break;
                };
                let raw = self.offset + self.start as u64 - u64::from(length) - u64::from(extra);
                let since_last = target.get(line_start..written).unwrap_or_default();
                if self.flaws.is_empty() || line_start == 0 || memchr::memchr(b'\n', since_last).is_some() {
                    self.flaws.push_back(Flaw { decoded: decoded + written as u64, raw });
                }
                line_start = written;
                if let Some(place) = target.get_mut(written..written + 3) {
                    place.copy_from_slice("\u{fffd}".as_bytes());
                    written += 3;
                }
            }
        }
        Ok(written)
    }

    fn refill(&mut self, input: &mut Input) -> std::io::Result<()> {
        self.offset += self.start as u64;
        self.start = 0;
        self.raw.resize(CHUNK / 4, 0);
        let read = input.read(&mut self.raw);
        self.raw.truncate(*read.as_ref().unwrap_or(&0));
        self.raw_is_at_end = read? == 0;
        Ok(())
    }

    fn forget_before(&mut self, decoded: u64) {
        while self.flaws.front().is_some_and(|flaw| flaw.decoded < decoded) {
            self.flaws.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{GB18030, SHIFT_JIS, UTF_16LE, WINDOWS_1252};

    use super::*;

    fn whole(bytes: &[u8], encoding: &'static Encoding) -> (String, Option<u64>, Option<u64>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, bytes).unwrap();
        let mut text = Text::open(&path, "x", Coding { encoding, compression: Compression::None }).unwrap();
        let offset = text.file_offset();
        while !text.is_at_end() {
            text.fill().unwrap();
        }
        let decoded = String::from_utf8_lossy(text.unread()).into_owned();
        let invalid = text.invalid_byte(0..text.unread().len());
        (decoded, invalid, offset)
    }

    #[test]
    fn every_encoding_becomes_utf8() {
        let long: String = "naïve,日本語,數據\n".repeat(20_000);
        let utf16: Vec<u8> = long.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(whole(&utf16, UTF_16LE), (long.clone(), None, None));
        assert_eq!(whole(long.as_bytes(), UTF_8), (long.clone(), None, Some(0)));
        assert_eq!(whole(&GB18030.encode(&long).0, GB18030), (long, None, None));
        assert_eq!(whole(b"caf\xe9", WINDOWS_1252).0, "café");
        assert_eq!(whole(b"\x93\xfa\x96\x7b", SHIFT_JIS).0, "日本");
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_overrules_the_encoding() {
        assert_eq!(whole(b"\xef\xbb\xbfa,b", UTF_8), ("a,b".into(), None, Some(3)));
        assert_eq!(whole(b"\xef\xbb\xbf\xc3\xa9", GB18030), ("é".into(), None, Some(3)));
        assert_eq!(whole(b"\xff\xfea\0b\0", UTF_8), ("ab".into(), None, None));
        assert_eq!(whole(b"\xfe\xff\0a\0b", UTF_8), ("ab".into(), None, None));
    }

    #[test]
    fn an_invalid_byte_is_known_by_its_place_in_the_file() {
        assert_eq!(whole(b"ab\xffcd", UTF_8).1, Some(2));
        assert_eq!(whole(b"\xef\xbb\xbfab\xffcd", UTF_8).1, Some(5));
        assert_eq!(whole(b"ab\xe2\x82", UTF_8).1, Some(2));
        assert_eq!(whole(b"ab\xffcd", GB18030).1, Some(2));
        assert_eq!(whole(b"ab\x81", GB18030), ("ab\u{fffd}".into(), Some(2), None));
        let late = [b"x\n".repeat(200_000), b"\xff\n".to_vec()].concat();
        assert_eq!(whole(&late, GB18030).1, Some(400_000));
    }

    #[test]
    fn a_replacement_character_that_was_written_is_no_error() {
        assert_eq!(whole("a\u{fffd}b".as_bytes(), UTF_8).1, None);
        let encoded: Vec<u8> = "a\u{fffd}b".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(whole(&encoded, UTF_16LE).1, None);
    }

    #[test]
    fn each_line_with_a_flaw_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, b"a\xff\xff\nb\nc\xff\n").unwrap();
        let coding = Coding { encoding: GB18030, compression: Compression::None };
        let text = Text::open(&path, "x", coding).unwrap();
        let lines: Vec<&str> = std::str::from_utf8(text.unread()).unwrap().split_inclusive('\n').collect();
        let mut start = 0;
        let mut flaws = Vec::new();
        for line in lines {
            flaws.push(text.invalid_byte(start..start + line.len()));
            start += line.len();
        }
        assert_eq!(flaws, [Some(1), None, Some(7)]);
    }
}

//! Binary COPY taken apart into rows and fields, wherever the chunks are cut.

use std::ops::Range;

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
const HEADER: usize = SIGNATURE.len() + 8;

/// Bytes that are no binary COPY.
#[derive(Debug, thiserror::Error)]
#[error("the server's answer is no binary COPY of {expected} columns")]
pub(crate) struct Malformed {
    expected: usize,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A row; its fields can be asked for until the next call.
    Row,
    /// More bytes are needed.
    More,
    /// The end.
    End,
}

/// Rows out of chunks of bytes. Holds no more than the last chunk and the row it cuts.
#[derive(Debug)]
pub(crate) struct Tuples {
    buffer: Vec<u8>,
    at: usize,
    is_begun: bool,
    fields: Vec<Option<Range<usize>>>,
    size: usize,
    columns: usize,
}

impl Tuples {
    pub(crate) fn new(columns: usize) -> Self {
        Self { buffer: Vec::new(), at: 0, is_begun: false, fields: Vec::with_capacity(columns), size: 0, columns }
    }

    /// Adds the next chunk.
    pub(crate) fn feed(&mut self, chunk: Vec<u8>) {
        if self.at == self.buffer.len() {
            self.buffer = chunk;
        } else {
            self.buffer.drain(..self.at);
            self.buffer.extend_from_slice(&chunk);
        }
        self.at = 0;
    }

    /// Moves to the next row.
    pub(crate) fn step(&mut self) -> Result<Step, Malformed> {
        if !self.is_begun && !self.skip_header()? {
            return Ok(Step::More);
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let Some((count, _)) = rest.split_first_chunk::<2>() else { return Ok(Step::More) };
        match i16::from_be_bytes(*count) {
            -1 => Ok(Step::End),
            count if usize::try_from(count) == Ok(self.columns) => self.take_fields(),
            _ => Err(self.malformed()),
        }
    }

    /// A field of the row; `None` when it is NULL.
    pub(crate) fn field(&self, column: usize) -> Option<&[u8]> {
        self.buffer.get(self.fields.get(column)?.clone()?)
    }

    /// The row's size in bytes, lengths included: about what it takes in memory.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    fn skip_header(&mut self) -> Result<bool, Malformed> {
        let Some(header) = self.buffer.get(..HEADER) else { return Ok(false) };
        let (signature, rest) = header.split_at(SIGNATURE.len());
        let extension = rest.get(4..8).and_then(length).ok_or_else(|| self.malformed())?;
        let extension = usize::try_from(extension).map_err(|_| self.malformed())?;
        if signature != SIGNATURE {
            return Err(self.malformed());
        }
        if self.buffer.len() < HEADER + extension {
            return Ok(false);
        }
        self.at = HEADER + extension;
        self.is_begun = true;
        Ok(true)
    }

    fn take_fields(&mut self) -> Result<Step, Malformed> {
        self.fields.clear();
        let mut at = self.at + 2;
        for _ in 0..self.columns {
            let Some(length) = self.buffer.get(at..at + 4).and_then(length) else { return Ok(Step::More) };
            at += 4;
            match usize::try_from(length) {
                Ok(length) if at + length <= self.buffer.len() => {
                    self.fields.push(Some(at..at + length));
                    at += length;
                }
                Ok(_) => return Ok(Step::More),
                Err(_) if length == -1 => self.fields.push(None),
                Err(_) => return Err(self.malformed()),
            }
        }
        self.size = at - self.at;
        self.at = at;
        Ok(Step::Row)
    }

    fn malformed(&self) -> Malformed {
        Malformed { expected: self.columns }
    }
}

fn length(bytes: &[u8]) -> Option<i32> {
    Some(i32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 2, 9, 9]);
        for row in [[Some(&b"one"[..]), None], [Some(b""), Some(b"four")]] {
            bytes.extend(2_i16.to_be_bytes());
            for field in row {
                bytes.extend(field.map_or(-1, |field| i32::try_from(field.len()).unwrap()).to_be_bytes());
                bytes.extend(field.unwrap_or_default());
            }
        }
        bytes.extend((-1_i16).to_be_bytes());
        bytes
    }

    #[test]
    fn rows_come_out_the_same_wherever_the_chunks_are_cut() {
        let stream = stream();
        for size in 1..=stream.len() {
            let mut tuples = Tuples::new(2);
            let mut chunks = stream.chunks(size);
            let mut rows = Vec::new();
            loop {
                match tuples.step().unwrap() {
                    Step::Row => rows.push([0, 1].map(|column| tuples.field(column).map(<[u8]>::to_vec))),
                    Step::More => tuples.feed(chunks.next().unwrap().to_vec()),
                    Step::End => break,
                }
            }
            let expected = [[Some(b"one".to_vec()), None], [Some(Vec::new()), Some(b"four".to_vec())]];
            assert_eq!(rows, expected, "chunks of {size}");
        }
    }

    #[test]
    fn another_number_of_columns_or_another_beginning_is_refused() {
        let mut tuples = Tuples::new(3);
        tuples.feed(stream());
        assert!(tuples.step().is_err());
        let mut tuples = Tuples::new(2);
        tuples.feed(b"id,name\n1,one\n2,two\n".to_vec());
        assert!(tuples.step().is_err());
    }
}

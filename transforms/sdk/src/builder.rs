//! Columns as a module writes them, row by row.

use crate::bindings::Column;

/// A column that grows; what [`crate::Output::give`] takes.
pub trait Builder {
    /// The column in the layout of `column_type`. Fails when a value does not fit it.
    fn finish(self, column_type: &str) -> Result<Column, String>;
    /// Rows so far.
    fn rows(&self) -> usize;
}

/// Values of one width.
#[derive(Debug)]
pub struct NumberBuilder<T> {
    values: Vec<T>,
    nulls: Bits,
}

impl<T: Copy + Default> NumberBuilder<T> {
    pub(crate) fn new(rows: usize) -> Self {
        Self { values: Vec::with_capacity(rows), nulls: Bits::default() }
    }

    /// Adds a row; `None` is NULL.
    #[inline]
    pub fn push(&mut self, value: Option<T>) {
        self.nulls.push_validity(self.values.len(), value.is_some());
        self.values.push(value.unwrap_or_default());
    }
}

/// How numbers of a type are written.
pub trait Encode: Copy {
    /// Writes all in the layout of `column_type`; `None` when one does not fit.
    fn encode(values: &[Self], column_type: &str) -> Option<Vec<u8>>;
}

fn fitted<T: Copy, N: TryFrom<T>, const W: usize>(values: &[T], bytes: fn(N) -> [u8; W]) -> Option<Vec<u8>> {
    let mut data = Vec::with_capacity(values.len() * W);
    for value in values {
        data.extend_from_slice(&bytes(N::try_from(*value).ok()?));
    }
    Some(data)
}

macro_rules! encode_integers {
    ($($type:ty),*) => {$(
        impl Encode for $type {
            fn encode(values: &[Self], column_type: &str) -> Option<Vec<u8>> {
                match column_type {
                    "int8" => fitted(values, i8::to_le_bytes),
                    "int16" => fitted(values, i16::to_le_bytes),
                    "int32" | "date" => fitted(values, i32::to_le_bytes),
                    "int64" | "time" | "timestamp" | "timestamp(us,UTC)" => fitted(values, i64::to_le_bytes),
                    "uint8" => fitted(values, u8::to_le_bytes),
                    "uint16" => fitted(values, u16::to_le_bytes),
                    "uint32" => fitted(values, u32::to_le_bytes),
                    "uint64" => fitted(values, u64::to_le_bytes),
                    _ => fitted(values, i128::to_le_bytes),
                }
            }
        }
    )*};
}

encode_integers!(i32, i64, u64, i128);

impl Encode for f64 {
    fn encode(values: &[Self], column_type: &str) -> Option<Vec<u8>> {
        match column_type {
            "float32" => Some(values.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect()),
            _ => fitted(values, f64::to_le_bytes),
        }
    }
}

impl<T: Encode> Builder for NumberBuilder<T> {
    fn finish(self, column_type: &str) -> Result<Column, String> {
        let data = T::encode(&self.values, column_type).ok_or_else(|| format!("a value does not fit {column_type}"))?;
        Ok(Column { validity: self.nulls.finish(self.values.len()), offsets: Vec::new(), data })
    }

    fn rows(&self) -> usize {
        self.values.len()
    }
}

/// True or false.
#[derive(Debug, Default)]
pub struct BoolBuilder {
    bits: Vec<u8>,
    rows: usize,
    nulls: Bits,
}

impl BoolBuilder {
    /// Adds a row; `None` is NULL.
    #[inline]
    pub fn push(&mut self, value: Option<bool>) {
        self.nulls.push_validity(self.rows, value.is_some());
        push_bit(&mut self.bits, self.rows, value.unwrap_or(false));
        self.rows += 1;
    }
}

impl Builder for BoolBuilder {
    fn finish(self, _column_type: &str) -> Result<Column, String> {
        Ok(Column { validity: self.nulls.finish(self.rows), offsets: Vec::new(), data: self.bits })
    }

    fn rows(&self) -> usize {
        self.rows
    }
}

/// Texts or bytes of any length.
#[derive(Debug)]
pub struct BytesBuilder {
    offsets: Vec<i32>,
    data: Vec<u8>,
    nulls: Bits,
    overflown: bool,
}

impl BytesBuilder {
    pub(crate) fn new(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self { offsets, data: Vec::with_capacity(rows * 8), nulls: Bits::default(), overflown: false }
    }

    /// Adds a row; `None` is NULL.
    #[inline]
    pub fn push(&mut self, value: Option<&[u8]>) {
        let row = self.rows();
        self.nulls.push_validity(row, value.is_some());
        self.data.extend_from_slice(value.unwrap_or_default());
        let end = i32::try_from(self.data.len());
        self.overflown |= end.is_err();
        self.offsets.push(end.unwrap_or(i32::MAX));
    }
}

impl Builder for BytesBuilder {
    fn finish(self, _column_type: &str) -> Result<Column, String> {
        if self.overflown {
            return Err("a column holds 2 GiB at most".to_owned());
        }
        let rows = self.rows();
        Ok(Column { validity: self.nulls.finish(rows), offsets: self.offsets, data: self.data })
    }

    fn rows(&self) -> usize {
        self.offsets.len() - 1
    }
}

/// Texts.
#[derive(Debug)]
pub struct TextBuilder(pub(crate) BytesBuilder);

impl TextBuilder {
    /// Adds a row; `None` is NULL.
    #[inline]
    pub fn push(&mut self, value: Option<&str>) {
        self.0.push(value.map(str::as_bytes));
    }
}

impl Builder for TextBuilder {
    fn finish(self, column_type: &str) -> Result<Column, String> {
        self.0.finish(column_type)
    }

    fn rows(&self) -> usize {
        self.0.rows()
    }
}

/// Sixteen bytes a row.
#[derive(Debug, Default)]
pub struct UuidBuilder {
    data: Vec<u8>,
    nulls: Bits,
}

impl UuidBuilder {
    /// Adds a row; `None` is NULL.
    #[inline]
    pub fn push(&mut self, value: Option<[u8; 16]>) {
        self.nulls.push_validity(self.rows(), value.is_some());
        self.data.extend_from_slice(&value.unwrap_or_default());
    }
}

impl Builder for UuidBuilder {
    fn finish(self, _column_type: &str) -> Result<Column, String> {
        let rows = self.rows();
        Ok(Column { validity: self.nulls.finish(rows), offsets: Vec::new(), data: self.data })
    }

    fn rows(&self) -> usize {
        self.data.len() / 16
    }
}

/// Validity that is only written from the first NULL on.
#[derive(Debug, Default)]
struct Bits {
    bits: Vec<u8>,
    written: bool,
}

impl Bits {
    #[inline]
    fn push_validity(&mut self, row: usize, holds: bool) {
        if !holds && !self.written {
            self.written = true;
            (0..row).for_each(|before| push_bit(&mut self.bits, before, true));
        }
        if self.written {
            push_bit(&mut self.bits, row, holds);
        }
    }

    fn finish(self, rows: usize) -> Vec<u8> {
        debug_assert!(!self.written || self.bits.len() == rows.div_ceil(8));
        self.bits
    }
}

#[inline]
fn push_bit(bits: &mut Vec<u8>, row: usize, set: bool) {
    if row.is_multiple_of(8) {
        bits.push(0);
    }
    if let Some(last) = bits.last_mut() {
        *last |= u8::from(set) << (row % 8);
    }
}

//! Columns as a module reads them.

use std::str;

/// Which rows hold a value.
#[derive(Debug, Clone, Copy)]
pub struct Validity<'a>(&'a [u8]);

impl<'a> Validity<'a> {
    /// One bit a row, lowest first; empty when every row holds a value.
    #[must_use]
    pub fn new(bits: &'a [u8]) -> Self {
        Self(bits)
    }

    /// Whether the row holds a value rather than NULL.
    #[inline]
    #[must_use]
    pub fn holds(&self, row: usize) -> bool {
        self.0.is_empty() || self.0.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1)
    }
}

/// Values of one width, widened.
#[derive(Debug)]
pub struct Numbers<'a, T> {
    pub(crate) values: Vec<T>,
    pub(crate) validity: Validity<'a>,
}

impl<T: Copy> Numbers<'_, T> {
    /// The row's value; `None` when it is NULL.
    #[inline]
    #[must_use]
    pub fn get(&self, row: usize) -> Option<T> {
        if self.validity.holds(row) { self.values.get(row).copied() } else { None }
    }
}

/// True or false, a bit a row.
#[derive(Debug)]
pub struct Bools<'a> {
    pub(crate) bits: &'a [u8],
    pub(crate) validity: Validity<'a>,
}

impl Bools<'_> {
    /// The row's value; `None` when it is NULL.
    #[inline]
    #[must_use]
    pub fn get(&self, row: usize) -> Option<bool> {
        if !self.validity.holds(row) {
            return None;
        }
        self.bits.get(row / 8).map(|byte| byte >> (row % 8) & 1 == 1)
    }
}

/// Texts.
#[derive(Debug)]
pub struct Texts<'a> {
    offsets: &'a [i32],
    text: &'a str,
    validity: Validity<'a>,
}

impl<'a> Texts<'a> {
    pub(crate) fn new(offsets: &'a [i32], data: &'a [u8], validity: Validity<'a>) -> Result<Self, String> {
        // Once for all rows: cutting it between letters is then checked by `get` alone.
        let text = str::from_utf8(data).map_err(|_| "the host gave text that is not UTF-8".to_owned())?;
        Ok(Self { offsets, text, validity })
    }

    /// The row's text; `None` when it is NULL.
    #[inline]
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&'a str> {
        if !self.validity.holds(row) {
            return None;
        }
        let (from, to) = bounds(self.offsets, row)?;
        self.text.get(from..to)
    }
}

/// Bytes of any length.
#[derive(Debug)]
pub struct Binaries<'a> {
    pub(crate) offsets: &'a [i32],
    pub(crate) data: &'a [u8],
    pub(crate) validity: Validity<'a>,
}

impl<'a> Binaries<'a> {
    /// The row's bytes; `None` when it is NULL.
    #[inline]
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&'a [u8]> {
        if !self.validity.holds(row) {
            return None;
        }
        let (from, to) = bounds(self.offsets, row)?;
        self.data.get(from..to)
    }
}

/// Sixteen bytes a row.
#[derive(Debug)]
pub struct Uuids<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) validity: Validity<'a>,
}

impl Uuids<'_> {
    /// The row's bytes; `None` when it is NULL.
    #[inline]
    #[must_use]
    pub fn get(&self, row: usize) -> Option<[u8; 16]> {
        if !self.validity.holds(row) {
            return None;
        }
        self.data.get(row * 16..row * 16 + 16)?.try_into().ok()
    }
}

fn bounds(offsets: &[i32], row: usize) -> Option<(usize, usize)> {
    let (from, to) = (*offsets.get(row)?, *offsets.get(row + 1)?);
    Some((usize::try_from(from).ok()?, usize::try_from(to).ok()?))
}

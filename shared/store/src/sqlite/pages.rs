//! Pages of fingerprints, as they lie in the database: entries in order, 20 bytes each.

use crate::Error;

/// Entries of a page; with 20 bytes each a page is 20 KiB. Smaller ones would cost more queries,
/// larger ones more bytes for a single fingerprint.
pub(super) const PAGE_ENTRIES: usize = 1024;
/// Length of one entry.
pub(super) const ENTRY_BYTES: usize = KEY_BYTES + size_of::<u32>();
const KEY_BYTES: usize = size_of::<u128>();

/// A fingerprint and the batch that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: u128,
    pub(super) owner: u32,
}

impl Entry {
    pub(super) fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        let (key, owner) = bytes.split_at_mut(KEY_BYTES);
        key.copy_from_slice(&self.key.to_be_bytes());
        owner.copy_from_slice(&self.owner.to_be_bytes());
        bytes
    }

    pub(super) fn from_bytes([key @ .., a, b, c, d]: &[u8; ENTRY_BYTES]) -> Self {
        Self { key: u128::from_be_bytes(*key), owner: u32::from_be_bytes([*a, *b, *c, *d]) }
    }
}

/// The entries of a page.
pub(super) fn entries_of(page: &[u8]) -> Result<&[[u8; ENTRY_BYTES]], Error> {
    match page.as_chunks() {
        (entries, []) => Ok(entries),
        _ => Err(damaged()),
    }
}

/// One of the entries of a page.
pub(super) fn entry_at(entries: &[[u8; ENTRY_BYTES]], index: usize) -> Option<Entry> {
    entries.get(index).map(Entry::from_bytes)
}

/// The bytes of a segment's directory: the first key of each page.
pub(super) fn directory_of(firsts: &[u128]) -> Vec<u8> {
    firsts.iter().flat_map(|first| first.to_be_bytes()).collect()
}

/// The first key of each page from a segment's directory.
pub(super) fn firsts_of(directory: &[u8]) -> Result<Vec<u128>, Error> {
    match directory.as_chunks() {
        (firsts, []) => Ok(firsts.iter().map(|first| u128::from_be_bytes(*first)).collect()),
        _ => Err(damaged()),
    }
}

/// Something of a segment is missing or cut off.
pub(super) fn damaged() -> Error {
    Error::Unreadable { what: "a segment of keys", source: Box::new(Damaged) }
}

#[derive(Debug, thiserror::Error)]
#[error("a page is missing or cut off")]
struct Damaged;

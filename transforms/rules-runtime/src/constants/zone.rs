/// A time zone, resolved to its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its name in the IANA database.
    pub name: String,
    /// Offset in seconds before the first change.
    pub first_offset: i32,
    /// From when on (seconds since 1970, UTC, ascending) which offset in seconds holds; at least
    /// until the year 2099, from which later years are known.
    pub changes: Vec<(i64, i32)>,
}

impl Zone {
    /// Its bytes: the first offset, the number of changes (four bytes each), the changes' moments
    /// (eight bytes each), then their offsets (four bytes each).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 12 * self.changes.len());
        bytes.extend(self.first_offset.to_le_bytes());
        bytes.extend(u32::try_from(self.changes.len()).unwrap_or(u32::MAX).to_le_bytes());
        for (moment, _) in &self.changes {
            bytes.extend(moment.to_le_bytes());
        }
        for (_, offset) in &self.changes {
            bytes.extend(offset.to_le_bytes());
        }
        bytes
    }
}

/// An encoded [`Zone`].
#[derive(Debug, Clone, Copy)]
pub struct ZoneView<'a> {
    first_offset: i32,
    moments: &'a [[u8; 8]],
    offsets: &'a [[u8; 4]],
}

impl<'a> ZoneView<'a> {
    /// The zone of these bytes; UTC for bytes that are none.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        Self::read(bytes).unwrap_or(ZoneView { first_offset: 0, moments: &[], offsets: &[] })
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (first_offset, rest) = bytes.split_first_chunk::<4>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let count = u32::from_le_bytes(*count) as usize;
        let (moments, rest) = rest.split_at_checked(count.checked_mul(8)?)?;
        let offsets = rest.get(..count.checked_mul(4)?)?;
        Some(ZoneView {
            first_offset: i32::from_le_bytes(*first_offset),
            moments: moments.as_chunks().0,
            offsets: offsets.as_chunks().0,
        })
    }

    /// How many changes it has.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.moments.len()
    }

    /// When a change happens, in seconds since 1970; none beyond the last.
    #[must_use]
    pub fn moment(&self, change: usize) -> Option<i64> {
        self.moments.get(change).map(|bytes| i64::from_le_bytes(*bytes))
    }

    /// The offset before a change; after the last for the number of changes.
    #[must_use]
    pub fn offset_before(&self, change: usize) -> i64 {
        let offset = match change.checked_sub(1).and_then(|last| self.offsets.get(last)) {
            Some(bytes) => i32::from_le_bytes(*bytes),
            None => self.first_offset,
        };
        i64::from(offset)
    }

    /// How many changes have happened at a moment (seconds since 1970).
    #[must_use]
    pub fn changes_until(&self, moment: i64) -> usize {
        self.moments.partition_point(|bytes| i64::from_le_bytes(*bytes) <= moment)
    }
}

#[cfg(test)]
mod tests {
    use super::{Zone, ZoneView};

    #[test]
    fn a_zone_is_read_back() {
        let zone = Zone { name: "X/Y".to_owned(), first_offset: -60, changes: vec![(10, 3600), (20, 7200)] };
        let bytes = zone.encode();
        let view = ZoneView::of(&bytes);
        assert_eq!(view.changes(), 2);
        assert_eq!([view.offset_before(0), view.offset_before(1), view.offset_before(2)], [-60, 3600, 7200]);
        let until: Vec<_> = [9, 10, 19, 20, 21].into_iter().map(|moment| view.changes_until(moment)).collect();
        assert_eq!(until, [0, 1, 1, 2, 2]);
    }

    #[test]
    fn cut_bytes_are_utc() {
        let bytes = Zone { name: String::new(), first_offset: 5, changes: vec![(10, 3600)] }.encode();
        for length in 0..bytes.len() {
            assert_eq!(ZoneView::of(&bytes[..length]).offset_before(0), 0);
        }
    }
}

//! Which rows stay.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};

use super::fingerprint::Key;
use super::inventory::{Found, Standing};
use crate::failure::Result;

/// For each file the rows that stay; none where all do.
pub(super) fn reach(files: &[Found], key: &Key, most_fingerprints: u64) -> Result<Vec<Option<BooleanBuffer>>> {
    let unsettled: u64 = files.iter().filter(|file| file.standing != Standing::Settled).map(|file| file.rows).sum();
    let shares = unsettled.div_ceil(most_fingerprints.max(1)).max(1);
    let mut verdicts: Vec<Option<BooleanBufferBuilder>> = files.iter().map(|_| None).collect();
    for share in 0..shares {
        judge(files, key, &Share { number: share, of: shares }, &mut verdicts)?;
    }
    Ok(verdicts.into_iter().map(|verdict| verdict.map(|mut verdict| verdict.finish())).collect())
}

/// Goes from the last row to the first: a key that has been seen is not the last of its kind.
fn judge(files: &[Found], key: &Key, share: &Share, verdicts: &mut [Option<BooleanBufferBuilder>]) -> Result<()> {
    let mut seen = Seen::default();
    let settled_last = |file: &Found| file.standing == Standing::Settled;
    let mut order: Vec<(&Found, &mut Option<BooleanBufferBuilder>)> = files.iter().zip(verdicts).rev().collect();
    order.sort_by_key(|(file, _)| settled_last(file));
    for (file, verdict) in order {
        let fingerprints = key.fingerprints(&file.path)?;
        for (row, fingerprint) in fingerprints.iter().enumerate().rev().filter(|(_, print)| share.has(**print)) {
            let is_last = match file.standing {
                // Settled rows differ among themselves: there is no need to remember them.
                Standing::Settled => !seen.contains(fingerprint),
                Standing::Appended | Standing::New => seen.insert(*fingerprint),
                Standing::Withdrawn => {
                    seen.insert(*fingerprint);
                    true
                }
            };
            if !is_last {
                verdict.get_or_insert_with(|| all(fingerprints.len())).set_bit(row, false);
            }
        }
    }
    Ok(())
}

fn all(rows: usize) -> BooleanBufferBuilder {
    let mut builder = BooleanBufferBuilder::new(rows);
    builder.append_n(rows, true);
    builder
}

/// One of several equal parts of all fingerprints.
struct Share {
    number: u64,
    of: u64,
}

impl Share {
    fn has(&self, fingerprint: u128) -> bool {
        // The low half serves the set's buckets; the high half is independent of it.
        let high = u64::try_from(fingerprint >> 64).unwrap_or(0);
        high % self.of == self.number
    }
}

type Seen = HashSet<u128, BuildHasherDefault<AlreadyHashed>>;

/// Takes a fingerprint's low half as its hash.
#[derive(Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let part = chunk.iter().rev().fold(0, |part, byte| (part << 8) | u64::from(*byte));
            self.0 = self.0.rotate_left(5) ^ part;
        }
    }
    fn write_u128(&mut self, fingerprint: u128) {
        self.0 = u64::try_from(fingerprint & u128::from(u64::MAX)).unwrap_or(0);
    }
}

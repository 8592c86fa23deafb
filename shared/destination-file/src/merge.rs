//! Merging what a run delivered into the dataset that is there.
//!
//! Of all rows, the old dataset's first and then the run's by lane and sequence, the last of each
//! key stays; survivors keep their order. The result is a generation of its own, of files
//! `base-…`, which then takes the old one's place. A big file that loses no row is linked into it
//! instead of being written again, and small files are joined.
//!
//! Memory does not follow the table: keys are compared by 128-bit fingerprints, of which at most
//! [`Limits::fingerprints`] are held. Where the rows that are not yet known to be unique have more
//! keys, the keys are read again for each share of them. One bit is kept for every row of a file
//! that loses some.

mod fingerprint;
mod generation;
mod inventory;
mod verdict;

use destination::Target;

use crate::columns;
use crate::failure::Result;
use crate::folder;
use crate::layout::{Layout, Purpose};
use crate::manifest::Manifest;
use crate::swap;

/// What bounds a merge's memory and its files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Fingerprints of keys held at a time; each takes some 32 bytes.
    pub(crate) fingerprints: u64,
    /// A file of the result ends at this many rows…
    pub(crate) file_rows: u64,
    /// …or at this many bytes; a file of half of either is big enough to be left as it is.
    pub(crate) file_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fingerprints: 1_000_000, file_rows: 1_000_000, file_bytes: 256 << 20 }
    }
}

/// Merges the run's parts in and puts the result in place; what was merged before is left alone.
pub(crate) fn finish(layout: &Layout, target: &Target, limits: Limits) -> Result<()> {
    let delivered = layout.hidden(Purpose::Merge);
    if !folder::exists(&delivered)? {
        return swap::refuse_superseded(layout);
    }
    folder::make(&layout.live())?;
    let before = match Manifest::read(&layout.live())? {
        Some(manifest) => manifest,
        None => Manifest::of(&target.schema)?,
    };
    let files = inventory::take(layout, target, &before)?;
    let after = manifest_after(layout, target, &before, &files);
    if files.iter().any(inventory::Found::is_new) {
        build(layout, target, &files, &after, limits)?;
        swap::swap_in(layout)?;
    } else if !before.is_of_run(layout) {
        after.write(&layout.live(), layout)?;
    }
    folder::discard(layout, &delivered)
}

fn build(
    layout: &Layout,
    target: &Target,
    files: &[inventory::Found],
    manifest: &Manifest,
    limits: Limits,
) -> Result<()> {
    let keys = fingerprint::Key::of(target, layout.format)?;
    let verdicts = verdict::reach(files, &keys, limits.fingerprints)?;
    let are_rows = |file: &&inventory::Found| file.standing != inventory::Standing::Withdrawn;
    let others: Vec<_> = files.iter().filter(are_rows).filter_map(|file| file.schema.clone()).collect();
    let schema = columns::widened(&target.schema, &others);
    let mut generation = generation::Generation::begin(layout, schema, limits)?;
    for (file, verdict) in files.iter().zip(&verdicts).filter(|(file, _)| are_rows(file)) {
        generation.add(file, verdict.as_ref())?;
    }
    generation.end(manifest)
}

fn manifest_after(layout: &Layout, target: &Target, before: &Manifest, files: &[inventory::Found]) -> Manifest {
    let mut after = before.clone();
    if !before.is_of_run(layout) {
        after.merged.clear();
    }
    after.run = Some(layout.run.clone());
    for file in files.iter().filter(|file| file.is_new()) {
        after.merged.push(file.name());
        after.unique_by = Some(target.primary_key.clone());
    }
    after
}

#[cfg(test)]
mod tests;

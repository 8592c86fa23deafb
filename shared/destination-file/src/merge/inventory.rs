//! The files a merge reads, in the order in which their rows count.

use std::fs;
use std::path::{Path, PathBuf};

use arrow_schema::SchemaRef;
use destination::Target;

use crate::Format;
use crate::columns;
use crate::failure::{Doing, Result};
use crate::folder;
use crate::json_lines::Lines;
use crate::layout::{self, Layout, Purpose};
use crate::manifest::Manifest;
use crate::parquet_file::Reader;

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// In the dataset, and its rows are known to differ in their keys from those of its kind.
    Settled,
    /// In the dataset, and may hold a key many times.
    Appended,
    /// Delivered by the run.
    New,
    /// Keys the run takes away: of no row in it or before it anything stays.
    Withdrawn,
}

/// A file a merge reads.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) standing: Standing,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// The columns it was written with, where the file itself says so.
    pub(super) schema: Option<SchemaRef>,
}

impl Found {
    pub(super) fn is_new(&self) -> bool {
        matches!(self.standing, Standing::New | Standing::Withdrawn)
    }

    pub(super) fn name(&self) -> String {
        name(&self.path)
    }
}

/// The dataset's files, then the run's that are not merged yet, those that take keys away last.
pub(super) fn take(layout: &Layout, target: &Target, before: &Manifest) -> Result<Vec<Found>> {
    let is_settled = before.unique_by.as_ref() == Some(&target.primary_key);
    let mut files = Vec::new();
    for path in folder::parts(&layout.live(), layout.format)? {
        let settled = is_settled && layout::is_base(&name(&path));
        files.push(look(path, if settled { Standing::Settled } else { Standing::Appended }, layout.format)?);
    }
    let mut delivered = folder::parts(&layout.hidden(Purpose::Merge), layout.format)?;
    // What is taken away is taken from everything that came.
    delivered.sort_by_key(|path| layout::is_withdrawn(&name(path)));
    for path in delivered {
        let file = name(&path);
        if !before.has_merged(layout, &file) {
            let standing = if layout::is_withdrawn(&file) { Standing::Withdrawn } else { Standing::New };
            files.push(look(path, standing, layout.format)?);
        }
    }
    for file in files.iter().filter(|file| file.standing != Standing::Withdrawn) {
        if let Some(schema) = &file.schema {
            columns::check(&target.schema, schema, &file.path)?;
        }
    }
    Ok(files)
}

fn look(path: PathBuf, standing: Standing, format: Format) -> Result<Found> {
    let metadata = fs::metadata(&path).doing(|| format!("look at `{}`", path.display()))?;
    let (rows, schema) = match format {
        Format::Parquet => {
            let reader = Reader::open(&path)?;
            (reader.row_count(), Some(reader.schema()))
        }
        Format::Jsonl if standing == Standing::Settled => (0, None),
        Format::Jsonl => (line_count(&path)?, None),
    };
    Ok(Found { path, standing, rows, bytes: metadata.len(), schema })
}

fn line_count(path: &Path) -> Result<u64> {
    let mut lines = Lines::open(path)?;
    let mut count = 0;
    while lines.next_line()?.is_some() {
        count += 1;
    }
    Ok(count)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

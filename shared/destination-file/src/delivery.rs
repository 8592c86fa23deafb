//! One stream of one run: the blocking work behind the seam's calls.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use destination::{Incoming, Outcome, Target};
use spec::Disposition;

use crate::Format;
use crate::columns;
use crate::failure::{Result, mismatch};
use crate::folder;
use crate::json_lines;
use crate::layout::{Layout, Purpose};
use crate::manifest::{self, Manifest};
use crate::merge::{self, Limits};
use crate::new_file;
use crate::parquet_file::{self, Reader};
use crate::swap::{self, Lock};

pub(crate) struct Delivery {
    pub(crate) layout: Layout,
    pub(crate) target: Target,
    pub(crate) limits: Limits,
}

impl Delivery {
    pub(crate) fn prepare(&self) -> Result<()> {
        let layout = &self.layout;
        folder::make(&layout.root)?;
        let _lock = Lock::take(layout)?;
        swap::recover(layout)?;
        swap::remove_leftovers(layout)?;
        let live = layout.live();
        match self.target.disposition {
            Disposition::Append => self.prepare_folder(&live),
            Disposition::Merge => {
                columns::keys(&self.target)?;
                folder::refuse_strangers(&live)?;
                self.prepare_folder(&live)?;
                self.prepare_hidden(Purpose::Merge)
            }
            Disposition::Replace => {
                folder::refuse_strangers(&live)?;
                self.prepare_hidden(Purpose::New)
            }
        }
    }

    pub(crate) fn deliver(&self, incoming: &Incoming) -> Result<Outcome> {
        let name = self.layout.part(incoming);
        let Some(folder) = self.folder_for(&name)? else { return Ok(Outcome::AlreadyThere) };
        if folder::exists(&folder.join(&name))? {
            return Ok(Outcome::AlreadyThere);
        }
        let keys = match self.target.disposition {
            Disposition::Merge => columns::keys(&self.target)?,
            Disposition::Append | Disposition::Replace => Vec::new(),
        };
        let rows = columns::conform(&incoming.rows, &self.target, &keys)?;
        let is_first = self.write(&folder, &name, &rows)?;
        Ok(if is_first { Outcome::Written { rows: rows.num_rows() as u64 } } else { Outcome::AlreadyThere })
    }

    /// Keeps keys beside the run's parts; the merge leaves their rows out.
    pub(crate) fn withdraw(&self, incoming: &Incoming) -> Result<Outcome> {
        let name = self.layout.withdrawn(incoming);
        let Some(folder) = self.folder_for(&name)? else { return Ok(Outcome::AlreadyThere) };
        let keys = columns::keys_alone(&incoming.rows, &self.target)?;
        let is_first = self.write(&folder, &name, &keys)?;
        Ok(if is_first { Outcome::Written { rows: keys.num_rows() as u64 } } else { Outcome::AlreadyThere })
    }

    pub(crate) fn finish(&self) -> Result<()> {
        let layout = &self.layout;
        folder::make(&layout.root)?;
        let _lock = Lock::take(layout)?;
        swap::recover(layout)?;
        match self.target.disposition {
            Disposition::Append => {}
            Disposition::Merge => merge::finish(layout, &self.target, self.limits)?,
            Disposition::Replace => self.finish_replace()?,
        }
        let own = layout.temporary_prefix();
        folder::remove_unfinished(&layout.live(), |name| name.starts_with(&own))?;
        self.show_columns(&layout.live())
    }

    /// Where the part goes; none when the run has merged it in already.
    fn folder_for(&self, part: &str) -> Result<Option<PathBuf>> {
        let layout = &self.layout;
        match self.target.disposition {
            Disposition::Append => Ok(Some(layout.live())),
            Disposition::Merge => {
                let in_place = Manifest::read(&layout.live())?;
                if in_place.is_some_and(|manifest| manifest.has_merged(layout, part)) {
                    return Ok(None);
                }
                let folder = layout.hidden(Purpose::Merge);
                if !folder::exists(&folder)? {
                    swap::refuse_superseded(layout)?;
                    self.prepare_folder(&folder)?;
                }
                Ok(Some(folder))
            }
            Disposition::Replace => {
                let shadow = layout.hidden(Purpose::New);
                if folder::exists(&shadow)? {
                    return Ok(Some(shadow));
                }
                swap::refuse_superseded(layout)?;
                Ok(Some(layout.live()))
            }
        }
    }

    fn finish_replace(&self) -> Result<()> {
        let shadow = self.layout.hidden(Purpose::New);
        if !folder::exists(&shadow)? {
            return swap::refuse_superseded(&self.layout);
        }
        let own = self.layout.temporary_prefix();
        folder::remove_unfinished(&shadow, |name| name.starts_with(&own))?;
        self.show_columns(&shadow)?;
        swap::swap_in(&self.layout)
    }

    /// A hidden folder of the run, unless the run's data is in place already.
    fn prepare_hidden(&self, purpose: Purpose) -> Result<()> {
        if manifest::is_in_place(&self.layout)? {
            return Ok(());
        }
        self.prepare_folder(&self.layout.hidden(purpose))
    }

    /// Makes the folder, or checks that its columns are those of the stream.
    fn prepare_folder(&self, folder: &Path) -> Result<()> {
        folder::make(folder)?;
        let schema = &self.target.schema;
        if let Some(manifest) = Manifest::read(folder)? {
            return columns::check(schema, manifest.schema()?.as_ref(), folder);
        }
        self.check_files(folder)?;
        let mut manifest = Manifest::of(schema)?;
        if folder == self.layout.hidden(Purpose::New) {
            manifest.run = Some(self.layout.run.clone());
        }
        manifest.write(folder, &self.layout)
    }

    /// Checks files in a folder that says nothing about itself.
    fn check_files(&self, folder: &Path) -> Result<()> {
        for path in folder::parts(folder, self.layout.format)? {
            match self.layout.format {
                Format::Parquet => columns::check(&self.target.schema, &Reader::open(&path)?.schema(), &path)?,
                Format::Jsonl => {
                    return Err(mismatch(format!(
                        "`{}` holds JSON lines of unknown columns, which this destination did not write: move them away",
                        folder.display()
                    )));
                }
            }
        }
        Ok(())
    }

    /// Gives a dataset without files one without rows, so that readers find the columns.
    fn show_columns(&self, folder: &Path) -> Result<()> {
        if !folder::exists(folder)? || !folder::parts(folder, self.layout.format)?.is_empty() {
            return Ok(());
        }
        let none = RecordBatch::new_empty(self.target.schema.clone());
        self.write(folder, &self.layout.empty_part(), &none).map(|_| ())
    }

    /// Writes a part; false when it was there already.
    fn write(&self, folder: &Path, name: &str, rows: &RecordBatch) -> Result<bool> {
        let bytes = match self.layout.format {
            Format::Parquet => parquet_file::encode(rows)?,
            Format::Jsonl => json_lines::encode(rows)?,
        };
        new_file::write_if_absent(folder, name, &self.layout.temporary_prefix(), &bytes)
    }
}

#[cfg(test)]
mod tests;

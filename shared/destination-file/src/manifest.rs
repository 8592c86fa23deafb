//! The hidden file in a dataset's folder that says what the folder is.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use arrow_schema::{Schema, SchemaRef};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::failure::{Doing, Result, mismatch, unreadable};
use crate::layout::Layout;
use crate::new_file;

const NAME: &str = ".millstream.json";
const VERSION: u32 = 1;

/// What a folder holds and how it came about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: u32,
    columns: Box<RawValue>,
    /// The run that put this generation of the dataset in place; none where rows were only appended.
    pub(crate) run: Option<String>,
    /// The columns that no two rows of the merged files (`base-…`) have in common.
    pub(crate) unique_by: Option<Vec<String>>,
    /// Names of the parts that `run` has merged in.
    pub(crate) merged: Vec<String>,
}

impl Manifest {
    pub(crate) fn of(schema: &Schema) -> Result<Self> {
        let columns = batch::schema::to_json(schema).map_err(|error| mismatch(error.to_string()))?;
        let columns = RawValue::from_string(columns).map_err(|error| mismatch(error.to_string()))?;
        Ok(Self { version: VERSION, columns, run: None, unique_by: None, merged: Vec::new() })
    }

    /// Reads the folder's; none when it has none or is not there.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(NAME);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            bytes => bytes.doing(|| format!("read `{}`", path.display()))?,
        };
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| unreadable(&path, error))?;
        if manifest.version > VERSION {
            return Err(mismatch(format!(
                "`{}` was written by a newer version of this program: use that one",
                folder.display()
            )));
        }
        Ok(Some(manifest))
    }

    pub(crate) fn write(&self, folder: &Path, layout: &Layout) -> Result<()> {
        let path = folder.join(NAME);
        let bytes = serde_json::to_vec(self).map_err(|error| unreadable(&path, error))?;
        new_file::write(folder, NAME, &layout.temporary_prefix(), &bytes)
    }

    pub(crate) fn schema(&self) -> Result<SchemaRef> {
        batch::schema::from_json(self.columns.get()).map_err(|error| unreadable(Path::new(NAME), error))
    }

    pub(crate) fn is_of_run(&self, layout: &Layout) -> bool {
        self.run.as_deref() == Some(layout.run.as_str())
    }

    /// Whether the run has merged this part in.
    pub(crate) fn has_merged(&self, layout: &Layout, part: &str) -> bool {
        self.is_of_run(layout) && self.merged.iter().any(|merged| merged == part)
    }
}

/// Whether the dataset readers see was put there by this run.
pub(crate) fn is_in_place(layout: &Layout) -> Result<bool> {
    Ok(Manifest::read(&layout.live())?.is_some_and(|manifest| manifest.is_of_run(layout)))
}

//! Folders: making, listing, flushing and removing them.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::Format;
use crate::failure::{Doing, Result, mismatch};
use crate::layout::{self, Layout, Purpose};

/// Makes the folder and those above it, for good.
pub(crate) fn make(path: &Path) -> Result<()> {
    if exists(path)? {
        return Ok(());
    }
    fs::create_dir_all(path).doing(|| format!("make the folder `{}`", path.display()))?;
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), flush)
}

/// Whether anything is there.
pub(crate) fn exists(path: &Path) -> Result<bool> {
    path.try_exists().doing(|| format!("look for `{}`", path.display()))
}

/// Makes renames, new names and removals in the folder durable.
pub(crate) fn flush(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|file| file.sync_all()).doing(|| format!("flush the folder `{}`", folder.display()))
}

/// Renames, for good.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).doing(|| format!("rename `{}` to `{}`", from.display(), to.display()))?;
    to.parent().map_or(Ok(()), flush)
}

/// Files of the format that readers see, sorted by name; none when there is no folder.
pub(crate) fn parts(folder: &Path, format: Format) -> Result<Vec<PathBuf>> {
    let is_part = |name: &str| layout::is_visible(name, format);
    Ok(names(folder)?.into_iter().filter(|name| is_part(name)).map(|name| folder.join(name)).collect())
}

/// Refuses a folder with files that are not ours, where they would be lost.
pub(crate) fn refuse_strangers(folder: &Path) -> Result<()> {
    let stranger = names(folder)?.into_iter().find(|name| !name.starts_with('.') && !layout::is_ours(name));
    match stranger {
        Some(name) => Err(mismatch(format!(
            "`{}` holds `{name}`, which this destination did not write and would lose: move it away, or append",
            folder.display()
        ))),
        None => Ok(()),
    }
}

/// Removes unfinished files, of one run or of all but one.
pub(crate) fn remove_unfinished(folder: &Path, is_meant: impl Fn(&str) -> bool) -> Result<()> {
    for name in names(folder)?.into_iter().filter(|name| layout::is_temporary(name) && is_meant(name)) {
        let path = folder.join(name);
        absent_is_fine(fs::remove_file(&path)).doing(|| format!("remove `{}`", path.display()))?;
    }
    Ok(())
}

/// Removes a hidden folder in such a way that it is never seen half-removed.
pub(crate) fn discard(layout: &Layout, path: &Path) -> Result<()> {
    let gone = layout.hidden(Purpose::Gone);
    remove(&gone)?;
    if exists(path)? {
        rename(path, &gone)?;
    }
    remove(&gone)
}

/// Removes a folder with all that is in it; it may be absent.
pub(crate) fn remove(path: &Path) -> Result<()> {
    absent_is_fine(fs::remove_dir_all(path)).doing(|| format!("remove the folder `{}`", path.display()))
}

/// Every name in the folder, sorted; none when there is no folder.
fn names(folder: &Path) -> Result<Vec<String>> {
    let doing = || format!("list `{}`", folder.display());
    let listing = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing.doing(doing)?,
    };
    let names: std::io::Result<Vec<String>> =
        listing.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned())).collect();
    let mut names = names.doing(doing)?;
    names.sort();
    Ok(names)
}

fn absent_is_fine(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

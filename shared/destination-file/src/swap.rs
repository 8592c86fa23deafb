//! Putting a new generation of a dataset in the place of the old one, and mending a swap that was
//! cut short.
//!
//! Where the file system can, the two folders change places in one step: readers see the old rows
//! or the new ones. Elsewhere two renames do it, and readers meet no folder for a moment:
//!
//! | on disk after a kill | what it means | what mends it |
//! |---|---|---|
//! | `STREAM` of the run, `.STREAM-new-RUN` | exchanged, the old one not yet removed | remove it |
//! | no `STREAM`, `.STREAM-old-RUN`, `.STREAM-new-RUN` | between the two renames | rename the new one in |
//! | no `STREAM`, `.STREAM-old-RUN` | cannot come from a kill | rename the old one back |
//! | `STREAM`, `.STREAM-old-RUN` | both renames done | remove the old one |

use std::fs;
use std::path::Path;

use crate::failure::{Doing, Result};
use crate::folder;
use crate::layout::{HiddenFolder, Layout, Purpose};
use crate::manifest::{self, Manifest};

/// Puts the run's new folder in place and removes what was there.
pub(crate) fn swap_in(layout: &Layout) -> Result<()> {
    let (live, new) = (layout.live(), layout.hidden(Purpose::New));
    folder::flush(&new)?;
    if !folder::exists(&live)? {
        return folder::rename(&new, &live);
    }
    if exchange(&live, &new)? {
        folder::flush(&layout.root)?;
        return folder::discard(layout, &new);
    }
    let old = layout.hidden(Purpose::Old);
    folder::rename(&live, &old)?;
    folder::rename(&new, &live)?;
    folder::discard(layout, &old)
}

/// Ends swaps that were cut short, of whichever run.
pub(crate) fn recover(layout: &Layout) -> Result<()> {
    let hidden = layout.hidden_folders()?;
    for old in hidden.iter().filter(|folder| folder.purpose == Purpose::Old) {
        end_two_renames(layout, old)?;
    }
    let in_place = Manifest::read(&layout.live())?.and_then(|manifest| manifest.run);
    for leftover in layout.hidden_folders()? {
        let was_exchanged = leftover.purpose == Purpose::New && in_place.as_ref() == Some(&leftover.run);
        if was_exchanged || leftover.purpose == Purpose::Gone {
            folder::discard(layout, &leftover.path)?;
        }
    }
    Ok(())
}

/// Removes what runs other than this one have left: another run of the stream means they are over.
pub(crate) fn remove_leftovers(layout: &Layout) -> Result<()> {
    for leftover in layout.hidden_folders()?.into_iter().filter(|leftover| leftover.run != layout.run) {
        folder::discard(layout, &leftover.path)?;
    }
    let own = layout.temporary_prefix();
    folder::remove_unfinished(&layout.live(), |name| !name.starts_with(&own))
}

/// Refuses to go on when the run's folder was removed because another run has begun.
pub(crate) fn refuse_superseded(layout: &Layout) -> Result<()> {
    if manifest::is_in_place(layout)? {
        return Ok(());
    }
    let problem = format!(
        "another run of stream `{}` has begun since, and has removed what this run had delivered: let that one end, then run again",
        layout.stream
    );
    Err(destination::Error::config("run_superseded", problem))
}

fn end_two_renames(layout: &Layout, old: &HiddenFolder) -> Result<()> {
    let live = layout.live();
    if folder::exists(&live)? {
        return folder::discard(layout, &old.path);
    }
    let new = layout.hidden_of(Purpose::New, &old.run);
    if !folder::exists(&new)? {
        return folder::rename(&old.path, &live);
    }
    folder::rename(&new, &live)?;
    folder::discard(layout, &old.path)
}

/// Lets two folders change places in one step; false where the system has no such step.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(error) => {
            Err(std::io::Error::from(error)).doing(|| format!("exchange `{}` and `{}`", one.display(), other.display()))
        }
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> Result<bool> {
    Ok(false)
}

/// Held while a stream is prepared or finished; freed when dropped, or when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: fs::File,
}

impl Lock {
    /// Waits until no other process or task holds it.
    pub(crate) fn take(layout: &Layout) -> Result<Self> {
        let path = layout.lock();
        let doing = || format!("lock `{}`", path.display());
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path).doing(doing)?;
        match file.lock() {
            // A file system without locks is one that a single process at a time should write to.
            Err(error) if error.kind() == std::io::ErrorKind::Unsupported => {}
            locked => locked.doing(doing)?,
        }
        Ok(Self { _file: file })
    }
}

//! The work on files, for threads that may block.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::{Entry, Error};

/// How a file is called while it is being written. No key has a part that begins with a dot.
const UNFINISHED: &str = ".unfinished-";

/// Others may delete the folder a file is about to be written into, for being empty: so often it
/// is made anew.
const TRIES: usize = 10;

/// Tells apart the files this process writes, whichever stage they are for.
static WRITES: AtomicU64 = AtomicU64::new(0);

pub(super) struct Tree {
    pub(super) root: PathBuf,
    // Folders below the root whose own names have been synced.
    synced: Mutex<HashSet<PathBuf>>,
}

impl Tree {
    pub(super) fn open(root: PathBuf) -> Result<Self, Error> {
        let name = root.display().to_string();
        fs::create_dir_all(&root).map_err(failed("open", &name))?;
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_folder(parent).map_err(failed("open", &name))?;
        }
        remove_unfinished(&root).map_err(failed("open", &name))?;
        Ok(Self { root, synced: Mutex::default() })
    }

    pub(super) fn put(&self, key: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.root.join(key);
        let folder = path.parent().unwrap_or(&self.root);
        let mut tries_left = TRIES;
        loop {
            tries_left -= 1;
            match self.make_folder(folder).and_then(|()| write_whole(folder, &path, bytes)) {
                Err(error) if error.kind() == ErrorKind::NotFound && tries_left > 0 => self.forget(folder),
                done => return done.map_err(failed("write", key)),
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Result<Bytes, Error> {
        match fs::read(self.root.join(key)) {
            Ok(bytes) => Ok(bytes.into()),
            Err(error) if is_absent(&error) => Err(Error::NotFound { key: key.to_owned() }),
            Err(error) => Err(failed("read", key)(error)),
        }
    }

    /// Deletes the file, and the folders it leaves empty: a run has folders of its own, and runs
    /// are many.
    pub(super) fn delete(&self, key: &str) -> Result<(), Error> {
        let path = self.root.join(key);
        match fs::remove_file(&path) {
            Err(error) if !is_absent(&error) => return Err(failed("delete", key)(error)),
            _ => (),
        }
        let folders = path.ancestors().skip(1).take_while(|folder| *folder != self.root);
        for folder in folders {
            self.forget(folder);
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn list(&self, prefix: &str) -> Result<Vec<Entry>, Error> {
        let (folder, _) = prefix.rsplit_once('/').unwrap_or(("", prefix));
        let mut entries = Vec::new();
        list_folder(&self.root, folder, &mut entries).map_err(failed("list", prefix))?;
        entries.retain(|entry| entry.key.starts_with(prefix));
        entries.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Ok(entries)
    }

    /// Makes the folders down to this one and syncs their names, once for each.
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        if folder == self.root || self.synced().contains(folder) {
            return Ok(());
        }
        let parent = folder.parent().unwrap_or(&self.root);
        self.make_folder(parent)?;
        match fs::create_dir(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => sync_folder(parent)?,
        }
        self.synced().insert(folder.to_owned());
        Ok(())
    }

    /// A folder that may be gone, and those above it, must be made and synced anew.
    fn forget(&self, folder: &Path) {
        self.synced().retain(|synced| !folder.starts_with(synced));
    }

    fn synced(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.synced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an error means that nothing is there: what a key names may be a folder, or lie below a file.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::NotADirectory)
}

pub(super) fn failed(doing: &'static str, key: &str) -> impl FnOnce(io::Error) -> Error {
    move |source| match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full { key: key.to_owned(), source },
        _ => Error::Io { doing, key: key.to_owned(), source },
    }
}

/// Writes a file so that it is there whole, or as it was before.
fn write_whole(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let number = WRITES.fetch_add(1, Ordering::Relaxed);
    let unfinished = folder.join(format!("{UNFINISHED}{}-{number}", process::id()));
    let written = write_and_rename(&unfinished, path, bytes);
    if written.is_err() {
        // The file may not even have been made; what stays is removed when the stage is opened.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    sync_folder(folder)
}

fn write_and_rename(unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(unfinished)?;
    // Says that the writer lives. Where files cannot be locked, nothing is lost by going on.
    let _ = file.try_lock();
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(unfinished, path)
}

/// Makes the names in a folder survive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and its names are the file system's own care.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Removes what is half-written and has no living writer.
fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in entries(folder)? {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => remove_unfinished(&path)?,
            Ok(_) if is_unfinished(&entry) && has_no_writer(&path) => match fs::remove_file(&path) {
                Err(error) if !is_absent(&error) => return Err(error),
                _ => (),
            },
            _ => (),
        }
    }
    Ok(())
}

/// A writer that is caught between making its file and locking it finds the file gone and writes
/// it again.
fn has_no_writer(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| !matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

fn is_unfinished(entry: &fs::DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED))
}

fn list_folder(root: &Path, folder: &str, found: &mut Vec<Entry>) -> io::Result<()> {
    for entry in entries(&root.join(folder))? {
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let key = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => list_folder(root, &key, found)?,
            Ok(metadata) => found.push(Entry { key, bytes: metadata.len() }),
            Err(error) if is_absent(&error) => (),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What is in a folder; nothing when the folder is not there, or no more.
fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if is_absent(&error) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

//! A file that is seen whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::failure::{Doing, Result};
use crate::folder;

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Is written under a hidden name of its own, and removed unless it is committed.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
    is_committed: bool,
}

impl NewFile {
    /// Begins `folder/name`; `prefix` begins the hidden name.
    pub(crate) fn begin(folder: &Path, name: &str, prefix: &str) -> Result<Self> {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!("{prefix}{}-{number}", std::process::id()));
        let path = folder.join(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary);
        let file = file.doing(|| format!("begin `{}`", path.display()))?;
        Ok(Self { file, temporary, path, is_committed: false })
    }

    /// Makes it durable, and only then visible under its name, in the place of what had it.
    pub(crate) fn commit(self) -> Result<()> {
        self.flush_content()?;
        let renamed = fs::rename(&self.temporary, &self.path);
        self.end(renamed)
    }

    /// Like [`Self::commit`], but leaves a file alone that has the name already: false then.
    pub(crate) fn commit_if_absent(self) -> Result<bool> {
        self.flush_content()?;
        match rename_if_absent(&self.temporary, &self.path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            renamed => self.end(renamed).map(|()| true),
        }
    }

    fn flush_content(&self) -> Result<()> {
        self.file.sync_all().doing(|| format!("flush `{}`", self.path.display()))
    }

    fn end(mut self, renamed: io::Result<()>) -> Result<()> {
        renamed.doing(|| format!("put `{}` in its place", self.path.display()))?;
        self.is_committed = true;
        self.path.parent().map_or(Ok(()), folder::flush)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_committed {
            // What cannot be removed now is hidden, and goes with the leftovers of its run.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Writes a whole file at once, in the place of what has the name.
pub(crate) fn write(folder: &Path, name: &str, prefix: &str, bytes: &[u8]) -> Result<()> {
    written(folder, name, prefix, bytes)?.commit()
}

/// Writes a whole file at once, unless there is one of the name: false then.
pub(crate) fn write_if_absent(folder: &Path, name: &str, prefix: &str, bytes: &[u8]) -> Result<bool> {
    written(folder, name, prefix, bytes)?.commit_if_absent()
}

fn written(folder: &Path, name: &str, prefix: &str, bytes: &[u8]) -> Result<NewFile> {
    let mut file = NewFile::begin(folder, name, prefix)?;
    file.write_all(bytes).doing(|| format!("write `{}`", folder.join(name).display()))?;
    Ok(file)
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn rename_if_absent(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => look_then_rename(from, to),
        renamed => Ok(renamed?),
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn rename_if_absent(from: &Path, to: &Path) -> io::Result<()> {
    look_then_rename(from, to)
}

/// Two that write the same batch between look and rename write the same bytes.
fn look_then_rename(from: &Path, to: &Path) -> io::Result<()> {
    if to.try_exists()? { Err(ErrorKind::AlreadyExists.into()) } else { fs::rename(from, to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole_and_leaves_nothing_when_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = NewFile::begin(folder.path(), "part.jsonl", ".tmp-run-").unwrap();
        file.write_all(b"half").unwrap();
        assert!(names(folder.path()).iter().all(|name| name.starts_with(".tmp-run-")));
        drop(file);
        assert!(names(folder.path()).is_empty());
        write(folder.path(), "part.jsonl", ".tmp-run-", b"whole").unwrap();
        assert_eq!(names(folder.path()), ["part.jsonl"]);
    }

    #[test]
    fn a_file_that_is_there_is_left_alone_or_replaced_as_asked() {
        let folder = tempfile::tempdir().unwrap();
        let content = || fs::read(folder.path().join("part.jsonl")).unwrap();
        assert!(write_if_absent(folder.path(), "part.jsonl", ".tmp-run-", b"first").unwrap());
        assert!(!write_if_absent(folder.path(), "part.jsonl", ".tmp-run-", b"second").unwrap());
        assert_eq!(content(), b"first");
        write(folder.path(), "part.jsonl", ".tmp-run-", b"third").unwrap();
        assert_eq!((content(), names(folder.path()).len()), (b"third".to_vec(), 1));
    }
}

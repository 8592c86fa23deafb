//! The home folder: everything Millstream keeps on this machine.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flow::Fault;
use queue::Sqlite;
use staging::Recent;
use worker::Parts;

use crate::{Failure, memory, parts};

/// A home folder and its parts.
pub struct Home {
    /// The folder.
    pub folder: PathBuf,
    /// The parts in it.
    pub parts: Parts,
    queue: Arc<Sqlite>,
    lock: Option<File>,
}

/// The home folder a command uses: `--home`, else `.millstream` beside the spec, else here.
#[must_use]
pub fn folder_of(given: Option<&Path>, spec: Option<&Path>) -> PathBuf {
    match (given, spec.and_then(Path::parent)) {
        (Some(given), _) => given.to_owned(),
        (None, Some(beside)) => beside.join(".millstream"),
        (None, None) => PathBuf::from(".millstream"),
    }
}

impl Home {
    /// Opens the home to look at it, beside whoever works in it.
    pub async fn look(folder: &Path) -> Result<Self, Failure> {
        if !folder.join("state.db").exists() {
            let message = format!(
                "no Millstream home at `{}`: nothing was run or added there yet; name another with --home",
                folder.display()
            );
            return Err(Failure::input("home_not_found", message));
        }
        Self::open(folder).await
    }

    /// Opens the home, making it when it is not there, beside whoever works in it.
    pub async fn open(folder: &Path) -> Result<Self, Failure> {
        let (parts, queue) = parts::open(folder).await?;
        Ok(Self { folder: folder.to_owned(), parts, queue, lock: None })
    }

    /// Opens the home to work in it, alone: what an earlier process held leased is free again.
    pub async fn work(folder: &Path) -> Result<Self, Failure> {
        let mut home = Self::open(folder).await?;
        home.lock = Some(lock(folder)?);
        home.queue.release_leases().await.map_err(Fault::from)?;
        home.parts.staging = Arc::new(Recent::new(home.parts.staging, memory::recent_bytes()));
        Ok(home)
    }
}

fn lock(folder: &Path) -> Result<File, Failure> {
    let path = folder.join("lock");
    let unusable =
        |error: std::io::Error| Failure::input("home_unusable", format!("open `{}`: {error}", path.display()));
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let message = format!(
                "another millstream is at work in `{}`; wait for it, stop it, or name another home with --home",
                folder.display()
            );
            Err(Failure { status: 1, code: "home_in_use".to_owned(), message })
        }
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

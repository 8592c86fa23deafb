//! The one connection: opened when first needed, shared by all lanes, opened anew after it failed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use destination::Error;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::{Mutex, MutexGuard};

use crate::error;

/// How long a call waits for another writer of the file before it is tried again later.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Pages kept in memory, in KiB with a minus: enough for the keys of some million merged rows.
const CACHE_SIZE: &str = "-16384";

pub(crate) struct Shared {
    path: PathBuf,
    open: Mutex<Option<Open>>,
}

struct Open {
    connection: SqliteConnection,
    file: Option<FileId>,
}

impl Shared {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, open: Mutex::new(None) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for the connection and opens it when it is not, or when its file was removed meanwhile:
    /// what is written to a removed file is lost.
    pub(crate) async fn lock(&self) -> Result<Held<'_>, Error> {
        let mut slot = self.open.lock().await;
        let open = match slot.take() {
            Some(open) if open.file.is_some() && open.file == file_id(&self.path).await => open,
            _ => open(&self.path).await?,
        };
        Ok(Held { slot, open })
    }
}

/// The connection while one call has it. A call that is dropped half-way drops it too, and with it
/// the open transaction.
pub(crate) struct Held<'a> {
    slot: MutexGuard<'a, Option<Open>>,
    open: Open,
}

impl Held<'_> {
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.open.connection
    }

    /// Hands the connection back when all went well. After a failure the next call opens another: a
    /// full disk, for one, ends a transaction behind the back of its connection.
    pub(crate) fn settle<T>(mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        if outcome.is_ok() {
            *self.slot = Some(self.open);
        }
        outcome
    }
}

async fn open(path: &Path) -> Result<Open, Error> {
    // An absolute path cannot be mistaken for a `file:` URI.
    let path = std::path::absolute(path).map_err(error::no_access(path))?;
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(error::no_access(folder))?;
    }
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .busy_timeout(BUSY_TIMEOUT)
        // SQLite's own default. Dropping the table that `replace` swaps out would otherwise delete
        // its rows one by one, and the rows of others that cascade from them.
        .foreign_keys(false)
        // Views and triggers may name a table that is missing for a moment while it is swapped.
        .pragma("legacy_alter_table", "ON")
        .pragma("cache_size", CACHE_SIZE)
        .disable_statement_logging();
    let connection = options.connect().await.map_err(error::while_doing("open the SQLite file"))?;
    Ok(Open { connection, file: file_id(&path).await })
}

#[cfg(unix)]
type FileId = (u64, u64);

#[cfg(unix)]
async fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    tokio::fs::metadata(path).await.ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
type FileId = ();

#[cfg(not(unix))]
async fn file_id(path: &Path) -> Option<FileId> {
    tokio::fs::metadata(path).await.ok().map(|_| ())
}

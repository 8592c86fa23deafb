//! One connection a call: SQLite opens in no time, and readers must not wait for each other.

use std::path::Path;
use std::time::Duration;

use source::Error;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

use crate::error;

/// How long a read waits for a writer of the file before it is tried again later.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Rows SQLite may read ahead: enough to keep both threads busy, few enough for rows of a megabyte.
const ROWS_AHEAD: usize = 64;

pub(crate) async fn open(path: &Path) -> Result<SqliteConnection, Error> {
    let file = tokio::fs::metadata(path).await.map_err(|cause| error::no_access(path, cause))?;
    if file.is_dir() {
        return Err(Error::config("source_access", format!("`{}` is a folder, not a file", path.display())));
    }
    // An absolute path cannot be mistaken for a `file:` URI.
    let absolute = std::path::absolute(path).map_err(|cause| error::no_access(path, cause))?;
    let options = SqliteConnectOptions::new()
        .filename(absolute)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(ROWS_AHEAD)
        .disable_statement_logging();
    options.connect().await.map_err(error::while_doing("open the SQLite file"))
}

//! The file: how it is opened, its tables, what its errors mean.

use std::path::Path;
use std::time::Duration;

use sqlx::Connection;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqliteSynchronous};

use crate::Error;

/// How long a process waits for another one's write. Writes take milliseconds: whoever waits this
/// long waits for a process that hangs.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a call waits for the calls before it: a disk that others keep busy may take seconds for
/// each write.
const CONNECTION_WAIT: Duration = Duration::from_secs(120);

/// Looks (depth, waiting, dead letters) beside the one writer.
const READERS: u32 = 2;

/// The form of the tables below. A file of a later form is refused: it may promise what this
/// code does not keep.
const VERSION: i64 = 1;

/// `turn` is set for the oldest message of each group and nothing else: it is what can be
/// received, and heads take their turns in that order. `ready_at` is the end of the delay or of
/// the lease. `AUTOINCREMENT` never uses a number again, so an old receipt can name no new message.
const TABLES: &str = "
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    message_group TEXT NOT NULL,
    body TEXT NOT NULL,
    ready_at INTEGER NOT NULL,
    turn INTEGER,
    is_leased INTEGER NOT NULL DEFAULT 0,
    leases INTEGER NOT NULL DEFAULT 0,
    receives INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX messages_by_group ON messages (queue, message_group, id);
CREATE INDEX messages_by_turn ON messages (queue, turn) WHERE turn IS NOT NULL;
CREATE TABLE deduplication (
    queue TEXT NOT NULL,
    id TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (queue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deduplication_by_end ON deduplication (until);
CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    message_group TEXT NOT NULL,
    body TEXT NOT NULL,
    cause TEXT NOT NULL,
    receives INTEGER NOT NULL,
    died_at INTEGER NOT NULL,
    reported INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX dead_letters_by_queue ON dead_letters (queue, id);
PRAGMA user_version = 1;
";

/// Opens the writer and the readers.
pub(super) async fn open(path: &Path) -> Result<(SqlitePool, SqlitePool), Error> {
    let refused = |source| Error::Open { path: path.display().to_string(), source };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let writer = connect(options.clone(), 1).await.map_err(|error| refused(error.into()))?;
    create_tables(&writer).await.map_err(refused)?;
    let readers = connect(options, READERS).await.map_err(|error| refused(error.into()))?;
    Ok((writer, readers))
}

/// Says what was being done when the database failed.
pub(super) fn failed(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |source| match is_code(&source, SQLITE_FULL) {
        true => Error::Full(source.into()),
        false => Error::Database { doing, source: source.into() },
    }
}

#[derive(Debug, thiserror::Error)]
#[error("its form is {found} and this version knows forms up to {VERSION}; use the newer version that wrote it")]
struct Newer {
    found: i64,
}

const SQLITE_BUSY: i32 = 5;
const SQLITE_FULL: i32 = 13;

async fn connect(options: SqliteConnectOptions, connections: u32) -> Result<SqlitePool, sqlx::Error> {
    let pool = PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(CONNECTION_WAIT)
        .max_lifetime(None)
        .idle_timeout(None)
        .after_release(|connection, _| Box::pin(has_left_its_transaction(connection)));
    let mut tries_left = 100;
    loop {
        match pool.clone().connect_with(options.clone()).await {
            // The switch to the write-ahead log does not wait for other processes by itself.
            Err(error) if is_code(&error, SQLITE_BUSY) && tries_left > 0 => tries_left -= 1,
            connected => return connected,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether a connection can be used again. A full disk ends a transaction behind the back of the
/// connection, which then refuses to begin another.
async fn has_left_its_transaction(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The answer comes when the rollback that a dropped transaction asked for is done.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

async fn create_tables(writer: &SqlitePool) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut write = writer.begin_with("BEGIN IMMEDIATE").await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *write).await?;
    match found {
        0 => sqlx::raw_sql(TABLES).execute(&mut *write).await.map(drop)?,
        VERSION => (),
        _ => return Err(Newer { found }.into()),
    }
    write.commit().await?;
    Ok(())
}

/// Compares primary codes: the extended ones hold them in their low byte.
fn is_code(error: &sqlx::Error, code: i32) -> bool {
    let found = error.as_database_error().and_then(|error| error.code()).and_then(|text| text.parse::<i32>().ok());
    found.is_some_and(|found| found & 0xff == code)
}

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool, Transaction};
use tokio::time::Instant;

use super::failure::{database, is_busy, is_full, is_garbage};
use crate::Error;
use crate::migrations::MIGRATIONS;

/// How long a writer waits for another process; the longest transaction (merging the fingerprints
/// of tens of millions of keys) takes a few seconds.
const BUSY_WAIT: Duration = Duration::from_secs(30);
/// How long a task waits for a connection of its own process, behind other tasks' transactions.
const CONNECTION_WAIT: Duration = Duration::from_secs(120);
/// Readers never wait for the writer; more than a few would only wait for the disk.
const READERS: u32 = 4;
/// What the write-ahead log shrinks back to after a large transaction: 64 MiB.
const LOG_BYTES: &str = "67108864";
/// Marks the file as ours ("mils"), so that no other program's database is changed.
const APPLICATION_ID: i64 = 0x6d69_6c73;

/// The store in one SQLite file. What a call returned for survives a power cut.
#[derive(Debug, Clone)]
pub struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Sqlite {
    /// Opens the store at `path`: makes the file when there is none, and brings it up to date.
    /// Waits while another process does the same.
    ///
    /// # Errors
    /// [`Error::Open`] when the file is no database, another program's, or a newer version's.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let store = Self::connect(path).await.map_err(|refusal| refused(path, refusal))?;
        store.migrate().await.map_err(|refusal| refused(path, refusal))?;
        Ok(store)
    }

    /// Closes the file. Without it the file is closed some time after the last handle is gone.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A connection for a statement that only reads.
    pub(super) async fn reader(&self) -> Result<PoolConnection<sqlx::Sqlite>, Error> {
        self.readers.acquire().await.map_err(database("connect"))
    }

    /// The connection for a change of one statement. There is one: whoever holds it keeps every
    /// other change waiting.
    pub(super) async fn writer(&self) -> Result<PoolConnection<sqlx::Sqlite>, Error> {
        self.writer.acquire().await.map_err(database("connect"))
    }

    /// Begins to read what belongs together: nothing others do meanwhile is seen.
    pub(super) async fn begin_to_read(&self, doing: &'static str) -> Result<Transaction<'static, sqlx::Sqlite>, Error> {
        self.readers.begin().await.map_err(database(doing))
    }

    /// Begins a change of several statements: nobody else writes until it ends, so what it reads
    /// stays true.
    pub(super) async fn begin(&self, doing: &'static str) -> Result<Transaction<'static, sqlx::Sqlite>, Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(database(doing))
    }

    async fn connect(path: &Path) -> Result<Self, Refusal> {
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_WAIT).disable_statement_logging();
        let writer = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("journal_size_limit", LOG_BYTES);
        let readers = options.pragma("query_only", "ON");
        Ok(Self { writer: connect_when_free(writer).await?, readers: pool(READERS).connect_lazy_with(readers) })
    }

    async fn migrate(&self) -> Result<(), Refusal> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        claim(&mut transaction).await?;
        // `run` is the same behind a trait that keeps the future from being `Send`.
        MIGRATIONS.run_direct(None, &mut *transaction, false).await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(CONNECTION_WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(has_left_its_transaction(connection)))
}

/// Whether a connection can be used again. A full disk ends a transaction behind the back of the
/// connection, which then refuses to begin another.
async fn has_left_its_transaction(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The answer comes when the rollback that a dropped transaction asked for is done.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Connects the one writer. Turning the write-ahead log on does not heed the busy timeout, so
/// processes that start together try again.
async fn connect_when_free(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let deadline = Instant::now() + BUSY_WAIT;
    loop {
        match pool(1).connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            outcome => return outcome,
        }
    }
}

/// Marks an empty file as ours; refuses one that somebody else filled.
async fn claim(connection: &mut SqliteConnection) -> Result<(), Refusal> {
    let mark: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    if mark == APPLICATION_ID {
        return Ok(());
    }
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema").fetch_one(&mut *connection).await?;
    if mark != 0 || tables != 0 {
        return Err(Refusal::AnotherProgram);
    }
    // The number of APPLICATION_ID: a pragma takes no parameter.
    sqlx::query("PRAGMA application_id = 0x6d696c73").execute(connection).await?;
    Ok(())
}

/// Why a file is not opened.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("it is no SQLite database")]
    Garbage(#[source] sqlx::Error),
    #[error("it is another program's database; give the store a file of its own")]
    AnotherProgram,
    #[error("a newer version of millstream wrote it (its migration {0} is unknown here); use that version")]
    Newer(i64),
    #[error("bring it up to date")]
    Migrate(#[source] MigrateError),
    #[error("connect")]
    Connect(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        if is_garbage(&error) { Refusal::Garbage(error) } else { Refusal::Connect(error) }
    }
}

impl From<MigrateError> for Refusal {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Refusal::Newer(version),
            MigrateError::Execute(error) => error.into(),
            other => Refusal::Migrate(other),
        }
    }
}

fn refused(path: &Path, refusal: Refusal) -> Error {
    match refusal {
        Refusal::Connect(error) if is_full(&error) => Error::Full(error),
        Refusal::Migrate(MigrateError::ExecuteMigration(error, _)) if is_full(&error) => Error::Full(error),
        refusal => Error::Open { path: path.display().to_string(), source: Box::new(refusal) },
    }
}

#[cfg(test)]
mod tests {
    use flow::{Digest, SyncName, Timestamp};

    use super::*;
    use crate::Store as _;

    #[tokio::test]
    async fn a_full_disk_has_its_own_error_and_nothing_is_half_done() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Sqlite::open(&folder.path().join("state.db")).await.unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.writer).await.unwrap();
        limit_pages(&store, pages + 4).await;
        let (shop, digest, text) = (SyncName::new("shop").unwrap(), Digest::of(b"one"), "x".repeat(100_000));
        let save = || store.save_spec(&shop, &digest, &text, Timestamp::UNIX_EPOCH);
        let error = save().await.unwrap_err();
        assert!(matches!(error, Error::Full(_)), "{error:?}");
        assert_eq!(store.latest_specs().await.unwrap(), []);
        limit_pages(&store, pages + 4000).await;
        assert_eq!(save().await.unwrap().version, 1);
    }

    async fn limit_pages(store: &Sqlite, pages: i64) {
        let statement = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        sqlx::query(statement).execute(&store.writer).await.unwrap();
    }
}

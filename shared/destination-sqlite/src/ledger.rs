//! Our own tables in the user's file: what has been delivered, which runs are finished, and whose
//! the shadow tables are.

use destination::{Error, Incoming, Target};
use flow::BatchId;
use sqlx::SqliteConnection;

use crate::error;

const TABLES: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS _millstream_ledger (
        sync TEXT NOT NULL, stream TEXT NOT NULL, batch TEXT NOT NULL, run TEXT NOT NULL, lane TEXT NOT NULL,
        sequence INTEGER NOT NULL, rows INTEGER NOT NULL,
        delivered_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
        PRIMARY KEY (sync, stream, batch)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS _millstream_finished (
        sync TEXT NOT NULL, stream TEXT NOT NULL, run TEXT NOT NULL,
        PRIMARY KEY (sync, stream, run)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS _millstream_shadow (
        stream TEXT NOT NULL PRIMARY KEY, sync TEXT NOT NULL, run TEXT NOT NULL) WITHOUT ROWID",
];

/// Makes the tables where they are not there.
pub(crate) async fn make(connection: &mut SqliteConnection) -> Result<(), Error> {
    for table in TABLES {
        sqlx::query(table).execute(&mut *connection).await.map_err(error::while_doing("make the ledger"))?;
    }
    Ok(())
}

/// Whether a batch has been delivered.
pub(crate) async fn has(connection: &mut SqliteConnection, target: &Target, batch: &BatchId) -> Result<bool, Error> {
    let found = sqlx::query("SELECT 1 FROM _millstream_ledger WHERE sync = ? AND stream = ? AND batch = ?")
        .bind(target.sync.as_str())
        .bind(target.stream.as_str())
        .bind(batch.as_str())
        .fetch_optional(connection);
    Ok(found.await.map_err(error::while_doing("look into the ledger"))?.is_some())
}

/// Records a delivery.
pub(crate) async fn add(connection: &mut SqliteConnection, target: &Target, incoming: &Incoming) -> Result<(), Error> {
    let added = sqlx::query(
        "INSERT INTO _millstream_ledger (sync, stream, batch, run, lane, sequence, rows) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(target.sync.as_str())
    .bind(target.stream.as_str())
    .bind(incoming.batch.as_str())
    .bind(target.run.as_str())
    .bind(incoming.lane.as_str())
    .bind(i64::try_from(incoming.sequence).unwrap_or(i64::MAX))
    .bind(i64::try_from(incoming.rows.num_rows()).unwrap_or(i64::MAX))
    .execute(connection);
    added.await.map(drop).map_err(error::while_doing("write the ledger"))
}

/// Forgets what a run delivered of a stream: its rows are gone.
pub(crate) async fn forget(
    connection: &mut SqliteConnection,
    sync: &str,
    stream: &str,
    run: &str,
) -> Result<(), Error> {
    let forgotten = sqlx::query("DELETE FROM _millstream_ledger WHERE sync = ? AND stream = ? AND run = ?")
        .bind(sync)
        .bind(stream)
        .bind(run)
        .execute(connection);
    forgotten.await.map(drop).map_err(error::while_doing("clear the ledger"))
}

/// Whether a run of `replace` has been swapped in.
pub(crate) async fn is_finished(connection: &mut SqliteConnection, target: &Target) -> Result<bool, Error> {
    let found = sqlx::query("SELECT 1 FROM _millstream_finished WHERE sync = ? AND stream = ? AND run = ?")
        .bind(target.sync.as_str())
        .bind(target.stream.as_str())
        .bind(target.run.as_str())
        .fetch_optional(connection);
    Ok(found.await.map_err(error::while_doing("look into the ledger"))?.is_some())
}

/// Records that a run of `replace` has been swapped in.
pub(crate) async fn mark_finished(connection: &mut SqliteConnection, target: &Target) -> Result<(), Error> {
    let marked = sqlx::query("INSERT OR IGNORE INTO _millstream_finished (sync, stream, run) VALUES (?, ?, ?)")
        .bind(target.sync.as_str())
        .bind(target.stream.as_str())
        .bind(target.run.as_str())
        .execute(connection);
    marked.await.map(drop).map_err(error::while_doing("write the ledger"))
}

//! Signals that were raised.

use flow::{RunId, Signal, StreamName, SyncName};

use super::Sqlite;
use super::failure::database;
use crate::Error;
use crate::tables::columns::micros;
use crate::tables::rows::signal_of;
use crate::tables::words::Word;

impl Sqlite {
    pub(super) async fn keep_signal(&self, signal: &Signal) -> Result<bool, Error> {
        let kept = sqlx::query(
            "INSERT INTO signals (signal, ordinal, name, severity, sync_name, stream, run, summary, raised_at) \
             VALUES (?, (SELECT COALESCE(MAX(ordinal), 0) + 1 FROM signals), ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (signal) DO NOTHING",
        )
        .bind(&signal.id)
        .bind(&signal.name)
        .bind(signal.severity.word())
        .bind(signal.sync.as_str())
        .bind(signal.stream.as_ref().map(StreamName::as_str))
        .bind(signal.run.as_ref().map(RunId::as_str))
        .bind(&signal.summary)
        .bind(micros(signal.at))
        .execute(self.writer())
        .await
        .map_err(database("keep a signal"))?;
        Ok(kept.rows_affected() == 1)
    }

    pub(super) async fn signals(&self, sync: Option<&SyncName>, limit: u32) -> Result<Vec<Signal>, Error> {
        let query = match sync {
            Some(sync) => {
                sqlx::query("SELECT * FROM signals WHERE sync_name = ? ORDER BY raised_at DESC, ordinal DESC LIMIT ?")
                    .bind(sync.as_str())
            }
            None => sqlx::query("SELECT * FROM signals ORDER BY raised_at DESC, ordinal DESC LIMIT ?"),
        };
        let rows = query.bind(limit).fetch_all(self.readers()).await.map_err(database("list the signals"))?;
        rows.iter().map(signal_of).collect()
    }
}

//! Signals that were raised.

use flow::{RunId, Signal, StreamName, SyncName};

use super::dialect::{Own, database};
use crate::Error;
use crate::lock::Lock;
use crate::tables::columns::micros;
use crate::tables::rows::signal_of;
use crate::tables::words::Word;

impl Own {
    pub(super) async fn keep_signal(&self, signal: &Signal) -> Result<bool, Error> {
        const DOING: &str = "keep a signal";
        let mut transaction = self.begin_alone(DOING, Lock::Signals).await?;
        let kept = sqlx::query(
            "INSERT INTO signals (signal, ordinal, name, severity, sync_name, stream, run, summary, raised_at) \
             VALUES ($1, (SELECT COALESCE(MAX(ordinal), 0) + 1 FROM signals), $2, $3, $4, $5, $6, $7, $8) \
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
        .execute(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(kept.rows_affected() == 1)
    }

    pub(super) async fn signals(&self, sync: Option<&SyncName>, limit: u32) -> Result<Vec<Signal>, Error> {
        let query = match sync {
            Some(sync) => {
                sqlx::query("SELECT * FROM signals WHERE sync_name = $1 ORDER BY raised_at DESC, ordinal DESC LIMIT $2")
                    .bind(sync.as_str())
            }
            None => sqlx::query("SELECT * FROM signals ORDER BY raised_at DESC, ordinal DESC LIMIT $1"),
        };
        let rows = query
            .bind(i64::from(limit))
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(database("list the signals"))?;
        rows.iter().map(signal_of).collect()
    }
}

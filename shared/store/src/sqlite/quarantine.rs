//! The quarantine's list; the rows themselves lie in the stage.

use flow::{BatchId, RunId, StreamName};
use sqlx::{QueryBuilder, SqliteConnection};

use super::Sqlite;
use super::failure::database;
use crate::Error;
use crate::record::{Hop, QuarantineFilter, Quarantined};
use crate::tables::columns::{integer, micros};
use crate::tables::rows::entry_of;
use crate::tables::words::Word;

impl Sqlite {
    pub(super) async fn quarantine(&self, batch: &BatchId, hop: Hop, entries: &[Quarantined]) -> Result<(), Error> {
        const DOING: &str = "quarantine rows";
        let mut transaction = self.begin(DOING).await?;
        sqlx::query("DELETE FROM quarantine WHERE batch = ? AND hop = ?")
            .bind(batch.as_str())
            .bind(hop.word())
            .execute(&mut *transaction)
            .await
            .map_err(database(DOING))?;
        for entry in entries {
            insert_entry(&mut transaction, entry).await?;
        }
        transaction.commit().await.map_err(database(DOING))
    }

    pub(super) async fn quarantined(&self, filter: &QuarantineFilter, limit: u32) -> Result<Vec<Quarantined>, Error> {
        // Entries whose batch was never staged come last in their run.
        let mut query = QueryBuilder::new(
            "SELECT quarantine.* FROM quarantine LEFT JOIN runs ON runs.run = quarantine.run \
             LEFT JOIN batches ON batches.batch = quarantine.batch LEFT JOIN lanes ON lanes.lane = batches.lane \
             WHERE 1 = 1",
        );
        let conditions = [
            (" AND quarantine.sync_name = ", filter.sync.as_ref().map(|sync| sync.as_str())),
            (" AND quarantine.stream = ", filter.stream.as_ref().map(|stream| stream.as_str())),
            (" AND quarantine.run = ", filter.run.as_ref().map(|run| run.as_str())),
            (" AND quarantine.entry = ", filter.id.as_deref()),
        ];
        for (condition, value) in conditions {
            if let Some(value) = value {
                query.push(condition).push_bind(value);
            }
        }
        if filter.open_only {
            query.push(" AND quarantine.resolved_by IS NULL");
        }
        query.push(
            " ORDER BY COALESCE(runs.started_at, 0) DESC, quarantine.run DESC, batches.sequence IS NULL, \
             lanes.ordinal, batches.sequence, quarantine.batch, CASE quarantine.hop WHEN 'batch-pull' THEN 0 \
             WHEN 'transform' THEN 1 WHEN 'quality-check' THEN 2 ELSE 3 END, quarantine.rule, \
             quarantine.column_name, quarantine.entry LIMIT ",
        );
        query.push_bind(limit);
        let rows = query.build().fetch_all(self.readers()).await.map_err(database("list the quarantine"))?;
        rows.iter().map(entry_of).collect()
    }

    pub(super) async fn resolve_quarantine(&self, run: &RunId, stream: &StreamName, by: &RunId) -> Result<(), Error> {
        sqlx::query(
            "UPDATE quarantine SET resolved_by = ? \
             WHERE run = ? AND stream = ? AND resolved_by IS NULL AND hop <> ?",
        )
        .bind(by.as_str())
        .bind(run.as_str())
        .bind(stream.as_str())
        .bind(Hop::BatchPull.word())
        .execute(self.writer())
        .await
        .map_err(database("resolve quarantined rows"))?;
        Ok(())
    }
}

async fn insert_entry(connection: &mut SqliteConnection, entry: &Quarantined) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO quarantine (entry, sync_name, stream, run, batch, hop, rule, column_name, code, reason, severity, \
         row_count, object_key, object_digest, object_bytes, object_rows, quarantined_at, resolved_by) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&entry.id)
    .bind(entry.sync.as_str())
    .bind(entry.stream.as_str())
    .bind(entry.run.as_str())
    .bind(entry.batch.as_str())
    .bind(entry.hop.word())
    .bind(&entry.rule)
    .bind(entry.column.as_deref())
    .bind(&entry.code)
    .bind(&entry.reason)
    .bind(entry.severity.word())
    .bind(integer(entry.rows)?)
    .bind(&entry.object.key)
    .bind(entry.object.digest.as_str())
    .bind(integer(entry.object.bytes)?)
    .bind(integer(entry.object.rows)?)
    .bind(micros(entry.at))
    .bind(entry.resolved_by.as_ref().map(RunId::as_str))
    .execute(connection)
    .await
    .map_err(database("quarantine rows"))?;
    Ok(())
}

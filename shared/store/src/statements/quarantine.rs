//! The quarantine's list; the rows themselves lie in the stage.

use flow::{BatchId, RunId, StreamName};
use sqlx::QueryBuilder;

use super::ROWS_AT_ONCE;
use super::dialect::{Connection, Own, database};
use crate::Error;
use crate::lock::Lock;
use crate::record::{Hop, QuarantineFilter, Quarantined};
use crate::tables::columns::{integer, micros};
use crate::tables::rows::entry_of;
use crate::tables::words::Word;

impl Own {
    pub(super) async fn quarantine(&self, batch: &BatchId, hop: Hop, entries: &[Quarantined]) -> Result<(), Error> {
        const DOING: &str = "quarantine rows";
        let mut transaction = self.begin_alone(DOING, Lock::Quarantine(batch.as_str())).await?;
        sqlx::query("DELETE FROM quarantine WHERE batch = $1 AND hop = $2")
            .bind(batch.as_str())
            .bind(hop.word())
            .execute(&mut *transaction)
            .await
            .map_err(database(DOING))?;
        for entries in entries.chunks(ROWS_AT_ONCE) {
            insert_entries(&mut transaction, entries).await?;
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
             quarantine.column_name NULLS FIRST, quarantine.entry LIMIT ",
        );
        query.push_bind(i64::from(limit));
        let rows =
            query.build().fetch_all(&mut *self.reader().await?).await.map_err(database("list the quarantine"))?;
        rows.iter().map(entry_of).collect()
    }

    pub(super) async fn resolve_quarantine(&self, run: &RunId, stream: &StreamName, by: &RunId) -> Result<(), Error> {
        sqlx::query(
            "UPDATE quarantine SET resolved_by = $1 \
             WHERE run = $2 AND stream = $3 AND resolved_by IS NULL AND hop <> $4",
        )
        .bind(by.as_str())
        .bind(run.as_str())
        .bind(stream.as_str())
        .bind(Hop::BatchPull.word())
        .execute(&mut *self.writer().await?)
        .await
        .map_err(database("resolve quarantined rows"))?;
        Ok(())
    }
}

async fn insert_entries(connection: &mut Connection, entries: &[Quarantined]) -> Result<(), Error> {
    let values = entries.iter().map(Values::of).collect::<Result<Vec<_>, _>>()?;
    let mut query = QueryBuilder::new(
        "INSERT INTO quarantine (entry, sync_name, stream, run, batch, hop, rule, column_name, code, reason, severity, \
         row_count, object_key, object_digest, object_bytes, object_rows, quarantined_at, resolved_by) ",
    );
    query.push_values(values, |mut row, values| {
        let Values { entry, rows, object_bytes, object_rows } = values;
        row.push_bind(&entry.id)
            .push_bind(entry.sync.as_str())
            .push_bind(entry.stream.as_str())
            .push_bind(entry.run.as_str())
            .push_bind(entry.batch.as_str())
            .push_bind(entry.hop.word())
            .push_bind(&entry.rule)
            .push_bind(entry.column.as_deref())
            .push_bind(&entry.code)
            .push_bind(&entry.reason)
            .push_bind(entry.severity.word())
            .push_bind(rows)
            .push_bind(&entry.object.key)
            .push_bind(entry.object.digest.as_str())
            .push_bind(object_bytes)
            .push_bind(object_rows)
            .push_bind(micros(entry.at))
            .push_bind(entry.resolved_by.as_ref().map(RunId::as_str));
    });
    query.build().persistent(false).execute(connection).await.map_err(database("quarantine rows"))?;
    Ok(())
}

/// An entry, its counts as the database keeps them.
struct Values<'a> {
    entry: &'a Quarantined,
    rows: i64,
    object_bytes: i64,
    object_rows: i64,
}

impl<'a> Values<'a> {
    fn of(entry: &'a Quarantined) -> Result<Self, Error> {
        let (rows, object) = (integer(entry.rows)?, &entry.object);
        Ok(Self { entry, rows, object_bytes: integer(object.bytes)?, object_rows: integer(object.rows)? })
    }
}

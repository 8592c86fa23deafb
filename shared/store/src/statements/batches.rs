//! Batches: staging them, delivering them, and how long their raw rows are kept.

use flow::{BatchId, Lane, RunId, SyncName};

use super::dialect::{Connection, Own, database};

use super::lanes::{existing_lane, take_lane};
use super::totals::write_tally;
use crate::Error;
use crate::error::not_found;
use crate::record::{BatchRecord, Hop, LedgerEntry, Staging, Tally, Turn};
use crate::tables::columns::{Columns, integer, micros};
use crate::tables::rows::batch_of;

impl Own {
    pub(super) async fn stage_batch(&self, batch: &BatchRecord, attempt: u32) -> Result<Staging, Error> {
        const DOING: &str = "stage a batch";
        let mut transaction = self.begin(DOING).await?;
        let moved = sqlx::query(
            "UPDATE lanes SET staged = staged + 1, staged_position = $1 \
             WHERE lane = $2 AND staged = $3 AND attempt = $4 AND state = 'pulling'",
        )
        .bind(batch.position.as_str())
        .bind(batch.lane.as_str())
        .bind(integer(batch.sequence)?)
        .bind(i64::from(attempt))
        .execute(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        if moved.rows_affected() == 0 {
            return existing_lane(&mut transaction, &batch.lane).await.map(|_| Staging::Overtaken);
        }
        insert_batch(&mut transaction, batch).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(Staging::Moved)
    }

    pub(super) async fn batches(&self, lane: &Lane, from_sequence: u64) -> Result<Vec<BatchRecord>, Error> {
        let rows = sqlx::query("SELECT * FROM batches WHERE lane = $1 AND sequence >= $2 ORDER BY sequence")
            .bind(lane.as_str())
            .bind(integer(from_sequence)?)
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(database("read the batches of a lane"))?;
        rows.iter().map(batch_of).collect()
    }

    pub(super) async fn batch(&self, batch: &BatchId) -> Result<Option<BatchRecord>, Error> {
        let row = sqlx::query("SELECT * FROM batches WHERE batch = $1")
            .bind(batch.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(database("read a batch"))?;
        row.as_ref().map(batch_of).transpose()
    }

    pub(super) async fn undelivered_bytes(&self, run: &RunId) -> Result<u64, Error> {
        let row = sqlx::query(
            "SELECT CAST(COALESCE(SUM(batches.raw_bytes), 0) AS BIGINT) AS bytes FROM lanes \
             JOIN batches ON batches.lane = lanes.lane AND batches.sequence >= lanes.delivered \
             WHERE lanes.run = $1 AND lanes.state IN ('pulling', 'pulled')",
        )
        .bind(run.as_str())
        .fetch_one(&mut *self.reader().await?)
        .await
        .map_err(database("sum the undelivered bytes"))?;
        Columns::of("the undelivered bytes", &row).count("bytes")
    }

    pub(super) async fn turn(&self, lane: &Lane, sequence: u64) -> Result<Turn, Error> {
        let found = self.lane(lane).await?.ok_or_else(|| not_found("lane", lane))?;
        Ok(Turn::at(found.delivered, sequence))
    }

    pub(super) async fn record_delivery(&self, entry: &LedgerEntry) -> Result<Turn, Error> {
        const DOING: &str = "record a delivery";
        let mut transaction = self.begin(DOING).await?;
        let turn = Turn::at(take_lane(&mut transaction, &entry.lane).await?.delivered, entry.sequence);
        if turn != Turn::Now {
            return Ok(turn);
        }
        mark_delivered(&mut transaction, entry).await?;
        insert_ledger_entry(&mut transaction, entry).await?;
        let tally = Tally { rows_in: entry.rows, rows_out: entry.rows, ..Tally::default() };
        write_tally(&mut transaction, &entry.batch, Hop::Deliver, tally).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(Turn::Now)
    }

    pub(super) async fn kept_raw(&self, sync: &SyncName, limit: u32) -> Result<Vec<BatchRecord>, Error> {
        let rows = sqlx::query(
            "SELECT batches.* FROM batches JOIN runs ON runs.run = batches.run \
             WHERE batches.raw_kept AND runs.sync_name = $1 AND (runs.state = 'abandoned' \
             OR (batches.delivered_at IS NOT NULL AND runs.state IN ('succeeded', 'degraded'))) \
             AND NOT EXISTS (SELECT 1 FROM runs AS replay WHERE replay.sync_name = runs.sync_name \
                             AND replay.replays IS NOT NULL AND replay.state IN ('running', 'failed')) \
             AND NOT EXISTS (SELECT 1 FROM batches AS first WHERE first.raw_key = batches.raw_key \
                             AND (first.staged_at, first.batch) < (batches.staged_at, batches.batch)) \
             ORDER BY batches.staged_at, batches.lane, batches.sequence LIMIT $2",
        )
        .bind(sync.as_str())
        .bind(i64::from(limit))
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(database("list the kept raw batches"))?;
        rows.iter().map(batch_of).collect()
    }

    pub(super) async fn forget_raw(&self, batch: &BatchId) -> Result<(), Error> {
        sqlx::query(
            "UPDATE batches SET raw_kept = FALSE WHERE raw_key = (SELECT raw_key FROM batches WHERE batch = $1)",
        )
        .bind(batch.as_str())
        .execute(&mut *self.writer().await?)
        .await
        .map_err(database("forget a raw batch"))?;
        Ok(())
    }
}

async fn insert_batch(connection: &mut Connection, batch: &BatchRecord) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO batches (batch, run, stream, lane, sequence, source_position, raw_key, raw_digest, raw_bytes, \
         raw_rows, raw_kept, rejected, staged_at, delivered_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, TRUE, $11, $12, NULL)",
    )
    .bind(batch.id.as_str())
    .bind(batch.run.as_str())
    .bind(batch.stream.as_str())
    .bind(batch.lane.as_str())
    .bind(integer(batch.sequence)?)
    .bind(batch.position.as_str())
    .bind(&batch.raw.key)
    .bind(batch.raw.digest.as_str())
    .bind(integer(batch.raw.bytes)?)
    .bind(integer(batch.raw.rows)?)
    .bind(integer(batch.rejected)?)
    .bind(micros(batch.staged_at))
    .execute(connection)
    .await
    .map_err(database("stage a batch"))?;
    Ok(())
}

async fn mark_delivered(connection: &mut Connection, entry: &LedgerEntry) -> Result<(), Error> {
    const DOING: &str = "mark a batch delivered";
    let marked = sqlx::query("UPDATE batches SET delivered_at = $1 WHERE batch = $2 AND lane = $3 AND sequence = $4")
        .bind(micros(entry.delivered_at))
        .bind(entry.batch.as_str())
        .bind(entry.lane.as_str())
        .bind(integer(entry.sequence)?)
        .execute(&mut *connection)
        .await
        .map_err(database(DOING))?;
    if marked.rows_affected() == 0 {
        return Err(not_found("batch", &entry.batch));
    }
    sqlx::query(
        "UPDATE lanes SET delivered = delivered + 1, \
         delivered_position = (SELECT source_position FROM batches WHERE batch = $1) WHERE lane = $2",
    )
    .bind(entry.batch.as_str())
    .bind(entry.lane.as_str())
    .execute(connection)
    .await
    .map_err(database(DOING))?;
    Ok(())
}

async fn insert_ledger_entry(connection: &mut Connection, entry: &LedgerEntry) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO ledger (batch, run, stream, lane, sequence, row_count, delivered_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(entry.batch.as_str())
    .bind(entry.run.as_str())
    .bind(entry.stream.as_str())
    .bind(entry.lane.as_str())
    .bind(integer(entry.sequence)?)
    .bind(integer(entry.rows)?)
    .bind(micros(entry.delivered_at))
    .execute(connection)
    .await
    .map_err(database("write the ledger"))?;
    Ok(())
}

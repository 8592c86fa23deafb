//! Tallies of hops, and their sums.

use flow::{BatchId, RunId, StreamName};

use super::dialect::{Connection, Own, database};
use crate::Error;
use crate::record::{Hop, Tally, Totals};
use crate::tables::columns::integer;
use crate::tables::sums::{add_hop, totals_of_batches};
use crate::tables::words::Word;

const DOING: &str = "sum up a stream";

impl Own {
    pub(super) async fn tally(&self, batch: &BatchId, hop: Hop, tally: Tally) -> Result<(), Error> {
        let mut writer = self.writer().await?;
        write_tally(&mut writer, batch, hop, tally).await
    }

    pub(super) async fn totals(&self, run: &RunId, stream: &StreamName) -> Result<Totals, Error> {
        let mut transaction = self.begin_to_read(DOING).await?;
        let mut totals = sum_batches(&mut transaction, run, stream).await?;
        add_tallies(&mut transaction, run, stream, &mut totals).await?;
        Ok(totals)
    }
}

pub(super) async fn write_tally(
    connection: &mut Connection,
    batch: &BatchId,
    hop: Hop,
    tally: Tally,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO tallies (batch, hop, rows_in, rows_out, quarantined, passed_with_failure) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (batch, hop) DO UPDATE SET rows_in = excluded.rows_in, \
         rows_out = excluded.rows_out, quarantined = excluded.quarantined, \
         passed_with_failure = excluded.passed_with_failure",
    )
    .bind(batch.as_str())
    .bind(hop.word())
    .bind(integer(tally.rows_in)?)
    .bind(integer(tally.rows_out)?)
    .bind(integer(tally.quarantined)?)
    .bind(integer(tally.passed_with_failure)?)
    .execute(connection)
    .await
    .map_err(database("write a tally"))?;
    Ok(())
}

async fn sum_batches(connection: &mut Connection, run: &RunId, stream: &StreamName) -> Result<Totals, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS batches, CAST(COALESCE(SUM(raw_rows), 0) AS BIGINT) AS staged, \
         CAST(COALESCE(SUM(rejected), 0) AS BIGINT) AS rejected, \
         CAST(COALESCE(SUM(raw_bytes), 0) AS BIGINT) AS staged_bytes, COUNT(delivered_at) AS delivered_batches \
         FROM batches WHERE run = $1 AND stream = $2",
    )
    .bind(run.as_str())
    .bind(stream.as_str())
    .fetch_one(connection)
    .await
    .map_err(database(DOING))?;
    totals_of_batches(&row)
}

async fn add_tallies(
    connection: &mut Connection,
    run: &RunId,
    stream: &StreamName,
    totals: &mut Totals,
) -> Result<(), Error> {
    let rows = sqlx::query(
        "SELECT tallies.hop AS hop, CAST(SUM(tallies.rows_out) AS BIGINT) AS rows_out, \
         CAST(SUM(tallies.quarantined) AS BIGINT) AS quarantined, \
         CAST(SUM(tallies.passed_with_failure) AS BIGINT) AS passed_with_failure \
         FROM batches JOIN tallies ON tallies.batch = batches.batch \
         WHERE batches.run = $1 AND batches.stream = $2 GROUP BY tallies.hop",
    )
    .bind(run.as_str())
    .bind(stream.as_str())
    .fetch_all(connection)
    .await
    .map_err(database(DOING))?;
    for row in &rows {
        add_hop(row, totals)?;
    }
    Ok(())
}

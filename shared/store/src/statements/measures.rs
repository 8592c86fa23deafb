//! What run-wide checks know of single batches.

use flow::{BatchId, RunId, StreamName};

use super::dialect::{Own, database};
use crate::Error;

impl Own {
    pub(super) async fn keep_measure(
        &self,
        run: &RunId,
        stream: &StreamName,
        check: &str,
        batch: &BatchId,
        value: &str,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO measures (run, stream, check_name, batch, measure) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (run, stream, check_name, batch) DO UPDATE SET measure = excluded.measure",
        )
        .bind(run.as_str())
        .bind(stream.as_str())
        .bind(check)
        .bind(batch.as_str())
        .bind(value)
        .execute(&mut *self.writer().await?)
        .await
        .map_err(database("keep a measure"))?;
        Ok(())
    }

    pub(super) async fn measures(&self, run: &RunId, stream: &StreamName, check: &str) -> Result<Vec<String>, Error> {
        sqlx::query_scalar("SELECT measure FROM measures WHERE run = $1 AND stream = $2 AND check_name = $3")
            .bind(run.as_str())
            .bind(stream.as_str())
            .bind(check)
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(database("read the measures"))
    }
}

//! Lanes: how far each is staged, checked and delivered.

use flow::{Fault, Lane, RunId};

use super::dialect::{Connection, Own, database, taking};

use super::runs::take_run;
use super::streams::keep_first_fault;
use crate::Error;
use crate::error::not_found;
use crate::record::{LaneRecord, Progress, Staging};
use crate::tables::columns::{integer, json};
use crate::tables::rows::lane_of;
use crate::tables::sums::progress_of;

impl Own {
    pub(super) async fn lane(&self, lane: &Lane) -> Result<Option<LaneRecord>, Error> {
        read_lane(&mut *self.reader().await?, lane).await
    }

    pub(super) async fn lanes(&self, run: &RunId) -> Result<Vec<LaneRecord>, Error> {
        let rows = sqlx::query("SELECT * FROM lanes WHERE run = $1 ORDER BY ordinal")
            .bind(run.as_str())
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(database("read a run's lanes"))?;
        rows.iter().map(lane_of).collect()
    }

    pub(super) async fn end_pull(&self, lane: &Lane, batches: u64, attempt: u32) -> Result<Staging, Error> {
        const DOING: &str = "end a pull";
        let mut transaction = self.begin(DOING).await?;
        let ended = sqlx::query(
            "UPDATE lanes SET state = 'pulled', pulled = TRUE WHERE lane = $1 AND staged = $2 \
             AND (state = 'pulled' OR (state = 'pulling' AND attempt = $3))",
        )
        .bind(lane.as_str())
        .bind(integer(batches)?)
        .bind(i64::from(attempt))
        .execute(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        if ended.rows_affected() == 0 {
            return existing_lane(&mut transaction, lane).await.map(|_| Staging::Overtaken);
        }
        transaction.commit().await.map_err(database(DOING))?;
        Ok(Staging::Moved)
    }

    pub(super) async fn end_checks(&self, lane: &Lane) -> Result<Progress, Error> {
        let statement = "UPDATE lanes SET checked = TRUE WHERE lane = $1";
        self.end("end the checks of a lane", statement, lane).await
    }

    pub(super) async fn finish_lane(&self, lane: &Lane) -> Result<Progress, Error> {
        let statement =
            "UPDATE lanes SET state = 'finished' WHERE lane = $1 AND state = 'pulled' AND delivered = staged";
        self.end("finish a lane", statement, lane).await
    }

    /// Moves a lane by the statement, and says how all lanes of its stream stand then.
    async fn end(&self, doing: &'static str, statement: &'static str, lane: &Lane) -> Result<Progress, Error> {
        let mut transaction = self.begin(doing).await?;
        let found = existing_lane(&mut transaction, lane).await?;
        take_stream(&mut transaction, &found).await?;
        sqlx::query(statement).bind(lane.as_str()).execute(&mut *transaction).await.map_err(database(doing))?;
        let progress = progress(&mut transaction, &found).await?;
        transaction.commit().await.map_err(database(doing))?;
        Ok(progress)
    }

    pub(super) async fn fail_lane(&self, lane: &Lane, fault: &Fault) -> Result<(), Error> {
        const DOING: &str = "fail a lane";
        let mut transaction = self.begin(DOING).await?;
        let found = existing_lane(&mut transaction, lane).await?;
        take_run(&mut transaction, &found.run).await?;
        let fault = json(fault)?;
        let failed = sqlx::query(
            "UPDATE lanes SET state = 'failed', fault = $1 WHERE lane = $2 AND state NOT IN ('finished', 'failed')",
        )
        .bind(&fault)
        .bind(lane.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        if failed.rows_affected() == 0 {
            return Ok(());
        }
        keep_first_fault(&mut transaction, &found.run, &fault).await?;
        transaction.commit().await.map_err(database(DOING))
    }
}

pub(super) async fn existing_lane(connection: &mut Connection, lane: &Lane) -> Result<LaneRecord, Error> {
    read_lane(connection, lane).await?.ok_or_else(|| not_found("lane", lane))
}

/// The lane, which nobody else moves until the transaction ends.
pub(super) async fn take_lane(connection: &mut Connection, lane: &Lane) -> Result<LaneRecord, Error> {
    let row = sqlx::query(taking!("SELECT * FROM lanes WHERE lane = $1"))
        .bind(lane.as_str())
        .fetch_optional(connection)
        .await
        .map_err(database("read a lane"))?;
    row.as_ref().map(lane_of).transpose()?.ok_or_else(|| not_found("lane", lane))
}

async fn read_lane(connection: &mut Connection, lane: &Lane) -> Result<Option<LaneRecord>, Error> {
    let row = sqlx::query("SELECT * FROM lanes WHERE lane = $1")
        .bind(lane.as_str())
        .fetch_optional(connection)
        .await
        .map_err(database("read a lane"))?;
    row.as_ref().map(lane_of).transpose()
}

/// Waits for whoever else moves a lane of the stream: of two that come to their end at once, the
/// second one sees the first, so one of them sees all.
async fn take_stream(connection: &mut Connection, lane: &LaneRecord) -> Result<(), Error> {
    sqlx::query(taking!("SELECT 1 FROM run_streams WHERE run = $1 AND stream = $2"))
        .bind(lane.run.as_str())
        .bind(lane.stream.as_str())
        .execute(connection)
        .await
        .map_err(database("take a stream"))?;
    Ok(())
}

/// How all lanes of this one's stream stand.
async fn progress(connection: &mut Connection, lane: &LaneRecord) -> Result<Progress, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS lanes, COALESCE(SUM(CASE WHEN checked THEN 1 ELSE 0 END), 0) AS checked, \
         COALESCE(SUM(CASE WHEN state = 'finished' THEN 1 ELSE 0 END), 0) AS finished, \
         COALESCE(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), 0) AS failed \
         FROM lanes WHERE run = $1 AND stream = $2",
    )
    .bind(lane.run.as_str())
    .bind(lane.stream.as_str())
    .fetch_one(connection)
    .await
    .map_err(database("count the lanes of a stream"))?;
    progress_of(&row)
}

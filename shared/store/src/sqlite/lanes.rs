//! Lanes: how far each is staged, checked and delivered.

use flow::{Fault, Lane, RunId};
use sqlx::SqliteConnection;

use super::Sqlite;
use super::failure::database;
use super::streams::keep_first_fault;
use crate::Error;
use crate::error::not_found;
use crate::record::{LaneRecord, LaneState, Progress, Staging};
use crate::tables::columns::{integer, json};
use crate::tables::rows::lane_of;
use crate::tables::sums::progress_of;

impl Sqlite {
    pub(super) async fn lane(&self, lane: &Lane) -> Result<Option<LaneRecord>, Error> {
        let mut connection = self.readers().acquire().await.map_err(database("read a lane"))?;
        read_lane(&mut connection, lane).await
    }

    pub(super) async fn lanes(&self, run: &RunId) -> Result<Vec<LaneRecord>, Error> {
        let rows = sqlx::query("SELECT * FROM lanes WHERE run = ? ORDER BY ordinal")
            .bind(run.as_str())
            .fetch_all(self.readers())
            .await
            .map_err(database("read a run's lanes"))?;
        rows.iter().map(lane_of).collect()
    }

    pub(super) async fn end_pull(&self, lane: &Lane, batches: u64, attempt: u32) -> Result<Staging, Error> {
        const DOING: &str = "end a pull";
        let mut transaction = self.begin(DOING).await?;
        let ended = sqlx::query(
            "UPDATE lanes SET state = 'pulled', pulled = TRUE WHERE lane = ? AND staged = ? \
             AND (state = 'pulled' OR (state = 'pulling' AND attempt = ?))",
        )
        .bind(lane.as_str())
        .bind(integer(batches)?)
        .bind(attempt)
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
        const DOING: &str = "end the checks of a lane";
        let mut transaction = self.begin(DOING).await?;
        let found = existing_lane(&mut transaction, lane).await?;
        sqlx::query("UPDATE lanes SET checked = TRUE WHERE lane = ?")
            .bind(lane.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(database(DOING))?;
        let progress = progress(&mut transaction, &found).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(progress)
    }

    pub(super) async fn finish_lane(&self, lane: &Lane) -> Result<Progress, Error> {
        const DOING: &str = "finish a lane";
        let mut transaction = self.begin(DOING).await?;
        let found = existing_lane(&mut transaction, lane).await?;
        sqlx::query("UPDATE lanes SET state = 'finished' WHERE lane = ? AND state = 'pulled' AND delivered = staged")
            .bind(lane.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(database(DOING))?;
        let progress = progress(&mut transaction, &found).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(progress)
    }

    pub(super) async fn fail_lane(&self, lane: &Lane, fault: &Fault) -> Result<(), Error> {
        const DOING: &str = "fail a lane";
        let mut transaction = self.begin(DOING).await?;
        let found = existing_lane(&mut transaction, lane).await?;
        if matches!(found.state, LaneState::Finished | LaneState::Failed) {
            return Ok(());
        }
        let fault = json(fault)?;
        sqlx::query("UPDATE lanes SET state = 'failed', fault = ? WHERE lane = ?")
            .bind(&fault)
            .bind(lane.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(database(DOING))?;
        keep_first_fault(&mut transaction, &found.run, &fault).await?;
        transaction.commit().await.map_err(database(DOING))
    }
}

pub(super) async fn existing_lane(connection: &mut SqliteConnection, lane: &Lane) -> Result<LaneRecord, Error> {
    read_lane(connection, lane).await?.ok_or_else(|| not_found("lane", lane))
}

async fn read_lane(connection: &mut SqliteConnection, lane: &Lane) -> Result<Option<LaneRecord>, Error> {
    let row = sqlx::query("SELECT * FROM lanes WHERE lane = ?")
        .bind(lane.as_str())
        .fetch_optional(connection)
        .await
        .map_err(database("read a lane"))?;
    row.as_ref().map(lane_of).transpose()
}

/// How all lanes of this one's stream stand.
async fn progress(connection: &mut SqliteConnection, lane: &LaneRecord) -> Result<Progress, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS lanes, COALESCE(SUM(CASE WHEN checked THEN 1 ELSE 0 END), 0) AS checked, \
         COALESCE(SUM(CASE WHEN state = 'finished' THEN 1 ELSE 0 END), 0) AS finished, \
         COALESCE(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), 0) AS failed \
         FROM lanes WHERE run = ? AND stream = ?",
    )
    .bind(lane.run.as_str())
    .bind(lane.stream.as_str())
    .fetch_one(connection)
    .await
    .map_err(database("count the lanes of a stream"))?;
    progress_of(&row)
}

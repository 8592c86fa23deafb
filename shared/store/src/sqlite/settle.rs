//! Closing a run once none of its streams is at work any more.

use flow::{RunId, Timestamp};
use sqlx::SqliteConnection;

use super::Sqlite;
use super::columns::{Columns, micros};
use super::failure::database;
use super::runs::existing_run;
use super::words::Word;
use crate::Error;
use crate::record::{Run, RunState};

const DOING: &str = "settle a run";

impl Sqlite {
    pub(super) async fn settle_run(&self, run: &RunId, done_as: RunState, now: Timestamp) -> Result<Run, Error> {
        let mut transaction = self.begin(DOING).await?;
        let found = existing_run(&mut transaction, run).await?;
        if found.state != RunState::Running {
            return Ok(found);
        }
        fail_streams_of_failed_lanes(&mut transaction, run).await?;
        if let Some(state) = standing(&mut transaction, run).await?.outcome(done_as) {
            close(&mut transaction, run, state, now).await?;
        }
        let settled = existing_run(&mut transaction, run).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(settled)
    }
}

/// How many streams a run has, and how many of them have come to an end.
struct Standing {
    streams: u64,
    finished: u64,
    failed: u64,
}

impl Standing {
    fn outcome(&self, done_as: RunState) -> Option<RunState> {
        let is_at_work = self.finished + self.failed < self.streams;
        match (is_at_work, self.failed) {
            (true, _) => None,
            (false, 0) => Some(done_as),
            (false, _) => Some(RunState::Failed),
        }
    }
}

async fn fail_streams_of_failed_lanes(connection: &mut SqliteConnection, run: &RunId) -> Result<(), Error> {
    sqlx::query(
        "UPDATE run_streams SET state = 'failed' WHERE run = ? AND state = 'running' \
         AND EXISTS (SELECT 1 FROM lanes WHERE lanes.run = run_streams.run AND lanes.stream = run_streams.stream \
                     AND lanes.state = 'failed') \
         AND NOT EXISTS (SELECT 1 FROM lanes WHERE lanes.run = run_streams.run AND lanes.stream = run_streams.stream \
                         AND lanes.state IN ('pulling', 'pulled'))",
    )
    .bind(run.as_str())
    .execute(connection)
    .await
    .map_err(database(DOING))?;
    Ok(())
}

async fn standing(connection: &mut SqliteConnection, run: &RunId) -> Result<Standing, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS streams, COALESCE(SUM(CASE WHEN state = 'finished' THEN 1 ELSE 0 END), 0) AS finished, \
         COALESCE(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), 0) AS failed FROM run_streams WHERE run = ?",
    )
    .bind(run.as_str())
    .fetch_one(connection)
    .await
    .map_err(database(DOING))?;
    let columns = Columns::of("a run's streams", &row);
    Ok(Standing {
        streams: columns.count("streams")?,
        finished: columns.count("finished")?,
        failed: columns.count("failed")?,
    })
}

async fn close(connection: &mut SqliteConnection, run: &RunId, state: RunState, now: Timestamp) -> Result<(), Error> {
    sqlx::query("UPDATE runs SET state = ?, ended_at = ? WHERE run = ?")
        .bind(state.word())
        .bind(micros(now))
        .bind(run.as_str())
        .execute(connection)
        .await
        .map_err(database(DOING))?;
    Ok(())
}

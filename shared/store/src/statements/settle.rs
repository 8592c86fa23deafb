//! Closing a run once none of its streams is at work any more.

use flow::{RunId, Timestamp};

use super::dialect::{Connection, Own, database};

use super::runs::take_run;
use crate::Error;
use crate::record::{Run, RunState};
use crate::tables::columns::micros;
use crate::tables::sums::Standing;
use crate::tables::words::Word;

const DOING: &str = "settle a run";

impl Own {
    pub(super) async fn settle_run(&self, run: &RunId, done_as: RunState, now: Timestamp) -> Result<Run, Error> {
        let mut transaction = self.begin(DOING).await?;
        let found = take_run(&mut transaction, run).await?;
        if found.state != RunState::Running {
            return Ok(found);
        }
        fail_streams_of_failed_lanes(&mut transaction, run).await?;
        if let Some(state) = standing(&mut transaction, run).await?.outcome(done_as) {
            close(&mut transaction, run, state, now).await?;
        }
        let settled = take_run(&mut transaction, run).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(settled)
    }
}

async fn fail_streams_of_failed_lanes(connection: &mut Connection, run: &RunId) -> Result<(), Error> {
    sqlx::query(
        "UPDATE run_streams SET state = 'failed' WHERE run = $1 AND state = 'running' \
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

async fn standing(connection: &mut Connection, run: &RunId) -> Result<Standing, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS streams, COALESCE(SUM(CASE WHEN state = 'finished' THEN 1 ELSE 0 END), 0) AS finished, \
         COALESCE(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), 0) AS failed FROM run_streams WHERE run = $1",
    )
    .bind(run.as_str())
    .fetch_one(connection)
    .await
    .map_err(database(DOING))?;
    Standing::of(&row)
}

async fn close(connection: &mut Connection, run: &RunId, state: RunState, now: Timestamp) -> Result<(), Error> {
    sqlx::query("UPDATE runs SET state = $1, ended_at = $2 WHERE run = $3")
        .bind(state.word())
        .bind(micros(now))
        .bind(run.as_str())
        .execute(connection)
        .await
        .map_err(database(DOING))?;
    Ok(())
}

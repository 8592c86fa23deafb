//! Runs: opening, resuming and giving up. Closing is in `settle`.

use flow::{RunId, StreamName, SyncName, Timestamp};
use sqlx::QueryBuilder;

use super::ROWS_AT_ONCE;
use super::dialect::{Connection, Own, database, taking};
use crate::Error;
use crate::error::not_found;
use crate::record::{Run, RunState, StreamState};
use crate::tables::columns::{json, micros};
use crate::tables::rows::run_of;
use crate::tables::words::Word;

impl Own {
    pub(super) async fn open_run(&self, run: &Run, streams: &[StreamName]) -> Result<bool, Error> {
        const DOING: &str = "open a run";
        let mut transaction = self.begin(DOING).await?;
        if !insert_run(&mut transaction, run).await? {
            return Ok(false);
        }
        insert_streams(&mut transaction, &run.id, streams).await.map_err(database(DOING))?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(true)
    }

    pub(super) async fn run(&self, run: &RunId) -> Result<Option<Run>, Error> {
        let row = sqlx::query("SELECT * FROM runs WHERE run = $1")
            .bind(run.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(database("read a run"))?;
        row.as_ref().map(run_of).transpose()
    }

    pub(super) async fn runs(&self, sync: Option<&SyncName>, limit: u32) -> Result<Vec<Run>, Error> {
        let query = match sync {
            Some(sync) => sqlx::query(
                "SELECT * FROM runs WHERE sync_name = $1 ORDER BY started_at DESC, due_at DESC, run DESC LIMIT $2",
            )
            .bind(sync.as_str()),
            None => sqlx::query("SELECT * FROM runs ORDER BY started_at DESC, due_at DESC, run DESC LIMIT $1"),
        };
        let rows = query
            .bind(i64::from(limit))
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(database("list the runs"))?;
        rows.iter().map(run_of).collect()
    }

    pub(super) async fn resume_run(&self, run: &RunId, version: u32, attempt: u32) -> Result<Run, Error> {
        const DOING: &str = "resume a run";
        let mut transaction = self.begin(DOING).await?;
        let found = take_run(&mut transaction, run).await?;
        let can_go_on = matches!(found.state, RunState::Running | RunState::Failed);
        if !can_go_on || found.attempt != attempt {
            return Ok(found);
        }
        let attempt = attempt + 1;
        sqlx::query(
            "UPDATE runs SET state = 'running', attempt = $1, version = $2, ended_at = NULL, fault = NULL \
             WHERE run = $3",
        )
        .bind(i64::from(attempt))
        .bind(i64::from(version))
        .bind(run.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        resume_streams(&mut transaction, run).await.map_err(database(DOING))?;
        forget_pins(&mut transaction, run).await.map_err(database(DOING))?;
        resume_lanes(&mut transaction, run, attempt).await.map_err(database(DOING))?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(Run { state: RunState::Running, attempt, version, ended_at: None, fault: None, ..found })
    }

    pub(super) async fn abandon_run(&self, run: &RunId, now: Timestamp) -> Result<(), Error> {
        const DOING: &str = "abandon a run";
        let mut transaction = self.begin(DOING).await?;
        take_run(&mut transaction, run).await?;
        sqlx::query(
            "UPDATE runs SET state = 'abandoned', ended_at = $1 WHERE run = $2 AND state IN ('running', 'failed')",
        )
        .bind(micros(now))
        .bind(run.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        transaction.commit().await.map_err(database(DOING))
    }
}

/// The run, which nobody else changes until the transaction ends.
pub(super) async fn take_run(connection: &mut Connection, run: &RunId) -> Result<Run, Error> {
    take_run_if_any(connection, run).await?.ok_or_else(|| not_found("run", run))
}

/// The run, if there is one, as [`take_run`].
pub(super) async fn take_run_if_any(connection: &mut Connection, run: &RunId) -> Result<Option<Run>, Error> {
    let row = sqlx::query(taking!("SELECT * FROM runs WHERE run = $1"))
        .bind(run.as_str())
        .fetch_optional(connection)
        .await
        .map_err(database("read a run"))?;
    row.as_ref().map(run_of).transpose()
}

async fn insert_run(connection: &mut Connection, run: &Run) -> Result<bool, Error> {
    let fault = run.fault.as_ref().map(json).transpose()?;
    let replay = run.replay.as_ref().map(json).transpose()?;
    let inserted = sqlx::query(
        "INSERT INTO runs (run, sync_name, version, attempt, state, due_at, started_at, ended_at, fault, \
         replays, replay) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (run) DO NOTHING",
    )
    .bind(run.id.as_str())
    .bind(run.sync.as_str())
    .bind(i64::from(run.version))
    .bind(i64::from(run.attempt))
    .bind(run.state.word())
    .bind(micros(run.due_at))
    .bind(micros(run.started_at))
    .bind(run.ended_at.map(micros))
    .bind(fault)
    .bind(run.replay.as_ref().map(|replay| replay.of.as_str()))
    .bind(replay)
    .execute(connection)
    .await
    .map_err(database("open a run"))?;
    Ok(inserted.rows_affected() == 1)
}

async fn insert_streams(connection: &mut Connection, run: &RunId, streams: &[StreamName]) -> Result<(), sqlx::Error> {
    let numbered: Vec<(i64, &StreamName)> = (0..).zip(streams).collect();
    for streams in numbered.chunks(ROWS_AT_ONCE) {
        let mut query = QueryBuilder::new("INSERT INTO run_streams (run, stream, ordinal, state) ");
        query.push_values(streams, |mut row, (ordinal, stream)| {
            row.push_bind(run.as_str())
                .push_bind(stream.as_str())
                .push_bind(*ordinal)
                .push_bind(StreamState::Unplanned.word());
        });
        query.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn resume_streams(connection: &mut Connection, run: &RunId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE run_streams SET fault = NULL, state = CASE WHEN plan IS NULL THEN 'unplanned' ELSE 'running' END \
         WHERE run = $1 AND state = 'failed'",
    )
    .bind(run.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// What a failed lane has not delivered is transformed again, with what is active by then: the
/// module it was pinned to may be why it failed.
async fn forget_pins(connection: &mut Connection, run: &RunId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM pins WHERE run = $1 AND batch IN (SELECT b.batch FROM batches b JOIN lanes l ON l.lane = b.lane \
         WHERE l.run = $1 AND l.state = 'failed' AND b.sequence >= l.delivered)",
    )
    .bind(run.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

async fn resume_lanes(connection: &mut Connection, run: &RunId, attempt: u32) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE lanes SET attempt = $1, fault = NULL, checked = FALSE, \
         state = CASE WHEN pulled THEN 'pulled' ELSE 'pulling' END WHERE run = $2 AND state <> 'finished'",
    )
    .bind(i64::from(attempt))
    .bind(run.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

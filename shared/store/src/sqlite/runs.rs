//! Runs: opening, resuming and giving up. Closing is in `settle`.

use flow::{RunId, StreamName, SyncName, Timestamp};
use sqlx::SqliteConnection;

use super::Sqlite;
use super::failure::database;
use crate::Error;
use crate::error::not_found;
use crate::record::{Run, RunState, StreamState};
use crate::tables::columns::{json, micros};
use crate::tables::rows::run_of;
use crate::tables::words::Word;

impl Sqlite {
    pub(super) async fn open_run(&self, run: &Run, streams: &[StreamName]) -> Result<bool, Error> {
        const DOING: &str = "open a run";
        let mut transaction = self.begin(DOING).await?;
        if !insert_run(&mut transaction, run).await? {
            return Ok(false);
        }
        for (stream, ordinal) in streams.iter().zip(0i64..) {
            sqlx::query("INSERT INTO run_streams (run, stream, ordinal, state) VALUES (?, ?, ?, ?)")
                .bind(run.id.as_str())
                .bind(stream.as_str())
                .bind(ordinal)
                .bind(StreamState::Unplanned.word())
                .execute(&mut *transaction)
                .await
                .map_err(database(DOING))?;
        }
        transaction.commit().await.map_err(database(DOING))?;
        Ok(true)
    }

    pub(super) async fn run(&self, run: &RunId) -> Result<Option<Run>, Error> {
        let mut connection = self.readers().acquire().await.map_err(database("read a run"))?;
        read_run(&mut connection, run).await
    }

    pub(super) async fn runs(&self, sync: Option<&SyncName>, limit: u32) -> Result<Vec<Run>, Error> {
        let query = match sync {
            Some(sync) => sqlx::query(
                "SELECT * FROM runs WHERE sync_name = ? ORDER BY started_at DESC, due_at DESC, run DESC LIMIT ?",
            )
            .bind(sync.as_str()),
            None => sqlx::query("SELECT * FROM runs ORDER BY started_at DESC, due_at DESC, run DESC LIMIT ?"),
        };
        let rows = query.bind(limit).fetch_all(self.readers()).await.map_err(database("list the runs"))?;
        rows.iter().map(run_of).collect()
    }

    pub(super) async fn resume_run(&self, run: &RunId, version: u32, attempt: u32) -> Result<Run, Error> {
        const DOING: &str = "resume a run";
        let mut transaction = self.begin(DOING).await?;
        let found = existing_run(&mut transaction, run).await?;
        let can_go_on = matches!(found.state, RunState::Running | RunState::Failed);
        if !can_go_on || found.attempt != attempt {
            return Ok(found);
        }
        let attempt = attempt + 1;
        sqlx::query(
            "UPDATE runs SET state = 'running', attempt = ?, version = ?, ended_at = NULL, fault = NULL WHERE run = ?",
        )
        .bind(attempt)
        .bind(version)
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
        existing_run(&mut transaction, run).await?;
        sqlx::query(
            "UPDATE runs SET state = 'abandoned', ended_at = ? WHERE run = ? AND state IN ('running', 'failed')",
        )
        .bind(micros(now))
        .bind(run.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        transaction.commit().await.map_err(database(DOING))
    }
}

pub(super) async fn existing_run(connection: &mut SqliteConnection, run: &RunId) -> Result<Run, Error> {
    read_run(connection, run).await?.ok_or_else(|| not_found("run", run))
}

async fn read_run(connection: &mut SqliteConnection, run: &RunId) -> Result<Option<Run>, Error> {
    let row = sqlx::query("SELECT * FROM runs WHERE run = ?")
        .bind(run.as_str())
        .fetch_optional(connection)
        .await
        .map_err(database("read a run"))?;
    row.as_ref().map(run_of).transpose()
}

async fn insert_run(connection: &mut SqliteConnection, run: &Run) -> Result<bool, Error> {
    let fault = run.fault.as_ref().map(json).transpose()?;
    let replay = run.replay.as_ref().map(json).transpose()?;
    let inserted = sqlx::query(
        "INSERT INTO runs (run, sync_name, version, attempt, state, due_at, started_at, ended_at, fault, \
         replays, replay) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run) DO NOTHING",
    )
    .bind(run.id.as_str())
    .bind(run.sync.as_str())
    .bind(run.version)
    .bind(run.attempt)
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

async fn resume_streams(connection: &mut SqliteConnection, run: &RunId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE run_streams SET fault = NULL, state = CASE WHEN plan IS NULL THEN 'unplanned' ELSE 'running' END \
         WHERE run = ? AND state = 'failed'",
    )
    .bind(run.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// What a failed lane has not delivered is transformed again, with what is active by then: the
/// module it was pinned to may be why it failed.
async fn forget_pins(connection: &mut SqliteConnection, run: &RunId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM pins WHERE run = ? AND batch IN (SELECT b.batch FROM batches b JOIN lanes l ON l.lane = b.lane \
         WHERE l.run = ? AND l.state = 'failed' AND b.sequence >= l.delivered)",
    )
    .bind(run.as_str())
    .bind(run.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

async fn resume_lanes(connection: &mut SqliteConnection, run: &RunId, attempt: u32) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE lanes SET attempt = ?, fault = NULL, checked = FALSE, \
         state = CASE WHEN pulled THEN 'pulled' ELSE 'pulling' END WHERE run = ? AND state <> 'finished'",
    )
    .bind(attempt)
    .bind(run.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

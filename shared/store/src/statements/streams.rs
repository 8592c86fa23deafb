//! The streams of a run: planning and finishing them.

use flow::{Fault, Lane, Position, RunId, StreamName, Timestamp};
use sqlx::QueryBuilder;

use super::ROWS_AT_ONCE;
use super::dialect::{Connection, Own, database};

use super::runs::{take_run, take_run_if_any};
use crate::Error;
use crate::error::not_found;
use crate::record::{RunStream, StreamPlan};
use crate::tables::columns::{json, micros};
use crate::tables::rows::stream_of;

impl Own {
    pub(super) async fn run_streams(&self, run: &RunId) -> Result<Vec<RunStream>, Error> {
        let rows = sqlx::query("SELECT * FROM run_streams WHERE run = $1 ORDER BY ordinal")
            .bind(run.as_str())
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(database("read a run's streams"))?;
        rows.iter().map(stream_of).collect()
    }

    pub(super) async fn plan_stream(
        &self,
        run: &RunId,
        stream: &StreamName,
        plan: &StreamPlan,
    ) -> Result<StreamPlan, Error> {
        const DOING: &str = "plan a stream";
        let mut transaction = self.begin(DOING).await?;
        take_run_if_any(&mut transaction, run).await?;
        if let Some(plan) = existing_stream(&mut transaction, run, stream).await?.plan {
            return Ok(plan);
        }
        sqlx::query("UPDATE run_streams SET plan = $1, state = 'running', fault = NULL WHERE run = $2 AND stream = $3")
            .bind(json(plan)?)
            .bind(run.as_str())
            .bind(stream.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(database(DOING))?;
        insert_lanes(&mut transaction, run, stream, &plan.parts).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(plan.clone())
    }

    pub(super) async fn fail_stream(&self, run: &RunId, stream: &StreamName, fault: &Fault) -> Result<(), Error> {
        const DOING: &str = "fail a stream";
        let mut transaction = self.begin(DOING).await?;
        take_run_if_any(&mut transaction, run).await?;
        let fault = json(fault)?;
        let failed = sqlx::query(
            "UPDATE run_streams SET state = 'failed', fault = $1 \
             WHERE run = $2 AND stream = $3 AND plan IS NULL AND state = 'unplanned'",
        )
        .bind(&fault)
        .bind(run.as_str())
        .bind(stream.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        if failed.rows_affected() == 0 {
            return existing_stream(&mut transaction, run, stream).await.map(drop);
        }
        keep_first_fault(&mut transaction, run, &fault).await?;
        transaction.commit().await.map_err(database(DOING))
    }

    pub(super) async fn finish_stream(
        &self,
        run: &RunId,
        stream: &StreamName,
        bookmark: Option<&Position>,
        now: Timestamp,
    ) -> Result<(), Error> {
        const DOING: &str = "finish a stream";
        let mut transaction = self.begin(DOING).await?;
        take_run_if_any(&mut transaction, run).await?;
        // A run that was given up must not move the bookmark under the run that took its place.
        let finished = sqlx::query(
            "UPDATE run_streams SET state = 'finished', fault = NULL WHERE run = $1 AND stream = $2 \
             AND state <> 'finished' AND EXISTS (SELECT 1 FROM runs WHERE runs.run = run_streams.run \
             AND runs.state = 'running')",
        )
        .bind(run.as_str())
        .bind(stream.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        if finished.rows_affected() == 0 {
            return existing_stream(&mut transaction, run, stream).await.map(drop);
        }
        if let Some(position) = bookmark {
            move_bookmark(&mut transaction, (run, stream), position, now).await?;
        }
        transaction.commit().await.map_err(database(DOING))
    }
}

/// Keeps the first fault of a run's attempt: it is the run's own, should the run fail.
pub(super) async fn keep_first_fault(connection: &mut Connection, run: &RunId, fault: &str) -> Result<(), Error> {
    sqlx::query("UPDATE runs SET fault = $1 WHERE run = $2 AND fault IS NULL AND state = 'running'")
        .bind(fault)
        .bind(run.as_str())
        .execute(connection)
        .await
        .map_err(database("keep a run's fault"))?;
    Ok(())
}

async fn existing_stream(connection: &mut Connection, run: &RunId, stream: &StreamName) -> Result<RunStream, Error> {
    let row = sqlx::query("SELECT * FROM run_streams WHERE run = $1 AND stream = $2")
        .bind(run.as_str())
        .bind(stream.as_str())
        .fetch_optional(connection)
        .await
        .map_err(database("read a stream of a run"))?;
    match row {
        Some(row) => stream_of(&row),
        None => Err(not_found("stream of a run", format!("{run}/{stream}"))),
    }
}

async fn insert_lanes(
    connection: &mut Connection,
    run: &RunId,
    stream: &StreamName,
    parts: &[String],
) -> Result<(), Error> {
    const DOING: &str = "make the lanes of a stream";
    let attempt = take_run(connection, run).await?.attempt;
    let planned: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM lanes WHERE run = $1")
        .bind(run.as_str())
        .fetch_one(&mut *connection)
        .await
        .map_err(database(DOING))?;
    let parts: Vec<(usize, i64, &String)> =
        parts.iter().enumerate().zip(planned..).map(|((number, part), ordinal)| (number, ordinal, part)).collect();
    for parts in parts.chunks(ROWS_AT_ONCE) {
        let mut query = QueryBuilder::new(
            "INSERT INTO lanes (lane, run, stream, ordinal, attempt, part, state, pulled, staged, delivered, checked) ",
        );
        query.push_values(parts, |mut row, (number, ordinal, part)| {
            row.push_bind(Lane::of_run(run, stream, *number).as_str())
                .push_bind(run.as_str())
                .push_bind(stream.as_str())
                .push_bind(*ordinal)
                .push_bind(i64::from(attempt))
                .push_bind(*part)
                .push("'pulling', FALSE, 0, 0, FALSE");
        });
        query.build().persistent(false).execute(&mut *connection).await.map_err(database(DOING))?;
    }
    Ok(())
}

async fn move_bookmark(
    connection: &mut Connection,
    (run, stream): (&RunId, &StreamName),
    position: &Position,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO bookmarks (sync_name, stream, source_position, run, moved_at) \
         SELECT sync_name, $1, $2, run, $3 FROM runs WHERE run = $4 \
         ON CONFLICT (sync_name, stream) DO UPDATE SET source_position = excluded.source_position, \
         run = excluded.run, moved_at = excluded.moved_at",
    )
    .bind(stream.as_str())
    .bind(position.as_str())
    .bind(micros(now))
    .bind(run.as_str())
    .execute(connection)
    .await
    .map_err(database("move a bookmark"))?;
    Ok(())
}

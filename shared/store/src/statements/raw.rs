//! Raw batches that are still there: what can be tried and replayed.

use sqlx::QueryBuilder;

use super::dialect::{Database, Own, database};
use crate::Error;
use crate::record::{RawBatches, RawFilter};
use crate::tables::columns::{Columns, micros};
use crate::tables::rows::batch_of;

const DOING: &str = "look for raw batches";

impl Own {
    pub(super) async fn raw_batches(&self, filter: &RawFilter, limit: u32) -> Result<RawBatches, Error> {
        let mut kept = query("SELECT batches.*", filter);
        // Newest first, so that a limit keeps the newest; within a run in the order they were read.
        kept.push(
            " AND batches.raw_kept ORDER BY runs.started_at DESC, runs.run DESC, lanes.ordinal, batches.sequence LIMIT ",
        );
        kept.push_bind(i64::from(limit));
        let rows = kept.build().fetch_all(&mut *self.reader().await?).await.map_err(database(DOING))?;
        let kept = rows.iter().map(batch_of).collect::<Result<Vec<_>, _>>()?;
        let mut gone = query("SELECT COUNT(*) AS batches", filter);
        gone.push(" AND NOT batches.raw_kept");
        let row = gone.build().fetch_one(&mut *self.reader().await?).await.map_err(database(DOING))?;
        Ok(RawBatches { kept, gone: Columns::of("the raw batches", &row).count("batches")? })
    }
}

fn query(select: &str, filter: &RawFilter) -> QueryBuilder<Database> {
    let mut query = QueryBuilder::new(select);
    query.push(
        " FROM batches JOIN runs ON runs.run = batches.run JOIN lanes ON lanes.lane = batches.lane \
         WHERE runs.sync_name = ",
    );
    query.push_bind(filter.sync.as_str()).push(" AND batches.stream = ").push_bind(filter.stream.as_str());
    match &filter.run {
        Some(run) => query.push(" AND batches.run = ").push_bind(run.as_str()),
        None => query.push(" AND runs.replays IS NULL"),
    };
    if let Some(since) = filter.since {
        query.push(" AND batches.staged_at >= ").push_bind(micros(since));
    }
    query
}

//! The ledger: which batches and runs are in the destination already.

use destination::{Error, Incoming, Target};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::error::failure;
use crate::layout::find_table;
use crate::names::Names;

const TABLE: &str = "_millstream_ledger";

/// Makes the ledger where there is none.
pub(crate) async fn prepare(connection: &mut PgConnection, names: &Names) -> Result<(), Error> {
    if find_table(connection, names, TABLE).await?.is_some() {
        return Ok(());
    }
    let sql = format!(
        "CREATE TABLE {} (batch_id text PRIMARY KEY, sync text NOT NULL, stream text NOT NULL, run text NOT NULL, \
         lane text, sequence bigint, rows bigint, delivered_at timestamptz NOT NULL DEFAULT now())",
        names.quoted(TABLE)
    );
    run(connection, sql, "make the ledger").await
}

/// Enters a batch; `false` when it is there already. Waits for a transaction that is entering it.
pub(crate) async fn enter(
    connection: &mut PgConnection,
    names: &Names,
    target: &Target,
    incoming: &Incoming,
) -> Result<bool, Error> {
    let sql = format!(
        "INSERT INTO {} (batch_id, sync, stream, run, lane, sequence, rows) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (batch_id) DO NOTHING",
        names.quoted(TABLE)
    );
    let entered = sqlx::query(AssertSqlSafe(sql))
        .bind(incoming.batch.as_str())
        .bind(target.sync.as_str())
        .bind(target.stream.as_str())
        .bind(target.run.as_str())
        .bind(incoming.lane.as_str())
        .bind(i64::try_from(incoming.sequence).unwrap_or(i64::MAX))
        .bind(i64::try_from(incoming.rows.num_rows()).unwrap_or(i64::MAX))
        .execute(connection)
        .await
        .map_err(|error| failure("enter the batch into the ledger", error))?;
    Ok(entered.rows_affected() == 1)
}

/// Enters the end of a run; `false` when it is there already.
pub(crate) async fn enter_finish(connection: &mut PgConnection, names: &Names, target: &Target) -> Result<bool, Error> {
    let sql = format!(
        "INSERT INTO {} (batch_id, sync, stream, run) VALUES ($1, $2, $3, $4) ON CONFLICT (batch_id) DO NOTHING",
        names.quoted(TABLE)
    );
    let entered = sqlx::query(AssertSqlSafe(sql))
        .bind(finish_id(target))
        .bind(target.sync.as_str())
        .bind(target.stream.as_str())
        .bind(target.run.as_str())
        .execute(connection)
        .await
        .map_err(|error| failure("enter the end of the run into the ledger", error))?;
    Ok(entered.rows_affected() == 1)
}

/// Whether the run has ended.
pub(crate) async fn is_finished(connection: &mut PgConnection, names: &Names, target: &Target) -> Result<bool, Error> {
    let sql = format!("SELECT EXISTS (SELECT FROM {} WHERE batch_id = $1)", names.quoted(TABLE));
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(finish_id(target))
        .fetch_one(connection)
        .await
        .map_err(|error| failure("look the run up in the ledger", error))
}

/// Forgets the batches of a run whose rows are gone.
pub(crate) async fn forget(connection: &mut PgConnection, names: &Names, target: &Target) -> Result<(), Error> {
    let sql = format!("DELETE FROM {} WHERE sync = $1 AND stream = $2 AND run = $3", names.quoted(TABLE));
    sqlx::query(AssertSqlSafe(sql))
        .bind(target.sync.as_str())
        .bind(target.stream.as_str())
        .bind(target.run.as_str())
        .execute(connection)
        .await
        .map_err(|error| failure("clear the run from the ledger", error))?;
    Ok(())
}

/// Runs a statement without parameters.
pub(crate) async fn run(connection: &mut PgConnection, sql: String, doing: &str) -> Result<(), Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map_err(|error| failure(doing, error))?;
    Ok(())
}

fn finish_id(target: &Target) -> String {
    format!("finish:{}/{}/{}", target.sync, target.stream, target.run)
}

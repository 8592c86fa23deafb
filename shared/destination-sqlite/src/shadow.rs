//! `replace`: rows go to a shadow table of the run, which is swapped in when the run is finished.

use destination::{Error, Target};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Row, SqliteConnection};

use crate::sql::quoted;
use crate::{error, ledger, table};

/// Makes the run's shadow. The shadow of another run, which died, goes away, and with it what the
/// ledger says of it. A run that is finished needs none.
pub(crate) async fn make(connection: &mut SqliteConnection, target: &Target) -> Result<(), Error> {
    if ledger::is_finished(connection, target).await? {
        return Ok(());
    }
    let name = name_of(target);
    // Refuses a view in the place the shadow will be swapped into.
    table::columns(connection, target.stream.as_str()).await?;
    let there = table::columns(connection, &name).await?;
    let owner = owner(connection, target).await?;
    if let Some(there) = &there
        && owner.as_ref().is_some_and(|owner| owner.is(target))
    {
        return table::check_columns(&name, there, target);
    }
    if let Some(Owner { sync, run }) = owner {
        ledger::forget(connection, &sync, target.stream.as_str(), &run).await?;
    }
    run_sql(connection, format!("DROP TABLE IF EXISTS {}", quoted(&name)), "drop the shadow table").await?;
    table::create(connection, &name, target).await?;
    own(connection, target).await
}

/// The name of the run's shadow table; refused when another run owns it by now.
pub(crate) async fn of_run(connection: &mut SqliteConnection, target: &Target) -> Result<String, Error> {
    match owner(connection, target).await? {
        Some(owner) if owner.is(target) => Ok(name_of(target)),
        _ => {
            let problem = format!("stream `{}` is not being replaced by this run any more", target.stream);
            Err(Error::config("not_prepared", problem))
        }
    }
}

/// Puts the shadow in the table's place, with the indexes and triggers the table had.
pub(crate) async fn swap_in(connection: &mut SqliteConnection, target: &Target) -> Result<(), Error> {
    ledger::make(connection).await?;
    if !owner(connection, target).await?.is_some_and(|owner| owner.is(target)) {
        return Ok(());
    }
    let (table, shadow) = (quoted(target.stream.as_str()), quoted(&name_of(target)));
    let companions = companions(connection, target).await?;
    run_sql(connection, format!("DROP TABLE IF EXISTS {table}"), "drop the old table").await?;
    run_sql(connection, format!("ALTER TABLE {shadow} RENAME TO {table}"), "swap the new table in").await?;
    for statement in companions {
        run_sql(connection, statement, "make the old table's indexes and triggers on the new one").await?;
    }
    disown(connection, target).await?;
    ledger::mark_finished(connection, target).await
}

struct Owner {
    sync: String,
    run: String,
}

impl FromRow<'_, SqliteRow> for Owner {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self { sync: row.try_get("sync")?, run: row.try_get("run")? })
    }
}

impl Owner {
    fn is(&self, target: &Target) -> bool {
        self.sync == target.sync.as_str() && self.run == target.run.as_str()
    }
}

fn name_of(target: &Target) -> String {
    format!("{}new_{}", batch::OWN_PREFIX, target.stream)
}

async fn owner(connection: &mut SqliteConnection, target: &Target) -> Result<Option<Owner>, Error> {
    sqlx::query_as("SELECT sync, run FROM _millstream_shadow WHERE stream = ?")
        .bind(target.stream.as_str())
        .fetch_optional(connection)
        .await
        .map_err(error::while_doing("look for the shadow table"))
}

async fn own(connection: &mut SqliteConnection, target: &Target) -> Result<(), Error> {
    let owned = sqlx::query("INSERT OR REPLACE INTO _millstream_shadow (stream, sync, run) VALUES (?, ?, ?)")
        .bind(target.stream.as_str())
        .bind(target.sync.as_str())
        .bind(target.run.as_str())
        .execute(connection);
    owned.await.map(drop).map_err(error::while_doing("note whose the shadow table is"))
}

async fn disown(connection: &mut SqliteConnection, target: &Target) -> Result<(), Error> {
    let disowned =
        sqlx::query("DELETE FROM _millstream_shadow WHERE stream = ?").bind(target.stream.as_str()).execute(connection);
    disowned.await.map(drop).map_err(error::while_doing("forget the shadow table"))
}

/// Statements that made the indexes and triggers of the table that is there, indexes first.
async fn companions(connection: &mut SqliteConnection, target: &Target) -> Result<Vec<String>, Error> {
    sqlx::query_scalar(
        "SELECT sql FROM sqlite_schema
         WHERE type IN ('index', 'trigger') AND tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL ORDER BY type, name",
    )
    .bind(target.stream.as_str())
    .fetch_all(connection)
    .await
    .map_err(error::while_doing("look at the old table's indexes"))
}

async fn run_sql(connection: &mut SqliteConnection, statement: String, doing: &'static str) -> Result<(), Error> {
    let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection);
    done.await.map(drop).map_err(error::while_doing(doing))
}

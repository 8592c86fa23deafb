//! Makes a target ready: schema, ledger, table and, for `replace`, the shadow.

use destination::{Error, Target};
use spec::Disposition;
use sqlx::postgres::PgConnection;

use crate::error::failure;
use crate::layout::{self, Layout};
use crate::ledger;
use crate::names::{Names, identifier};
use crate::replace;

/// Makes everything that is not there yet, in one transaction, one process at a time.
pub(crate) async fn prepare(connection: &mut PgConnection, names: &Names, target: &Target) -> Result<Layout, Error> {
    key_is_there(target)?;
    ledger::run(connection, "BEGIN".to_owned(), "begin a transaction").await?;
    wait_for_turn(connection, names).await?;
    prepare_schema(connection, names).await?;
    ledger::prepare(connection, names).await?;
    let table = prepare_table(connection, names, target).await?;
    let layout = layout::fit(connection, names, target, table).await?;
    if target.disposition == Disposition::Replace {
        replace::prepare_shadow(connection, names, target).await?;
    }
    ledger::run(connection, "COMMIT".to_owned(), "commit what was prepared").await?;
    Ok(layout)
}

/// Two processes that make the same thing at once would fail on each other; so does a swap that
/// meets another.
pub(crate) async fn wait_for_turn(connection: &mut PgConnection, names: &Names) -> Result<(), Error> {
    sqlx::query("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('millstream:' || $1, 0))")
        .bind(&names.schema)
        .execute(connection)
        .await
        .map_err(|error| failure("wait for another process to prepare its tables", error))?;
    Ok(())
}

fn key_is_there(target: &Target) -> Result<(), Error> {
    if target.disposition == Disposition::Merge && target.primary_key.is_empty() {
        return Err(Error::config("key_missing", format!("stream `{}` merges without a primary key", target.stream)));
    }
    match target.primary_key.iter().find(|name| target.schema.field_with_name(name).is_err()) {
        Some(name) => Err(Error::config(
            "key_missing",
            format!("the primary key of stream `{}` names `{name}`, which is no column of it", target.stream),
        )),
        None => Ok(()),
    }
}

/// Asked for first: a user who may not make schemas may still use one.
async fn prepare_schema(connection: &mut PgConnection, names: &Names) -> Result<(), Error> {
    let is_there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)")
        .bind(&names.schema)
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| failure(format!("look up the schema `{}`", names.schema), error))?;
    if is_there {
        return Ok(());
    }
    let sql = format!("CREATE SCHEMA {}", identifier(&names.schema));
    ledger::run(connection, sql, &format!("make the schema `{}`", names.schema)).await
}

async fn prepare_table(connection: &mut PgConnection, names: &Names, target: &Target) -> Result<i64, Error> {
    if let Some(table) = layout::find_table(connection, names, &names.table).await? {
        return Ok(table);
    }
    let sql = format!("CREATE TABLE {} ({})", names.quoted(&names.table), layout::definitions(target)?);
    ledger::run(connection, sql, &format!("make the table `{}.{}`", names.schema, names.table)).await?;
    let made = layout::find_table(connection, names, &names.table).await?;
    made.ok_or_else(|| Error::config("not_prepared", format!("the table `{}` was dropped meanwhile", names.table)))
}

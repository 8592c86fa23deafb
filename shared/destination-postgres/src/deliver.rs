//! Writes one batch and its row of the ledger, in one transaction.

use arrow_array::RecordBatch;
use destination::{Error, Incoming, Outcome, Target};
use spec::Disposition;
use sqlx::postgres::PgConnection;

use crate::encode::Encoding;
use crate::error::failure;
use crate::layout::Layout;
use crate::ledger;
use crate::names::{Names, columns, identifier};

/// Where the rows of a batch wait to be merged.
const INCOMING: &str = "pg_temp.\"_millstream_incoming\"";
/// Their order in the batch.
const ORDINAL: &str = "\"_millstream_ordinal\"";
/// Enough to sort a usual batch in memory.
const SORT_MEMORY: &str = "SET LOCAL work_mem = '64MB'";

/// Writes the batch unless the ledger has it.
pub(crate) async fn deliver(
    connection: &mut PgConnection,
    names: &Names,
    target: &Target,
    layout: &Layout,
    incoming: &Incoming,
) -> Result<Outcome, Error> {
    if !begin(connection, names, target, incoming).await? {
        return Ok(Outcome::AlreadyThere);
    }
    write(connection, names, target, layout, &incoming.rows).await?;
    commit(connection, incoming).await
}

/// Removes the rows with these keys unless the ledger has it done.
pub(crate) async fn withdraw(
    connection: &mut PgConnection,
    names: &Names,
    target: &Target,
    key: &Layout,
    incoming: &Incoming,
) -> Result<Outcome, Error> {
    if !begin(connection, names, target, incoming).await? {
        return Ok(Outcome::AlreadyThere);
    }
    let doing = format!("remove rows from table `{}.{}`", names.schema, names.table);
    let (table, list) = (names.quoted(&names.table), key.column_list());
    let make =
        format!("CREATE TEMP TABLE \"_millstream_incoming\" ON COMMIT DROP AS SELECT {list} FROM {table} WITH NO DATA");
    ledger::run(connection, make, &doing).await?;
    let statement = format!("COPY {INCOMING} ({list}) FROM STDIN (FORMAT binary)");
    send(connection, &statement, Encoding::new(key, &incoming.rows, false)?, &doing).await?;
    let same: Vec<String> = key
        .columns
        .iter()
        .map(|column| identifier(&column.name))
        .map(|name| format!("t.{name} = gone.{name}"))
        .collect();
    let delete = format!("DELETE FROM {table} AS t USING {INCOMING} AS gone WHERE {}", same.join(" AND "));
    ledger::run(connection, delete, &doing).await?;
    commit(connection, incoming).await
}

/// Begins the transaction of a batch with its row of the ledger; not when the ledger has it.
async fn begin(
    connection: &mut PgConnection,
    names: &Names,
    target: &Target,
    incoming: &Incoming,
) -> Result<bool, Error> {
    ledger::run(connection, "BEGIN".to_owned(), "begin a transaction").await?;
    let is_new = ledger::enter(connection, names, target, incoming).await?;
    if !is_new {
        ledger::run(connection, "ROLLBACK".to_owned(), "end the transaction").await?;
    }
    Ok(is_new)
}

async fn commit(connection: &mut PgConnection, incoming: &Incoming) -> Result<Outcome, Error> {
    ledger::run(connection, "COMMIT".to_owned(), "commit the batch").await?;
    Ok(Outcome::Written { rows: incoming.rows.num_rows() as u64 })
}

async fn write(
    connection: &mut PgConnection,
    names: &Names,
    target: &Target,
    layout: &Layout,
    rows: &RecordBatch,
) -> Result<(), Error> {
    let doing = format!("write to table `{}.{}`", names.schema, names.table);
    match target.disposition {
        Disposition::Append => copy(connection, &names.quoted(&names.table), layout, rows, &doing).await,
        Disposition::Replace => copy(connection, &names.quoted(&names.shadow), layout, rows, &doing).await,
        Disposition::Merge => merge(connection, names, layout, rows, &doing).await,
    }
}

async fn copy(
    connection: &mut PgConnection,
    table: &str,
    layout: &Layout,
    rows: &RecordBatch,
    doing: &str,
) -> Result<(), Error> {
    let statement = format!("COPY {table} ({}) FROM STDIN (FORMAT binary)", layout.column_list());
    send(connection, &statement, Encoding::new(layout, rows, false)?, doing).await
}

/// Of rows with one key the last in the batch stays; a row that is there already, byte for byte, is
/// not written again.
async fn merge(
    connection: &mut PgConnection,
    names: &Names,
    layout: &Layout,
    rows: &RecordBatch,
    doing: &str,
) -> Result<(), Error> {
    let (table, list) = (names.quoted(&names.table), layout.column_list());
    let make = format!(
        "{SORT_MEMORY}; CREATE TEMP TABLE \"_millstream_incoming\" ON COMMIT DROP AS \
         SELECT {list}, 0::pg_catalog.int8 AS {ORDINAL} FROM {table} WITH NO DATA"
    );
    ledger::run(connection, make, doing).await?;
    let statement = format!("COPY {INCOMING} ({list}, {ORDINAL}) FROM STDIN (FORMAT binary)");
    send(connection, &statement, Encoding::new(layout, rows, true)?, doing).await?;
    let key = columns(layout.primary_key.iter().map(String::as_str));
    let upsert = format!(
        "INSERT INTO {table} AS t ({list}) OVERRIDING SYSTEM VALUE \
         SELECT DISTINCT ON ({key}) {list} FROM {INCOMING} ORDER BY {key}, {ORDINAL} DESC \
         ON CONFLICT ({key}) {}",
        on_conflict(layout)
    );
    ledger::run(connection, upsert, doing).await
}

fn on_conflict(layout: &Layout) -> String {
    let is_value = |name: &&str| !layout.primary_key.iter().any(|key| key == name);
    let values: Vec<&str> = layout.columns.iter().map(|column| column.name.as_str()).filter(is_value).collect();
    if values.is_empty() {
        return "DO NOTHING".to_owned();
    }
    let of = |row: &str| values.iter().map(|name| format!("{row}.{}", identifier(name))).collect::<Vec<_>>().join(", ");
    let sets: Vec<String> =
        values.iter().map(|name| identifier(name)).map(|name| format!("{name} = excluded.{name}")).collect();
    // Not `IS DISTINCT FROM`: 1.0 equals 1.00 and -0 equals 0, and json has no equality at all.
    format!(
        "DO UPDATE SET {} WHERE ROW({})::record OPERATOR(pg_catalog.*<>) ROW({})::record",
        sets.join(", "),
        of("t"),
        of("excluded")
    )
}

async fn send(
    connection: &mut PgConnection,
    statement: &str,
    mut encoding: Encoding<'_>,
    doing: &str,
) -> Result<(), Error> {
    let failed = |error| failure(doing, error);
    let mut copy = connection.copy_in_raw(statement).await.map_err(failed)?;
    let mut buffer = Vec::new();
    while encoding.fill(&mut buffer)? {
        copy.send(buffer.as_slice()).await.map_err(failed)?;
        buffer.clear();
    }
    copy.finish().await.map_err(failed)?;
    Ok(())
}

//! The tables: made with types, NOT NULL and key, or checked when they are there.

use std::collections::BTreeSet;

use batch::ColumnType;
use destination::{Error, Target};
use spec::Disposition;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Row, SqliteConnection};

use crate::declared::{declaration, holds};
use crate::error;
use crate::sql::{quoted, quoted_list};

/// Makes the stream's table, or refuses the one that is there by the column that does not fit.
pub(crate) async fn make(connection: &mut SqliteConnection, target: &Target) -> Result<(), Error> {
    let name = target.stream.as_str();
    match columns(connection, name).await? {
        None => create(connection, name, target).await,
        Some(there) => {
            check_columns(name, &there, target)?;
            if target.disposition == Disposition::Merge {
                check_key(connection, name, &there, target).await?;
            }
            Ok(())
        }
    }
}

/// A column of a table that is there.
#[derive(Debug)]
pub(crate) struct Column {
    name: String,
    declared: String,
    must_be_given: bool,
    generated: bool,
    key_place: i64,
}

impl FromRow<'_, SqliteRow> for Column {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: row.try_get("name")?,
            declared: row.try_get("declared")?,
            must_be_given: row.try_get("must_be_given")?,
            generated: row.try_get("generated")?,
            key_place: row.try_get("key_place")?,
        })
    }
}

/// The columns of a table, `None` when there is none; a view of that name is refused.
pub(crate) async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Option<Vec<Column>>, Error> {
    let looking = error::while_doing("look at the table");
    let kind: Option<String> = sqlx::query_scalar(
        "SELECT type FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
    )
    .bind(table)
    .fetch_optional(&mut *connection)
    .await
    .map_err(looking)?;
    match kind.as_deref() {
        None => return Ok(None),
        Some("view") => {
            return Err(Error::config("table_mismatch", format!("`{table}` is a view; rows go to tables only")));
        }
        Some(_) => {}
    }
    sqlx::query_as(
        "SELECT name, type AS declared, \"notnull\" AND dflt_value IS NULL AND hidden = 0 AS must_be_given,
                hidden <> 0 AS generated, pk AS key_place
         FROM pragma_table_xinfo(?) ORDER BY cid",
    )
    .bind(table)
    .fetch_all(connection)
    .await
    .map(Some)
    .map_err(error::while_doing("look at the table's columns"))
}

/// Makes a table of this name for the target's columns.
pub(crate) async fn create(connection: &mut SqliteConnection, name: &str, target: &Target) -> Result<(), Error> {
    if target.schema.fields().is_empty() {
        return Err(Error::config("table_mismatch", format!("stream `{}` has no columns to keep", target.stream)));
    }
    // Appended rows may come again in a later run, so the key cannot be the table's.
    let key = if target.disposition == Disposition::Append { &[][..] } else { &target.primary_key };
    let mut lines = Vec::new();
    for field in target.schema.fields() {
        let column_type = ColumnType::of(field).map_err(|error| unsupported(field.name(), &error))?;
        let may_be_null = field.is_nullable() && !key.contains(field.name());
        let not_null = if may_be_null { "" } else { " NOT NULL" };
        lines.push(format!("{} {}{not_null}", quoted(field.name()), declaration(column_type)));
    }
    if !key.is_empty() {
        lines.push(format!("PRIMARY KEY ({})", quoted_list(key.iter().map(String::as_str))));
    }
    let statement = format!("CREATE TABLE {} (\n  {}\n)", quoted(name), lines.join(",\n  "));
    let made = sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection);
    made.await.map(drop).map_err(error::while_doing("make the table"))
}

/// Refuses columns that cannot take the target's values unchanged.
pub(crate) fn check_columns(table: &str, there: &[Column], target: &Target) -> Result<(), Error> {
    let mismatch = |problem: String| Error::config("table_mismatch", format!("table `{table}`: {problem}"));
    for field in target.schema.fields() {
        let name = field.name();
        let column_type = ColumnType::of(field).map_err(|error| unsupported(name, &error))?;
        let Some(column) = there.iter().find(|column| column.name.eq_ignore_ascii_case(name)) else {
            return Err(mismatch(format!("it has no column `{name}` ({column_type}); add it or rename the table")));
        };
        if column.generated {
            return Err(mismatch(format!("column `{name}` is generated and cannot be written")));
        }
        if !holds(&column.declared, column_type) {
            let (declared, wanted) = (&column.declared, declaration(column_type));
            return Err(mismatch(format!(
                "column `{name}` is declared {declared}, which cannot hold {column_type} unchanged; expected {wanted}"
            )));
        }
    }
    let is_given = |column: &Column| target.schema.fields().iter().any(|f| f.name().eq_ignore_ascii_case(&column.name));
    match there.iter().find(|column| column.must_be_given && !is_given(column)) {
        Some(Column { name, .. }) => {
            Err(mismatch(format!("its column `{name}` may not be NULL and has no default, but the stream lacks it")))
        }
        None => Ok(()),
    }
}

async fn check_key(
    connection: &mut SqliteConnection,
    table: &str,
    there: &[Column],
    target: &Target,
) -> Result<(), Error> {
    let wanted: BTreeSet<String> = target.primary_key.iter().map(|name| name.to_ascii_lowercase()).collect();
    let primary = there.iter().filter(|column| column.key_place > 0).map(|column| column.name.to_ascii_lowercase());
    if primary.collect::<BTreeSet<_>>() == wanted || unique_keys(connection, table).await?.contains(&wanted) {
        return Ok(());
    }
    let key = target.primary_key.join("`, `");
    let problem =
        format!("table `{table}` has no unique key of `{key}` to merge by; make a unique index of these columns");
    Err(Error::config("key_missing", problem))
}

async fn unique_keys(connection: &mut SqliteConnection, table: &str) -> Result<Vec<BTreeSet<String>>, Error> {
    let columns: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT indexes.name, columns.name FROM pragma_index_list(?) AS indexes, pragma_index_info(indexes.name) AS columns
         WHERE indexes.\"unique\" = 1 AND indexes.partial = 0 ORDER BY indexes.name",
    )
    .bind(table)
    .fetch_all(connection)
    .await
    .map_err(error::while_doing("look at the table's keys"))?;
    let same_index = |a: &(String, Option<String>), b: &(String, Option<String>)| a.0 == b.0;
    // An expression in an index has no column name and matches no key.
    let name_of = |(_, column): &(String, Option<String>)| column.as_deref().unwrap_or_default().to_ascii_lowercase();
    Ok(columns.chunk_by(same_index).map(|index| index.iter().map(name_of).collect()).collect())
}

fn unsupported(column: &str, error: &batch::Error) -> Error {
    Error::UnsupportedType { column: column.to_owned(), reason: error.to_string() }
}

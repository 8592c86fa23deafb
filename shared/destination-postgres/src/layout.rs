//! The columns a table has, and whether a stream's columns fit them.

use std::collections::HashMap;

use batch::ColumnType;
use destination::{Error, Target};
use spec::Disposition;
use sqlx::postgres::PgConnection;

use crate::error::failure;
use crate::names::{Names, columns};
use crate::wire::{Wire, declaration, wire};

/// How the columns of a target's batches are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// In the order of the batches' columns.
    pub(crate) columns: Vec<LaidColumn>,
    pub(crate) primary_key: Vec<String>,
}

/// A column of the batches and its column of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LaidColumn {
    pub(crate) name: String,
    pub(crate) column_type: ColumnType,
    pub(crate) wire: Wire,
    /// Whether a NULL is refused here, before the server sees it.
    pub(crate) is_required: bool,
}

/// A column as the catalog has it.
struct TableColumn {
    type_name: String,
    modifier: i32,
    words: String,
    is_generated: bool,
    /// NOT NULL and without a default.
    needs_value: bool,
}

const TABLE: &str = r"
    SELECT c.oid::int8, c.relkind::text
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2";

/// Domains are followed down to the type they are made of.
const COLUMNS: &str = r"
    WITH RECURSIVE resolved(place, name, type, modifier, words, generated, needed) AS (
        SELECT a.attnum, a.attname::text, a.atttypid, a.atttypmod,
               pg_catalog.format_type(a.atttypid, a.atttypmod), a.attgenerated <> '',
               a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid::int8 = $1 AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
        SELECT r.place, r.name, t.typbasetype, t.typtypmod, r.words, r.generated, r.needed
        FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.type AND t.typtype = 'd'
    )
    SELECT r.name, CASE WHEN n.nspname = 'pg_catalog' THEN t.typname::text ELSE '' END, r.modifier, r.words,
           r.generated, r.needed
    FROM resolved r
    JOIN pg_catalog.pg_type t ON t.oid = r.type AND t.typtype <> 'd'
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    ORDER BY r.place";

/// Keys that ON CONFLICT can go by.
const UNIQUE_KEYS: &str = r"
    SELECT (SELECT array_agg(a.attname::text ORDER BY a.attname::text)
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
            WHERE k.place <= i.indnkeyatts)
    FROM pg_catalog.pg_index i
    WHERE i.indrelid::int8 = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate
      AND i.indpred IS NULL AND i.indexprs IS NULL";

/// The table's number in the catalog, if there is such a table.
pub(crate) async fn find_table(
    connection: &mut PgConnection,
    names: &Names,
    table: &str,
) -> Result<Option<i64>, Error> {
    let found: Option<(i64, String)> = sqlx::query_as(TABLE)
        .bind(&names.schema)
        .bind(table)
        .fetch_optional(connection)
        .await
        .map_err(|error| failure(format!("look up the table `{table}`"), error))?;
    match found {
        None => Ok(None),
        Some((oid, kind)) if matches!(kind.as_str(), "r" | "p") => Ok(Some(oid)),
        Some(_) => {
            Err(mismatch(names, "is no table: it is a view, a foreign table, a sequence or an index".to_owned()))
        }
    }
}

/// How the target's batches are written to the table, if they fit.
pub(crate) async fn fit(
    connection: &mut PgConnection,
    names: &Names,
    target: &Target,
    table: i64,
) -> Result<Layout, Error> {
    let mut found = columns_of(connection, names, table).await?;
    let mut laid = Vec::with_capacity(target.schema.fields().len());
    for field in target.schema.fields() {
        let column_type = column_type(field)?;
        let expected = declaration(column_type);
        let Some(column) = found.remove(field.name()) else {
            return Err(mismatch(
                names,
                format!("has no column `{}`; expected one of type `{expected}`", field.name()),
            ));
        };
        if column.is_generated {
            return Err(mismatch(
                names,
                format!("generates column `{}` itself, so it cannot be written", field.name()),
            ));
        }
        let wire = wire(column_type, &column.type_name, column.modifier).ok_or_else(|| {
            let (name, words) = (field.name(), column.words);
            mismatch(names, format!("has column `{name}` of type `{words}`; expected `{expected}` for `{column_type}`"))
        })?;
        let is_required = target.disposition == Disposition::Merge && target.primary_key.contains(field.name());
        laid.push(LaidColumn { name: field.name().clone(), column_type, wire, is_required });
    }
    let missing = found.iter().filter(|(_, column)| column.needs_value).map(|(name, _)| name).min();
    if let Some(name) = missing {
        let problem = format!("has column `{name}`, NOT NULL and without a default, which the stream has not");
        return Err(mismatch(names, problem));
    }
    if target.disposition == Disposition::Merge {
        key_fits(connection, names, target, table).await?;
    }
    Ok(Layout { columns: laid, primary_key: target.primary_key.clone() })
}

/// The columns of a table we make.
pub(crate) fn definitions(target: &Target) -> Result<String, Error> {
    let mut parts = Vec::new();
    for field in target.schema.fields() {
        let required = if field.is_nullable() { "" } else { " NOT NULL" };
        parts.push(format!("{} {}{required}", columns([field.name().as_str()]), declaration(column_type(field)?)));
    }
    // Every run of `append` may bring the same rows again, so there the key is none.
    let has_key = target.disposition != Disposition::Append && !target.primary_key.is_empty();
    if has_key {
        parts.push(format!("PRIMARY KEY ({})", columns(target.primary_key.iter().map(String::as_str))));
    }
    Ok(parts.join(", "))
}

impl Layout {
    /// The columns of the key alone, in the key's order.
    pub(crate) fn of_key(&self) -> Layout {
        let find = |name: &String| self.columns.iter().find(|column| column.name == *name).cloned();
        Layout { columns: self.primary_key.iter().filter_map(find).collect(), primary_key: self.primary_key.clone() }
    }

    /// The columns' names, quoted.
    pub(crate) fn column_list(&self) -> String {
        columns(self.columns.iter().map(|column| column.name.as_str()))
    }
}

fn column_type(field: &arrow_schema::Field) -> Result<ColumnType, Error> {
    ColumnType::of(field)
        .map_err(|error| Error::UnsupportedType { column: field.name().clone(), reason: error.to_string() })
}

async fn columns_of(
    connection: &mut PgConnection,
    names: &Names,
    table: i64,
) -> Result<HashMap<String, TableColumn>, Error> {
    let rows: Vec<(String, String, i32, String, bool, bool)> = sqlx::query_as(COLUMNS)
        .bind(table)
        .fetch_all(connection)
        .await
        .map_err(|error| failure(format!("read the columns of table `{}`", names.table), error))?;
    Ok(rows
        .into_iter()
        .map(|(name, type_name, modifier, words, is_generated, needs_value)| {
            (name, TableColumn { type_name, modifier, words, is_generated, needs_value })
        })
        .collect())
}

async fn key_fits(connection: &mut PgConnection, names: &Names, target: &Target, table: i64) -> Result<(), Error> {
    let keys: Vec<Option<Vec<String>>> = sqlx::query_scalar(UNIQUE_KEYS)
        .bind(table)
        .fetch_all(connection)
        .await
        .map_err(|error| failure(format!("read the keys of table `{}`", names.table), error))?;
    let mut wanted = target.primary_key.clone();
    wanted.sort();
    if keys.into_iter().flatten().any(|key| key == wanted) {
        return Ok(());
    }
    let key = columns(target.primary_key.iter().map(String::as_str));
    Err(mismatch(
        names,
        format!("has no primary key or unique constraint on ({key}), which `merge` needs; add one, or use `append`"),
    ))
}

fn mismatch(names: &Names, problem: String) -> Error {
    Error::config("table_mismatch", format!("table `{}.{}` {problem}", names.schema, names.table))
}

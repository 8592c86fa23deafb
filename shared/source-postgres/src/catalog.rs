//! What the database says of its tables: names, columns, types, keys.

use serde::{Deserialize, Serialize};
use source::Error;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnection, PgStatement};
use sqlx::{AssertSqlSafe, Column as _, Executor as _, SqlSafeStr as _, Statement as _};

use crate::error::failure;
use crate::kind::Kind;
use crate::select::query_as_relation;

/// A table, view or materialized view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) oid: i64,
    pub(crate) name: TableName,
    /// Whether rows lie in one heap, so that their places (`ctid`) tell them apart.
    pub(crate) is_one_heap: bool,
    /// Whether other tables inherit from it: its key then says nothing of their rows.
    pub(crate) has_children: bool,
}

/// A table's name in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableName {
    pub(crate) schema: String,
    pub(crate) name: String,
}

/// A column of a table or query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CatalogColumn {
    pub(crate) name: String,
    /// `None` for a type that cannot be carried.
    pub(crate) kind: Option<Kind>,
    pub(crate) modifier: i32,
    pub(crate) nullable: bool,
    /// The type in PostgreSQL's words.
    pub(crate) words: String,
}

/// Tables, views and materialized views outside the system's schemas, our own tables left out.
const LISTED: &str = r"
    SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relkind IN ('r', 'm') AND NOT c.relhassubclass,
           c.relkind = 'r' AND c.relhassubclass
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND c.relname !~ '^_millstream_'
    ORDER BY n.nspname, c.relname";

const NAMED: &str = r"
    SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relkind IN ('r', 'm') AND NOT c.relhassubclass,
           c.relkind = 'r' AND c.relhassubclass
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = $2
      AND CASE WHEN $1::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $1 END
    ORDER BY n.nspname LIMIT 1";

/// Domains are followed down to the type they are made of.
const COLUMNS: &str = r"
    WITH RECURSIVE resolved(relation, place, name, type, modifier, required, words) AS (
        SELECT a.attrelid, a.attnum, a.attname::text, a.atttypid, a.atttypmod, a.attnotnull,
               pg_catalog.format_type(a.atttypid, a.atttypmod)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid::int8 = ANY($1) AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
        SELECT r.relation, r.place, r.name, t.typbasetype, t.typtypmod, r.required, r.words
        FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.type AND t.typtype = 'd'
    )
    SELECT r.relation::int8, r.name, r.modifier, NOT r.required, r.words,
           CASE WHEN n.nspname = 'pg_catalog' THEN t.typname::text ELSE '' END
    FROM resolved r
    JOIN pg_catalog.pg_type t ON t.oid = r.type AND t.typtype <> 'd'
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    ORDER BY r.relation, r.place";

const PRIMARY_KEYS: &str = r"
    SELECT i.indrelid::int8, a.attname::text
    FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indrelid::int8 = ANY($1) AND i.indisprimary AND i.indisvalid AND k.place <= i.indnkeyatts
    ORDER BY i.indrelid, k.place";

/// What the description of a query leaves out: the precision of columns that are a table's own.
const QUERY_COLUMNS: &str = r"
    SELECT coalesce(a.atttypmod, -1), pg_catalog.format_type(t.oid, a.atttypmod),
           CASE WHEN n.nspname = 'pg_catalog' THEN t.typname::text ELSE '' END
    FROM unnest($1::oid[], $2::oid[], $3::int2[]) WITH ORDINALITY AS c(type, relation, number, place)
    JOIN pg_catalog.pg_type t ON t.oid = c.type
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.relation AND a.attnum = c.number AND a.atttypid = c.type
    ORDER BY c.place";

type TableRow = (i64, String, String, bool, bool);

/// Every table there is to read, in the order of their names.
pub(crate) async fn tables(connection: &mut PgConnection) -> Result<Vec<Table>, Error> {
    let rows: Vec<TableRow> = sqlx::query_as(LISTED)
        .fetch_all(connection)
        .await
        .map_err(|error| failure("list the tables of the source", error))?;
    Ok(rows.into_iter().map(table).collect())
}

/// The table a stream names: `table` or `schema.table`, parts in double quotes where they hold a dot.
pub(crate) async fn find_table(connection: &mut PgConnection, from: &str) -> Result<Table, Error> {
    for (schema, name) in readings(from) {
        let row: Option<TableRow> = sqlx::query_as(NAMED)
            .bind(schema)
            .bind(name)
            .fetch_optional(&mut *connection)
            .await
            .map_err(|error| failure(format!("look up the table `{from}`"), error))?;
        if let Some(row) = row {
            return Ok(table(row));
        }
    }
    Err(table_not_found(from, &tables(connection).await?))
}

/// The columns of tables, each with its table, in their order.
pub(crate) async fn columns_of(
    connection: &mut PgConnection,
    tables: &[i64],
) -> Result<Vec<(i64, CatalogColumn)>, Error> {
    let rows: Vec<(i64, String, i32, bool, String, String)> = sqlx::query_as(COLUMNS)
        .bind(tables)
        .fetch_all(connection)
        .await
        .map_err(|error| failure("read the columns of the source's tables", error))?;
    Ok(rows
        .into_iter()
        .map(|(table, name, modifier, nullable, words, type_name)| {
            (table, CatalogColumn { name, kind: Kind::of(&type_name), modifier, nullable, words })
        })
        .collect())
}

/// The columns of tables' primary keys, each with its table, in the keys' order.
pub(crate) async fn primary_keys_of(
    connection: &mut PgConnection,
    tables: &[i64],
) -> Result<Vec<(i64, String)>, Error> {
    sqlx::query_as(PRIMARY_KEYS)
        .bind(tables)
        .fetch_all(connection)
        .await
        .map_err(|error| failure("read the primary keys of the source's tables", error))
}

/// The columns a query gives, without running it. Any of them may be NULL.
pub(crate) async fn columns_of_query(connection: &mut PgConnection, query: &str) -> Result<Vec<CatalogColumn>, Error> {
    let invalid = |error| match failure("prepare the stream's query", error) {
        Error::Config { problem, cause, .. } => Error::Config { code: "query_invalid", problem, cause },
        other => other,
    };
    let sql = format!("SELECT * FROM {}", query_as_relation(query));
    let statement = connection.prepare(AssertSqlSafe(sql).into_sql_str()).await.map_err(invalid)?;
    if statement.parameters().and_then(|given| given.left()).is_some_and(|given| !given.is_empty()) {
        return Err(Error::config("query_invalid", "the stream's query has parameters (`$1`), which nothing fills"));
    }
    describe(connection, &statement).await
}

async fn describe(connection: &mut PgConnection, statement: &PgStatement) -> Result<Vec<CatalogColumn>, Error> {
    let columns = statement.columns();
    let types: Vec<Oid> = columns.iter().map(|column| column.type_info().oid().unwrap_or(Oid(0))).collect();
    let relations: Vec<Oid> = columns.iter().map(|column| column.relation_id().unwrap_or(Oid(0))).collect();
    let numbers: Vec<i16> = columns.iter().map(|column| column.relation_attribute_no().unwrap_or(0)).collect();
    let rows: Vec<(i32, String, String)> = sqlx::query_as(QUERY_COLUMNS)
        .bind(types)
        .bind(relations)
        .bind(numbers)
        .fetch_all(connection)
        .await
        .map_err(|error| failure("read the types of the query's columns", error))?;
    Ok(columns
        .iter()
        .zip(rows)
        .map(|(column, (modifier, words, type_name))| CatalogColumn {
            name: column.name().to_owned(),
            kind: Kind::of(&type_name),
            modifier,
            nullable: true,
            words,
        })
        .collect())
}

impl TableName {
    /// The name as a stream writes it.
    pub(crate) fn written(&self) -> String {
        format!("{}.{}", written_part(&self.schema), written_part(&self.name))
    }
}

fn table((oid, schema, name, is_one_heap, has_children): TableRow) -> Table {
    Table { oid, name: TableName { schema, name }, is_one_heap, has_children }
}

fn written_part(part: &str) -> String {
    if part.contains(['.', '"']) { format!("\"{}\"", part.replace('"', "\"\"")) } else { part.to_owned() }
}

/// What a written name can mean, the likeliest first. PostgreSQL folds names without quotes to lower
/// case; here the name as it stands goes first.
fn readings(from: &str) -> Vec<(Option<String>, String)> {
    let (schema, name) = match split(from) {
        Some((schema, name)) => (Some(unquoted(schema)), unquoted(name)),
        None => (None, unquoted(from)),
    };
    let folded = (schema.as_ref().map(|schema| schema.to_lowercase()), name.to_lowercase());
    vec![(schema, name), (None, from.to_owned()), folded]
}

/// Cuts at the first dot outside double quotes.
fn split(from: &str) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    let dot = from.find(|letter| {
        is_quoted ^= letter == '"';
        letter == '.' && !is_quoted
    })?;
    Some((from.get(..dot)?, from.get(dot + 1..)?))
}

fn unquoted(part: &str) -> String {
    match part.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => part.to_owned(),
    }
}

fn table_not_found(from: &str, tables: &[Table]) -> Error {
    let names: Vec<String> = tables.iter().map(|table| table.name.written()).collect();
    let bare = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let by_bare_name = |wanted: &str| {
        let bare_names: Vec<String> = names.iter().map(|name| bare(name)).collect();
        let found = spec::nearest(&bare(wanted), bare_names.iter().map(String::as_str))?.to_owned();
        names.iter().find(|name| bare(name) == found).cloned()
    };
    let hint = match by_bare_name(from) {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None if names.is_empty() => "; the user of the source sees no table at all".to_owned(),
        None => String::new(),
    };
    Error::config("stream_not_found", format!("the source has no table `{from}` that its user can see{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_name_is_read_as_schema_and_table() {
        for (from, schema, name) in [
            ("orders", None, "orders"),
            ("shop.orders", Some("shop"), "orders"),
            ("shop.\"a.b\"", Some("shop"), "a.b"),
            ("\"a.b\"", None, "a.b"),
            ("\"say \"\"hi\"\"\".t", Some("say \"hi\""), "t"),
        ] {
            let first = readings(from).into_iter().next().unwrap();
            assert_eq!(first, (schema.map(str::to_owned), name.to_owned()), "{from}");
            if let (Some(schema), name) = first {
                let full = TableName { schema, name };
                assert_eq!(readings(&full.written())[0], (Some(full.schema), full.name));
            }
        }
    }

    #[test]
    fn a_missing_table_names_the_nearest_one() {
        let name = TableName { schema: "shop".into(), name: "customers".into() };
        let tables = [Table { oid: 1, name, is_one_heap: true, has_children: false }];
        let message = table_not_found("public.custmers", &tables).to_string();
        assert!(message.ends_with("did you mean `shop.customers`?"), "{message}");
    }
}

//! Fixes what a run of a stream will read.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_schema::{Field, Schema};
use batch::ColumnType;
use flow::Position;
use source::{Error, Plan, PlanRequest};
use spec::{DeclaredColumn, Stream, StreamFrom, SyncMode};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::catalog::{self, CatalogColumn, Table};
use crate::error::failure;
use crate::extract::{Extract, From, Order, Place, Range, ReadColumn};
use crate::kind::Kind;
use crate::select;

/// What a stream reads, as the catalog has it.
struct Origin {
    from: From,
    columns: Vec<CatalogColumn>,
    /// `None` for a query.
    table: Option<Table>,
    /// The table's own primary key.
    primary_key: Vec<String>,
}

/// Plans a stream.
pub(crate) async fn plan(connection: &mut PgConnection, request: PlanRequest<'_>) -> Result<Plan, Error> {
    let stream = request.stream;
    let origin = look_up(connection, stream).await?;
    let (fields, columns) = read_columns(stream, &origin)?;
    let primary_key = primary_key(stream, &origin)?;
    let mut extract = Extract { order: full_order(&origin), from: origin.from.clone(), columns, range: Range::All };
    if stream.sync_mode == SyncMode::Incremental {
        extract.order = Order::Key(incremental_key(stream, &primary_key, &extract.columns)?);
        refuse_nulls(connection, stream, &origin, &extract).await?;
        extract.range = new_rows(connection, stream, &extract, request.bookmark).await?;
    }
    Ok(Plan { schema: Arc::new(Schema::new(fields)), primary_key, parts: vec![extract.to_part()?] })
}

async fn look_up(connection: &mut PgConnection, stream: &Stream) -> Result<Origin, Error> {
    match &stream.from {
        StreamFrom::Table(from) => {
            let table = catalog::find_table(connection, from).await?;
            let columns = catalog::columns_of(connection, &[table.oid]).await?;
            let key = catalog::primary_keys_of(connection, &[table.oid]).await?;
            Ok(Origin {
                from: From::Table(table.name.clone()),
                columns: columns.into_iter().map(|(_, column)| column).collect(),
                primary_key: key.into_iter().map(|(_, column)| column).collect(),
                table: Some(table),
            })
        }
        StreamFrom::Query(query) => {
            let columns = catalog::columns_of_query(connection, query).await?;
            Ok(Origin { from: From::Query(query.clone()), columns, table: None, primary_key: Vec::new() })
        }
        StreamFrom::Files(_) => Err(Error::config(
            "stream_invalid",
            format!("stream `{}` reads files, which a PostgreSQL source has not", stream.name),
        )),
    }
}

fn read_columns(stream: &Stream, origin: &Origin) -> Result<(Vec<Field>, Vec<ReadColumn>), Error> {
    refuse_names(stream, &origin.columns)?;
    for name in stream.columns.keys() {
        find(stream, &origin.columns, name)?;
    }
    let mut fields = Vec::with_capacity(origin.columns.len());
    let mut columns = Vec::with_capacity(origin.columns.len());
    for column in &origin.columns {
        let kind = column.kind.ok_or_else(|| unsupported(stream, column))?;
        fields.push(field(column, kind, stream.columns.get(&column.name))?);
        columns.push(ReadColumn { name: column.name.clone(), kind });
    }
    Ok((fields, columns))
}

fn refuse_names(stream: &Stream, columns: &[CatalogColumn]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    for column in columns {
        if !seen.insert(column.name.as_str()) {
            return Err(Error::config(
                "query_invalid",
                format!("the query gives two columns `{}`; give one of them another name with AS", column.name),
            ));
        }
        if column.name.starts_with(batch::OWN_PREFIX) {
            return Err(Error::config(
                "column_name_reserved",
                format!(
                    "column `{}` of `{}` begins with `{}`, which is reserved; rename it in a `query`",
                    column.name,
                    stream.name,
                    batch::OWN_PREFIX
                ),
            ));
        }
    }
    if columns.is_empty() {
        return Err(Error::config("query_invalid", format!("stream `{}` has no columns", stream.name)));
    }
    Ok(())
}

fn unsupported(stream: &Stream, column: &CatalogColumn) -> Error {
    let quoted = select::identifier(&column.name);
    Error::UnsupportedType {
        stream: stream.name.to_string(),
        column: column.name.clone(),
        source_type: column.words.clone(),
        advice: format!("leave it out or cast it in a `query`, e.g. `{quoted}::text AS {quoted}`"),
    }
}

/// A declared type must be the one there is. A `numeric` without precision may be declared a
/// decimal: each value is then checked, and one that does not fit is refused, not rounded.
fn field(column: &CatalogColumn, kind: Kind, declared: Option<&DeclaredColumn>) -> Result<Field, Error> {
    let own_type = kind.column_type(column.modifier);
    let Some(declared) = declared else { return Ok(own_type.field(&column.name, column.nullable)) };
    let is_narrowed = own_type == ColumnType::Numeric && matches!(declared.column_type, ColumnType::Decimal { .. });
    if declared.column_type != own_type && !is_narrowed {
        return Err(Error::config(
            "type_mismatch",
            format!(
                "column `{}` is declared as `{}` but is `{}` in the source, which is read as `{own_type}`; \
                 declare that, leave the declaration out, or cast the column in a `query`",
                column.name, declared.column_type, column.words
            ),
        ));
    }
    Ok(declared.column_type.field(&column.name, column.nullable && declared.nullable))
}

fn primary_key(stream: &Stream, origin: &Origin) -> Result<Vec<String>, Error> {
    if stream.primary_key.is_empty() {
        return Ok(origin.primary_key.clone());
    }
    for name in &stream.primary_key {
        find(stream, &origin.columns, name)?;
    }
    Ok(stream.primary_key.clone())
}

/// Only a key the database itself keeps tells every row apart; a declared one might not.
fn full_order(origin: &Origin) -> Order {
    match &origin.table {
        Some(table) if !origin.primary_key.is_empty() && !table.has_children => Order::Key(origin.primary_key.clone()),
        Some(table) if table.is_one_heap => Order::Heap,
        _ => Order::Given,
    }
}

/// The cursor and, to tell rows of the same moment apart, the primary key.
fn incremental_key(stream: &Stream, primary_key: &[String], columns: &[ReadColumn]) -> Result<Vec<String>, Error> {
    let cursor = stream.cursor_field.as_deref().unwrap_or_default();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    if !names.contains(&cursor) {
        return Err(column_not_found(stream, cursor, &names));
    }
    if primary_key.is_empty() {
        return Err(Error::config(
            "key_missing",
            format!(
                "stream `{}` is incremental but has no primary key to tell rows with the same `{cursor}` apart; \
                 declare `primary_key`",
                stream.name
            ),
        ));
    }
    let mut key = vec![cursor.to_owned()];
    key.extend(primary_key.iter().filter(|name| *name != cursor).cloned());
    let unordered = columns.iter().find(|column| key.contains(&column.name) && !column.kind.is_ordered());
    match unordered {
        Some(column) => Err(Error::config(
            "cursor_invalid",
            format!("column `{}` has a type without an order, so it can be no cursor and no key", column.name),
        )),
        None => Ok(key),
    }
}

/// Rows without a cursor or key would never be read, and nobody would know.
async fn refuse_nulls(
    connection: &mut PgConnection,
    stream: &Stream,
    origin: &Origin,
    extract: &Extract,
) -> Result<(), Error> {
    for (_, key_column) in extract.key_columns() {
        let is_nullable = origin.columns.iter().any(|column| column.name == key_column.name && column.nullable);
        if !is_nullable {
            continue;
        }
        let statement = select::null_statement(&extract.from, &key_column.name);
        let has_nulls: bool = sqlx::query_scalar(AssertSqlSafe(statement))
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| failure(format!("look for rows without `{}`", key_column.name), error))?;
        if has_nulls {
            return Err(nulls_found(stream, &key_column.name));
        }
    }
    Ok(())
}

fn nulls_found(stream: &Stream, column: &str) -> Error {
    let is_cursor = stream.cursor_field.as_deref() == Some(column);
    let (code, role) = if is_cursor { ("cursor_null", "cursor") } else { ("key_null", "key") };
    Error::config(
        code,
        format!(
            "stream `{}` has rows without a value in its {role} `{column}`, which an incremental run would never \
             read; fill them, or leave them out in a `query`",
            stream.name
        ),
    )
}

/// From the bookmark up to what there is now, so that the run has an end.
async fn new_rows(
    connection: &mut PgConnection,
    stream: &Stream,
    extract: &Extract,
    bookmark: Option<&Position>,
) -> Result<Range, Error> {
    let after = bookmark.map(|bookmark| bookmark_values(stream, extract, bookmark)).transpose()?;
    let key: Vec<&ReadColumn> = extract.key_columns().into_iter().map(|(_, column)| column).collect();
    let statement = select::greatest_statement(&extract.from, &key);
    let until: Option<Vec<String>> = sqlx::query_scalar(AssertSqlSafe(statement))
        .fetch_optional(connection)
        .await
        .map_err(|error| failure(format!("find the end of stream `{}`", stream.name), error))?;
    Ok(match until {
        Some(until) => Range::Between { after, until },
        None => Range::Nothing,
    })
}

fn bookmark_values(stream: &Stream, extract: &Extract, bookmark: &Position) -> Result<Vec<String>, Error> {
    Place::of_position(bookmark, &extract.order).map(Place::into_values).map_err(|_| {
        Error::config(
            "bookmark_mismatch",
            format!(
                "the bookmark of stream `{}` was made with another cursor or primary key than the stream has now; \
                 clear the stream's state to read it from the start",
                stream.name
            ),
        )
    })
}

fn find<'a>(stream: &Stream, columns: &'a [CatalogColumn], name: &str) -> Result<&'a CatalogColumn, Error> {
    columns.iter().find(|column| column.name == name).ok_or_else(|| {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        column_not_found(stream, name, &names)
    })
}

fn column_not_found(stream: &Stream, name: &str, names: &[&str]) -> Error {
    let hint = spec::nearest(name, names.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
    Error::config(
        "column_not_found",
        format!("stream `{}` has no column `{name}` in the source{}", stream.name, hint.unwrap_or_default()),
    )
}

//! What a run reads, and the statement that reads it.

use std::sync::Arc;

use arrow_schema::{Field, Schema};
use source::{Error, Plan, PlanRequest, ReadRequest};
use spec::{Stream, StreamFrom, SyncMode};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, SqliteConnection};

use crate::bookmark::{Cut, Place};
use crate::relation::{self, Relation, RelationColumn, RowKey};
use crate::value::{Raw, Scalar};
use crate::{declared, error};

/// Fixes the schema and the one part.
pub(crate) async fn make(connection: &mut SqliteConnection, request: PlanRequest<'_>) -> Result<Plan, Error> {
    let stream = request.stream;
    let relation = relation::of_stream(connection, stream).await?;
    let named = stream.columns.keys().chain(&stream.primary_key).chain(&stream.cursor_field);
    named.into_iter().try_for_each(|name| check_is_there(stream, &relation, name))?;
    let fields = relation.columns.iter().map(|column| field(stream, &relation, column));
    let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<_>, _>>()?));
    let primary_key = if stream.primary_key.is_empty() { relation.primary_key() } else { stream.primary_key.clone() };
    let cut = match (stream.sync_mode, &stream.cursor_field) {
        (SyncMode::Incremental, Some(cursor)) => incremental(connection, request, &relation, cursor).await?,
        _ => Cut { table: relation.table.clone(), keys: keys(&relation), by_cursor: false, beyond: None, up_to: None },
    };
    Ok(Plan { schema, primary_key, parts: vec![cut.part()?] })
}

/// What a reader asks SQLite.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) cut: Cut,
    select: String,
    /// Rows of a part without keys that were read before.
    pub(crate) skip: u64,
}

/// The statement of a part, from a position on.
pub(crate) fn query(request: &ReadRequest<'_>) -> Result<Query, Error> {
    let mut cut = Cut::of(request.part)?;
    let mut skip = 0;
    if let Some(position) = request.position {
        let bad = || Error::BadPosition { text: position.to_string() };
        match Place::of(position)? {
            Place::Rows(rows) if cut.keys.is_empty() && i64::try_from(rows).is_ok() => skip = rows,
            place => cut.beyond = Some(place.behind(&cut.keys).filter(|keys| !keys.is_empty()).ok_or_else(bad)?),
        }
    }
    let names = cut.keys.iter().chain(request.schema.fields().iter().map(|field| field.name()));
    let from = match (&cut.table, &request.stream.from) {
        (Some(table), _) => quoted(table),
        (None, StreamFrom::Query(query)) => relation::as_subquery(query)?,
        (None, _) => return Err(Error::BadPosition { text: request.part.0.clone() }),
    };
    let select = format!("SELECT {} FROM {from} AS t", names.map(|name| column(name)).collect::<Vec<_>>().join(", "));
    Ok(Query { cut, select, skip })
}

impl Query {
    /// The statement, and its arguments, for at most `limit` rows.
    pub(crate) fn statement(&self, limit: Option<u64>) -> Result<(String, SqliteArguments), Error> {
        let mut statement = self.select.clone();
        let mut arguments = SqliteArguments::default();
        let mut conditions = Vec::new();
        let keys = self.cut.keys.iter().map(|key| column(key)).collect::<Vec<_>>().join(", ");
        if let Some(beyond) = &self.cut.beyond {
            conditions.push(format!("({keys}) > ({})", vec!["?"; beyond.len()].join(", ")));
            beyond.iter().try_for_each(|scalar| scalar.bind(&mut arguments))?;
        }
        if let (Some(up_to), Some(cursor)) = (&self.cut.up_to, self.cut.keys.first()) {
            conditions.push(format!("{} <= ?", column(cursor)));
            up_to.bind(&mut arguments)?;
        }
        if !conditions.is_empty() {
            statement.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
        }
        if !self.cut.keys.is_empty() {
            statement.push_str(&format!(" ORDER BY {keys}"));
        }
        statement.push_str(" LIMIT ? OFFSET ?");
        let limit = limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(-1);
        for number in [limit, i64::try_from(self.skip).unwrap_or(i64::MAX)] {
            arguments.add(number).map_err(Error::Build)?;
        }
        Ok((statement, arguments))
    }

    /// Where the read stands behind `row`, the `number`-th of the part (counted from 1).
    pub(crate) fn place_behind(&self, row: &SqliteRow, number: u64) -> Result<Place, Error> {
        if self.cut.keys.is_empty() {
            return Ok(Place::Rows(number));
        }
        let pair = |(place, key): (usize, &String)| Ok((key.clone(), Scalar::of(Raw::of(row, place)?)));
        self.cut.keys.iter().enumerate().map(pair).collect::<Result<_, _>>().map(Place::Behind)
    }
}

fn check_is_there(stream: &Stream, relation: &Relation, name: &str) -> Result<(), Error> {
    if relation.columns.iter().any(|column| column.name == *name) {
        return Ok(());
    }
    let there: Vec<&str> = relation.columns.iter().map(|column| column.name.as_str()).collect();
    let problem = format!("stream `{}` has no column `{name}`; there are `{}`", stream.name, there.join("`, `"));
    Err(Error::config("column_not_found", problem))
}

fn field(stream: &Stream, relation: &Relation, column: &RelationColumn) -> Result<Field, Error> {
    if let Some(said) = stream.columns.get(&column.name) {
        return Ok(said.column_type.field(&column.name, said.nullable));
    }
    let column_type = declared::column_type(&column.declared).ok_or_else(|| Error::UnsupportedType {
        stream: stream.name.to_string(),
        column: column.name.clone(),
        source_type: if column.declared.is_empty() { "(none declared)".to_owned() } else { column.declared.clone() },
        advice: "say its type under `columns`, or leave it out with a `query`".to_owned(),
    })?;
    Ok(column_type.field(&column.name, relation.is_nullable(column)))
}

fn keys(relation: &Relation) -> Vec<String> {
    match relation.key {
        RowKey::Rowid(name) => vec![name.to_owned()],
        RowKey::PrimaryKey => relation.primary_key(),
        RowKey::None => Vec::new(),
    }
}

async fn incremental(
    connection: &mut SqliteConnection,
    request: PlanRequest<'_>,
    relation: &Relation,
    cursor: &str,
) -> Result<Cut, Error> {
    let stream = request.stream;
    let row_key = match relation.key {
        RowKey::None => stream.primary_key.clone(),
        _ => keys(relation),
    };
    if row_key.is_empty() {
        let problem = format!("stream `{}` reads a query or view by its cursor and needs a `primary_key`", stream.name);
        return Err(Error::config("key_missing", problem));
    }
    let mut keys = vec![cursor.to_owned()];
    keys.extend(row_key.into_iter().filter(|key| key != cursor));
    let beyond = match request.bookmark.map(Place::of).transpose()? {
        Some(place) => Some(place.behind(&keys).ok_or_else(|| bookmark_mismatch(stream))?),
        None => None,
    };
    let up_to = last_cursor(connection, stream, relation, cursor).await?;
    Ok(Cut { table: relation.table.clone(), keys, by_cursor: true, beyond, up_to })
}

fn bookmark_mismatch(stream: &Stream) -> Error {
    let problem = format!(
        "the bookmark of stream `{}` was left by another cursor or key; remove it to read from the beginning",
        stream.name
    );
    Error::config("bookmark_mismatch", problem)
}

/// The greatest cursor there is now; refuses rows without one, for no run would ever read them.
async fn last_cursor(
    connection: &mut SqliteConnection,
    stream: &Stream,
    relation: &Relation,
    cursor: &str,
) -> Result<Option<Scalar>, Error> {
    let from = match (&relation.table, &stream.from) {
        (None, StreamFrom::Query(query)) => relation::as_subquery(query)?,
        (table, _) => quoted(table.as_deref().unwrap_or_default()),
    };
    let name = column(cursor);
    let ask = format!("SELECT max({name}), EXISTS (SELECT 1 FROM {from} AS t WHERE {name} IS NULL) FROM {from} AS t");
    let row = sqlx::query(AssertSqlSafe(ask)).fetch_one(connection).await;
    let row = row.map_err(error::while_doing("look for the greatest cursor"))?;
    if Raw::of(&row, 1)? == Raw::Integer(1) {
        let problem = format!(
            "column `{cursor}` of stream `{}` is the cursor and has NULLs; leave those rows out with a `query`",
            stream.name
        );
        return Err(Error::config("cursor_value_missing", problem));
    }
    Ok(Some(Scalar::of(Raw::of(&row, 0)?)).filter(|last| *last != Scalar::Null))
}

/// A column, never mistaken for a text: an unknown name in quotes alone would be one to SQLite.
fn column(name: &str) -> String {
    format!("t.{}", quoted(name))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

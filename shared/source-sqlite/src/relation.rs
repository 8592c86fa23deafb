//! Tables, views and queries: their columns and keys.

use source::{Column, Discovered, Error};
use spec::{Stream, StreamFrom};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Row, SqliteConnection};

use crate::{declared, error, statement};

/// What a stream reads.
#[derive(Debug)]
pub(crate) struct Relation {
    /// Its name; `None` for a query.
    pub(crate) table: Option<String>,
    /// Its columns, in order.
    pub(crate) columns: Vec<RelationColumn>,
    /// What order it can be read in, over and over.
    pub(crate) key: RowKey,
}

/// What identifies a row to SQLite.
#[derive(Debug)]
pub(crate) enum RowKey {
    /// The hidden row number, by this name.
    Rowid(&'static str),
    /// The primary key of a table without `rowid`.
    PrimaryKey,
    /// Nothing: a view or a query.
    None,
}

/// A column as SQLite has it.
#[derive(Debug)]
pub(crate) struct RelationColumn {
    pub(crate) name: String,
    pub(crate) declared: String,
    pub(crate) not_null: bool,
    key_place: i64,
}

impl FromRow<'_, SqliteRow> for RelationColumn {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: row.try_get("name")?,
            declared: row.try_get("declared")?,
            not_null: row.try_get("not_null")?,
            key_place: row.try_get("key_place")?,
        })
    }
}

#[derive(Debug)]
struct Listed {
    name: String,
    kind: String,
    without_rowid: bool,
}

impl FromRow<'_, SqliteRow> for Listed {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            without_rowid: row.try_get("without_rowid")?,
        })
    }
}

const LIST: &str = "SELECT name, type AS kind, wr AS without_rowid FROM pragma_table_list WHERE schema = 'main'";

/// Every table and view of the user's, by name.
pub(crate) async fn discover(connection: &mut SqliteConnection) -> Result<Vec<Discovered>, Error> {
    let listed: Vec<Listed> = sqlx::query_as(AssertSqlSafe(format!("{LIST} ORDER BY name")))
        .fetch_all(&mut *connection)
        .await
        .map_err(error::while_doing("list the tables"))?;
    let is_ours = |name: &str| name.starts_with("sqlite_") || name.starts_with(batch::OWN_PREFIX);
    let mut discovered = Vec::new();
    for listed in listed.into_iter().filter(|listed| listed.kind != "shadow" && !is_ours(&listed.name)) {
        let name = listed.name.clone();
        match of_listed(connection, listed).await {
            Ok(relation) => discovered.push(relation.discovered(name)),
            // A view of a table that is gone is no stream.
            Err(Error::Config { code: "query_invalid", .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(discovered)
}

/// What the stream reads.
pub(crate) async fn of_stream(connection: &mut SqliteConnection, stream: &Stream) -> Result<Relation, Error> {
    match &stream.from {
        StreamFrom::Table(name) => of_table(connection, name).await,
        StreamFrom::Query(query) => of_query(connection, query).await,
        StreamFrom::Files(_) => {
            Err(Error::config("stream_not_found", format!("stream `{}` names files, not a table", stream.name)))
        }
    }
}

/// A query as something to select from. The line break ends a comment on its last line.
pub(crate) fn as_subquery(query: &str) -> Result<String, Error> {
    let several = || Error::config("query_invalid", "the query is not one statement with matching brackets");
    statement::single(query).map(|query| format!("(\n{query}\n)")).ok_or_else(several)
}

impl Relation {
    /// The primary key's columns, in its own order.
    pub(crate) fn primary_key(&self) -> Vec<String> {
        let mut key: Vec<&RelationColumn> = self.columns.iter().filter(|column| column.key_place > 0).collect();
        key.sort_by_key(|column| column.key_place);
        key.into_iter().map(|column| column.name.clone()).collect()
    }

    /// Whether a column can hold NULL. SQLite keeps NULLs in primary keys, but for `INTEGER PRIMARY KEY`
    /// and tables without `rowid`.
    pub(crate) fn is_nullable(&self, column: &RelationColumn) -> bool {
        let is_rowid = column.declared.eq_ignore_ascii_case("INTEGER") && self.primary_key() == [column.name.as_str()];
        let is_key = column.key_place > 0 && (matches!(self.key, RowKey::PrimaryKey) || is_rowid);
        !column.not_null && !is_key
    }

    fn discovered(&self, name: String) -> Discovered {
        let column = |column: &RelationColumn| Column {
            name: column.name.clone(),
            column_type: declared::column_type(&column.declared),
            source_type: column.declared.clone(),
            nullable: self.is_nullable(column),
        };
        Discovered { name, columns: self.columns.iter().map(column).collect(), primary_key: self.primary_key() }
    }
}

async fn of_table(connection: &mut SqliteConnection, name: &str) -> Result<Relation, Error> {
    for name in [Some(name), name.strip_prefix("main.")].into_iter().flatten() {
        let listed: Option<Listed> = sqlx::query_as(AssertSqlSafe(format!("{LIST} AND name = ? COLLATE NOCASE")))
            .bind(name)
            .fetch_optional(&mut *connection)
            .await
            .map_err(error::while_doing("look for the table"))?;
        if let Some(listed) = listed {
            return of_listed(connection, listed).await;
        }
    }
    Err(Error::config("stream_not_found", format!("there is no table or view `{name}` in the SQLite file")))
}

async fn of_listed(connection: &mut SqliteConnection, listed: Listed) -> Result<Relation, Error> {
    let columns = columns(connection, &listed.name).await?;
    let free = |name: &&'static str| !columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let key = match (listed.kind.as_str(), listed.without_rowid) {
        ("view", _) => RowKey::None,
        (_, true) => RowKey::PrimaryKey,
        (_, false) => ["rowid", "_rowid_", "oid"].into_iter().find(free).map_or(RowKey::None, RowKey::Rowid),
    };
    Ok(Relation { table: Some(listed.name), columns, key })
}

/// SQLite tells the declared types of a query's columns for views only.
async fn of_query(connection: &mut SqliteConnection, query: &str) -> Result<Relation, Error> {
    const VIEW: &str = "_millstream_query";
    let invalid = || error::while_doing("look at the query");
    let view = format!("CREATE TEMP VIEW {VIEW} AS SELECT * FROM {}", as_subquery(query)?);
    sqlx::raw_sql(AssertSqlSafe(view)).execute(&mut *connection).await.map_err(invalid())?;
    let columns = columns(connection, VIEW).await?;
    sqlx::query("DROP VIEW temp._millstream_query").execute(connection).await.map_err(invalid())?;
    Ok(Relation { table: None, columns, key: RowKey::None })
}

async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Vec<RelationColumn>, Error> {
    sqlx::query_as(
        "SELECT name, type AS declared, \"notnull\" AS not_null, pk AS key_place
         FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid",
    )
    .bind(table)
    .fetch_all(connection)
    .await
    .map_err(error::while_doing("look at the columns"))
}

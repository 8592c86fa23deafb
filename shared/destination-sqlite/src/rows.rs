//! A batch into a table: many rows a statement, the next statement's values made ready while
//! SQLite is at work on the last.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use destination::{Error, Target};
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::cells::Cells;
use crate::{error, sql};

/// SQLite's limit on the values of one statement.
const MAX_VALUES: usize = 32_766;

/// Beyond this, longer statements win nothing and cost memory.
const MAX_ROWS: usize = 256;

/// Writes the rows into `table`.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    table: &str,
    target: &Target,
    rows: &RecordBatch,
) -> Result<(), Error> {
    let columns: Vec<&str> = target.schema.fields().iter().map(|field| field.name().as_str()).collect();
    let insert =
        sql::Insert { table, columns: &columns, disposition: target.disposition, primary_key: &target.primary_key };
    let at_once = (MAX_VALUES / columns.len().max(1)).clamp(1, MAX_ROWS);
    let full: Arc<str> = sql::insert(&insert, at_once).into();
    let cells = Cells::of(&target.schema, rows)?;
    let mut chunks = chunks(rows.num_rows(), at_once).peekable();
    let mut next = chunks.peek().map(|chunk| cells.arguments(chunk.clone())).transpose()?;
    while let (Some(chunk), Some(arguments)) = (chunks.next(), next.take()) {
        let is_full = chunk.len() == at_once;
        let statement = if is_full { full.clone() } else { sql::insert(&insert, chunk.len()).into() };
        let writing = execute(connection, statement, arguments, is_full);
        let preparing = async { chunks.peek().map(|chunk| cells.arguments(chunk.clone())).transpose() };
        let (written, prepared) = tokio::join!(writing, preparing);
        written?;
        next = prepared?;
    }
    Ok(())
}

/// Removes the rows whose key is one of `keys`, which have the columns of the key alone.
pub(crate) async fn remove(connection: &mut SqliteConnection, table: &str, keys: &RecordBatch) -> Result<(), Error> {
    let schema = keys.schema();
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let at_once = (MAX_VALUES / columns.len().max(1)).clamp(1, MAX_ROWS);
    let cells = Cells::of(&schema, keys)?;
    for chunk in chunks(keys.num_rows(), at_once) {
        let (rows, is_full) = (chunk.len(), chunk.len() == at_once);
        let statement = sql::delete(table, &columns, rows).into();
        execute(connection, statement, cells.arguments(chunk)?, is_full).await?;
    }
    Ok(())
}

fn chunks(rows: usize, at_once: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(at_once).map(move |start| start..rows.min(start + at_once))
}

/// Only the full statement is worth keeping prepared: a last one has any number of rows.
async fn execute(
    connection: &mut SqliteConnection,
    statement: Arc<str>,
    arguments: SqliteArguments,
    is_full: bool,
) -> Result<(), Error> {
    let query = sqlx::query_with(AssertSqlSafe(statement), arguments).persistent(is_full);
    query.execute(connection).await.map(drop).map_err(error::while_doing("write rows"))
}

//! Readers: one short query a batch where the rows have a key, else one query for all of them.

use std::collections::VecDeque;

use async_trait::async_trait;
use futures::{Stream, StreamExt};
use source::{Error, Pulled, ReadRequest, Reader};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, SqliteConnection};
use tokio::sync::mpsc;

use crate::builder::Filling;
use crate::error;
use crate::plan::Query;

/// A reader of the query.
pub(crate) fn open(
    connection: SqliteConnection,
    query: Query,
    request: &ReadRequest<'_>,
) -> Result<Box<dyn Reader>, Error> {
    let is_paged = query.cut.is_paged();
    let filling = Filling::new(request.schema.clone(), request.stream.batch.clone(), query)?;
    if is_paged {
        return Ok(Box::new(Paged { connection, filling, ready: VecDeque::new(), at_end: false }));
    }
    let (sender, batches) = mpsc::channel(1);
    tokio::spawn(hold(connection, filling, sender));
    Ok(Box::new(Held { batches, at_end: false }))
}

/// Asks for each batch anew, so that no lock stays on the file while a batch is on its way.
struct Paged {
    connection: SqliteConnection,
    filling: Filling,
    ready: VecDeque<Pulled>,
    at_end: bool,
}

#[async_trait]
impl Reader for Paged {
    async fn next(&mut self) -> Result<Option<Pulled>, Error> {
        if self.ready.is_empty() && !self.at_end {
            self.filling.discard()?;
            let (statement, arguments) = self.filling.statement_of_a_page()?;
            let mut rows = sqlx::query_with(AssertSqlSafe(statement), arguments).fetch(&mut self.connection);
            self.at_end = fill(&mut rows, &mut self.filling).await?;
            drop(rows);
            self.ready.extend(self.filling.finish()?);
        }
        Ok(self.ready.pop_front())
    }
}

/// Reads on in one query. A batch is made while the one before it is on its way, never more.
struct Held {
    batches: mpsc::Receiver<Result<Option<Pulled>, Error>>,
    at_end: bool,
}

#[async_trait]
impl Reader for Held {
    async fn next(&mut self) -> Result<Option<Pulled>, Error> {
        if self.at_end {
            return Ok(None);
        }
        let gone = || Error::Unavailable { doing: "read on".to_owned(), cause: "the reading task went away".into() };
        let pulled = self.batches.recv().await.ok_or_else(gone)??;
        self.at_end = pulled.is_none();
        Ok(pulled)
    }
}

async fn hold(
    mut connection: SqliteConnection,
    mut filling: Filling,
    sender: mpsc::Sender<Result<Option<Pulled>, Error>>,
) {
    if let Err(error) = hold_until_end(&mut connection, &mut filling, &sender).await {
        // Nobody listens any more when this fails.
        sender.send(Err(error)).await.ok();
    }
}

async fn hold_until_end(
    connection: &mut SqliteConnection,
    filling: &mut Filling,
    sender: &mpsc::Sender<Result<Option<Pulled>, Error>>,
) -> Result<(), Error> {
    let (statement, arguments) = filling.statement_of_all()?;
    let mut rows = sqlx::query_with(AssertSqlSafe(statement), arguments).fetch(connection);
    let mut at_end = false;
    while !at_end {
        // Waits until the last batch was taken before it makes another.
        drop(sender.reserve().await);
        at_end = fill(&mut rows, filling).await?;
        for pulled in filling.finish()? {
            if sender.send(Ok(Some(pulled))).await.is_err() {
                return Ok(());
            }
        }
    }
    sender.send(Ok(None)).await.ok();
    Ok(())
}

/// Fills a batch; true when there are no more rows.
async fn fill(
    rows: &mut (impl Stream<Item = Result<SqliteRow, sqlx::Error>> + Unpin),
    filling: &mut Filling,
) -> Result<bool, Error> {
    while !filling.is_full() {
        match rows.next().await {
            Some(row) => filling.push(row.map_err(error::while_doing("read rows"))?)?,
            None => return Ok(true),
        }
    }
    Ok(false)
}

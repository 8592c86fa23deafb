//! One running `COPY … TO STDOUT`: its bytes in chunks.

use futures::TryStreamExt as _;
use source::Error;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::error::failure;

/// PostgreSQL sends a message a row; they are gathered into chunks of about this many bytes.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks that may wait: enough for the server to go on while a batch is being built.
const WAITING_CHUNKS: usize = 4;

/// A COPY that is being received by a task of its own; dropping it ends the task and its connection,
/// and with that the statement.
pub(crate) struct CopyOut {
    chunks: mpsc::Receiver<Result<Vec<u8>, sqlx::Error>>,
    doing: String,
    _task: JoinSet<()>,
}

impl CopyOut {
    /// Starts the statement.
    pub(crate) fn start(connection: PgConnection, settings: &'static str, statement: String, doing: String) -> Self {
        let (sender, chunks) = mpsc::channel(WAITING_CHUNKS);
        let mut task = JoinSet::new();
        task.spawn(async move {
            if let Err(error) = receive(connection, settings, &statement, &sender).await {
                // Nobody waits for the error of a reading that was given up.
                let _ = sender.send(Err(error)).await;
            }
        });
        Self { chunks, doing, _task: task }
    }

    /// The next chunk; `None` when the statement has come to its end without an error.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        self.chunks.recv().await.transpose().map_err(|error| failure(self.doing.as_str(), error))
    }

    /// What the statement is for, for messages.
    pub(crate) fn doing(&self) -> &str {
        &self.doing
    }
}

async fn receive(
    mut connection: PgConnection,
    settings: &'static str,
    statement: &str,
    sender: &mpsc::Sender<Result<Vec<u8>, sqlx::Error>>,
) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(settings).execute(&mut connection).await?;
    let mut messages = connection.copy_out_raw(statement).await?;
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    while let Some(message) = messages.try_next().await? {
        if chunk.len() + message.len() > CHUNK_BYTES && !chunk.is_empty() {
            let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK_BYTES));
            if sender.send(Ok(full)).await.is_err() {
                return Ok(());
            }
        }
        chunk.extend_from_slice(&message);
    }
    drop(messages);
    if sender.send(Ok(chunk)).await.is_ok() {
        connection.close().await?;
    }
    Ok(())
}

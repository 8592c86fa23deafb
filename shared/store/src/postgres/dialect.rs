//! What the statements of both databases need to know of this one: see `statements`.

use sqlx::Transaction;
use sqlx::pool::PoolConnection;
pub(super) use sqlx::{PgConnection as Connection, Postgres as Database};

pub(super) use super::Postgres as Own;
pub(super) use super::failure::database;
use crate::Error;
use crate::lock::Lock;

/// A statement that reads rows, which nobody else changes until the transaction ends.
macro_rules! taking {
    ($select:literal) => {
        concat!($select, " FOR NO KEY UPDATE")
    };
}

pub(super) use taking;

impl Own {
    /// A connection for a statement that only reads.
    pub(super) async fn reader(&self) -> Result<PoolConnection<Database>, Error> {
        self.connection().await
    }

    /// A connection for a change of one statement.
    pub(super) async fn writer(&self) -> Result<PoolConnection<Database>, Error> {
        self.connection().await
    }

    /// Begins a change and waits until it is alone with what `lock` names.
    pub(super) async fn begin_alone(
        &self,
        doing: &'static str,
        lock: Lock<'_>,
    ) -> Result<Transaction<'static, Database>, Error> {
        let mut transaction = self.begin(doing).await?;
        self.lock(&mut transaction, lock).await.map_err(database(doing))?;
        Ok(transaction)
    }

    /// Begins a change and waits until nobody is alone with what `shared` names, and it is alone
    /// with what `lock` names.
    pub(super) async fn begin_beside(
        &self,
        doing: &'static str,
        shared: Lock<'_>,
        lock: Lock<'_>,
    ) -> Result<Transaction<'static, Database>, Error> {
        let mut transaction = self.begin(doing).await?;
        self.share(&mut transaction, shared).await.map_err(database(doing))?;
        self.lock(&mut transaction, lock).await.map_err(database(doing))?;
        Ok(transaction)
    }
}

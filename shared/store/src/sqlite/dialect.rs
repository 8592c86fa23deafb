//! What the statements of both databases need to know of this one: see `statements`.

use sqlx::Transaction;
pub(super) use sqlx::{Sqlite as Database, SqliteConnection as Connection};

pub(super) use super::Sqlite as Own;
pub(super) use super::failure::database;
use crate::Error;
use crate::lock::Lock;

/// A statement that reads rows, which nobody else changes until the transaction ends: nobody else
/// writes before.
macro_rules! taking {
    ($select:literal) => {
        $select
    };
}

pub(super) use taking;

impl Own {
    /// Begins a change: it is alone with everything, so also with what `lock` names.
    pub(super) async fn begin_alone(
        &self,
        doing: &'static str,
        _lock: Lock<'_>,
    ) -> Result<Transaction<'static, Database>, Error> {
        self.begin(doing).await
    }

    /// Begins a change: nobody else is at work beside it, so nobody is alone with what `shared`
    /// names.
    pub(super) async fn begin_beside(
        &self,
        doing: &'static str,
        _shared: Lock<'_>,
        _lock: Lock<'_>,
    ) -> Result<Transaction<'static, Database>, Error> {
        self.begin(doing).await
    }
}

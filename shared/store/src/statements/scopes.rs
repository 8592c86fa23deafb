//! Scopes of fingerprints: one for each check of a run. How the fingerprints themselves are kept
//! is each database's own: see `keys`.

use flow::RunId;

use super::dialect::{Connection, Own, database};
use crate::Error;

const FORGETTING: &str = "forget keys";

impl Own {
    pub(super) async fn forget_keys(&self, run: &RunId) -> Result<(), Error> {
        // Waits for those that are writing to the scope.
        sqlx::query("UPDATE unique_scopes SET forgotten = TRUE WHERE run = $1")
            .bind(run.as_str())
            .execute(&mut *self.writer().await?)
            .await
            .map_err(database(FORGETTING))?;
        // Scopes that a call before left half-way are finished too.
        let scopes: Vec<i64> = sqlx::query_scalar("SELECT scope FROM unique_scopes WHERE forgotten ORDER BY scope")
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(database(FORGETTING))?;
        for scope in scopes {
            self.forget_scope(scope).await?;
        }
        Ok(())
    }
}

/// The number of the check of the run, if it has one.
pub(crate) async fn find_scope(
    connection: &mut Connection,
    run: &RunId,
    check: &str,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT scope FROM unique_scopes WHERE run = $1 AND check_name = $2 AND NOT forgotten")
        .bind(run.as_str())
        .bind(check)
        .fetch_optional(connection)
        .await
}

/// Gives the check of the run a number. The caller is alone with the list of scopes.
pub(crate) async fn make_scope(connection: &mut Connection, run: &RunId, check: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO unique_scopes (scope, run, check_name, forgotten) \
         VALUES ((SELECT COALESCE(MAX(scope), 0) + 1 FROM unique_scopes), $1, $2, FALSE) RETURNING scope",
    )
    .bind(run.as_str())
    .bind(check)
    .fetch_one(connection)
    .await
}

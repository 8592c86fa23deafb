//! Fingerprints of keys: which batch of a run had each first, one row each.

use flow::{BatchId, RunId};
use sqlx::PgConnection;

use super::Postgres;
use super::failure::database;
use super::statements::scopes::{find_scope, make_scope};
use crate::Error;
use crate::fingerprints::{First, sort};
use crate::lock::Lock;

/// Rows written, read or deleted by one statement: each stays far below the time a statement has.
const ROWS_AT_ONCE: usize = 50_000;

const REMEMBERING: &str = "remember keys";
const FORGETTING: &str = "forget keys";

/// A batch among those of one check of a run.
struct Owner<'a> {
    run: &'a RunId,
    check: &'a str,
    batch: &'a BatchId,
    /// The number of the check of the run.
    scope: i64,
    /// The batch's number in its scope: rows are small that way.
    owner: i64,
}

impl Postgres {
    pub(super) async fn remember_keys(
        &self,
        run: &RunId,
        check: &str,
        batch: &BatchId,
        keys: &[u128],
    ) -> Result<Vec<bool>, Error> {
        let (firsts, mut answers) = sort(keys);
        loop {
            let scope = self.scope_of(run, check).await?;
            // A scope that is forgotten in between is followed by a new one.
            let Some(owner) = self.owner_of(scope, batch).await? else { continue };
            let owner = Owner { run, check, batch, scope, owner };
            if let Some(known) = self.keep_keys(&owner, &firsts).await? {
                for row in known {
                    if let Some(answer) = answers.get_mut(row) {
                        *answer = true;
                    }
                }
                return Ok(answers);
            }
        }
    }

    /// Leaves nothing of a scope. It goes last itself: its number is not another's before all of it
    /// is gone.
    pub(super) async fn forget_scope(&self, scope: i64) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        while forget_some(&mut connection, scope).await.map_err(database(FORGETTING))? > 0 {}
        for statement in ["DELETE FROM unique_owners WHERE scope = $1", "DELETE FROM unique_scopes WHERE scope = $1"] {
            sqlx::query(statement).bind(scope).execute(&mut *connection).await.map_err(database(FORGETTING))?;
        }
        Ok(())
    }

    async fn scope_of(&self, run: &RunId, check: &str) -> Result<i64, Error> {
        let mut connection = self.connection().await?;
        if let Some(scope) = find_scope(&mut connection, run, check).await.map_err(database(REMEMBERING))? {
            return Ok(scope);
        }
        drop(connection);
        let mut transaction = self.begin_alone(REMEMBERING, Lock::Scopes).await?;
        if let Some(scope) = find_scope(&mut transaction, run, check).await.map_err(database(REMEMBERING))? {
            return Ok(scope);
        }
        let scope = make_scope(&mut transaction, run, check).await.map_err(database(REMEMBERING))?;
        transaction.commit().await.map_err(database(REMEMBERING))?;
        Ok(scope)
    }

    /// The batch's number in the scope; `None` when the scope is forgotten.
    async fn owner_of(&self, scope: i64, batch: &BatchId) -> Result<Option<i64>, Error> {
        let mut connection = self.connection().await?;
        if let Some(owner) = find_owner(&mut connection, scope, batch).await.map_err(database(REMEMBERING))? {
            return Ok(Some(owner));
        }
        drop(connection);
        let mut transaction = self.begin(REMEMBERING).await?;
        let owner = number_owner(&mut transaction, scope, batch).await.map_err(database(REMEMBERING))?;
        transaction.commit().await.map_err(database(REMEMBERING))?;
        Ok(owner)
    }

    /// Makes the batch the owner of all fingerprints nobody has, and says which rows have one that
    /// another batch owns. `None` when the scope is forgotten.
    async fn keep_keys(&self, owner: &Owner<'_>, firsts: &[First]) -> Result<Option<Vec<usize>>, Error> {
        let mut transaction = self.begin(REMEMBERING).await?;
        if !owner.is_held(&mut transaction).await.map_err(database(REMEMBERING))? {
            return Ok(None);
        }
        let mut known = Vec::new();
        for firsts in firsts.chunks(ROWS_AT_ONCE) {
            known.extend(owner.keep(&mut transaction, firsts).await.map_err(database(REMEMBERING))?);
        }
        transaction.commit().await.map_err(database(REMEMBERING))?;
        Ok(Some(known))
    }
}

impl Owner<'_> {
    /// Whether the scope is still that of the check, and the number the batch's. It stays so until
    /// the transaction ends.
    async fn is_held(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let held = sqlx::query(
            "SELECT 1 FROM unique_scopes JOIN unique_owners ON unique_owners.scope = unique_scopes.scope \
             WHERE unique_scopes.scope = $1 AND run = $2 AND check_name = $3 AND NOT forgotten \
             AND owner = $4 AND batch = $5 FOR SHARE OF unique_scopes",
        )
        .bind(self.scope)
        .bind(self.run.as_str())
        .bind(self.check)
        .bind(self.owner)
        .bind(self.batch.as_str())
        .fetch_optional(connection)
        .await?;
        Ok(held.is_some())
    }

    async fn keep(&self, connection: &mut PgConnection, firsts: &[First]) -> Result<Vec<usize>, sqlx::Error> {
        let fingerprints: Vec<[u8; 16]> = firsts.iter().map(|first| first.key.to_be_bytes()).collect();
        // In order: two batches with the same keys wait for each other at the first, never crosswise.
        let kept = sqlx::query(
            "INSERT INTO unique_keys (scope, fingerprint, owner) \
             SELECT $1, fingerprint, $2 FROM UNNEST($3::BYTEA[]) AS given (fingerprint) ORDER BY fingerprint \
             ON CONFLICT (scope, fingerprint) DO NOTHING",
        )
        .bind(self.scope)
        .bind(self.owner)
        .bind(&fingerprints)
        .execute(&mut *connection)
        .await?;
        if kept.rows_affected() == fingerprints.len() as u64 {
            return Ok(Vec::new());
        }
        let places: Vec<i64> = sqlx::query_scalar(
            "SELECT place FROM UNNEST($3::BYTEA[]) WITH ORDINALITY AS given (fingerprint, place) \
             JOIN unique_keys ON unique_keys.scope = $1 AND unique_keys.fingerprint = given.fingerprint \
             WHERE unique_keys.owner <> $2",
        )
        .bind(self.scope)
        .bind(self.owner)
        .bind(&fingerprints)
        .fetch_all(connection)
        .await?;
        let row_of = |place: i64| firsts.get(usize::try_from(place - 1).ok()?).map(|first| first.row);
        Ok(places.into_iter().filter_map(row_of).collect())
    }
}

async fn find_owner(connection: &mut PgConnection, scope: i64, batch: &BatchId) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT owner FROM unique_owners WHERE scope = $1 AND batch = $2")
        .bind(scope)
        .bind(batch.as_str())
        .fetch_optional(connection)
        .await
}

/// Gives the batch a number, unless the scope is forgotten.
async fn number_owner(connection: &mut PgConnection, scope: i64, batch: &BatchId) -> Result<Option<i64>, sqlx::Error> {
    let scope_is_there = sqlx::query("SELECT 1 FROM unique_scopes WHERE scope = $1 AND NOT forgotten FOR SHARE")
        .bind(scope)
        .fetch_optional(&mut *connection)
        .await?;
    if scope_is_there.is_none() {
        return Ok(None);
    }
    loop {
        if let Some(owner) = find_owner(connection, scope, batch).await? {
            return Ok(Some(owner));
        }
        // Nothing is inserted when another batch gets the number at the same moment.
        sqlx::query(
            "INSERT INTO unique_owners (scope, owner, batch) \
             SELECT $1, COALESCE(MAX(owner), 0) + 1, $2 FROM unique_owners WHERE scope = $1 ON CONFLICT DO NOTHING",
        )
        .bind(scope)
        .bind(batch.as_str())
        .execute(&mut *connection)
        .await?;
    }
}

async fn forget_some(connection: &mut PgConnection, scope: i64) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM unique_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM unique_keys WHERE scope = $1 LIMIT $2))",
    )
    .bind(scope)
    .bind(ROWS_AT_ONCE as i64)
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

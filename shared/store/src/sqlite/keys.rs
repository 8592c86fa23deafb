//! Fingerprints of keys: which batch of a run had each first.
//!
//! Tens of millions of random fingerprints in a B-tree would rewrite most of it with every batch.
//! So each call writes one sorted segment, and segments are merged as they add up (`segments`).

use flow::{BatchId, RunId};
use sqlx::SqliteConnection;

use super::Sqlite;
use super::failure::database;
use super::pages::Entry;
use super::segments;
use super::statements::scopes::{find_scope, make_scope};
use crate::Error;
use crate::fingerprints::{First, sort};
use crate::tables::columns::Columns;

/// Pages deleted in one transaction, about 20 MiB: forgetting never holds others up for long.
const FORGOTTEN_AT_ONCE: i64 = 1024;

const REMEMBERING: &str = "remember keys";
const FORGETTING: &str = "forget keys";

impl Sqlite {
    pub(super) async fn remember_keys(
        &self,
        run: &RunId,
        check: &str,
        batch: &BatchId,
        keys: &[u128],
    ) -> Result<Vec<bool>, Error> {
        let (firsts, mut answers) = sort(keys);
        let mut asked: Vec<Asked> = firsts.into_iter().map(Asked::from).collect();
        let mut transaction = self.begin(REMEMBERING).await?;
        let scope = scope_of(&mut transaction, run, check).await.map_err(database(REMEMBERING))?;
        let owner = owner_of(&mut transaction, scope, batch).await?;
        segments::find_owners(&mut transaction, scope, &mut asked).await?;
        let unknown = settle_owners(&asked, owner, &mut answers);
        if !unknown.is_empty() {
            segments::add(&mut transaction, scope, &unknown).await?;
        }
        transaction.commit().await.map_err(database(REMEMBERING))?;
        Ok(answers)
    }

    /// Leaves nothing of a scope, the scope itself included.
    pub(super) async fn forget_scope(&self, scope: i64) -> Result<(), Error> {
        while self.forget_pages(scope).await? > 0 {}
        let mut transaction = self.begin(FORGETTING).await?;
        for statement in [
            "DELETE FROM unique_filters WHERE scope = ?",
            "DELETE FROM unique_segments WHERE scope = ?",
            "DELETE FROM unique_owners WHERE scope = ?",
            "DELETE FROM unique_scopes WHERE scope = ?",
        ] {
            sqlx::query(statement).bind(scope).execute(&mut *transaction).await.map_err(database(FORGETTING))?;
        }
        transaction.commit().await.map_err(database(FORGETTING))
    }

    async fn forget_pages(&self, scope: i64) -> Result<u64, Error> {
        let deleted = sqlx::query(
            "DELETE FROM unique_pages WHERE scope = ?1 AND (segment, page) IN \
             (SELECT segment, page FROM unique_pages WHERE scope = ?1 LIMIT ?2)",
        )
        .bind(scope)
        .bind(FORGOTTEN_AT_ONCE)
        .execute(&mut *self.writer().await?)
        .await
        .map_err(database(FORGETTING))?;
        Ok(deleted.rows_affected())
    }
}

/// A fingerprint of the call, with the first row that has it.
pub(super) struct Asked {
    pub(super) key: u128,
    /// Who has it, as far as the segments know.
    pub(super) owner: Option<u32>,
    row: usize,
}

impl From<First> for Asked {
    fn from(First { key, row }: First) -> Self {
        Self { key, owner: None, row }
    }
}

/// Answers for what others own, and gives back what nobody owns yet, for `owner` to have.
fn settle_owners(asked: &[Asked], owner: u32, answers: &mut [bool]) -> Vec<Entry> {
    let mut unknown = Vec::with_capacity(asked.len());
    for asked in asked {
        match asked.owner {
            None => unknown.push(Entry { key: asked.key, owner }),
            Some(other) => {
                if let Some(answer) = answers.get_mut(asked.row) {
                    *answer = other != owner;
                }
            }
        }
    }
    unknown
}

async fn scope_of(connection: &mut SqliteConnection, run: &RunId, check: &str) -> Result<i64, sqlx::Error> {
    match find_scope(connection, run, check).await? {
        Some(scope) => Ok(scope),
        None => make_scope(connection, run, check).await,
    }
}

/// The batch's number in its scope: entries are small that way.
async fn owner_of(connection: &mut SqliteConnection, scope: i64, batch: &BatchId) -> Result<u32, Error> {
    sqlx::query(
        "INSERT INTO unique_owners (scope, owner, batch) \
         VALUES (?1, (SELECT COALESCE(MAX(owner), 0) + 1 FROM unique_owners WHERE scope = ?1), ?2) \
         ON CONFLICT (scope, batch) DO NOTHING",
    )
    .bind(scope)
    .bind(batch.as_str())
    .execute(&mut *connection)
    .await
    .map_err(database(REMEMBERING))?;
    let row = sqlx::query("SELECT owner FROM unique_owners WHERE scope = ? AND batch = ?")
        .bind(scope)
        .bind(batch.as_str())
        .fetch_one(connection)
        .await
        .map_err(database(REMEMBERING))?;
    Columns::of("the owner of keys", &row).small_count("owner")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    const ROWS: u128 = 17_000;

    /// Neighbours in number are far apart in order, and the first half of the key tells nothing.
    fn key(number: u128) -> u128 {
        u128::from((number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn batch(number: u128) -> BatchId {
        BatchId::from_text(&format!("batch {number}"))
    }

    #[tokio::test]
    async fn keys_are_found_again_in_every_part_of_a_large_segment() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Sqlite::open(&folder.path().join("state.db")).await.unwrap();
        let run = RunId::from_text("run");
        let of_batch = |number: u128| (number * ROWS..(number + 1) * ROWS).map(key).collect::<Vec<_>>();
        for number in 0..9 {
            let known = store.remember_keys(&run, "id", &batch(number), &of_batch(number)).await.unwrap();
            assert!(!known.contains(&true), "batch {number}");
        }
        let filters: i64 = sqlx::query_scalar("SELECT MAX(part) FROM unique_filters")
            .fetch_one(&mut *store.reader().await.unwrap())
            .await
            .unwrap();
        assert!(filters >= 2, "eight batches were merged into one segment of several parts");
        for number in 0..9 {
            let again = store.remember_keys(&run, "id", &batch(number), &of_batch(number)).await.unwrap();
            assert!(!again.contains(&true), "batch {number} asked again");
        }
        let mixed: Vec<u128> = (0..10 * ROWS).step_by(7).collect();
        let keys: Vec<u128> = mixed.iter().map(|number| key(*number)).collect();
        let known = store.remember_keys(&run, "id", &batch(99), &keys).await.unwrap();
        let expected: Vec<bool> = mixed.iter().map(|number| *number < 9 * ROWS).collect();
        assert_eq!(known, expected);
    }

    #[tokio::test]
    async fn forgetting_leaves_nothing_behind() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Sqlite::open(&folder.path().join("state.db")).await.unwrap();
        let run = RunId::from_text("run");
        let keys: Vec<u128> = (0..ROWS).map(key).collect();
        store.remember_keys(&run, "id", &batch(0), &keys).await.unwrap();
        Store::forget_keys(&store, &run).await.unwrap();
        let rows: i64 = sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM unique_pages) + (SELECT COUNT(*) FROM unique_filters) \
             + (SELECT COUNT(*) FROM unique_segments) + (SELECT COUNT(*) FROM unique_owners) \
             + (SELECT COUNT(*) FROM unique_scopes)",
        )
        .fetch_one(&mut *store.reader().await.unwrap())
        .await
        .unwrap();
        assert_eq!(rows, 0);
    }
}

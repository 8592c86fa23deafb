//! Spec versions.

use flow::{Digest, SyncName, Timestamp};

use super::dialect::{Connection, Own, database};
use crate::Error;
use crate::error::not_found;
use crate::lock::Lock;
use crate::record::SpecVersion;
use crate::tables::columns::micros;
use crate::tables::rows::spec_version;

impl Own {
    pub(super) async fn save_spec(
        &self,
        sync: &SyncName,
        digest: &Digest,
        text: &str,
        now: Timestamp,
    ) -> Result<SpecVersion, Error> {
        const DOING: &str = "save a spec";
        let mut transaction = self.begin_alone(DOING, Lock::Specs(sync.as_str())).await?;
        if let Some(latest) = latest(&mut transaction, sync).await?.filter(|latest| latest.digest == *digest) {
            return Ok(latest);
        }
        let saved = new_version(&mut transaction, (sync, digest, text), now, false).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(saved)
    }

    pub(super) async fn save_replay_spec(
        &self,
        sync: &SyncName,
        digest: &Digest,
        text: &str,
        now: Timestamp,
    ) -> Result<SpecVersion, Error> {
        const DOING: &str = "save a spec for replays";
        let mut transaction = self.begin_alone(DOING, Lock::Specs(sync.as_str())).await?;
        let known = sqlx::query(
            "SELECT * FROM spec_versions WHERE sync_name = $1 AND digest = $2 \
             ORDER BY for_replay, version DESC LIMIT 1",
        )
        .bind(sync.as_str())
        .bind(digest.as_str())
        .fetch_optional(&mut *transaction)
        .await
        .map_err(database(DOING))?;
        if let Some(known) = known {
            return spec_version(&known);
        }
        let saved = new_version(&mut transaction, (sync, digest, text), now, true).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(saved)
    }

    pub(super) async fn spec(&self, sync: &SyncName, version: u32) -> Result<SpecVersion, Error> {
        let row = sqlx::query("SELECT * FROM spec_versions WHERE sync_name = $1 AND version = $2")
            .bind(sync.as_str())
            .bind(i64::from(version))
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(database("read a spec"))?;
        match row {
            Some(row) => spec_version(&row),
            None => Err(not_found("spec version", format!("{sync}@{version}"))),
        }
    }

    pub(super) async fn latest_specs(&self) -> Result<Vec<SpecVersion>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM spec_versions AS spec WHERE version = \
             (SELECT MAX(version) FROM spec_versions WHERE sync_name = spec.sync_name AND NOT for_replay) \
             ORDER BY sync_name",
        )
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(database("read the specs"))?;
        rows.iter().map(spec_version).collect()
    }
}

/// Versions count up over those for replays too.
async fn new_version(
    connection: &mut Connection,
    (sync, digest, text): (&SyncName, &Digest, &str),
    now: Timestamp,
    for_replay: bool,
) -> Result<SpecVersion, Error> {
    let row = sqlx::query(
        "INSERT INTO spec_versions (sync_name, version, digest, body, saved_at, for_replay) \
         SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4, $5 FROM spec_versions WHERE sync_name = $6 RETURNING *",
    )
    .bind(sync.as_str())
    .bind(digest.as_str())
    .bind(text)
    .bind(micros(now))
    .bind(for_replay)
    .bind(sync.as_str())
    .fetch_one(connection)
    .await
    .map_err(database("save a spec"))?;
    spec_version(&row)
}

async fn latest(connection: &mut Connection, sync: &SyncName) -> Result<Option<SpecVersion>, Error> {
    let row = sqlx::query(
        "SELECT * FROM spec_versions WHERE sync_name = $1 AND NOT for_replay ORDER BY version DESC LIMIT 1",
    )
    .bind(sync.as_str())
    .fetch_optional(connection)
    .await
    .map_err(database("read the latest spec"))?;
    row.as_ref().map(spec_version).transpose()
}

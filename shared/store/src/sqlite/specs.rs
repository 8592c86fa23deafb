//! Spec versions.

use flow::{Digest, SyncName, Timestamp};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use super::columns::{Columns, micros};
use super::failure::{database, not_found};
use crate::Error;
use crate::record::SpecVersion;

const WHAT: &str = "a spec version";

impl Sqlite {
    pub(super) async fn save_spec(
        &self,
        sync: &SyncName,
        digest: &Digest,
        text: &str,
        now: Timestamp,
    ) -> Result<SpecVersion, Error> {
        const DOING: &str = "save a spec";
        let mut transaction = self.begin(DOING).await?;
        let latest = latest(&mut transaction, sync).await?;
        if let Some(latest) = latest.as_ref().filter(|latest| latest.digest == *digest) {
            return Ok(latest.clone());
        }
        let version = latest.map_or(1, |latest| latest.version + 1);
        sqlx::query("INSERT INTO spec_versions (sync_name, version, digest, body, saved_at) VALUES (?, ?, ?, ?, ?)")
            .bind(sync.as_str())
            .bind(version)
            .bind(digest.as_str())
            .bind(text)
            .bind(micros(now))
            .execute(&mut *transaction)
            .await
            .map_err(database(DOING))?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(SpecVersion { sync: sync.clone(), version, digest: digest.clone(), text: text.to_owned(), saved_at: now })
    }

    pub(super) async fn spec(&self, sync: &SyncName, version: u32) -> Result<SpecVersion, Error> {
        let row = sqlx::query("SELECT * FROM spec_versions WHERE sync_name = ? AND version = ?")
            .bind(sync.as_str())
            .bind(version)
            .fetch_optional(self.readers())
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
             (SELECT MAX(version) FROM spec_versions WHERE sync_name = spec.sync_name) ORDER BY sync_name",
        )
        .fetch_all(self.readers())
        .await
        .map_err(database("read the specs"))?;
        rows.iter().map(spec_version).collect()
    }
}

async fn latest(connection: &mut SqliteConnection, sync: &SyncName) -> Result<Option<SpecVersion>, Error> {
    let row = sqlx::query("SELECT * FROM spec_versions WHERE sync_name = ? ORDER BY version DESC LIMIT 1")
        .bind(sync.as_str())
        .fetch_optional(connection)
        .await
        .map_err(database("read the latest spec"))?;
    row.as_ref().map(spec_version).transpose()
}

fn spec_version(row: &SqliteRow) -> Result<SpecVersion, Error> {
    let columns = Columns::of(WHAT, row);
    Ok(SpecVersion {
        sync: columns.sync()?,
        version: columns.small_count("version")?,
        digest: columns.digest("digest")?,
        text: columns.text("body")?,
        saved_at: columns.time("saved_at")?,
    })
}

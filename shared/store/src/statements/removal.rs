//! Removing modules nobody needs.

use flow::{Digest, RunId, SyncName};

use super::activations::{last_activation, version_of};
use super::dialect::{Connection, Own, database};
use crate::Error;
use crate::lock::Lock;
use crate::record::{ModuleRecord, Need, Removal};

const DOING: &str = "remove a module";

impl Own {
    pub(super) async fn remove_module(&self, name: &str, version: &str) -> Result<Removal, Error> {
        let mut transaction = self.begin_alone(DOING, Lock::Modules).await?;
        let Some(module) = version_of(&mut transaction, name, version).await? else { return Ok(Removal::Unknown) };
        let last = !has_other_versions(&mut transaction, &module).await?;
        let needs = needs(&mut transaction, &module, last).await?;
        if !needs.is_empty() {
            return Ok(Removal::Needed(needs));
        }
        sqlx::query("DELETE FROM modules WHERE name = $1 AND version = $2")
            .bind(name)
            .bind(version)
            .execute(&mut *transaction)
            .await
            .map_err(database(DOING))?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(Removal::Removed { module: Box::new(module), last })
    }
}

async fn has_other_versions(connection: &mut Connection, module: &ModuleRecord) -> Result<bool, Error> {
    let others: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM modules WHERE digest = $1 AND NOT (name = $2 AND version = $3)")
            .bind(module.digest.as_str())
            .bind(&module.name)
            .bind(&module.version)
            .fetch_one(connection)
            .await
            .map_err(database(DOING))?;
    Ok(others > 0)
}

/// Who needs this version. Specs and runs need bytes: while another version has the same, they
/// have what they need.
async fn needs(connection: &mut Connection, module: &ModuleRecord, last: bool) -> Result<Vec<Need>, Error> {
    let mut needs = Vec::new();
    let active = last_activation(&mut *connection, &module.name).await?.and_then(|activation| activation.active);
    if active.is_some_and(|active| active.version == module.version) {
        needs.push(Need::Active { name: module.name.clone() });
    }
    if last {
        needs.extend(specs_with(connection, &module.digest).await?.into_iter().map(|sync| Need::Spec { sync }));
        needs.extend(runs_with(connection, &module.digest).await?.into_iter().map(|run| Need::Run { run }));
    }
    Ok(needs)
}

/// The syncs whose latest spec names the digest. A pinned spec holds each digest in full.
async fn specs_with(connection: &mut Connection, digest: &Digest) -> Result<Vec<SyncName>, Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT s.sync_name FROM spec_versions s WHERE s.body LIKE $1 AND s.version = \
         (SELECT MAX(latest.version) FROM spec_versions latest WHERE latest.sync_name = s.sync_name) \
         ORDER BY s.sync_name",
    )
    .bind(format!("%sha256:{digest}%"))
    .fetch_all(connection)
    .await
    .map_err(database(DOING))?;
    let unreadable = |error: flow::id::BadName| Error::Unreadable { what: "a spec version", source: Box::new(error) };
    names.into_iter().map(|name| SyncName::try_from(name).map_err(unreadable)).collect()
}

/// The runs that have not ended and whose spec, or one of whose batches, holds the digest.
async fn runs_with(connection: &mut Connection, digest: &Digest) -> Result<Vec<RunId>, Error> {
    let runs: Vec<String> = sqlx::query_scalar(
        "SELECT r.run FROM runs r WHERE r.state IN ('running', 'failed') AND (\
         EXISTS (SELECT 1 FROM pins p WHERE p.run = r.run AND p.digest = $1) OR \
         EXISTS (SELECT 1 FROM spec_versions s WHERE s.sync_name = r.sync_name AND s.version = r.version \
         AND s.body LIKE $2)) ORDER BY r.run",
    )
    .bind(digest.as_str())
    .bind(format!("%sha256:{digest}%"))
    .fetch_all(connection)
    .await
    .map_err(database(DOING))?;
    Ok(runs.iter().map(|run| RunId::from_text(run)).collect())
}

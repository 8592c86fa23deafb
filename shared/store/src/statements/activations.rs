//! What is active under each name, and how it came to be.

use flow::Timestamp;

use super::dialect::{Connection, Own, database};
use crate::Error;
use crate::error::not_found;
use crate::history::before_the_active;
use crate::lock::Lock;
use crate::record::{Activate, Activation, ActiveVersion, Cause, ModuleRecord, Refusal};
use crate::tables::columns::{integer, micros};
use crate::tables::rows::{activation_of, module_of, refusal_of};
use crate::tables::words::Word;

impl Own {
    pub(super) async fn activate(&self, activate: &Activate<'_>) -> Result<Activation, Error> {
        const DOING: &str = "activate a module";
        let mut transaction = self.begin_alone(DOING, Lock::Modules).await?;
        let missing = || not_found("module", format!("{}@{}", activate.name, activate.version));
        let module = version_of(&mut transaction, activate.name, activate.version).await?.ok_or_else(missing)?;
        let version = ActiveVersion { version: module.version, digest: module.digest };
        let last = last_activation(&mut transaction, activate.name).await?;
        if let Some(last) = last.as_ref().filter(|last| last.active.as_ref() == Some(&version)) {
            return Ok(last.clone());
        }
        let activation = Activation {
            name: activate.name.to_owned(),
            ordinal: last.as_ref().map_or(1, |last| last.ordinal + 1),
            cause: Cause::Activated,
            active: Some(version),
            replaced: last.and_then(|last| last.active).map(|active| active.digest),
            by: activate.by.to_owned(),
            at: activate.at,
        };
        insert(&mut transaction, &activation).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(activation)
    }

    pub(super) async fn deactivate(&self, name: &str, by: &str, now: Timestamp) -> Result<Option<Activation>, Error> {
        const DOING: &str = "deactivate a module";
        let mut transaction = self.begin_alone(DOING, Lock::Modules).await?;
        let history = history_of(&mut transaction, name).await?;
        let Some(last) = history.last().filter(|last| last.active.is_some()) else { return Ok(None) };
        let mut before = before_the_active(&history);
        let mut active = None;
        while let Some(candidate) = before.pop() {
            let module = version_of(&mut transaction, name, &candidate.version).await?;
            if module.is_some_and(|module| module.digest == candidate.digest) {
                active = Some(candidate);
                break;
            }
        }
        let activation = Activation {
            name: name.to_owned(),
            ordinal: last.ordinal + 1,
            cause: Cause::Deactivated,
            active,
            replaced: last.active.as_ref().map(|active| active.digest.clone()),
            by: by.to_owned(),
            at: now,
        };
        insert(&mut transaction, &activation).await?;
        transaction.commit().await.map_err(database(DOING))?;
        Ok(Some(activation))
    }

    pub(super) async fn activations(&self, name: Option<&str>) -> Result<Vec<Activation>, Error> {
        let query = match name {
            Some(name) => sqlx::query("SELECT * FROM activations WHERE name = $1 ORDER BY ordinal").bind(name),
            None => sqlx::query("SELECT * FROM activations ORDER BY name, ordinal"),
        };
        let rows = query.fetch_all(&mut *self.reader().await?).await.map_err(database("list the activations"))?;
        rows.iter().map(activation_of).collect()
    }

    pub(super) async fn refuse_activation(&self, refusal: &Refusal) -> Result<bool, Error> {
        let kept = sqlx::query(
            "INSERT INTO refusals (name, ordinal, sync_name, stream, code, reason, refused_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name, ordinal, sync_name, stream) DO NOTHING",
        )
        .bind(&refusal.name)
        .bind(integer(refusal.ordinal)?)
        .bind(refusal.sync.as_str())
        .bind(refusal.stream.as_str())
        .bind(&refusal.code)
        .bind(&refusal.reason)
        .bind(micros(refusal.at))
        .execute(&mut *self.writer().await?)
        .await
        .map_err(database("record a refused activation"))?;
        Ok(kept.rows_affected() == 1)
    }

    pub(super) async fn refusals(&self, name: &str) -> Result<Vec<Refusal>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM refusals WHERE name = $1 ORDER BY refused_at DESC, ordinal DESC, sync_name, stream",
        )
        .bind(name)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(database("list the refused activations"))?;
        rows.iter().map(refusal_of).collect()
    }
}

/// The change that holds for a name.
pub(super) async fn last_activation(connection: &mut Connection, name: &str) -> Result<Option<Activation>, Error> {
    let row = sqlx::query("SELECT * FROM activations WHERE name = $1 ORDER BY ordinal DESC LIMIT 1")
        .bind(name)
        .fetch_optional(connection)
        .await
        .map_err(database("read an activation"))?;
    row.as_ref().map(activation_of).transpose()
}

/// One version of a module.
pub(super) async fn version_of(
    connection: &mut Connection,
    name: &str,
    version: &str,
) -> Result<Option<ModuleRecord>, Error> {
    let row = sqlx::query("SELECT * FROM modules WHERE name = $1 AND version = $2")
        .bind(name)
        .bind(version)
        .fetch_optional(connection)
        .await
        .map_err(database("read a module"))?;
    row.as_ref().map(module_of).transpose()
}

async fn history_of(connection: &mut Connection, name: &str) -> Result<Vec<Activation>, Error> {
    let rows = sqlx::query("SELECT * FROM activations WHERE name = $1 ORDER BY ordinal")
        .bind(name)
        .fetch_all(connection)
        .await
        .map_err(database("read the activations of a module"))?;
    rows.iter().map(activation_of).collect()
}

async fn insert(connection: &mut Connection, activation: &Activation) -> Result<(), Error> {
    let active = activation.active.as_ref();
    sqlx::query(
        "INSERT INTO activations (name, ordinal, cause, version, digest, replaced, activated_by, activated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&activation.name)
    .bind(integer(activation.ordinal)?)
    .bind(activation.cause.word())
    .bind(active.map(|active| &active.version))
    .bind(active.map(|active| active.digest.as_str()))
    .bind(activation.replaced.as_ref().map(flow::Digest::as_str))
    .bind(&activation.by)
    .bind(micros(activation.at))
    .execute(connection)
    .await
    .map_err(database("record an activation"))?;
    Ok(())
}

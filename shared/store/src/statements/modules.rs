//! Added modules. The bytes lie in the stage.

use flow::Digest;

use super::dialect::{Connection, Own, database};
use crate::Error;
use crate::lock::Lock;
use crate::record::ModuleRecord;
use crate::tables::columns::{integer, micros};
use crate::tables::rows::module_of;

const DOING: &str = "add a module";

impl Own {
    pub(super) async fn add_module(&self, module: &ModuleRecord) -> Result<(), Error> {
        let mut transaction = self.begin_alone(DOING, Lock::Modules).await?;
        if !insert_module(&mut transaction, module).await? {
            refuse_other_digest(&mut transaction, module).await?;
        }
        replace_artifact(&mut transaction, module).await?;
        transaction.commit().await.map_err(database(DOING))
    }

    pub(super) async fn modules(&self) -> Result<Vec<ModuleRecord>, Error> {
        let rows = sqlx::query("SELECT * FROM modules ORDER BY name, added_at DESC, version DESC")
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(database("list the modules"))?;
        rows.iter().map(module_of).collect()
    }

    pub(super) async fn module(&self, digest: &Digest) -> Result<Option<ModuleRecord>, Error> {
        let row = sqlx::query("SELECT * FROM modules WHERE digest = $1 ORDER BY added_at DESC, name, version LIMIT 1")
            .bind(digest.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(database("read a module"))?;
        row.as_ref().map(module_of).transpose()
    }
}

async fn insert_module(connection: &mut Connection, module: &ModuleRecord) -> Result<bool, Error> {
    let inserted = sqlx::query(
        "INSERT INTO modules (name, version, digest, world, byte_count, module_key, artifact_key, artifact_digest, \
         engine, limits, input_schema, output_schema, added_at, added_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (name, version) DO NOTHING",
    )
    .bind(&module.name)
    .bind(&module.version)
    .bind(module.digest.as_str())
    .bind(&module.world)
    .bind(integer(module.bytes)?)
    .bind(&module.key)
    .bind(&module.artifact_key)
    .bind(module.artifact_digest.as_str())
    .bind(&module.engine)
    .bind(&module.limits)
    .bind(module.schema.as_ref().map(|schema| &schema.input))
    .bind(module.schema.as_ref().map(|schema| &schema.output))
    .bind(micros(module.added_at))
    .bind(&module.added_by)
    .execute(connection)
    .await
    .map_err(database(DOING))?;
    Ok(inserted.rows_affected() == 1)
}

async fn refuse_other_digest(connection: &mut Connection, module: &ModuleRecord) -> Result<(), Error> {
    let digest: String = sqlx::query_scalar("SELECT digest FROM modules WHERE name = $1 AND version = $2")
        .bind(&module.name)
        .bind(&module.version)
        .fetch_one(connection)
        .await
        .map_err(database(DOING))?;
    if digest == module.digest.as_str() {
        Ok(())
    } else {
        Err(Error::VersionTaken { name: module.name.clone(), version: module.version.clone() })
    }
}

/// The artifact is made of the module's bytes, so every name they are known under gets it.
async fn replace_artifact(connection: &mut Connection, module: &ModuleRecord) -> Result<(), Error> {
    sqlx::query("UPDATE modules SET artifact_key = $1, artifact_digest = $2, engine = $3 WHERE digest = $4")
        .bind(&module.artifact_key)
        .bind(module.artifact_digest.as_str())
        .bind(&module.engine)
        .bind(module.digest.as_str())
        .execute(connection)
        .await
        .map_err(database(DOING))?;
    Ok(())
}

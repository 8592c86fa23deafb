//! Bringing the tables up to date.

use sqlx::migrate::{MigrateError, Migration, Migrator};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, SqlSafeStr as _};

use super::Postgres;
use super::failure::database;
use crate::Error;
use crate::lock::Lock;
use crate::migrations::MIGRATIONS;

const DOING: &str = "bring the tables up to date";

/// Another process that brings them up to date is waited for; a migration takes the time it takes.
const PATIENCE: &str = "SET LOCAL lock_timeout = '120s'; SET LOCAL statement_timeout = 0";

impl Postgres {
    /// Makes the schema when there is none and brings its tables up to date; when they are already, one
    /// look says so. Waits while another process does the same.
    ///
    /// # Errors
    /// As [`Postgres::open`].
    pub async fn bring_up_to_date(&self) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let is_up_to_date = self.look(&mut connection).await?;
        drop(connection);
        if is_up_to_date {
            return Ok(());
        }
        let mut transaction = self.begin(DOING).await?;
        transaction.execute(PATIENCE).await.map_err(database(DOING))?;
        self.lock(&mut transaction, Lock::Tables).await.map_err(database(DOING))?;
        // Somebody else may have been at it while this one waited.
        if !self.look(&mut transaction).await? {
            self.make_schema(&mut transaction).await?;
            // `run` is the same behind a trait that keeps the future from being `Send`.
            for_postgres().run_direct(None, &mut *transaction, false).await.map_err(|error| self.refused(error))?;
        }
        transaction.commit().await.map_err(database(DOING))
    }

    /// Whether there is nothing to do; refuses a schema that is not ours.
    async fn look(&self, connection: &mut PgConnection) -> Result<bool, Error> {
        let (tables, ours): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE relname IN ('_sqlx_migrations', 'spec_versions')) \
             FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
             WHERE nspname = $1 AND relkind IN ('r', 'p', 'v', 'm', 'f')",
        )
        .bind(self.schema())
        .fetch_one(&mut *connection)
        .await
        .map_err(database(DOING))?;
        match (tables, ours) {
            (0, _) => Ok(false),
            (_, 2) => self.is_up_to_date(connection).await,
            _ => Err(self.refusal(Refusal::AnotherProgram)),
        }
    }

    async fn is_up_to_date(&self, connection: &mut PgConnection) -> Result<bool, Error> {
        // With the schema's name, so that a user who may not use it is told so.
        let statement = format!("SELECT version, checksum FROM {}._sqlx_migrations", self.schema());
        let applied: Vec<(i64, Vec<u8>)> =
            sqlx::query_as(AssertSqlSafe(statement)).fetch_all(connection).await.map_err(database(DOING))?;
        for (version, checksum) in &applied {
            match MIGRATIONS.iter().find(|known| known.version == *version) {
                None => return Err(self.refusal(Refusal::Newer(*version))),
                Some(known) if known.checksum != *checksum => {
                    return Err(self.refused(MigrateError::VersionMismatch(*version)));
                }
                Some(_) => {}
            }
        }
        Ok(applied.len() == MIGRATIONS.iter().count())
    }

    /// Asks first whether it is there: a user who may use it need not be allowed to make one.
    async fn make_schema(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let is_there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)")
            .bind(self.schema())
            .fetch_one(&mut *connection)
            .await
            .map_err(database(DOING))?;
        if !is_there {
            // The name is plain: see `address`.
            let statement = format!("CREATE SCHEMA {}", self.schema());
            connection.execute(AssertSqlSafe(statement)).await.map_err(database("make the schema"))?;
        }
        Ok(())
    }

    fn refused(&self, error: MigrateError) -> Error {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => database(DOING)(error),
            other => self.refusal(Refusal::Migrate(other)),
        }
    }

    fn refusal(&self, refusal: Refusal) -> Error {
        Error::Open { path: self.address().to_string(), source: Box::new(refusal) }
    }
}

/// Why a schema is not opened.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("another program has tables in it; give the store a schema of its own")]
    AnotherProgram,
    #[error("a newer version of millstream wrote it (its migration {0} is unknown here); use that version")]
    Newer(i64),
    #[error("bring it up to date")]
    Migrate(#[source] MigrateError),
}

/// The migrations with texts in the order of their bytes, as SQLite has them, whatever the
/// database's language.
fn for_postgres() -> Migrator {
    let mut migrations = Migrator::with_migrations(MIGRATIONS.iter().map(with_plain_order).collect());
    // `Lock::Tables` is held: it is of this schema alone.
    migrations.set_locking(false);
    migrations
}

/// The checksum stays that of the file.
fn with_plain_order(migration: &Migration) -> Migration {
    let sql = migration.sql.as_str().replace(" TEXT", " TEXT COLLATE \"C\"");
    Migration { sql: AssertSqlSafe(sql).into_sql_str(), ..migration.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_column_is_in_the_order_of_bytes() {
        for migration in for_postgres().iter() {
            let sql = migration.sql.as_str();
            assert_eq!(sql.matches("TEXT").count(), sql.matches("TEXT COLLATE \"C\"").count(), "{sql}");
        }
    }
}

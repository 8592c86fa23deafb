//! Locks on what has no row to lock yet: they are held until the transaction ends.

use flow::Digest;
use sqlx::PgConnection;

use super::Postgres;
use crate::lock::Lock;

impl Lock<'_> {
    /// The lock's number among all of the database, which other programs and schemas share: two
    /// that get the same would wait for each other, nothing worse.
    fn number(self, schema: &str) -> i64 {
        let (kind, name) = match self {
            Lock::Tables => ("tables", ""),
            Lock::Specs(sync) => ("specs", sync),
            Lock::Signals => ("signals", ""),
            Lock::Quarantine(batch) => ("quarantine", batch),
            Lock::Modules => ("modules", ""),
            Lock::Pins(batch) => ("pins", batch),
            Lock::Scopes => ("scopes", ""),
        };
        let digest = Digest::of(format!("millstream store {schema} {kind} {name}").as_bytes());
        let bits = digest.as_str().get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok());
        bits.unwrap_or_default().cast_signed()
    }
}

impl Postgres {
    /// Waits until no other transaction has the lock or shares it.
    pub(super) async fn lock(&self, connection: &mut PgConnection, lock: Lock<'_>) -> Result<(), sqlx::Error> {
        self.take(connection, "SELECT pg_advisory_xact_lock($1)", lock).await
    }

    /// Waits until no other transaction has the lock; others may share it.
    pub(super) async fn share(&self, connection: &mut PgConnection, lock: Lock<'_>) -> Result<(), sqlx::Error> {
        self.take(connection, "SELECT pg_advisory_xact_lock_shared($1)", lock).await
    }

    async fn take(
        &self,
        connection: &mut PgConnection,
        statement: &'static str,
        lock: Lock<'_>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(statement).bind(lock.number(self.schema())).execute(connection).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_of_each_schema_has_a_lock_of_its_own_that_never_changes() {
        let locks = [Lock::Tables, Lock::Specs("a"), Lock::Specs("b"), Lock::Pins("a"), Lock::Modules, Lock::Scopes];
        let mut numbers: Vec<i64> =
            ["one", "two"].iter().flat_map(|schema| locks.map(|lock| lock.number(schema))).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 2 * locks.len());
        assert!(numbers.iter().all(|number| *number != 0));
    }
}

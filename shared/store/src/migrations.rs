//! The tables, one set of migrations for both databases.

use std::sync::LazyLock;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Listed here and not gathered by sqlx's macro, which would build the clients of both databases
/// a second time, to run while this is compiled.
const FILES: [(i64, &str, &str); 7] = [
    (1, "specs and runs", include_str!("../migrations/0001_specs_and_runs.sql")),
    (2, "batches", include_str!("../migrations/0002_batches.sql")),
    (3, "checks", include_str!("../migrations/0003_checks.sql")),
    (4, "signals and modules", include_str!("../migrations/0004_signals_and_modules.sql")),
    (6, "replays", include_str!("../migrations/0006_replays.sql")),
    (7, "registry", include_str!("../migrations/0007_registry.sql")),
    (8, "unique keys", include_str!("../migrations/0008_unique_keys.sql")),
];

pub(crate) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = FILES.into_iter().map(|(version, description, sql)| {
        Migration::new(version, description.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_migration_under_its_name() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
        let mut there: Vec<_> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        there.sort();
        let listed =
            FILES.map(|(version, description, _)| format!("{version:04}_{}.sql", description.replace(' ', "_")));
        assert_eq!(there, listed);
    }

    #[test]
    fn migrations_use_no_words_of_one_database_alone() {
        let foreign = ["autoincrement", "rowid", "pragma", "blob", "strict", "datetime", "serial", "jsonb", "::"];
        for migration in MIGRATIONS.iter() {
            let sql = migration.sql.as_str().to_lowercase();
            for word in foreign {
                assert!(!sql.contains(word), "`{word}` in migration {}", migration.version);
            }
        }
    }
}

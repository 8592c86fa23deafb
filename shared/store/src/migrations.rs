//! The tables, one set of migrations for both databases.

use sqlx::migrate::Migrator;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

#[cfg(test)]
mod tests {
    use super::*;

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

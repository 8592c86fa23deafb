//! What SQLite says, sorted by who can mend it.

use std::io;
use std::path::Path;

use destination::Error;

/// Primary result codes of SQLite (`sqlite3_errcode`).
mod code {
    pub(super) const PERM: i32 = 3;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NOMEM: i32 = 7;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const TOOBIG: i32 = 18;
    pub(super) const CONSTRAINT: i32 = 19;
    pub(super) const MISMATCH: i32 = 20;
    pub(super) const NOTADB: i32 = 26;
}

/// Maps what SQLite said while `doing`.
pub(crate) fn while_doing(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |cause| {
        let config = |code, problem: &str, cause| Error::Config { code, problem: format!("{doing}: {problem}"), cause };
        let refused = |problem: &str, cause| Error::Refused { problem: format!("{doing}: {problem}"), cause };
        let primary = primary_code(&cause);
        let cause = Box::new(cause);
        match primary {
            Some(code::FULL) => config("disk_full", "the disk is full", Some(cause)),
            Some(code::PERM | code::READONLY | code::CANTOPEN) => {
                config("destination_access", "the file cannot be opened for writing", Some(cause))
            }
            Some(code::NOTADB) => config("not_a_database", "the file is no SQLite database", Some(cause)),
            Some(code::CORRUPT) => config("destination_corrupt", "the SQLite file is damaged", Some(cause)),
            Some(code::CONSTRAINT | code::MISMATCH) => refused("a constraint of the table refuses a row", Some(cause)),
            Some(code::TOOBIG) => refused("a value is larger than SQLite takes", Some(cause)),
            Some(code::BUSY | code::LOCKED | code::NOMEM | code::IOERR) | None => {
                Error::Unavailable { doing: doing.to_owned(), cause }
            }
            Some(_) => config("destination_sql", "SQLite refuses the statement", Some(cause)),
        }
    }
}

/// Maps what the file system said about `path`.
pub(crate) fn no_access(path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |cause| Error::Config {
        code: if cause.kind() == io::ErrorKind::StorageFull { "disk_full" } else { "destination_access" },
        problem: format!("cannot make the folder `{}`", path.display()),
        cause: Some(Box::new(cause)),
    }
}

/// `None` when it was not SQLite that spoke (a worker that went away).
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use flow::{Fault, FaultKind};
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

    use super::*;

    async fn open(path: &Path) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true).busy_timeout(Duration::ZERO);
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    async fn check(connection: &mut SqliteConnection, statement: &str, kind: FaultKind, code: &str) {
        let said = sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.unwrap_err();
        let fault = Fault::from(while_doing("try")(said));
        assert_eq!((fault.kind, fault.code.as_str()), (kind, code), "{statement}");
    }

    #[tokio::test]
    async fn each_answer_of_sqlite_goes_to_who_can_mend_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.db");
        let mut connection = open(&path).await;
        let table = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, CHECK (name <> 'secret'))";
        sqlx::query(table).execute(&mut connection).await.unwrap();
        check(&mut connection, "INSERT INTO t VALUES (1, NULL)", FaultKind::Config, "destination_refused").await;
        check(&mut connection, "INSERT INTO t VALUES (1, 'secret')", FaultKind::Config, "destination_refused").await;
        check(&mut connection, "INSERT INTO nowhere VALUES (1)", FaultKind::Config, "destination_sql").await;
        let full = "PRAGMA max_page_count = 3; INSERT INTO t SELECT 1, hex(zeroblob(100000))";
        check(&mut connection, full, FaultKind::Config, "disk_full").await;
        let mut other = open(&path).await;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        check(&mut connection, "BEGIN IMMEDIATE", FaultKind::Retry, "destination_unavailable").await;
    }
}

//! The binary in a folder of its own, as somebody at a terminal has it.
#![allow(dead_code, reason = "no test uses all of it")]
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The head of a spec from files into `out.db`; the streams follow.
pub(crate) const FILES: &str = "\
version: 1
sync: shop
source: { type: file }
destination: { type: sqlite, path: out.db }
";

/// A folder with a spec, its data and its home.
pub(crate) struct Place {
    folder: TempDir,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// The command, not started; the home is `.millstream` of the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_millstream"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("MILLSTREAM_HOME").stdin(Stdio::null());
        command
    }

    pub(crate) fn millstream(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output().unwrap();
        Ended {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What a query on a SQLite file of the folder gives, as text; nothing when the file is not there.
    pub(crate) fn rows(&self, file: &str, query: &'static str) -> Vec<String> {
        let path = self.path(file);
        if !path.is_file() {
            return Vec::new();
        }
        block_on(async {
            let mut connection = connection(&path, false).await;
            sqlx::query_scalar::<_, String>(query).fetch_all(&mut connection).await.unwrap()
        })
    }

    /// Names of the tables people would see in a SQLite file.
    pub(crate) fn tables(&self, file: &str) -> Vec<String> {
        self.rows(file, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'")
    }

    /// Every row of a table, all columns as text that tells NULL, numbers and texts apart, sorted.
    pub(crate) fn table(&self, file: &str, table: &str) -> Vec<String> {
        block_on(async {
            let mut connection = connection(&self.path(file), false).await;
            let columns = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
            let columns: Vec<String> =
                sqlx::query_scalar(sqlx::AssertSqlSafe(columns)).fetch_all(&mut connection).await.unwrap();
            let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            let rows = format!("SELECT {} AS row FROM \"{table}\" ORDER BY row", quoted.join(" || '|' || "));
            sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_all(&mut connection).await.unwrap()
        })
    }

    pub(crate) fn sql(&self, file: &str, statement: &'static str) {
        let path = self.path(file);
        block_on(async {
            let mut connection = connection(&path, true).await;
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        });
    }
}

impl Ended {
    /// Everything that was printed.
    pub(crate) fn said(&self) -> String {
        format!("status {:?}\nstdout: {}\nstderr: {}", self.status, self.stdout, self.stderr)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).map_err(|error| format!("{error}: {}", self.said())).unwrap()
    }
}

async fn connection(path: &std::path::Path, make: bool) -> sqlx::SqliteConnection {
    use sqlx::Connection;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(make);
    sqlx::SqliteConnection::connect_with(&options).await.unwrap()
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

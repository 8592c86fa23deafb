//! What SQLite says, sorted by who can mend it.

use std::io;
use std::path::Path;

use source::Error;

/// Primary result codes of SQLite (`sqlite3_errcode`).
mod code {
    pub(super) const PERM: i32 = 3;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NOMEM: i32 = 7;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const AUTH: i32 = 23;
    pub(super) const NOTADB: i32 = 26;
}

/// Maps what SQLite said while `doing`.
pub(crate) fn while_doing(doing: &str) -> impl FnOnce(sqlx::Error) -> Error {
    move |cause| {
        let config = |code, problem: &str, cause| Error::Config { code, problem: format!("{doing}: {problem}"), cause };
        let primary = primary_code(&cause);
        let cause = Box::new(cause);
        match primary {
            Some(code::PERM | code::READONLY | code::CANTOPEN | code::AUTH) => {
                config("source_access", "the file cannot be opened for reading", Some(cause))
            }
            Some(code::NOTADB) => config("not_a_database", "the file is no SQLite database", Some(cause)),
            Some(code::CORRUPT) => Error::Corrupt { doing: doing.to_owned(), cause },
            Some(code::BUSY | code::LOCKED | code::NOMEM | code::IOERR) | None => {
                Error::Unavailable { doing: doing.to_owned(), cause }
            }
            Some(_) => config("query_invalid", "SQLite refuses the statement", Some(cause)),
        }
    }
}

/// What the file system said about `path`.
pub(crate) fn no_access(path: &Path, cause: io::Error) -> Error {
    let (code, problem) = match cause.kind() {
        io::ErrorKind::NotFound => ("file_not_found", format!("there is no file `{}`", path.display())),
        _ => ("source_access", format!("cannot look at the file `{}`", path.display())),
    };
    Error::Config { code, problem, cause: Some(Box::new(cause)) }
}

/// `None` when it was not SQLite that spoke (a worker that went away).
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

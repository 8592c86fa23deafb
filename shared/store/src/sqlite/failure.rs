//! What the database says, told apart.

use crate::Error;

/// Maps what the database said while `doing` something.
pub(super) fn database(doing: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |source| {
        if is_full(&source) { Error::Full(source) } else { Error::Database { doing, source } }
    }
}

/// Whether no room is left on the disk.
pub(super) fn is_full(error: &sqlx::Error) -> bool {
    // SQLITE_FULL; SQLITE_IOERR_SHMSIZE: the file's shared memory could not grow.
    matches!(code(error), Some(13 | 4874))
}

/// Whether another connection is in the way.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(code(error).map(|code| code & 0xff), Some(5 | 6))
}

/// Whether the file holds something else than a database.
pub(super) fn is_garbage(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| code & 0xff == 26)
}

fn code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}

//! What a failed statement means, by its SQLSTATE.

use source::Error;
use sqlx::postgres::PgDatabaseError;

/// What the server said; its message is left out where it could hold a value.
#[derive(Debug, thiserror::Error)]
#[error("{}SQLSTATE {sqlstate}", message.as_ref().map(|message| format!("{message}, ")).unwrap_or_default())]
pub(crate) struct ServerError {
    sqlstate: String,
    message: Option<String>,
}

/// The error of a statement that failed while `doing`.
pub(crate) fn failure(doing: impl Into<String>, error: sqlx::Error) -> Error {
    let doing = doing.into();
    match server_error(&error) {
        Some((meaning, cause)) => meaning.error(doing, cause),
        None => transport(doing, error),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Unavailable,
    Corrupt,
    /// A person must act, under this code and with this advice.
    Config(&'static str, &'static str),
}

impl Meaning {
    /// By class (the first two letters) and, where a class holds several things, by the whole code.
    fn of(sqlstate: &str) -> Self {
        match sqlstate {
            "28000" | "28P01" => Meaning::Config("source_access", "check the user and password of the source"),
            "3D000" => Meaning::Config("source_access", "check the database in the source's address"),
            "42501" => Meaning::Config("source_access", "grant the user of the source the right to read it"),
            "42P01" => Meaning::Config("stream_not_found", "check the name, and that the user may see it"),
            "25006" => Meaning::Config("query_invalid", "a source only reads: a query may not change anything"),
            "53100" | "57014" => Meaning::Unavailable,
            "XX001" | "XX002" => Meaning::Corrupt,
            _ => match sqlstate.get(..2).unwrap_or_default() {
                "08" | "40" | "53" | "55" | "57" | "58" | "XX" => Meaning::Unavailable,
                "22" | "23" | "P0" => Meaning::Config("query_failed", "a value made the query fail in the source"),
                "42" | "0A" => Meaning::Config("query_invalid", "check the query and the names in it"),
                _ => Meaning::Config("source_refused", "see what the server said"),
            },
        }
    }

    fn error(self, doing: String, cause: ServerError) -> Error {
        match self {
            Meaning::Unavailable => Error::Unavailable { doing, cause: Box::new(cause) },
            Meaning::Corrupt => Error::Corrupt { doing, cause: Box::new(cause) },
            Meaning::Config(code, advice) => {
                Error::Config { code, problem: format!("{doing}: {advice}"), cause: Some(Box::new(cause)) }
            }
        }
    }
}

fn server_error(error: &sqlx::Error) -> Option<(Meaning, ServerError)> {
    let database = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    let sqlstate = database.code();
    // Data exceptions, violated constraints and exceptions of functions quote values.
    let quotes_values = matches!(sqlstate.get(..2), Some("22" | "23" | "P0"));
    let message = (!quotes_values).then(|| database.message().to_owned());
    Some((Meaning::of(sqlstate), ServerError { sqlstate: sqlstate.to_owned(), message }))
}

fn transport(doing: String, error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Tls(_) | sqlx::Error::Configuration(_) => Error::Config {
            code: "source_access",
            problem: format!("{doing}: no secure connection; check `sslmode` and the certificates in the address"),
            cause: Some(Box::new(error)),
        },
        other => Error::Unavailable { doing, cause: Box::new(other) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_time_mends_is_told_from_what_a_person_mends() {
        for sqlstate in ["08006", "57P01", "57P03", "53300", "40P01", "40001", "55P03", "53100"] {
            assert_eq!(Meaning::of(sqlstate), Meaning::Unavailable, "{sqlstate}");
        }
        for (sqlstate, code) in [
            ("28P01", "source_access"),
            ("3D000", "source_access"),
            ("42501", "source_access"),
            ("42P01", "stream_not_found"),
            ("42703", "query_invalid"),
            ("42601", "query_invalid"),
            ("22P02", "query_failed"),
            ("P0001", "query_failed"),
            ("F0000", "source_refused"),
        ] {
            assert!(matches!(Meaning::of(sqlstate), Meaning::Config(found, _) if found == code), "{sqlstate}");
        }
    }
}

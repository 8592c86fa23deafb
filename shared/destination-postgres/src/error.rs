//! What a failed statement means, by its SQLSTATE.

use destination::Error;
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
    let database = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    match database {
        Some(database) => Meaning::of(database.code()).error(doing, database),
        None => transport(doing, error),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Unavailable,
    /// A person must act, under this code and with this advice.
    Config(&'static str, &'static str),
    /// The rows are refused; the server's message may quote them.
    Refused,
}

impl Meaning {
    /// By class (the first two letters) and, where a class holds several things, by the whole code.
    fn of(sqlstate: &str) -> Self {
        match sqlstate {
            "28000" | "28P01" => Meaning::Config("destination_access", "check the user and password"),
            "3D000" => Meaning::Config("destination_access", "check the database in the address"),
            "42501" => Meaning::Config("destination_access", "grant the user the right to do so"),
            "25006" => Meaning::Config("destination_access", "the server takes no changes: is it a replica?"),
            "53100" => Meaning::Config("disk_full", "the server's disk is full: make room"),
            "42P01" | "3F000" => Meaning::Config("not_prepared", "the table is gone; run the sync again"),
            "22P03" | "08P01" | "42703" | "42804" => {
                Meaning::Config("table_mismatch", "the table has changed since the run began; run the sync again")
            }
            "57014" => Meaning::Unavailable,
            _ => match sqlstate.get(..2).unwrap_or_default() {
                "08" | "40" | "53" | "55" | "57" | "58" | "XX" => Meaning::Unavailable,
                "22" | "23" | "44" | "P0" => Meaning::Refused,
                _ => Meaning::Config("destination_refused", "see what the server said"),
            },
        }
    }

    fn error(self, doing: String, database: &PgDatabaseError) -> Error {
        let message = (self != Meaning::Refused).then(|| database.message().to_owned());
        let cause = Box::new(ServerError { sqlstate: database.code().to_owned(), message });
        match self {
            Meaning::Unavailable => Error::Unavailable { doing, cause },
            Meaning::Config(code, advice) => {
                Error::Config { code, problem: format!("{doing}: {advice}"), cause: Some(cause) }
            }
            Meaning::Refused => {
                let problem = format!("{doing}: {}", refusal(database));
                Error::Refused { problem, cause: Some(cause) }
            }
        }
    }
}

/// What was refused, by names alone: the server's message, detail and context hold values.
fn refusal(database: &PgDatabaseError) -> String {
    let what = match database.code() {
        "23502" => "a NULL where the table has NOT NULL",
        "23503" => "a value without its row in the table it refers to",
        "23505" => "two rows with one key",
        "23514" | "44000" => "a row that breaks a check of the table",
        "23P01" => "a row that an exclusion of the table forbids",
        "22001" => "a text longer than its column",
        "22P02" | "22P05" | "22032" => "a text that is no valid value of its column (JSON with \\u0000, for one)",
        "P0001" => "a trigger or function of the database raised an exception",
        _ => "a value the table does not take",
    };
    let names = [
        ("constraint", database.constraint()),
        ("column", database.column().or_else(|| column_of_context(database.r#where()?))),
    ];
    let named = names.iter().filter_map(|(kind, name)| Some(format!(", {kind} `{}`", (*name)?)));
    std::iter::once(what.to_owned()).chain(named).collect()
}

/// `COPY orders, line 3, column doc` ends the context of an error in a COPY.
fn column_of_context(context: &str) -> Option<&str> {
    let line = context.lines().find(|line| line.starts_with("COPY "))?;
    let (_, column) = line.rsplit_once(", column ")?;
    // Behind a colon stands the value.
    (!column.contains(':')).then_some(column)
}

fn transport(doing: String, error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Tls(_) | sqlx::Error::Configuration(_) => Error::Config {
            code: "destination_access",
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
    fn what_time_mends_is_told_from_what_a_person_mends_and_from_bad_rows() {
        for sqlstate in ["08006", "57P01", "57P03", "53300", "40P01", "40001", "55P03"] {
            assert_eq!(Meaning::of(sqlstate), Meaning::Unavailable, "{sqlstate}");
        }
        for sqlstate in ["23505", "23502", "22P02", "22P05", "P0001"] {
            assert_eq!(Meaning::of(sqlstate), Meaning::Refused, "{sqlstate}");
        }
        for (sqlstate, code) in [("53100", "disk_full"), ("28P01", "destination_access"), ("42P01", "not_prepared")] {
            assert!(matches!(Meaning::of(sqlstate), Meaning::Config(found, _) if found == code), "{sqlstate}");
        }
    }

    #[test]
    fn a_column_is_taken_from_the_context_but_never_a_value() {
        let binary = "JSON data, line 1: {secret\nCOPY orders, line 3, column doc";
        assert_eq!(column_of_context(binary), Some("doc"));
        assert_eq!(column_of_context("COPY orders, line 3, column doc: \"secret\""), None);
        assert_eq!(column_of_context("SQL function \"f\""), None);
    }
}

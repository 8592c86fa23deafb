//! What the server says, told apart by its SQLSTATE.

use sqlx::postgres::PgDatabaseError;

use crate::{Error, Trouble};

/// Maps what the server said while `doing` something.
pub(super) fn database(doing: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |source| match meaning_of(&source) {
        Meaning::Trouble(trouble) => Error::Server { doing, trouble, source },
        Meaning::Full => Error::Full(source),
        Meaning::Unknown => Error::Database { doing, source },
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    Trouble(Trouble),
    Full,
    Unknown,
}

fn meaning_of(error: &sqlx::Error) -> Meaning {
    match error {
        sqlx::Error::Database(database) => match database.try_downcast_ref::<PgDatabaseError>() {
            Some(database) => meaning_of_state(database.code()),
            None => Meaning::Unknown,
        },
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            Meaning::Trouble(Trouble::Unavailable)
        }
        sqlx::Error::Tls(_) => Meaning::Trouble(Trouble::Tls),
        _ => Meaning::Unknown,
    }
}

/// By the whole code where a class (the first two letters) holds several things.
fn meaning_of_state(sqlstate: &str) -> Meaning {
    Meaning::Trouble(match sqlstate {
        "53100" => return Meaning::Full,
        "53300" => Trouble::Connections,
        "3D000" => Trouble::Access,
        "42501" => Trouble::Rights,
        "25006" => Trouble::ReadOnly,
        "42P01" | "42703" | "3F000" => Trouble::NotPrepared,
        // Taking too long, and having done nothing for too long inside a transaction.
        "57014" | "25P03" => Trouble::Unavailable,
        _ => match sqlstate.get(..2).unwrap_or_default() {
            "28" => Trouble::Access,
            "40" | "55" => Trouble::Conflict,
            "08" | "53" | "57" | "58" | "XX" => Trouble::Unavailable,
            "0A" | "21" | "22" | "23" | "42" => Trouble::Refused,
            _ => return Meaning::Unknown,
        },
    })
}

#[cfg(test)]
mod tests {
    use flow::FaultKind;

    use super::*;

    fn check(sqlstates: &[&str], trouble: Trouble, kind: FaultKind) {
        for sqlstate in sqlstates {
            assert_eq!(meaning_of_state(sqlstate), Meaning::Trouble(trouble), "{sqlstate}");
        }
        assert_eq!(trouble.kind(), kind);
    }

    #[test]
    fn what_time_mends_is_told_from_what_a_person_mends() {
        check(&["40001", "40P01", "55P03"], Trouble::Conflict, FaultKind::Retry);
        check(&["08006", "08P01", "57P01", "57P03", "57014", "53200"], Trouble::Unavailable, FaultKind::Retry);
        check(&["53300"], Trouble::Connections, FaultKind::Retry);
        check(&["28P01", "28000", "3D000"], Trouble::Access, FaultKind::Config);
        check(&["42501"], Trouble::Rights, FaultKind::Config);
        check(&["42P01", "3F000"], Trouble::NotPrepared, FaultKind::Config);
        check(&["22021", "23505", "42601"], Trouble::Refused, FaultKind::Bug);
        assert_eq!(meaning_of_state("53100"), Meaning::Full);
        assert_eq!(meaning_of_state("P0001"), Meaning::Unknown);
    }
}

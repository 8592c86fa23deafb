//! What troubles a database server, told apart by who can mend it.

use std::fmt;

use flow::FaultKind;

/// Why a server did not do what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Somebody else was at the same rows: a serialisation failure, a deadlock, or a wait for a
    /// lock that took too long. Nothing was done.
    Conflict,
    /// It is not reachable, is starting or stopping, let go of the connection or took too long.
    /// What was asked for may have been done.
    Unavailable,
    /// It has no connection left.
    Connections,
    /// It refuses the user, the password or the database.
    Access,
    /// The user may not do it.
    Rights,
    /// It takes no changes, as a replica does.
    ReadOnly,
    /// The store's tables are not there, or are those of another version.
    NotPrepared,
    /// There is no secure connection as the address asks for.
    Tls,
    /// It does not take a value or a statement of ours.
    Refused,
}

impl Trouble {
    /// Who can mend it.
    #[must_use]
    pub fn kind(self) -> FaultKind {
        match self {
            Trouble::Conflict | Trouble::Unavailable | Trouble::Connections => FaultKind::Retry,
            Trouble::Access | Trouble::Rights | Trouble::ReadOnly | Trouble::NotPrepared | Trouble::Tls => {
                FaultKind::Config
            }
            Trouble::Refused => FaultKind::Bug,
        }
    }

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Trouble::Conflict => "store_conflict",
            Trouble::Unavailable => "store_unavailable",
            Trouble::Connections => "store_connections",
            Trouble::Access => "store_access",
            Trouble::Rights => "store_rights",
            Trouble::ReadOnly => "store_read_only",
            Trouble::NotPrepared => "store_not_prepared",
            Trouble::Tls => "store_tls",
            Trouble::Refused => "store_refused",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Trouble::Conflict => "somebody else is at the same rows",
            Trouble::Unavailable => "its server does not answer",
            Trouble::Connections => {
                "its server has no connection left; raise `max_connections` there or let fewer functions run at once"
            }
            Trouble::Access => "its server refuses us; check the user, the password and the database in its address",
            Trouble::Rights => {
                "its user may not do that; let it use the schema and its tables, and create them the first time"
            }
            Trouble::ReadOnly => "its server takes no changes; is it a replica?",
            Trouble::NotPrepared => {
                "its tables are not there, or are those of an earlier version; bring it up to date with a user who may \
                 create them (on AWS, invoke `schedule`: it does so at its first tick)"
            }
            Trouble::Tls => "no secure connection; check `sslmode` and the certificates in its address",
            Trouble::Refused => "its server does not take what we wrote",
        })
    }
}

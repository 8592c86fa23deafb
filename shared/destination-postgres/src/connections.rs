//! Connections: made when first needed, kept for the next call.

use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use destination::Error;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Executor as _};

use crate::error::failure;

/// A server that does not answer within this time is taken as unreachable.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// More idle connections than this are closed: as many lanes rarely deliver at once.
const MOST_IDLE: usize = 8;

/// Set by a statement, for connection poolers refuse settings at the start.
const SETTINGS: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
    SET default_transaction_read_only = off; SET default_transaction_isolation = 'read committed'; \
    SET TimeZone = 'UTC'; SET standard_conforming_strings = on; SET client_min_messages = warning; SET jit = off";

/// Connections to one server; holds the password and shows nothing of it.
pub(crate) struct Connections {
    options: PgConnectOptions,
    idle: Mutex<Vec<PgConnection>>,
}

/// A connection on loan. Unless it is given back it is closed, and what it had begun is undone: a
/// call that failed or was dropped half-way leaves nothing behind.
pub(crate) struct Lease<'a> {
    connections: &'a Connections,
    pub(crate) connection: PgConnection,
}

impl Connections {
    /// Reads a `postgres://` URL.
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let has_scheme = url.starts_with("postgres://") || url.starts_with("postgresql://");
        // What the library says of a bad URL may quote parts of it.
        let options = PgConnectOptions::from_str(url).ok().filter(|_| has_scheme).ok_or_else(|| {
            Error::config(
                "destination_access",
                "the destination's address is no PostgreSQL URL; expected \
                 `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with special characters in the password percent-encoded",
            )
        })?;
        // Poolers do not keep prepared statements.
        let options = options
            .disable_statement_logging()
            .statement_cache_capacity(0)
            .extra_float_digits(None)
            .application_name("millstream");
        Ok(Self { options, idle: Mutex::default() })
    }

    /// Lends a connection that answers.
    pub(crate) async fn lend(&self) -> Result<Lease<'_>, Error> {
        loop {
            // Taken in its own statement: the lock is not held while the server is asked.
            let idle = self.lock().pop();
            let Some(mut connection) = idle else { break };
            // The library gives each statement a name, even where it keeps none: the server would keep
            // them all as long as the connection.
            if connection.execute("DEALLOCATE ALL").await.is_ok() {
                return Ok(Lease { connections: self, connection });
            }
        }
        Ok(Lease { connections: self, connection: self.connect().await? })
    }

    /// The server and database, for people: `postgres://HOST:PORT/DATABASE`.
    pub(crate) fn place(&self) -> String {
        let database = self.options.get_database().unwrap_or_else(|| self.options.get_username());
        match self.options.get_socket() {
            Some(folder) => format!("postgres://{}/{database}", folder.display()),
            None => format!("postgres://{}:{}/{database}", self.options.get_host(), self.options.get_port()),
        }
    }

    async fn connect(&self) -> Result<PgConnection, Error> {
        let doing = || format!("connect to {}", self.place());
        let mut connection = tokio::time::timeout(CONNECT_TIMEOUT, self.options.connect())
            .await
            .map_err(|timeout| Error::Unavailable { doing: doing(), cause: Box::new(timeout) })?
            .map_err(|error| failure(doing(), error))?;
        sqlx::raw_sql(SETTINGS).execute(&mut connection).await.map_err(|error| failure(doing(), error))?;
        Ok(connection)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PgConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease<'_> {
    /// Gives the connection back, outside of any transaction.
    pub(crate) fn give_back(self) {
        let mut idle = self.connections.lock();
        if idle.len() < MOST_IDLE {
            idle.push(self.connection);
        }
    }
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Connections").field(&self.place()).finish()
    }
}

#[cfg(test)]
mod tests;

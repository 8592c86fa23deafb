//! Connections: how they are made and set up.

use std::str::FromStr;
use std::time::Duration;

use source::Error;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::error::failure;

/// A server that does not answer within this time is taken as unreachable.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// A source only reads, waits as long as it takes, and never meets a value in the session's own
/// notation. Set by a statement, for connection poolers refuse settings at the start.
const SETTINGS: &str = "SET default_transaction_read_only = on; SET statement_timeout = 0; \
    SET idle_in_transaction_session_timeout = 0; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; \
    SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 3; SET bytea_output = 'hex'; \
    SET standard_conforming_strings = on; SET client_min_messages = warning; SET jit = off";

/// Where the server is; holds the password and shows nothing of it.
#[derive(Clone)]
pub(crate) struct Address {
    options: PgConnectOptions,
}

impl Address {
    /// Reads a `postgres://` URL.
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let has_scheme = url.starts_with("postgres://") || url.starts_with("postgresql://");
        // What the library says of a bad URL may quote parts of it.
        let options = PgConnectOptions::from_str(url).ok().filter(|_| has_scheme).ok_or_else(|| {
            Error::config(
                "source_access",
                "the source's address is no PostgreSQL URL; expected `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, \
                 with special characters in the password percent-encoded",
            )
        })?;
        // Statements hold keys of rows, so they are not logged; poolers do not keep prepared ones.
        let options = options
            .disable_statement_logging()
            .statement_cache_capacity(0)
            .extra_float_digits(None)
            .application_name("millstream");
        Ok(Self { options })
    }

    /// Opens a connection of its own.
    pub(crate) async fn connect(&self) -> Result<PgConnection, Error> {
        let doing = || format!("connect to PostgreSQL at {}", self.place());
        let connecting = tokio::time::timeout(CONNECT_TIMEOUT, self.options.connect()).await;
        let mut connection = connecting
            .map_err(|timeout| Error::Unavailable { doing: doing(), cause: Box::new(timeout) })?
            .map_err(|error| failure(doing(), error))?;
        sqlx::raw_sql(SETTINGS).execute(&mut connection).await.map_err(|error| failure(doing(), error))?;
        Ok(connection)
    }

    fn place(&self) -> String {
        match self.options.get_socket() {
            Some(folder) => format!("`{}`", folder.display()),
            None => format!("`{}:{}`", self.options.get_host(), self.options.get_port()),
        }
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Address").field(&self.place()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_shows_its_password() {
        let address = Address::parse("postgres://me:s3cret@db.example:5433/shop").unwrap();
        assert_eq!(format!("{address:?}"), "Address(\"`db.example:5433`\")");
        for bad in ["postgres://me:s3cret@db:port/shop", "mysql://me:s3cret@db/shop", "s3cret"] {
            let error = Address::parse(bad).unwrap_err();
            assert!(!format!("{error:?} {error}").contains("s3cret"), "{error:?}");
        }
    }
}

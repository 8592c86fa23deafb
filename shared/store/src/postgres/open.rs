use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection, PgPool, Transaction};

use super::address::Address;
use super::failure::database;
use crate::Error;

/// How long a statement may take; the longest (the fingerprints of a batch) take a second or two.
/// A lock that is not free after a third of it is given up, to be tried again with the message.
/// A process that was stopped in the middle of a transaction holds up others for no longer than
/// the last of these.
const TIMEOUTS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '30s'";
/// What every transaction relies on, whatever the server's defaults are.
const HABITS: &str = "SET default_transaction_isolation = 'read committed'; \
    SET default_transaction_read_only = off; SET client_min_messages = warning; SET jit = off";
/// How long a connection may take to say that it is still there. One that a frozen process woke
/// up with, or that a firewall forgot, never says anything.
const ANSWER: Duration = Duration::from_secs(2);
/// How long is waited for the server's own words when no connection was to be had.
const PROBE: Duration = Duration::from_secs(5);

/// How a process uses the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Connections at most, 4 by default: calls of one process rarely meet, and the server's are
    /// shared by all processes.
    pub connections: u32,
    /// How long a call waits for a connection, 15 s by default: for the server to answer, and for
    /// other calls to be done with theirs.
    pub wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connections: 4, wait: Duration::from_secs(15) }
    }
}

/// The store in one schema of a PostgreSQL database. What a call returned for is as durable as the
/// server makes what it committed.
#[derive(Debug, Clone)]
pub struct Postgres {
    address: Arc<Address>,
    pool: PgPool,
}

impl Postgres {
    /// Opens the store at `url`, `postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME`, where
    /// `schema` is `millstream` when it is left out. Makes the schema when there is none, and
    /// brings its tables up to date; waits while another process does the same. A user who may
    /// only use the tables is enough once they are there.
    ///
    /// # Errors
    /// [`Error::Address`] when the URL is none of PostgreSQL; [`Error::Open`] when the schema is
    /// another program's or a newer version's; [`Error::Server`] when the server is not reached or
    /// refuses.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, Settings::default()).await
    }

    /// [`Postgres::open`] with settings.
    ///
    /// # Errors
    /// As [`Postgres::open`].
    pub async fn open_with(url: &str, settings: Settings) -> Result<Self, Error> {
        let store = Self::lazy(url, settings)?;
        store.bring_up_to_date().await?;
        Ok(store)
    }

    /// The store at `url` as it is: the first call connects, and nothing is made or brought up to
    /// date. For functions that must start fast: until somebody brings it up to date, calls that need
    /// what is not there fail with [`Trouble::NotPrepared`](crate::Trouble::NotPrepared).
    ///
    /// # Errors
    /// [`Error::Address`] when the URL is none of PostgreSQL.
    pub fn lazy(url: &str, settings: Settings) -> Result<Self, Error> {
        let address = Arc::new(Address::parse(url)?);
        // The name of the schema is plain: see `address`.
        let preparation = Arc::new(format!("SET search_path TO {}; {TIMEOUTS}; {HABITS}", address.schema()));
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(settings.wait)
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(async move { Ok(answers_anew(connection).await) }))
            // Statements, for connection poolers refuse settings at the start.
            .after_connect(move |connection, _| {
                let preparation = preparation.clone();
                Box::pin(async move {
                    connection.execute(AssertSqlSafe(preparation.as_str())).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(address.options());
        Ok(Self { address, pool })
    }

    /// Closes the connections. Without it they are closed some time after the last handle is gone.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    pub(super) fn schema(&self) -> &str {
        self.address.schema()
    }

    /// A connection that answers.
    pub(super) async fn connection(&self) -> Result<PoolConnection<sqlx::Postgres>, Error> {
        match self.pool.acquire().await {
            Ok(connection) => Ok(connection),
            Err(error) => Err(self.not_connected("connect", error).await),
        }
    }

    /// Begins a change of several statements.
    pub(super) async fn begin(&self, doing: &'static str) -> Result<Transaction<'static, sqlx::Postgres>, Error> {
        match self.pool.begin().await {
            Ok(transaction) => Ok(transaction),
            Err(error) => Err(self.not_connected(doing, error).await),
        }
    }

    /// Begins to read what belongs together: nothing others do meanwhile is seen.
    pub(super) async fn begin_to_read(
        &self,
        doing: &'static str,
    ) -> Result<Transaction<'static, sqlx::Postgres>, Error> {
        match self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await {
            Ok(transaction) => Ok(transaction),
            Err(error) => Err(self.not_connected(doing, error).await),
        }
    }

    async fn not_connected(&self, doing: &'static str, error: sqlx::Error) -> Error {
        let told = match error {
            sqlx::Error::PoolTimedOut => self.why_none().await,
            error => error,
        };
        database(doing)(told)
    }

    /// Why there was no connection. The pool tries again while a server refuses for want of
    /// connections or does not listen, and then only says that time is up.
    async fn why_none(&self) -> sqlx::Error {
        match tokio::time::timeout(PROBE, self.address.options().connect()).await {
            Ok(Err(error)) => error,
            // All of the pool's are at work, or nobody answers.
            Ok(Ok(_)) | Err(_) => sqlx::Error::PoolTimedOut,
        }
    }
}

/// Asks a connection whether it is still there, and lets its server forget what it prepared: the
/// library gives each statement a name, even where it keeps none, and the server would keep them all
/// as long as the connection.
async fn answers_anew(connection: &mut PgConnection) -> bool {
    let forgetting = connection.execute("DEALLOCATE ALL");
    matches!(tokio::time::timeout(ANSWER, forgetting).await, Ok(Ok(_)))
}

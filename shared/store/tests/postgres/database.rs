//! A database of its own for each test.

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use store::Postgres;

/// A database that [`Database::drop`] removes; where a test fails, the next run of it does.
pub(crate) struct Database {
    name: String,
    server: String,
}

impl Database {
    pub(crate) async fn new(test: &str) -> Self {
        Self::with_options(test, "").await
    }

    pub(crate) async fn with_options(test: &str, options: &str) -> Self {
        let database = Self { name: format!("millstream_store_{test}"), server: server_url() };
        let name = &database.name;
        database.admin(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        database.admin(&format!("CREATE DATABASE {name} TEMPLATE template0 {options}")).await;
        database
    }

    pub(crate) async fn drop(self) {
        self.admin(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }

    /// The address of the store in this schema.
    pub(crate) fn url(&self, schema: &str) -> String {
        let url = with_database(&self.server, &self.name);
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}schema={schema}")
    }

    /// The address of the store in this schema for another user.
    pub(crate) fn url_as(&self, user: &str, schema: &str) -> String {
        let url = self.url(schema);
        let (scheme, rest) = url.split_once("://").unwrap();
        let (_, place) = rest.split_once('@').unwrap();
        format!("{scheme}://{user}@{place}")
    }

    pub(crate) async fn store(&self, schema: &str) -> Arc<Postgres> {
        Arc::new(Postgres::open(&self.url(schema)).await.unwrap())
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        options(&self.server).database(&self.name).connect().await.unwrap()
    }

    pub(crate) async fn run(&self, sql: &str) {
        run(&mut self.connect().await, sql).await;
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut self.connect().await).await.unwrap()
    }

    /// Ends every connection to the database that a store has.
    pub(crate) async fn terminate_stores(&self) -> i64 {
        self.number(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'millstream'",
        )
        .await
    }

    async fn admin(&self, sql: &str) {
        let mut admin = options(&self.server).connect().await.unwrap();
        run(&mut admin, sql).await;
        admin.close().await.unwrap();
    }
}

pub(crate) async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

fn options(server: &str) -> PgConnectOptions {
    server.parse::<PgConnectOptions>().unwrap().disable_statement_logging()
}

#[expect(clippy::disallowed_methods, reason = "a test that needs a service is told where it is")]
fn server_url() -> String {
    std::env::var("MILLSTREAM_TEST_POSTGRES").expect("MILLSTREAM_TEST_POSTGRES: the URL of a PostgreSQL server")
}

/// The same server's URL with another database.
fn with_database(url: &str, name: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, String::new()), |(url, query)| (url, format!("?{query}")));
    let start = before.find("://").map_or(0, |scheme| scheme + 3);
    let host_end = before[start..].find('/').map_or(before.len(), |slash| start + slash);
    format!("{}/{name}{query}", &before[..host_end])
}

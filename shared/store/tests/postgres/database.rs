//! A database of its own for each test.

use std::sync::Arc;

use sqlx::PgConnection;
use store::Postgres;

use crate::postgres::{self, run};

/// A database that [`Database::drop`] removes; where a test fails, the next run of it does.
pub(crate) struct Database {
    name: String,
    url: String,
}

impl Database {
    pub(crate) async fn new(test: &str) -> Self {
        Self::with_options(test, "").await
    }

    pub(crate) async fn with_options(test: &str, options: &str) -> Self {
        let name = format!("millstream_store_{test}");
        let url = postgres::new_database(&name, options).await;
        Self { name, url }
    }

    pub(crate) async fn drop(self) {
        postgres::drop_database(&self.name).await;
    }

    /// The address of the store in this schema.
    pub(crate) fn url(&self, schema: &str) -> String {
        let separator = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{separator}schema={schema}", self.url)
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
        postgres::connect(&self.url).await
    }

    pub(crate) async fn run(&self, sql: &str) {
        run(&mut self.connect().await, sql).await;
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        postgres::number(&mut self.connect().await, sql).await
    }

    /// Ends every connection to the database that a store has.
    pub(crate) async fn terminate_stores(&self) -> i64 {
        self.number(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'millstream'",
        )
        .await
    }
}

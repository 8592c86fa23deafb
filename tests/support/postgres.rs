//! The PostgreSQL server that tests are told of, and databases of their own on it. Tests include
//! this file.
#![allow(dead_code, reason = "each test uses its own part")]

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

/// Makes a database, with these options of `CREATE DATABASE`, in place of what an earlier run of the
/// test left. Gives its address.
pub(crate) async fn new_database(name: &str, options: &str) -> String {
    drop_database(name).await;
    on_server(&format!("CREATE DATABASE {name} TEMPLATE template0 {options}")).await;
    with_database(&server_url(), name)
}

/// Removes the database, whoever is connected to it.
pub(crate) async fn drop_database(name: &str) {
    on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
}

pub(crate) async fn connect(url: &str) -> PgConnection {
    url.parse::<PgConnectOptions>().unwrap().disable_statement_logging().connect().await.unwrap()
}

pub(crate) async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

pub(crate) async fn number(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test that needs a service is told where it is")]
pub(crate) fn server_url() -> String {
    std::env::var("MILLSTREAM_TEST_POSTGRES").expect("MILLSTREAM_TEST_POSTGRES: the URL of a PostgreSQL server")
}

/// The same server's URL with another database.
pub(crate) fn with_database(url: &str, name: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, String::new()), |(url, query)| (url, format!("?{query}")));
    let start = before.find("://").map_or(0, |scheme| scheme + 3);
    let host_end = before[start..].find('/').map_or(before.len(), |slash| start + slash);
    format!("{}/{name}{query}", &before[..host_end])
}

async fn on_server(sql: &str) {
    let mut admin = connect(&server_url()).await;
    run(&mut admin, sql).await;
    admin.close().await.unwrap();
}

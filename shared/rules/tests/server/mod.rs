//! PostgreSQL, asked for the value or the fault of an expression in every row.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

use crate::generator::{COLUMNS, Table};

/// A connection to a database of its own.
pub(crate) struct Server {
    connection: PgConnection,
}

/// What PostgreSQL gave for a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// The value's text; none for NULL.
    Value(Option<String>),
    /// The state of the error.
    Fault(String),
}

impl Server {
    pub(crate) async fn new(test: &str) -> Self {
        let options: PgConnectOptions = server_url().parse().unwrap();
        let name = format!("millstream_rules_{test}");
        let mut admin = options.connect().await.unwrap();
        run(&mut admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(&mut admin, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        admin.close().await.unwrap();
        let mut connection = options.database(&name).connect().await.unwrap();
        // Plans that are made once do not compute with the values of a row before it is there.
        run(&mut connection, "SET plan_cache_mode = force_generic_plan; SET timezone = 'UTC'; SET jit = off").await;
        Self { connection }
    }

    /// Makes the table `input` of these rows.
    pub(crate) async fn load(&mut self, table: &Table) {
        let columns: Vec<String> = COLUMNS.iter().map(|(name, _, sql_type)| format!("{name} {sql_type}")).collect();
        let sql = format!(
            "DROP TABLE IF EXISTS input CASCADE; CREATE TABLE input ({}); INSERT INTO input VALUES {}",
            columns.join(", "),
            table.sql()
        );
        run(&mut self.connection, &sql).await;
    }

    /// The value of an expression over `r` in every row.
    pub(crate) async fn values(&mut self, expression: &str, constants: &str) -> Vec<Answer> {
        let sql = format!(
            "CREATE OR REPLACE FUNCTION answers() RETURNS SETOF text LANGUAGE plpgsql AS $function$
            DECLARE
              r input%rowtype;
              v text;
              {constants}
            BEGIN
              FOR r IN SELECT * FROM input ORDER BY id LOOP
                BEGIN
                  v := ({expression})::text;
                  RETURN NEXT '=' || v;
                EXCEPTION WHEN OTHERS THEN
                  RETURN NEXT '!' || SQLSTATE;
                END;
              END LOOP;
            END $function$;
            SELECT answers();"
        );
        let rows = sqlx::raw_sql(AssertSqlSafe(sql.as_str())).fetch_all(&mut self.connection).await;
        let rows = rows.unwrap_or_else(|error| panic!("{expression}: {error}"));
        rows.iter().map(|row| answer(row.get::<Option<String>, _>(0))).collect()
    }
}

fn answer(text: Option<String>) -> Answer {
    let Some(text) = text else { return Answer::Value(None) };
    match text.strip_prefix('!') {
        Some(state) => Answer::Fault(state.to_owned()),
        None => Answer::Value(Some(text[1..].to_owned())),
    }
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a test that needs a service is told where it is")]
fn server_url() -> String {
    std::env::var("MILLSTREAM_TEST_POSTGRES").expect("MILLSTREAM_TEST_POSTGRES: the URL of a PostgreSQL server")
}

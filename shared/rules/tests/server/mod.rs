//! PostgreSQL, asked for the value or the fault of an expression in every row.

#[path = "../../../../tests/support/postgres.rs"]
mod postgres;

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

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
        let url = postgres::new_database(&format!("millstream_rules_{test}"), "").await;
        let mut connection = postgres::connect(&url).await;
        // Plans that are made once do not compute with the values of a row before it is there.
        postgres::run(&mut connection, "SET plan_cache_mode = force_generic_plan; SET timezone = 'UTC'; SET jit = off")
            .await;
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
        postgres::run(&mut self.connection, &sql).await;
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

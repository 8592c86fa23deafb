//! Prints the number of rows of a SQLite table and a SHA-256 of all of them, in an order of their
//! own, so that two states of a table can be compared: `table-digest FILE TABLE`.

use std::path::PathBuf;

use anyhow::Context;
use flow::Digest;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Row, ValueRef};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(table), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: table-digest FILE TABLE");
    };
    let options = SqliteConnectOptions::new().filename(PathBuf::from(&file)).read_only(true);
    let mut connection = options.connect().await.with_context(|| format!("open `{file}`"))?;
    let query = format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""));
    let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(&mut connection).await.context("read the table")?;
    let mut texts = rows.iter().map(text_of).collect::<anyhow::Result<Vec<_>>>()?;
    texts.sort_unstable();
    let digest = Digest::of(texts.join("\n").as_bytes());
    #[expect(clippy::print_stdout, reason = "this is the command's result")]
    {
        println!("{} rows {digest}", texts.len());
    }
    Ok(())
}

/// Every column with its name and storage, so that NULL, 1, 1.0 and '1' differ.
fn text_of(row: &SqliteRow) -> anyhow::Result<String> {
    let mut text = String::new();
    for column in row.columns() {
        let value = row.try_get_raw(column.ordinal())?;
        let cell = match value.type_info().to_string().as_str() {
            _ if value.is_null() => "null".to_owned(),
            "INTEGER" | "BOOLEAN" => format!("i{}", row.try_get_unchecked::<i64, _>(column.ordinal())?),
            "REAL" => format!("r{:x}", row.try_get_unchecked::<f64, _>(column.ordinal())?.to_bits()),
            "BLOB" => format!("b{:?}", row.try_get_unchecked::<Vec<u8>, _>(column.ordinal())?),
            _ => format!("t{:?}", row.try_get_unchecked::<String, _>(column.ordinal())?),
        };
        text.push_str(&format!("{}={cell};", column.name()));
    }
    Ok(text)
}

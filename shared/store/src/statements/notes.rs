//! Texts that several writers change by turns.

use super::dialect::{Own, database};
use crate::Error;
use crate::record::Note;
use crate::tables::columns::{Columns, integer};

impl Own {
    pub(super) async fn note(&self, name: &str) -> Result<Note, Error> {
        let row = sqlx::query("SELECT revision, body FROM notes WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(database("read a note"))?;
        let Some(row) = row else { return Ok(Note { revision: 0, text: String::new() }) };
        let columns = Columns::of("a note", &row);
        Ok(Note { revision: columns.count("revision")?, text: columns.text("body")? })
    }

    pub(super) async fn write_note(&self, name: &str, revision: u64, text: &str) -> Result<bool, Error> {
        let query = match revision {
            0 => sqlx::query(
                "INSERT INTO notes (body, name, revision) VALUES ($1, $2, $3 + 1) ON CONFLICT (name) DO NOTHING",
            ),
            _ => sqlx::query("UPDATE notes SET revision = revision + 1, body = $1 WHERE name = $2 AND revision = $3"),
        };
        let written = query
            .bind(text)
            .bind(name)
            .bind(integer(revision)?)
            .execute(&mut *self.writer().await?)
            .await
            .map_err(database("write a note"))?;
        Ok(written.rows_affected() == 1)
    }
}

//! Rows of tables to records: every value is checked on its way out of the database.

use flow::{BatchId, Digest, Lane, Object, Position, RunId, StreamName, SyncName, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Type};

use super::words::Word;
use crate::Error;

/// The columns of one row of a table that holds `what`.
pub(super) struct Columns<'r> {
    what: &'static str,
    row: &'r SqliteRow,
}

impl<'r> Columns<'r> {
    pub(super) fn of(what: &'static str, row: &'r SqliteRow) -> Self {
        Self { what, row }
    }

    pub(super) fn get<T>(&self, column: &'static str) -> Result<T, Error>
    where
        T: Decode<'r, sqlx::Sqlite> + Type<sqlx::Sqlite>,
    {
        self.row.try_get(column).map_err(|error| self.unreadable(error))
    }

    pub(super) fn text(&self, column: &'static str) -> Result<String, Error> {
        self.get(column)
    }

    pub(super) fn count(&self, column: &'static str) -> Result<u64, Error> {
        u64::try_from(self.get::<i64>(column)?).map_err(|error| self.unreadable(error))
    }

    pub(super) fn small_count(&self, column: &'static str) -> Result<u32, Error> {
        u32::try_from(self.get::<i64>(column)?).map_err(|error| self.unreadable(error))
    }

    pub(super) fn time(&self, column: &'static str) -> Result<Timestamp, Error> {
        self.known(column, Timestamp::from_timestamp_micros(self.get(column)?))
    }

    pub(super) fn time_if_any(&self, column: &'static str) -> Result<Option<Timestamp>, Error> {
        match self.get::<Option<i64>>(column)? {
            Some(micros) => self.known(column, Timestamp::from_timestamp_micros(micros)).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn word<W: Word>(&self, column: &'static str) -> Result<W, Error> {
        self.known(column, W::from_word(&self.text(column)?))
    }

    pub(super) fn json_if_any<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, Error> {
        let Some(text) = self.get::<Option<String>>(column)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|error| self.unreadable(error))
    }

    pub(super) fn sync(&self) -> Result<SyncName, Error> {
        SyncName::try_from(self.text("sync_name")?).map_err(|error| self.unreadable(error))
    }

    pub(super) fn stream(&self) -> Result<StreamName, Error> {
        StreamName::try_from(self.text("stream")?).map_err(|error| self.unreadable(error))
    }

    pub(super) fn run(&self) -> Result<RunId, Error> {
        Ok(RunId::from_text(&self.text("run")?))
    }

    pub(super) fn lane(&self) -> Result<Lane, Error> {
        Ok(Lane::from_text(&self.text("lane")?))
    }

    pub(super) fn batch(&self) -> Result<BatchId, Error> {
        Ok(BatchId::from_text(&self.text("batch")?))
    }

    pub(super) fn position(&self, column: &'static str) -> Result<Position, Error> {
        Ok(Position::from_text(self.text(column)?))
    }

    pub(super) fn position_if_any(&self, column: &'static str) -> Result<Option<Position>, Error> {
        Ok(self.get::<Option<String>>(column)?.map(Position::from_text))
    }

    pub(super) fn digest(&self, column: &'static str) -> Result<Digest, Error> {
        self.known(column, Digest::parse(&self.text(column)?))
    }

    pub(super) fn digest_if_any(&self, column: &'static str) -> Result<Option<Digest>, Error> {
        match self.get::<Option<String>>(column)? {
            Some(text) => self.known(column, Digest::parse(&text)).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn count_if_any(&self, column: &'static str) -> Result<Option<u64>, Error> {
        let count = self.get::<Option<i64>>(column)?;
        count.map(u64::try_from).transpose().map_err(|error| self.unreadable(error))
    }

    /// An object of the stage from four columns: its key, digest, bytes and rows.
    pub(super) fn object(&self, [key, digest, bytes, rows]: [&'static str; 4]) -> Result<Object, Error> {
        Ok(Object {
            key: self.text(key)?,
            digest: self.digest(digest)?,
            bytes: self.count(bytes)?,
            rows: self.count(rows)?,
        })
    }

    /// Whether `value` could be made of what `column` holds.
    fn known<T>(&self, column: &'static str, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.unreadable(UnknownValue { column }))
    }

    fn unreadable(&self, source: impl std::error::Error + Send + Sync + 'static) -> Error {
        Error::Unreadable { what: self.what, source: Box::new(source) }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("column `{column}` holds a value this version does not know")]
struct UnknownValue {
    column: &'static str,
}

/// A count as the database keeps it.
pub(super) fn integer(count: u64) -> Result<i64, Error> {
    i64::try_from(count).map_err(|error| unwritable(Box::new(error)))
}

/// A moment as the database keeps it.
pub(super) fn micros(moment: Timestamp) -> i64 {
    moment.timestamp_micros()
}

/// A value as JSON.
pub(super) fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| unwritable(Box::new(error)))
}

fn unwritable(source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Database { doing: "write a value", source: sqlx::Error::Encode(source) }
}

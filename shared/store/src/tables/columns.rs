//! Rows of tables to records: every value is checked on its way out of the database.

use flow::{BatchId, Digest, Lane, Object, Position, RunId, StreamName, SyncName, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;

use super::words::Word;
use crate::Error;

/// The columns of one row of a table that holds `what`.
pub(crate) struct Columns<'r> {
    what: &'static str,
    row: &'r dyn Cells,
}

/// A row of a table, whichever database it is from.
pub(crate) trait Cells {
    fn text(&self, column: &'static str) -> Result<String, sqlx::Error>;
    fn text_if_any(&self, column: &'static str) -> Result<Option<String>, sqlx::Error>;
    fn integer(&self, column: &'static str) -> Result<i64, sqlx::Error>;
    fn integer_if_any(&self, column: &'static str) -> Result<Option<i64>, sqlx::Error>;
    fn truth(&self, column: &'static str) -> Result<bool, sqlx::Error>;
    /// Only fingerprints in SQLite are bytes.
    #[cfg(feature = "sqlite")]
    fn bytes(&self, column: &'static str) -> Result<&[u8], sqlx::Error>;
}

macro_rules! cells_of {
    ($row:ty; $( $(#[$condition:meta])? $name:ident -> $type:ty; )*) => {
        impl Cells for $row {
            $(
                $(#[$condition])?
                fn $name(&self, column: &'static str) -> Result<$type, sqlx::Error> {
                    self.try_get(column)
                }
            )*
        }
    };
    ($row:ty) => {
        cells_of! { $row;
            text -> String;
            text_if_any -> Option<String>;
            integer -> i64;
            integer_if_any -> Option<i64>;
            truth -> bool;
            #[cfg(feature = "sqlite")]
            bytes -> &[u8];
        }
    };
}

#[cfg(feature = "sqlite")]
cells_of!(sqlx::sqlite::SqliteRow);
#[cfg(feature = "postgres")]
cells_of!(sqlx::postgres::PgRow);

impl<'r> Columns<'r> {
    pub(crate) fn of(what: &'static str, row: &'r dyn Cells) -> Self {
        Self { what, row }
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String, Error> {
        self.row.text(column).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn text_if_any(&self, column: &'static str) -> Result<Option<String>, Error> {
        self.row.text_if_any(column).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn integer(&self, column: &'static str) -> Result<i64, Error> {
        self.row.integer(column).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn truth(&self, column: &'static str) -> Result<bool, Error> {
        self.row.truth(column).map_err(|error| self.unreadable(error))
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn bytes(&self, column: &'static str) -> Result<&[u8], Error> {
        self.row.bytes(column).map_err(|error| self.unreadable(error))
    }

    fn integer_if_any(&self, column: &'static str) -> Result<Option<i64>, Error> {
        self.row.integer_if_any(column).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn count(&self, column: &'static str) -> Result<u64, Error> {
        u64::try_from(self.integer(column)?).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn small_count(&self, column: &'static str) -> Result<u32, Error> {
        u32::try_from(self.integer(column)?).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, Error> {
        self.known(column, Timestamp::from_timestamp_micros(self.integer(column)?))
    }

    pub(crate) fn time_if_any(&self, column: &'static str) -> Result<Option<Timestamp>, Error> {
        match self.integer_if_any(column)? {
            Some(micros) => self.known(column, Timestamp::from_timestamp_micros(micros)).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn word<W: Word>(&self, column: &'static str) -> Result<W, Error> {
        self.known(column, W::from_word(&self.text(column)?))
    }

    pub(crate) fn json_if_any<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, Error> {
        let Some(text) = self.text_if_any(column)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn sync(&self) -> Result<SyncName, Error> {
        SyncName::try_from(self.text("sync_name")?).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn stream(&self) -> Result<StreamName, Error> {
        StreamName::try_from(self.text("stream")?).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn run(&self) -> Result<RunId, Error> {
        Ok(RunId::from_text(&self.text("run")?))
    }

    pub(crate) fn lane(&self) -> Result<Lane, Error> {
        Ok(Lane::from_text(&self.text("lane")?))
    }

    pub(crate) fn batch(&self) -> Result<BatchId, Error> {
        Ok(BatchId::from_text(&self.text("batch")?))
    }

    pub(crate) fn position(&self, column: &'static str) -> Result<Position, Error> {
        Ok(Position::from_text(self.text(column)?))
    }

    pub(crate) fn position_if_any(&self, column: &'static str) -> Result<Option<Position>, Error> {
        Ok(self.text_if_any(column)?.map(Position::from_text))
    }

    pub(crate) fn digest(&self, column: &'static str) -> Result<Digest, Error> {
        self.known(column, Digest::parse(&self.text(column)?))
    }

    pub(crate) fn digest_if_any(&self, column: &'static str) -> Result<Option<Digest>, Error> {
        match self.text_if_any(column)? {
            Some(text) => self.known(column, Digest::parse(&text)).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn count_if_any(&self, column: &'static str) -> Result<Option<u64>, Error> {
        let count = self.integer_if_any(column)?;
        count.map(u64::try_from).transpose().map_err(|error| self.unreadable(error))
    }

    /// An object of the stage from four columns: its key, digest, bytes and rows.
    pub(crate) fn object(&self, [key, digest, bytes, rows]: [&'static str; 4]) -> Result<Object, Error> {
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
pub(crate) fn integer(count: u64) -> Result<i64, Error> {
    i64::try_from(count).map_err(|error| unwritable(Box::new(error)))
}

/// A moment as the database keeps it.
pub(crate) fn micros(moment: Timestamp) -> i64 {
    moment.timestamp_micros()
}

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| unwritable(Box::new(error)))
}

fn unwritable(source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Database { doing: "write a value", source: sqlx::Error::Encode(source) }
}

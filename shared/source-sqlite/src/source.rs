use std::path::PathBuf;

use async_trait::async_trait;
use source::{Discovered, Error, Plan, PlanRequest, ReadRequest, Reader, Source};

use crate::{connection, plan, reader, relation};

/// A SQLite file, opened for reading only.
///
/// SQLite keeps any value in any column, so a column's type is what it is declared as, and a value
/// that is none of that type becomes a reject (`type_mismatch`), never another value:
///
/// | declared | column type | values taken |
/// |---|---|---|
/// | `INTEGER`, `INT`, `BIGINT` … | `int64` | integers |
/// | `BOOLEAN` | `bool` | 0 and 1 |
/// | `REAL`, `DOUBLE`, `FLOAT` | `float64` | reals; integers up to 2^53 |
/// | `TEXT`, `VARCHAR`, `CHAR`, `CLOB` | `utf8` | texts |
/// | `BLOB` | `binary` | blobs |
/// | `DECIMAL(P,S)`, `NUMERIC(P,S)` | `decimal(P,S)` | integers, reals and texts whose digits fit exactly |
/// | `DECIMAL`, `NUMERIC` | `numeric` | integers, reals, texts of a number |
/// | `DATE`, `TIME`, `DATETIME`, `TIMESTAMP` | `date`, `time`, `timestamp` | texts in ISO 8601 form |
/// | `TIMESTAMPTZ` | `timestamp(us,UTC)` | the same, with a zone |
/// | `JSON`, `UUID` | `json`, `uuid` | texts of one |
///
/// and what `destination-sqlite` declares is read as what it was. A stream's `columns` go before
/// all of these; a column that is not declared (an expression in a query) needs them.
///
/// A table is read in the order of its `rowid`, or of its primary key where it has no `rowid`, in
/// one short query a batch. A query or view is read in one go and in its own order, and goes on
/// behind as many rows as were read: give it an `ORDER BY`. An incremental stream is read in the
/// order of its cursor.
pub struct SqliteSource {
    path: PathBuf,
}

impl SqliteSource {
    /// Reads the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

#[async_trait]
impl Source for SqliteSource {
    async fn discover(&self) -> Result<Vec<Discovered>, Error> {
        let mut connection = connection::open(&self.path).await?;
        relation::discover(&mut connection).await
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Error> {
        let mut connection = connection::open(&self.path).await?;
        plan::make(&mut connection, request).await
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<Box<dyn Reader>, Error> {
        let query = plan::query(&request)?;
        let connection = connection::open(&self.path).await?;
        reader::open(connection, query, &request)
    }
}

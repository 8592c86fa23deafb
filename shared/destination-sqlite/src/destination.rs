use std::path::PathBuf;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use destination::{Destination, Error, Incoming, Outcome, Target, Unfit};
use spec::Disposition;
use sqlx::{Connection, SqliteConnection};

use crate::connection::Shared;
use crate::{declared, error, ledger, rows, shadow, table};

/// A SQLite file. Nothing is opened before the first call; the file and its folders are made when
/// they are not there. The journal mode of a file that is there is left alone.
///
/// Columns are declared so that SQLite's affinity never changes a value:
///
/// | column type | declared | stored |
/// |---|---|---|
/// | `int8` … `int64`, `uint8` … `uint32` | `INTEGER` | integer |
/// | `uint64` | `UNSIGNED TEXT` | digits |
/// | `bool` | `BOOLEAN` | 0 or 1 |
/// | `float32`, `float64` | `REAL` | real; NaN is refused, for SQLite would make it NULL |
/// | `decimal(P,S)` | `DECIMAL TEXT(P,S)` | exact text, always with S digits behind the point |
/// | `numeric` | `NUMERIC TEXT` | exact text |
/// | `utf8` | `TEXT` | text |
/// | `json` | `JSON TEXT` | text |
/// | `uuid` | `UUID TEXT` | lowercase, with hyphens |
/// | `binary` | `BLOB` | bytes |
/// | `date` | `DATE TEXT` | `2013-01-31` |
/// | `time` | `TIME TEXT` | `05:17:00`, with `.123456` when there are microseconds |
/// | `timestamp` | `TIMESTAMP TEXT` | `2013-01-31 05:17:00`, with microseconds when there are any |
/// | `timestamp(us,UTC)` | `TIMESTAMPTZ TEXT` | the same, followed by `+00:00` |
///
/// These texts sort as the times do. Years before 0 and after 9999 are refused.
pub struct SqliteDestination {
    shared: Shared,
}

impl SqliteDestination {
    /// Writes to the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { shared: Shared::new(path.into()) }
    }
}

#[async_trait]
impl Destination for SqliteDestination {
    fn unfit(&self, schema: &SchemaRef) -> Vec<Unfit> {
        declared::unfit(schema)
    }

    async fn prepare(&self, target: &Target) -> Result<(), Error> {
        if let Some(Unfit { column, reason }) = self.unfit(&target.schema).into_iter().next() {
            return Err(Error::UnsupportedType { column, reason });
        }
        let mut held = self.shared.lock().await?;
        let outcome = prepare(held.connection(), target).await;
        held.settle(outcome)
    }

    async fn deliver(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        let mut held = self.shared.lock().await?;
        let outcome = deliver(held.connection(), target, &incoming).await;
        held.settle(outcome)
    }

    async fn withdraw(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        destination::refuse_withdrawal(target, incoming.rows.schema_ref())?;
        let mut held = self.shared.lock().await?;
        let outcome = withdraw(held.connection(), target, &incoming).await;
        held.settle(outcome)
    }

    async fn finish(&self, target: &Target) -> Result<(), Error> {
        if target.disposition != Disposition::Replace {
            return Ok(());
        }
        let mut held = self.shared.lock().await?;
        let outcome = finish(held.connection(), target).await;
        held.settle(outcome)
    }

    fn location(&self, target: &Target) -> String {
        format!("{}, table {}", self.shared.path().display(), target.stream)
    }
}

async fn prepare(connection: &mut SqliteConnection, target: &Target) -> Result<(), Error> {
    let mut transaction =
        connection.begin_with("BEGIN IMMEDIATE").await.map_err(error::while_doing("begin to prepare"))?;
    ledger::make(&mut transaction).await?;
    match target.disposition {
        Disposition::Append | Disposition::Merge => table::make(&mut transaction, target).await?,
        Disposition::Replace => shadow::make(&mut transaction, target).await?,
    }
    transaction.commit().await.map_err(error::while_doing("prepare the table"))
}

async fn deliver(connection: &mut SqliteConnection, target: &Target, incoming: &Incoming) -> Result<Outcome, Error> {
    let mut transaction =
        connection.begin_with("BEGIN IMMEDIATE").await.map_err(error::while_doing("begin a batch"))?;
    if ledger::has(&mut transaction, target, &incoming.batch).await? {
        return Ok(Outcome::AlreadyThere);
    }
    let table = match target.disposition {
        Disposition::Append | Disposition::Merge => target.stream.to_string(),
        Disposition::Replace => shadow::of_run(&mut transaction, target).await?,
    };
    rows::write(&mut transaction, &table, target, &incoming.rows).await?;
    ledger::add(&mut transaction, target, incoming).await?;
    transaction.commit().await.map_err(error::while_doing("commit a batch"))?;
    Ok(Outcome::Written { rows: incoming.rows.num_rows() as u64 })
}

async fn withdraw(connection: &mut SqliteConnection, target: &Target, incoming: &Incoming) -> Result<Outcome, Error> {
    let mut transaction =
        connection.begin_with("BEGIN IMMEDIATE").await.map_err(error::while_doing("begin a batch"))?;
    if ledger::has(&mut transaction, target, &incoming.batch).await? {
        return Ok(Outcome::AlreadyThere);
    }
    rows::remove(&mut transaction, target.stream.as_str(), &incoming.rows).await?;
    ledger::add(&mut transaction, target, incoming).await?;
    transaction.commit().await.map_err(error::while_doing("commit a batch"))?;
    Ok(Outcome::Written { rows: incoming.rows.num_rows() as u64 })
}

async fn finish(connection: &mut SqliteConnection, target: &Target) -> Result<(), Error> {
    let mut transaction =
        connection.begin_with("BEGIN IMMEDIATE").await.map_err(error::while_doing("begin to finish"))?;
    shadow::swap_in(&mut transaction, target).await?;
    transaction.commit().await.map_err(error::while_doing("swap the table in"))
}

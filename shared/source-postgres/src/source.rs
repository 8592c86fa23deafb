//! PostgreSQL behind the source's seam.

use async_trait::async_trait;
use source::{Column, Discovered, Error, Plan, PlanRequest, ReadRequest, Reader, Source};

use crate::catalog::{self, CatalogColumn, Table};
use crate::copy::CopyOut;
use crate::extract::{Extract, Order, Place, Range};
use crate::plan;
use crate::reader::PartReader;
use crate::select;
use crate::session::Address;

/// A heap gives its rows in their own order only to one process that begins at the beginning; a
/// query gives them in the same order again only without parallel workers.
const IN_ORDER: &str = "SET max_parallel_workers_per_gather = 0; SET synchronize_seqscans = off";

/// A PostgreSQL server whose tables and queries are read by binary COPY.
#[derive(Debug, Clone)]
pub struct PostgresSource {
    address: Address,
}

impl PostgresSource {
    /// Takes the address, `postgres://USER:PASSWORD@HOST:PORT/DATABASE`; connects only when asked for
    /// something. Errors never show the address's password.
    pub fn new(url: &str) -> Result<Self, Error> {
        Ok(Self { address: Address::parse(url)? })
    }
}

#[async_trait]
impl Source for PostgresSource {
    async fn discover(&self) -> Result<Vec<Discovered>, Error> {
        let mut connection = self.address.connect().await?;
        let tables = catalog::tables(&mut connection).await?;
        let oids: Vec<i64> = tables.iter().map(|table| table.oid).collect();
        let columns = catalog::columns_of(&mut connection, &oids).await?;
        let keys = catalog::primary_keys_of(&mut connection, &oids).await?;
        Ok(tables.iter().map(|table| discovered(table, &columns, &keys)).collect())
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Error> {
        let mut connection = self.address.connect().await?;
        plan::plan(&mut connection, request).await
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<Box<dyn Reader>, Error> {
        let extract = Extract::of_part(request.part)?;
        let place = request.position.map(|position| Place::of_position(position, &extract.order)).transpose()?;
        let copy = if extract.range == Range::Nothing {
            None
        } else {
            let connection = self.address.connect().await?;
            let settings = if matches!(extract.order, Order::Key(_)) { "" } else { IN_ORDER };
            let statement = select::copy_statement(&extract, place.as_ref());
            Some(CopyOut::start(connection, settings, statement, format!("read stream `{}`", request.stream.name)))
        };
        let limits = &request.stream.batch;
        Ok(Box::new(PartReader::new(extract, request.schema, limits, place.as_ref(), copy)?))
    }
}

fn discovered(table: &Table, columns: &[(i64, CatalogColumn)], keys: &[(i64, String)]) -> Discovered {
    let own_columns = columns.iter().filter(|(oid, _)| *oid == table.oid);
    let own_key = keys.iter().filter(|(oid, _)| *oid == table.oid);
    Discovered {
        name: table.name.written(),
        columns: own_columns.map(|(_, column)| discovered_column(column)).collect(),
        primary_key: own_key.map(|(_, name)| name.clone()).collect(),
    }
}

fn discovered_column(column: &CatalogColumn) -> Column {
    Column {
        name: column.name.clone(),
        column_type: column.kind.map(|kind| kind.column_type(column.modifier)),
        source_type: column.words.clone(),
        nullable: column.nullable,
    }
}

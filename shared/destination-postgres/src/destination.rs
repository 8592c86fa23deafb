//! PostgreSQL behind the destination's seam.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::{Field, SchemaRef};
use async_trait::async_trait;
use batch::ColumnType;
use destination::{Destination, Error, Incoming, Outcome, Target, Unfit};
use flow::{RunId, StreamName, SyncName};
use spec::Disposition;
use sqlx::postgres::PgConnection;

use crate::connections::Connections;
use crate::layout::{self, Layout};
use crate::names::{MOST_BYTES, Names};
use crate::{deliver, prepare, replace};

/// Names PostgreSQL gives to columns of its own in every table.
const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];

/// A PostgreSQL server that streams are written to, one table a stream in one schema.
#[derive(Debug)]
pub struct PostgresDestination {
    connections: Connections,
    schema: String,
    /// How the batches of each run are written, so that the catalog is asked once a run.
    layouts: Mutex<HashMap<(SyncName, StreamName), Known>>,
}

/// A layout and what it was made for.
#[derive(Debug)]
struct Known {
    run: RunId,
    schema: SchemaRef,
    layout: Arc<Layout>,
}

impl PostgresDestination {
    /// Takes the address, `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, and the schema of the tables;
    /// connects when first asked for something and keeps connections for the next call. Errors never
    /// show the address's password.
    pub fn new(url: &str, schema: &str) -> Result<Self, Error> {
        if schema.is_empty() || schema.len() > MOST_BYTES {
            return Err(Error::config(
                "destination_access",
                format!("schema `{schema}` is no name PostgreSQL takes: 1 to {MOST_BYTES} bytes"),
            ));
        }
        let connections = Connections::parse(url)?;
        Ok(Self { connections, schema: schema.to_owned(), layouts: Mutex::default() })
    }

    async fn layout(
        &self,
        connection: &mut PgConnection,
        names: &Names,
        target: &Target,
    ) -> Result<Arc<Layout>, Error> {
        if let Some(layout) = self.known_layout(target) {
            return Ok(layout);
        }
        let table = layout::find_table(connection, names, &names.table).await?.ok_or_else(|| {
            Error::config("not_prepared", format!("stream `{}` was not prepared for this run", target.stream))
        })?;
        let layout = layout::fit(connection, names, target, table).await?;
        Ok(self.remember(target, layout))
    }

    fn known_layout(&self, target: &Target) -> Option<Arc<Layout>> {
        let layouts = self.layouts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = layouts.get(&(target.sync.clone(), target.stream.clone()))?;
        let is_same = known.run == target.run && known.schema == target.schema;
        (is_same && known.layout.primary_key == target.primary_key).then(|| known.layout.clone())
    }

    fn remember(&self, target: &Target, layout: Layout) -> Arc<Layout> {
        let layout = Arc::new(layout);
        let known = Known { run: target.run.clone(), schema: target.schema.clone(), layout: layout.clone() };
        let mut layouts = self.layouts.lock().unwrap_or_else(PoisonError::into_inner);
        layouts.insert((target.sync.clone(), target.stream.clone()), known);
        layout
    }
}

#[async_trait]
impl Destination for PostgresDestination {
    fn unfit(&self, schema: &SchemaRef) -> Vec<Unfit> {
        schema.fields().iter().filter_map(|field| unfit(field)).collect()
    }

    async fn prepare(&self, target: &Target) -> Result<(), Error> {
        if let Some(unfit) = self.unfit(&target.schema).into_iter().next() {
            return Err(Error::UnsupportedType { column: unfit.column, reason: unfit.reason });
        }
        let names = Names::of(target, &self.schema)?;
        let mut lease = self.connections.lend().await?;
        let layout = prepare::prepare(&mut lease.connection, &names, target).await?;
        lease.give_back();
        self.remember(target, layout);
        Ok(())
    }

    async fn deliver(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        let names = Names::of(target, &self.schema)?;
        let mut lease = self.connections.lend().await?;
        let layout = self.layout(&mut lease.connection, &names, target).await?;
        let outcome = deliver::deliver(&mut lease.connection, &names, target, &layout, &incoming).await?;
        lease.give_back();
        Ok(outcome)
    }

    async fn withdraw(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        destination::refuse_withdrawal(target, incoming.rows.schema_ref())?;
        let names = Names::of(target, &self.schema)?;
        let mut lease = self.connections.lend().await?;
        let layout = self.layout(&mut lease.connection, &names, target).await?;
        let outcome = deliver::withdraw(&mut lease.connection, &names, target, &layout.of_key(), &incoming).await?;
        lease.give_back();
        Ok(outcome)
    }

    async fn finish(&self, target: &Target) -> Result<(), Error> {
        if target.disposition != Disposition::Replace {
            return Ok(());
        }
        let names = Names::of(target, &self.schema)?;
        let mut lease = self.connections.lend().await?;
        let layout = self.layout(&mut lease.connection, &names, target).await?;
        replace::finish(&mut lease.connection, &names, target, &layout).await?;
        lease.give_back();
        Ok(())
    }

    fn location(&self, target: &Target) -> String {
        format!("{}, table {}.{}", self.connections.place(), self.schema, target.stream)
    }
}

fn unfit(field: &Field) -> Option<Unfit> {
    let name = field.name();
    let reason = if name.len() > MOST_BYTES {
        format!("its name has more than the {MOST_BYTES} bytes PostgreSQL keeps; rename it")
    } else if name.is_empty() || name.contains('\0') {
        "its name is none PostgreSQL takes; rename it".to_owned()
    } else if SYSTEM_COLUMNS.contains(&name.as_str()) {
        "its name is that of a column PostgreSQL has in every table; rename it".to_owned()
    } else {
        ColumnType::of(field).err()?.to_string()
    };
    Some(Unfit { column: name.clone(), reason })
}

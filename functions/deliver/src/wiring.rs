//! Makes the destinations specs name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use destination::Destination;
use destination_file::{FileDestination, Format};
use destination_postgres::PostgresDestination;
use destination_sqlite::SqliteDestination;
use flow::Fault;
use spec::{DestinationSpec, Resolver, Sync};

use crate::step::Destinations;

/// Makes destinations by their type, and keeps those it made.
pub struct WiredDestinations {
    resolver: Arc<dyn Resolver>,
    made: Mutex<HashMap<String, Arc<dyn Destination>>>,
}

impl WiredDestinations {
    /// Resolves references with `resolver`.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver, made: Mutex::default() }
    }

    fn make(&self, spec: &DestinationSpec) -> Result<Arc<dyn Destination>, Fault> {
        let resolver = self.resolver.as_ref();
        Ok(match spec {
            DestinationSpec::Sqlite { path } => Arc::new(SqliteDestination::new(path.resolve(resolver)?)),
            DestinationSpec::Postgres { url, schema } => {
                Arc::new(PostgresDestination::new(&url.resolve(resolver)?, schema)?)
            }
            DestinationSpec::Parquet { path } => {
                Arc::new(FileDestination::new(path.resolve(resolver)?, Format::Parquet))
            }
            DestinationSpec::Jsonl { path } => Arc::new(FileDestination::new(path.resolve(resolver)?, Format::Jsonl)),
        })
    }
}

impl Destinations for WiredDestinations {
    fn destination_of(&self, sync: &Sync) -> Result<Arc<dyn Destination>, Fault> {
        let key = match &sync.destination {
            DestinationSpec::Sqlite { path } => format!("sqlite {}", path.as_written()),
            DestinationSpec::Postgres { url, schema } => format!("postgres {schema} {}", url.as_written()),
            DestinationSpec::Parquet { path } => format!("parquet {}", path.as_written()),
            DestinationSpec::Jsonl { path } => format!("jsonl {}", path.as_written()),
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(destination) = made.get(&key) {
            return Ok(destination.clone());
        }
        let destination = self.make(&sync.destination)?;
        made.insert(key, destination.clone());
        Ok(destination)
    }
}

//! Makes the sources specs name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use flow::Fault;
use source::Source;
use source_file::FileSource;
use source_postgres::PostgresSource;
use source_sqlite::SqliteSource;
use spec::{Resolver, SourceSpec, Sync};

use crate::step::Sources;

/// Makes sources by their type, and keeps those it made: a connection pool lives as long as the process.
pub struct WiredSources {
    resolver: Arc<dyn Resolver>,
    made: Mutex<HashMap<String, Arc<dyn Source>>>,
}

impl WiredSources {
    /// Resolves references with `resolver`.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver, made: Mutex::default() }
    }

    fn make(&self, spec: &SourceSpec) -> Result<Arc<dyn Source>, Fault> {
        Ok(match spec {
            SourceSpec::File => Arc::new(FileSource::new(self.resolver.clone())),
            SourceSpec::Sqlite { path } => Arc::new(SqliteSource::new(path.resolve(self.resolver.as_ref())?)),
            SourceSpec::Postgres { url } => Arc::new(PostgresSource::new(&url.resolve(self.resolver.as_ref())?)?),
        })
    }
}

impl Sources for WiredSources {
    fn source_of(&self, sync: &Sync) -> Result<Arc<dyn Source>, Fault> {
        let key = match &sync.source {
            SourceSpec::File => "file".to_owned(),
            SourceSpec::Sqlite { path } => format!("sqlite {}", path.as_written()),
            SourceSpec::Postgres { url } => format!("postgres {}", url.as_written()),
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = made.get(&key) {
            return Ok(source.clone());
        }
        let source = self.make(&sync.source)?;
        made.insert(key, source.clone());
        Ok(source)
    }
}

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use flow::{Context, Fault, FaultKind, StreamName, SyncName};
use spec::{Stream, Sync};
use store::Store;

/// The specs of running syncs, read from the store once a version.
pub struct Specs {
    store: Arc<dyn Store>,
    known: Mutex<HashMap<(SyncName, u32), Arc<Sync>>>,
}

impl Specs {
    /// Reads from this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, known: Mutex::default() }
    }

    /// The spec a handoff runs with.
    pub async fn of(&self, context: &Context) -> Result<Arc<Sync>, Fault> {
        self.get(&context.sync, context.version).await
    }

    /// One version of a sync's spec.
    pub async fn get(&self, sync: &SyncName, version: u32) -> Result<Arc<Sync>, Fault> {
        let key = (sync.clone(), version);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(found) = known {
            return Ok(found);
        }
        let stored = self.store.spec(sync, version).await?;
        let read = Arc::new(spec::load::from_stored(&stored.text)?);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, read.clone());
        Ok(read)
    }
}

/// The stream a handoff is about.
pub fn stream_of<'a>(sync: &'a Sync, name: &StreamName) -> Result<&'a Stream, Fault> {
    let missing = || {
        Fault::new(
            FaultKind::Config,
            "stream_unknown",
            format!("stream `{name}` is not in the spec of `{}`", sync.name),
        )
    };
    sync.stream(name).ok_or_else(missing)
}

use std::path::Path;
use std::sync::Arc;

use flow::{Clock, Fault, FaultKind};
use queue::Queue;
use staging::Staging;
use store::Store;

use crate::ambient::{Random, SystemClock, system_random};
use crate::specs::Specs;

/// The parts every function works with.
#[derive(Clone)]
pub struct Parts {
    /// Where messages wait.
    pub queue: Arc<dyn Queue>,
    /// Where the state is.
    pub store: Arc<dyn Store>,
    /// Where batches are.
    pub staging: Arc<dyn Staging>,
    /// The specs of running syncs.
    pub specs: Arc<Specs>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for jitter.
    pub random: Random,
}

impl Parts {
    /// Puts given parts together.
    pub fn new(queue: Arc<dyn Queue>, store: Arc<dyn Store>, staging: Arc<dyn Staging>, clock: Arc<dyn Clock>) -> Self {
        let specs = Arc::new(Specs::new(store.clone()));
        Self { queue, store, staging, specs, clock, random: system_random() }
    }

    /// Opens the embedded parts that lie in one home folder: `state.db`, `queue.db` and `stage/`.
    /// The queue comes beside them too, for what only the embedded one can do.
    pub async fn open(home: &Path) -> Result<(Self, Arc<queue::Sqlite>), Fault> {
        std::fs::create_dir_all(home).map_err(|error| {
            let message = format!("make the home folder `{}`: {error}; name another with --home", home.display());
            Fault::new(FaultKind::Config, "home_unusable", message)
        })?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let queue = queue::Sqlite::open(&home.join("queue.db"), queue::Limits::default(), clock.clone()).await?;
        let store = store::Sqlite::open(&home.join("state.db")).await?;
        let staging = staging::Folder::open(&home.join("stage")).await?;
        let queue = Arc::new(queue);
        Ok((Self::new(queue.clone(), Arc::new(store), Arc::new(staging), clock), queue))
    }
}

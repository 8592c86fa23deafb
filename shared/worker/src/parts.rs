use std::sync::Arc;

use flow::Clock;
use queue::Queue;
use staging::Staging;
use store::Store;

use crate::ambient::{Random, system_random};
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
}

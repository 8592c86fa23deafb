//! Open guests, kept for the next batch of the same stream and run: opening one costs more than a
//! small batch does.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use arrow_schema::SchemaRef;
use flow::{ModuleDigest, RunId, StreamName};

use crate::chain::Guest;

/// A stream of a run under one version of the spec.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StreamKey {
    pub(crate) run: RunId,
    pub(crate) stream: StreamName,
    pub(crate) version: u32,
}

/// Chains nobody uses at the moment.
#[derive(Default)]
pub(crate) struct Guests {
    idle: Mutex<HashMap<StreamKey, Vec<Idle>>>,
}

struct Idle {
    schema: SchemaRef,
    modules: Vec<ModuleDigest>,
    chain: Vec<Box<dyn Guest>>,
}

/// Streams whose chains are kept; a process that serves many syncs forgets the others.
const KEPT_STREAMS: usize = 16;

/// Chains kept of a stream: one for each batch at work, and room for a change of modules.
const KEPT_CHAINS: usize = 4;

impl Guests {
    /// A chain of these modules that was opened for batches of this schema.
    pub(crate) fn take(
        &self,
        key: &StreamKey,
        modules: &[ModuleDigest],
        schema: &SchemaRef,
    ) -> Option<Vec<Box<dyn Guest>>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let chains = idle.get_mut(key)?;
        let fitting = chains.iter().position(|chain| chain.modules == modules && chain.schema == *schema)?;
        Some(chains.remove(fitting).chain)
    }

    /// Keeps a chain for later, in place of the oldest when there are many. A chain that failed is
    /// not given back.
    pub(crate) fn give_back(
        &self,
        key: StreamKey,
        modules: Vec<ModuleDigest>,
        schema: SchemaRef,
        chain: Vec<Box<dyn Guest>>,
    ) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= KEPT_STREAMS && !idle.contains_key(&key) {
            idle.clear();
        }
        let chains = idle.entry(key).or_default();
        if chains.len() >= KEPT_CHAINS {
            chains.remove(0);
        }
        chains.push(Idle { schema, modules, chain });
    }
}

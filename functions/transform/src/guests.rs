//! Open guests, kept for the next batch of the same stream and run: opening one costs more than a
//! small batch does.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use arrow_schema::SchemaRef;
use flow::{RunId, StreamName};

use crate::chain::Guest;

/// A chain of guests is good for one stream of one run, under one attempt's spec version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ChainKey {
    pub(crate) run: RunId,
    pub(crate) stream: StreamName,
    pub(crate) version: u32,
}

/// Chains nobody uses at the moment.
#[derive(Default)]
pub(crate) struct Guests {
    idle: Mutex<HashMap<ChainKey, Vec<Idle>>>,
}

struct Idle {
    schema: SchemaRef,
    chain: Vec<Box<dyn Guest>>,
}

/// Streams whose chains are kept; a process that serves many syncs forgets the others.
const KEPT_STREAMS: usize = 16;

impl Guests {
    /// A chain that was opened for batches of this schema.
    pub(crate) fn take(&self, key: &ChainKey, schema: &SchemaRef) -> Option<Vec<Box<dyn Guest>>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let chains = idle.get_mut(key)?;
        let fitting = chains.iter().position(|chain| chain.schema == *schema)?;
        Some(chains.swap_remove(fitting).chain)
    }

    /// Keeps a chain for later. A chain that failed is not given back.
    pub(crate) fn give_back(&self, key: ChainKey, schema: SchemaRef, chain: Vec<Box<dyn Guest>>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= KEPT_STREAMS && !idle.contains_key(&key) {
            idle.clear();
        }
        idle.entry(key).or_default().push(Idle { schema, chain });
    }
}

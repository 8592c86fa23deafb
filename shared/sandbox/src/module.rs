//! A loaded module: what instances are made of.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use flow::{Digest, StreamName, SyncName, Timestamp};
use wasmtime::Store;

use crate::engine::{Shared, ticks};
use crate::failure::{Allowed, Call, classify};
use crate::host::Host;
use crate::plan::Opening;
use crate::world::{Calls, Entry, World};
use crate::{Error, Guest, Limits};

/// Where a module works: handed to its `open`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The sync.
    pub sync: SyncName,
    /// The stream.
    pub stream: StreamName,
    /// When the run was due: the only clock a module has.
    pub run_clock: Timestamp,
}

/// A module whose artifact is loaded. Cheap to clone.
#[derive(Clone)]
pub struct Module {
    pub(crate) shared: Arc<Shared>,
    entry: Entry,
    digest: Digest,
}

impl std::fmt::Debug for Module {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Module").field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl Module {
    pub(crate) fn new(shared: Arc<Shared>, entry: Entry, digest: Digest) -> Self {
        Self { shared, entry, digest }
    }

    /// The module's identity.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The contract's world it is for.
    #[must_use]
    pub fn world(&self) -> World {
        self.entry.world()
    }

    /// The same module under other limits. The stack stays the engine's.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { shared: Arc::new(self.shared.with_limits(limits)), ..self }
    }

    /// Makes an instance and asks it what it will do with these columns: one guest per module
    /// and run, used for all its batches.
    pub fn open(&self, schema: &SchemaRef, config: &serde_json::Value, context: &Context) -> Result<Guest, Error> {
        Guest::open(self.clone(), Opening::new(schema, config, context)?)
    }

    /// Makes an instance and drops it: whether the module fits the contract and can start.
    pub fn probe(&self) -> Result<(), Error> {
        self.instantiate().map(drop)
    }

    pub(crate) fn instantiate(&self) -> Result<(Store<Host>, Calls), Error> {
        let limits = &self.shared.limits;
        let mut store = Store::new(&self.shared.engine, Host::new(limits));
        // Before the instance is made: its memory and its start function count.
        store.limiter(|host| host);
        store.set_epoch_deadline(ticks(limits.time));
        store.set_hostcall_fuel(limits.output_for(0));
        // Imports and exports are there by name; whether their types fit, too, is found here.
        let linked = self.entry.linked().instantiate(&mut store);
        let instance = linked.map_err(|error| {
            let allowed = Allowed { limits, time: limits.time, output_bytes: limits.output_for(0) };
            classify(error, Call::Start, &store.data_mut().take_lines(), &allowed)
        })?;
        let calls = self
            .entry
            .calls(&mut store, &instance)
            .map_err(|source| Error::Contract { module: self.digest.clone(), source: source.into() })?;
        Ok((store, calls))
    }
}

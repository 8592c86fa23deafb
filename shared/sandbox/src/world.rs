//! The contract's two worlds: which one a module is for, and how it is called.

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use crate::contract::records::{Records, RecordsPre};
use crate::contract::{Columns, ColumnsPre, Context, FieldParam, OpenError, Plan};
use crate::host::Host;

/// What a batch crosses as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// Columns in Arrow's layout: for speed.
    Columns,
    /// JSON records: for simple languages.
    Records,
}

impl World {
    /// Both.
    pub const ALL: [World; 2] = [World::Columns, World::Records];

    /// Its name in the contract, as the store keeps it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            World::Columns => "millstream:transform/columns@0.1.0",
            World::Records => "millstream:transform/records@0.1.0",
        }
    }

    /// The functions a module of this world exports.
    #[must_use]
    pub fn exports(self) -> [&'static str; 2] {
        match self {
            World::Columns => ["open", "apply"],
            World::Records => ["open-records", "apply-records"],
        }
    }
}

/// A linked module by its world: what instances are made of.
#[derive(Clone)]
pub(crate) enum Entry {
    Columns(ColumnsPre<Host>),
    Records(RecordsPre<Host>),
}

impl Entry {
    /// The world is told by the exports' names; whether their types fit is found by [`Entry::calls`].
    pub(crate) fn of(linked: InstancePre<Host>) -> wasmtime::Result<Self> {
        let [open, _] = World::Columns.exports();
        match linked.component().get_export_index(None, open) {
            Some(_) => ColumnsPre::new(linked).map(Entry::Columns),
            None => RecordsPre::new(linked).map(Entry::Records),
        }
    }

    pub(crate) fn world(&self) -> World {
        match self {
            Entry::Columns(_) => World::Columns,
            Entry::Records(_) => World::Records,
        }
    }

    pub(crate) fn linked(&self) -> &InstancePre<Host> {
        match self {
            Entry::Columns(entry) => entry.instance_pre(),
            Entry::Records(entry) => entry.instance_pre(),
        }
    }

    pub(crate) fn calls(&self, store: &mut Store<Host>, instance: &Instance) -> wasmtime::Result<Calls> {
        Ok(match self {
            Entry::Columns(_) => Calls::Columns(Columns::new(store, instance)?),
            Entry::Records(_) => Calls::Records(Records::new(store, instance)?),
        })
    }
}

/// An instance's functions.
pub(crate) enum Calls {
    Columns(Columns),
    Records(Records),
}

impl Calls {
    pub(crate) fn open(
        &self,
        store: &mut Store<Host>,
        fields: &[FieldParam<'_>],
        config: &str,
        context: Context<'_>,
    ) -> wasmtime::Result<Result<Plan, OpenError>> {
        match self {
            Calls::Columns(calls) => calls.call_open(store, fields, config, context),
            Calls::Records(calls) => calls.call_open_records(store, fields, config, context),
        }
    }
}

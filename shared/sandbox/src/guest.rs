//! An opened module at work: batches in, checked batches out.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use flow::Digest;
use wasmtime::Store;

use crate::assemble::{MESSAGE_LETTERS, assemble};
use crate::contract::{BatchParam, Columns, Output as ContractOutput};
use crate::engine::ticks;
use crate::failure::{Allowed, Call, classify};
use crate::host::{Host, LogLine};
use crate::lower::{Lowered, lower};
use crate::plan::{Opening, Plan};
use crate::{Error, Limits, Module};

/// What became of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The rows that go on, of the guest's schema.
    pub rows: RecordBatch,
    /// For each of them, its row in the input.
    pub source_rows: UInt32Array,
    /// The input rows that do not, each with its reason. An input row that is in neither was
    /// filtered by the module.
    pub rejects: Vec<Reject>,
}

/// An input row the module refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its row in the input.
    pub row: u32,
    /// The column, when it is about one.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// For people, at most 500 letters. It may hold values of the row.
    pub message: String,
}

/// A module opened for one input. One instance serves all batches; after any fault it is thrown
/// away and the next batch makes a new one.
pub struct Guest {
    module: Module,
    opening: Opening,
    plan: Plan,
    live: Option<Instance>,
    log: Vec<LogLine>,
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Guest").field("module", &self.module).field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl Guest {
    pub(crate) fn open(module: Module, opening: Opening) -> Result<Self, Error> {
        let (instance, plan) = Instance::open(&module, &opening)?;
        Ok(Self { module, opening, plan, live: Some(instance), log: Vec::new() })
    }

    /// The output's schema: agreed on at `open`, the same for every batch.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.plan.schema)
    }

    /// Digest of the module at work.
    #[must_use]
    pub fn module(&self) -> &Digest {
        self.module.digest()
    }

    /// The limits it works under.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.module.shared.limits
    }

    /// What the module logged in the last call, for its author.
    pub fn take_log(&mut self) -> Vec<LogLine> {
        mem::take(&mut self.log)
    }

    /// Puts a batch through the module. After an error the guest can be used on.
    pub fn apply(&mut self, rows: &RecordBatch) -> Result<Output, Error> {
        self.apply_within(rows, self.limits().time)
    }

    pub(crate) fn apply_within(&mut self, rows: &RecordBatch, time: Duration) -> Result<Output, Error> {
        if rows.schema_ref().fields() != self.opening.schema.fields() {
            return Err(Error::OtherInput);
        }
        let shared = Arc::clone(&self.module.shared);
        let output_bytes = shared.limits.output_for(weight(rows));
        let allowed = Allowed { limits: &shared.limits, time, output_bytes };
        // Out of its place until it has done well: after a fault it is gone.
        let mut instance = match self.live.take() {
            Some(instance) => instance,
            None => self.open_again()?,
        };
        let columns: Vec<Lowered> = self.plan.needs.iter().map(|column| lower(rows.column(*column))).collect();
        let (given, lines) = instance.apply(rows.num_rows(), &columns, &allowed);
        self.log = lines;
        let output = assemble(given?, &self.plan, rows, output_bytes)?;
        self.live = Some(instance);
        Ok(output)
    }

    fn open_again(&self) -> Result<Instance, Error> {
        let (instance, plan) = Instance::open(&self.module, &self.opening)?;
        match plan == self.plan {
            true => Ok(instance),
            false => Err(Error::PlanChanged),
        }
    }
}

struct Instance {
    store: Store<Host>,
    calls: Columns,
}

impl Instance {
    fn open(module: &Module, opening: &Opening) -> Result<(Self, Plan), Error> {
        let limits = &module.shared.limits;
        let allowed = Allowed { limits, time: limits.time, output_bytes: limits.output_for(0) };
        let (store, calls) = module.instantiate()?;
        let mut instance = Self { store, calls };
        instance.allow(&allowed);
        let opened =
            instance.calls.call_open(&mut instance.store, &opening.fields(), &opening.config, opening.context());
        let lines = instance.store.data_mut().take_lines();
        let plan = opened.map_err(|error| classify(error, Call::Open, &lines, &allowed))?;
        let plan = plan.map_err(|refused| Error::Refused { message: cut(&refused.message) })?;
        Ok((instance, Plan::checked(plan, &opening.schema)?))
    }

    fn apply(
        &mut self,
        rows: usize,
        columns: &[Lowered],
        allowed: &Allowed<'_>,
    ) -> (Result<ContractOutput, Error>, Vec<LogLine>) {
        self.allow(allowed);
        let columns: Vec<_> = columns.iter().map(Lowered::param).collect();
        let Ok(rows) = u32::try_from(rows) else { return (Err(Error::OtherInput), Vec::new()) };
        let given = self.calls.call_apply(&mut self.store, BatchParam { rows, columns: &columns });
        let lines = self.store.data_mut().take_lines();
        let given = match given {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(message)) => Err(Error::GaveUp { message: cut(&message) }),
            Err(error) => Err(classify(error, Call::Apply, &lines, allowed)),
        };
        (given, lines)
    }

    fn allow(&mut self, allowed: &Allowed<'_>) {
        self.store.set_epoch_deadline(ticks(allowed.time));
        self.store.set_hostcall_fuel(allowed.output_bytes);
    }
}

/// What the rows of a batch weigh, whatever larger buffers they lie in.
fn weight(rows: &RecordBatch) -> usize {
    rows.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).sum()
}

fn cut(message: &str) -> String {
    message.chars().take(MESSAGE_LETTERS).collect()
}

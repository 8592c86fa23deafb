//! An opened module at work: batches in, checked batches out.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use flow::Digest;
use wasmtime::Store;

use crate::assemble::{Given, MESSAGE_LETTERS, assemble};
use crate::contract::BatchParam;
use crate::engine::ticks;
use crate::failure::{Allowed, Call, classify};
use crate::host::{Host, KEPT_LINES, LogLine};
use crate::lower::{Lowered, lower};
use crate::parts;
use crate::plan::{Opening, Plan};
use crate::records::Writer;
use crate::world::{Calls, World};
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
        match self.module.world() {
            World::Columns => {
                let columns: Vec<Lowered> = self.plan.needs.iter().map(|need| lower(rows.column(*need))).collect();
                self.call(rows, &Input::Columns(&columns), time, &mut time.clone())
            }
            World::Records => self.apply_records(rows, time),
        }
    }

    /// In parts a guest's memory can bear, all calls together within the time of one.
    fn apply_records(&mut self, rows: &RecordBatch, time: Duration) -> Result<Output, Error> {
        let mut left = time;
        let schema = self.schema();
        let writer = Writer::new(rows, &self.plan)?;
        let (mut outputs, mut lines, mut start) = (Vec::new(), Vec::new(), 0);
        loop {
            let (records, length) = writer.part(start);
            let part = rows.slice(start, length);
            let output = self.call(&part, &Input::Records(&records), time, &mut left);
            lines.append(&mut self.log);
            lines.drain(..lines.len().saturating_sub(KEPT_LINES));
            self.log.clone_from(&lines);
            outputs.push(parts::moved(output?, start));
            start += length;
            if start >= rows.num_rows() {
                return parts::joined(&schema, outputs);
            }
        }
    }

    fn call(
        &mut self,
        rows: &RecordBatch,
        input: &Input<'_>,
        time: Duration,
        left: &mut Duration,
    ) -> Result<Output, Error> {
        let shared = Arc::clone(&self.module.shared);
        let output_bytes = shared.limits.output_for(weight(rows).max(input.weight()));
        let allowed = Allowed { limits: &shared.limits, time, output_bytes };
        // Out of its place until it has done well: after a fault it is gone.
        let mut instance = match self.live.take() {
            Some(instance) => instance,
            None => self.open_again()?,
        };
        let started = Instant::now();
        let (given, lines) = instance.apply(rows.num_rows(), input, &allowed, *left);
        *left = left.saturating_sub(started.elapsed());
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

/// What crosses into an instance.
enum Input<'a> {
    Columns(&'a [Lowered]),
    Records(&'a str),
}

impl Input<'_> {
    /// Bytes beyond the batch's own.
    fn weight(&self) -> usize {
        match self {
            Input::Columns(_) => 0,
            Input::Records(records) => records.len(),
        }
    }
}

struct Instance {
    store: Store<Host>,
    calls: Calls,
}

impl Instance {
    fn open(module: &Module, opening: &Opening) -> Result<(Self, Plan), Error> {
        let limits = &module.shared.limits;
        let allowed = Allowed { limits, time: limits.time, output_bytes: limits.output_for(0) };
        let (store, calls) = module.instantiate()?;
        let mut instance = Self { store, calls };
        instance.allow(&allowed, limits.time);
        let opened = instance.calls.open(&mut instance.store, &opening.fields(), &opening.config, opening.context());
        let lines = instance.store.data_mut().take_lines();
        let plan = opened.map_err(|error| classify(error, Call::Open, &lines, &allowed))?;
        let plan = plan.map_err(|refused| Error::Refused { message: cut(&refused.message) })?;
        Ok((instance, Plan::checked(plan, &opening.schema)?))
    }

    fn apply(
        &mut self,
        rows: usize,
        input: &Input<'_>,
        allowed: &Allowed<'_>,
        left: Duration,
    ) -> (Result<Given, Error>, Vec<LogLine>) {
        self.allow(allowed, left);
        let given = match (&self.calls, input) {
            (Calls::Columns(calls), Input::Columns(columns)) => {
                let Ok(rows) = u32::try_from(rows) else { return (Err(Error::OtherInput), Vec::new()) };
                let columns: Vec<_> = columns.iter().map(Lowered::param).collect();
                let given = calls.call_apply(&mut self.store, BatchParam { rows, columns: &columns });
                given.map(|given| given.map(Given::Columns))
            }
            (Calls::Records(calls), Input::Records(records)) => {
                let given = calls.call_apply_records(&mut self.store, records);
                given.map(|given| given.map(Given::Records))
            }
            _ => return (Err(Error::OtherInput), Vec::new()),
        };
        let lines = self.store.data_mut().take_lines();
        let given = match given {
            Ok(Ok(given)) => Ok(given),
            Ok(Err(message)) => Err(Error::GaveUp { message: cut(&message) }),
            Err(error) => Err(classify(error, Call::Apply, &lines, allowed)),
        };
        (given, lines)
    }

    fn allow(&mut self, allowed: &Allowed<'_>, left: Duration) {
        self.store.set_epoch_deadline(ticks(left));
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

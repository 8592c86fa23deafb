//! What limits cost: the same component called the same way, once with the sandbox's settings and
//! once with nothing that could stop it.

use arrow_array::{Array, RecordBatch};
use cpu_time::ThreadTime;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store, StoreLimits, StoreLimitsBuilder};

use crate::contest::{Contestant, Turn};

mod contract {
    #![allow(missing_docs, unreachable_pub, dead_code, clippy::all, reason = "generated from the contract")]
    wasmtime::component::bindgen!({
        path: "../../transforms/wit",
        world: "columns",
        ownership: Borrowing { duplicate_if_necessary: true },
    });
}

use contract::millstream::transform::types::{BatchParam, ColumnParam, FieldParam, Level};
use contract::{Columns, ColumnsImports, Context};

const MEMORY: usize = 64 << 20;

/// What the host keeps for a guest.
struct Host {
    limits: StoreLimits,
}

impl ColumnsImports for Host {
    fn log(&mut self, _: Level, _: String) {}
}

impl contract::millstream::transform::types::Host for Host {}

/// A component in an engine of its own.
pub(crate) struct Bare<'a> {
    store: Store<Host>,
    instance: Columns,
    needs: Vec<u32>,
    batches: &'a [RecordBatch],
}

impl<'a> Bare<'a> {
    /// Compiles the component and opens it for the batches' columns.
    pub(crate) fn new(component: &[u8], is_limited: bool, batches: &'a [RecordBatch]) -> anyhow::Result<Self> {
        let mut config = sandbox::engine_config();
        config.epoch_interruption(is_limited);
        let engine = Engine::new(&config).map_err(failed)?;
        let component = Component::new(&engine, component).map_err(failed)?;
        let mut linker = Linker::new(&engine);
        Columns::add_to_linker::<_, HasSelf<Host>>(&mut linker, |host| host).map_err(failed)?;
        let limits =
            if is_limited { StoreLimitsBuilder::new().memory_size(MEMORY).build() } else { StoreLimits::default() };
        let mut store = Store::new(&engine, Host { limits });
        if is_limited {
            store.limiter(|host| &mut host.limits);
            store.set_epoch_deadline(u64::MAX / 2);
        }
        let instance = Columns::instantiate(&mut store, &component, &linker).map_err(failed)?;
        let types: Vec<(String, String, bool)> = crate::data::columns()?
            .into_iter()
            .map(|column| (column.name, column.column_type.to_string(), column.nullable))
            .collect();
        let fields: Vec<FieldParam<'_>> =
            types.iter().map(|(name, type_, nullable)| FieldParam { name, type_, nullable: *nullable }).collect();
        let context = Context { sync: "bench", stream: "customers", run_clock: 0 };
        let plan = instance.call_open(&mut store, &fields, "{}", context).map_err(failed)?;
        let plan = plan.map_err(|error| anyhow::anyhow!("the module does not open: {}", error.message))?;
        Ok(Self { store, instance, needs: plan.needs, batches })
    }
}

impl Contestant for Bare<'_> {
    fn turn(&mut self) -> anyhow::Result<Turn> {
        let mut rows_out = 0;
        let begun = ThreadTime::now();
        for rows in self.batches {
            let columns: Vec<Lowered> =
                self.needs.iter().map(|place| Lowered::of(rows.column(*place as usize))).collect();
            let columns: Vec<ColumnParam<'_>> = columns.iter().map(Lowered::param).collect();
            let batch = BatchParam { rows: rows.num_rows() as u32, columns: &columns };
            let output = self.instance.call_apply(&mut self.store, batch).map_err(failed)?;
            rows_out += output.map_err(|error| anyhow::anyhow!("the module fails: {error}"))?.batch.rows as usize;
        }
        Ok(Turn { took: begun.elapsed(), rows_out })
    }
}

/// The runtime's errors are of a type of their own.
fn failed(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}

/// The buffers of a whole column: the bench's begin at 0.
struct Lowered {
    validity: Vec<u8>,
    offsets: Vec<i32>,
    data: Vec<u8>,
}

impl Lowered {
    fn of(column: &dyn Array) -> Self {
        let data = column.to_data();
        let validity = data.nulls().map(|nulls| nulls.buffer().as_slice().to_vec()).unwrap_or_default();
        match data.buffers() {
            [offsets, texts] => {
                Self { validity, offsets: offsets.typed_data::<i32>().to_vec(), data: texts.as_slice().to_vec() }
            }
            [values, ..] => Self { validity, offsets: Vec::new(), data: values.as_slice().to_vec() },
            [] => Self { validity, offsets: Vec::new(), data: Vec::new() },
        }
    }

    fn param(&self) -> ColumnParam<'_> {
        ColumnParam { validity: &self.validity, offsets: &self.offsets, data: &self.data }
    }
}

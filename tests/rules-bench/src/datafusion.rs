//! Rules in DataFusion, natively, on one thread: planned once, then run over and over.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use cpu_time::ThreadTime;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::datasource::MemTable;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{SessionConfig, SessionContext};
use tokio::runtime::Runtime;

use crate::contest::{Contestant, Turn};

/// A planned query over the rows.
pub(crate) struct DataFusion {
    runtime: Runtime,
    session: SessionContext,
    plan: Arc<dyn ExecutionPlan>,
}

impl DataFusion {
    /// Plans a rule over batches.
    pub(crate) fn new(rule: &str, batches: &[RecordBatch]) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let size = batches.first().map_or(8192, RecordBatch::num_rows);
        let config = SessionConfig::new().with_target_partitions(1).with_batch_size(size);
        let session = SessionContext::new_with_config(config);
        let rows = theirs(batches)?;
        let schema = rows.first().ok_or_else(|| anyhow::anyhow!("there are no rows"))?.schema();
        session.register_table("input", Arc::new(MemTable::try_new(schema, vec![rows])?))?;
        let plan = runtime.block_on(async { session.sql(rule).await?.create_physical_plan().await })?;
        Ok(Self { runtime, session, plan })
    }
}

impl Contestant for DataFusion {
    fn turn(&mut self) -> anyhow::Result<Turn> {
        let begun = ThreadTime::now();
        let rows = self.runtime.block_on(collect(self.plan.clone(), self.session.task_ctx()))?;
        let took = begun.elapsed();
        Ok(Turn { took, rows_out: rows.iter().map(|rows| rows.num_rows()).sum() })
    }
}

/// The rows as batches of the version of arrow DataFusion has.
fn theirs(batches: &[RecordBatch]) -> anyhow::Result<Vec<datafusion::arrow::array::RecordBatch>> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, first.schema_ref())?;
    for rows in batches {
        writer.write(rows)?;
    }
    writer.finish()?;
    drop(writer);
    Ok(StreamReader::try_new(bytes.as_slice(), None)?.collect::<Result<_, _>>()?)
}

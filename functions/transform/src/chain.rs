//! One batch through one module after the other, every row's number in the staged batch kept.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array, UInt64Array};
use arrow_schema::{Schema, SchemaRef};
use arrow_select::take::take;
use async_trait::async_trait;
use batch::quarantine::Entry;
use batch::{ColumnType, SOURCE_ROW};
use flow::{Context, Fault, FaultKind, Timestamp};
use spec::TransformSpec;

/// Opens modules.
#[async_trait]
pub trait Modules: Send + Sync {
    /// Opens the module a transform names for batches of `schema`. `due` is the run's clock.
    async fn open(
        &self,
        transform: &TransformSpec,
        schema: &SchemaRef,
        context: &Context,
        due: Timestamp,
    ) -> Result<Box<dyn Guest>, Fault>;
}

/// An open module. Calls do not wait for anything but the processor.
pub trait Guest: Send {
    /// Columns of what it gives.
    fn schema(&self) -> SchemaRef;
    /// Puts a batch through it.
    fn apply(&mut self, rows: &RecordBatch) -> Result<Put, Fault>;
}

/// What a module made of a batch.
pub struct Put {
    /// The rows it gave.
    pub rows: RecordBatch,
    /// For each of them, the row it was made of.
    pub source_rows: UInt32Array,
    /// The rows it rejected: `row` counts in the batch it was given.
    pub rejects: Vec<Entry>,
}

/// What the whole chain made of a batch.
pub struct Chained {
    /// The rows, their numbers in the staged batch last.
    pub rows: RecordBatch,
    /// The rows that were rejected: `row` counts in the staged batch.
    pub rejects: Vec<Entry>,
}

/// Puts a staged batch through all guests in turn.
pub fn chain(guests: &mut [Box<dyn Guest>], raw: &RecordBatch) -> Result<Chained, Fault> {
    let mut rows = raw.clone();
    let mut numbers = UInt64Array::from_iter_values(0..raw.num_rows() as u64);
    let mut rejects = Vec::new();
    for guest in guests {
        let put = guest.apply(&rows)?;
        for reject in put.rejects {
            let row = reject.row.and_then(|row| usize::try_from(row).ok()).filter(|row| *row < numbers.len());
            rejects.push(Entry { row: row.map(|row| numbers.value(row)), ..reject });
        }
        numbers = renumber(&numbers, &put.source_rows)?;
        rows = put.rows;
    }
    Ok(Chained { rows: with_numbers(&rows, numbers)?, rejects })
}

fn renumber(numbers: &UInt64Array, source_rows: &UInt32Array) -> Result<UInt64Array, Fault> {
    let taken = take(numbers, source_rows, None).map_err(build_failed)?;
    match taken.as_any().downcast_ref::<UInt64Array>() {
        Some(numbers) => Ok(numbers.clone()),
        None => Err(Fault::new(FaultKind::Bug, "row_numbers", "row numbers changed their type")),
    }
}

fn with_numbers(rows: &RecordBatch, numbers: UInt64Array) -> Result<RecordBatch, Fault> {
    let mut fields: Vec<_> = rows.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(ColumnType::UInt64.field(SOURCE_ROW, false)));
    let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
    columns.push(Arc::new(numbers));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(build_failed)
}

fn build_failed(error: arrow_schema::ArrowError) -> Fault {
    Fault::from_error(FaultKind::Bug, "batch_build", &error)
}

//! The outputs of a batch's parts as one.

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;

use crate::Error;
use crate::guest::Output;

/// The output of a part, its row numbers those of the whole batch.
pub(crate) fn moved(mut output: Output, start: usize) -> Output {
    if start > 0 {
        let by = u32::try_from(start).unwrap_or(u32::MAX);
        output.source_rows = output.source_rows.unary(|row| row.saturating_add(by));
        output.rejects.iter_mut().for_each(|reject| reject.row = reject.row.saturating_add(by));
    }
    output
}

/// One after the other.
pub(crate) fn joined(schema: &SchemaRef, mut parts: Vec<Output>) -> Result<Output, Error> {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return Ok(only);
    }
    let rows: RecordBatch = concat_batches(schema, parts.iter().map(|output| &output.rows)).map_err(Error::Assemble)?;
    let source_rows = parts.iter().flat_map(|output| output.source_rows.values().iter().copied());
    let source_rows = UInt32Array::from_iter_values(source_rows);
    let rejects = parts.into_iter().flat_map(|output| output.rejects).collect();
    Ok(Output { rows, source_rows, rejects })
}

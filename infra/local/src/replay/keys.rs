//! Keys of rows as fingerprints: what is compared of runs that no memory would hold.

use std::collections::HashSet;

use arrow_array::RecordBatch;
use checks::{Check, Quality, Suite};
use flow::{Fault, FaultKind};

use crate::lab::Outcome;

/// A key and the row of the outcome that has it.
pub(crate) struct Keyed {
    pub(crate) row: u32,
    pub(crate) key: u128,
}

/// The keys of the rows of an outcome that go on. A row with NULL in its key has none: no merge takes it.
pub(crate) fn of_outcome(outcome: &Outcome, primary_key: &[String]) -> Result<Vec<Keyed>, Fault> {
    if outcome.rows.num_rows() == 0 {
        return Ok(Vec::new());
    }
    let keys = of_rows(&outcome.rows, primary_key)?;
    let goes_on = |keyed: &Keyed| outcome.goes_on.get(keyed.row as usize).copied().unwrap_or(false);
    Ok(keys.into_iter().filter(goes_on).collect())
}

fn of_rows(rows: &RecordBatch, primary_key: &[String]) -> Result<Vec<Keyed>, Fault> {
    let unique = Check { unique: Some(primary_key.to_vec()), ..Check::default() };
    let quality = Quality { checks: vec![unique], ..Quality::default() };
    let suite = Suite::compile(&quality, &rows.schema()).map_err(|error| {
        let message = format!("compare rows by their key ({}): {error}", primary_key.join(", "));
        Fault::new(FaultKind::Config, "key_missing", message)
    })?;
    let keys = suite.judge(rows).unique.into_iter().next();
    Ok(keys
        .map(|keys| keys.rows.into_iter().zip(keys.keys).map(|(row, key)| Keyed { row, key }).collect())
        .unwrap_or_default())
}

/// The columns of the key alone, of these rows, each key once.
pub(crate) fn rows_of_keys(rows: &RecordBatch, keyed: &[Keyed], primary_key: &[String]) -> Result<RecordBatch, Fault> {
    let failed = |error: arrow_schema::ArrowError| Fault::from_error(FaultKind::Bug, "batch_build", &error);
    let mut seen = HashSet::new();
    let first: Vec<u32> = keyed.iter().filter(|keyed| seen.insert(keyed.key)).map(|keyed| keyed.row).collect();
    let schema = rows.schema();
    let places =
        primary_key.iter().map(|column| schema.index_of(column)).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let keys = rows.project(&places).map_err(failed)?;
    arrow_select::take::take_record_batch(&keys, &arrow_array::UInt32Array::from(first)).map_err(failed)
}

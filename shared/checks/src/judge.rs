//! A batch against the checks of single rows, and what the other checks need to know of it.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Date32Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use batch::ColumnType;

use crate::Suite;
use crate::column::Column;
use crate::moment::MICROS_PER_DAY;
use crate::row_test::{OtherType, RowTest};
use crate::suite::Kind;
use crate::unique::{self, UniqueKeys};
use crate::value_text::{list_text, value_text};

/// What the checks say about a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// Every failure of every check of single rows, by check, then by row.
    pub failures: Vec<Failure>,
    /// What each `unique` check needs to be asked about: see [`Suite::duplicates`].
    pub unique: Vec<UniqueKeys>,
    /// What the run-wide checks need to know of the batch: see [`Suite::conclude`].
    pub measures: Vec<Measure>,
}

/// A row that fails a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The check, by its number in the suite.
    pub check: usize,
    /// The row's number in the batch.
    pub row: u32,
    /// The column, or several joined by `, `.
    pub column: Option<String>,
    /// Stable code.
    pub code: &'static str,
    /// Why, without anything of the row.
    pub reason: String,
    /// The offending value as text, exactly; several as a JSON list. `None` for NULL.
    pub value: Option<String>,
}

/// What a run-wide check needs to know of one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// The check, by its number in the suite.
    pub check: usize,
    /// What was measured; only [`Suite::conclude`] reads it.
    pub value: String,
}

impl Suite {
    /// Puts every check to a batch of the schema the suite was bound to. Rows of a batch of
    /// another schema fail the checks whose columns changed: nothing goes on unchecked.
    #[must_use]
    pub fn judge(&self, rows: &RecordBatch) -> Judgement {
        let mut judgement = Judgement::default();
        for (check, compiled) in self.checks().enumerate() {
            let outcome = match &compiled.kind {
                Kind::Rows { column, code, test } => {
                    judge_rows(check, column, code, test.as_ref(), rows).map(|found| judgement.failures.extend(found))
                }
                Kind::Unique { columns } => unique::keys(check, columns, rows).map(|keys| judgement.unique.push(keys)),
                Kind::Freshness { column, .. } => newest(column, rows).map(|newest| {
                    judgement.measures.extend(newest.map(|newest| Measure { check, value: newest.to_string() }));
                }),
                Kind::RowCount { .. } => Ok(()),
            };
            if outcome.is_err() {
                judgement.failures.extend(all_changed(check, &compiled.kind, rows));
            }
        }
        judgement
    }

    /// The failures of the rows whose key was seen before: `seen` goes by `keys.rows`, and holds
    /// for later rows of the same batch too. `rows` is the batch the keys are of.
    #[must_use]
    pub fn duplicates(&self, rows: &RecordBatch, keys: &UniqueKeys, seen: &[bool]) -> Vec<Failure> {
        let Kind::Unique { columns } = &self.check(keys.check).kind else { return Vec::new() };
        let column = joined(columns);
        let failure = |row: u32| Failure {
            check: keys.check,
            row,
            column: Some(column.clone()),
            code: "not_unique",
            reason: "occurs more than once in the run".to_owned(),
            value: key_text(columns, rows, row),
        };
        keys.rows.iter().zip(seen).filter(|(_, seen)| **seen).map(|(row, _)| failure(*row)).collect()
    }
}

fn judge_rows(
    check: usize,
    column: &Column,
    code: &'static str,
    test: &dyn RowTest,
    rows: &RecordBatch,
) -> Result<Vec<Failure>, OtherType> {
    let array = column.of(rows).ok_or(OtherType)?;
    let mut failures = Vec::new();
    test.judge(array, &mut |row, reason| {
        failures.push(Failure {
            check,
            row: row_number(row),
            column: Some(column.name.clone()),
            code,
            reason: reason.to_owned(),
            value: value_text(array, column.column_type, row),
        });
    })?;
    Ok(failures)
}

fn all_changed(check: usize, kind: &Kind, rows: &RecordBatch) -> Vec<Failure> {
    let column = match kind {
        Kind::Rows { column, .. } | Kind::Freshness { column, .. } => column.name.clone(),
        Kind::Unique { columns } => joined(columns),
        Kind::RowCount { .. } => return Vec::new(),
    };
    let failure = |row| Failure {
        check,
        row: row_number(row),
        column: Some(column.clone()),
        code: "column_changed",
        reason: "the column is not the one the check was made for".to_owned(),
        value: None,
    };
    (0..rows.num_rows()).map(failure).collect()
}

/// The newest moment of a column, in microseconds since 1970-01-01.
fn newest(column: &Column, rows: &RecordBatch) -> Result<Option<i128>, OtherType> {
    let array = column.of(rows).ok_or(OtherType)?;
    match column.column_type {
        ColumnType::Date => {
            Ok(greatest::<Date32Type>(array)?.map(|days| i128::from(days) * i128::from(MICROS_PER_DAY)))
        }
        _ => Ok(greatest::<TimestampMicrosecondType>(array)?.map(i128::from)),
    }
}

fn greatest<P: ArrowPrimitiveType<Native: Ord>>(array: &ArrayRef) -> Result<Option<P::Native>, OtherType> {
    let array = array.as_primitive_opt::<P>().ok_or(OtherType)?;
    Ok(if array.null_count() == 0 { array.values().iter().copied().max() } else { array.iter().flatten().max() })
}

fn key_text(columns: &[Column], rows: &RecordBatch, row: u32) -> Option<String> {
    let values: Vec<Option<String>> = columns
        .iter()
        .map(|column| value_text(column.of(rows)?, column.column_type, usize::try_from(row).ok()?))
        .collect();
    list_text(&values)
}

fn joined(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Arrow arrays of ours are far below 2^32 rows: a batch is bounded by its bytes.
fn row_number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

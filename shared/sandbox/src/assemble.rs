//! A guest's output as rows: computed columns checked, passed columns taken from the input.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow_schema::DataType;
use arrow_select::take::take;

use crate::Error;
use crate::contract::records::RecordsOutput;
use crate::contract::{ContractReject, Output as ContractOutput};
use crate::guest::{Output, Reject};
use crate::lift::lift;
use crate::lower::fixed_width;
use crate::plan::{Origin, Plan};
use crate::records::{Read, read};

/// Letters kept of a message.
pub(crate) const MESSAGE_LETTERS: usize = 500;
const COLUMN_LETTERS: usize = 256;

/// What an `apply` gave, by its world.
pub(crate) enum Given {
    Columns(ContractOutput),
    Records(RecordsOutput),
}

/// Checks what `apply` gave for `input` and puts it together. What is taken from the input may
/// weigh `output_bytes` at most: a few source rows could stand for gigabytes.
pub(crate) fn assemble(given: Given, plan: &Plan, input: &RecordBatch, output_bytes: usize) -> Result<Output, Error> {
    match given {
        Given::Columns(given) => from_columns(given, plan, input, output_bytes),
        Given::Records(given) => from_records(given, plan, input, output_bytes),
    }
}

fn from_columns(given: ContractOutput, plan: &Plan, input: &RecordBatch, output_bytes: usize) -> Result<Output, Error> {
    let rows = usize::try_from(given.batch.rows).unwrap_or(usize::MAX);
    if given.source_rows.len() != rows {
        return Err(wrong(format!("{rows} rows came with {} source rows", given.source_rows.len())));
    }
    // Taken first: what is computed is only as long as it says when the rows are not too many.
    let mut taken = Taken::new(given.source_rows, input, output_bytes)?;
    let passed = taken.columns(plan, input)?;
    let planned: Vec<_> = plan.computed().collect();
    if given.batch.columns.len() != planned.len() {
        return Err(wrong(format!("{} columns came, {} were planned", given.batch.columns.len(), planned.len())));
    }
    let lifted = given.batch.columns.into_iter().zip(planned);
    let computed = lifted.map(|(column, (field, column_type))| lift(column, field, column_type, rows));
    let computed = computed.collect::<Result<Vec<_>, _>>()?;
    let rejects = given.rejects.into_iter().map(|reject| checked(reject, input)).collect::<Result<_, _>>()?;
    put_together(plan, passed, computed, taken.rows, rejects)
}

fn from_records(given: RecordsOutput, plan: &Plan, input: &RecordBatch, output_bytes: usize) -> Result<Output, Error> {
    let Read { columns, source_rows, rejects: unfit } =
        read(&given.records, &given.source_rows, plan, input.num_rows())?;
    let mut taken = Taken::new(source_rows, input, output_bytes)?;
    let passed = taken.columns(plan, input)?;
    let rejects = given.rejects.into_iter().map(|reject| checked(reject, input));
    let mut rejects = rejects.collect::<Result<Vec<_>, _>>()?;
    rejects.extend(unfit);
    put_together(plan, passed, columns, taken.rows, rejects)
}

/// The columns in the plan's order.
fn put_together(
    plan: &Plan,
    passed: Vec<ArrayRef>,
    computed: Vec<ArrayRef>,
    source_rows: UInt32Array,
    rejects: Vec<Reject>,
) -> Result<Output, Error> {
    let (mut passed, mut computed) = (passed.into_iter(), computed.into_iter());
    let columns = plan.origins.iter().map(|origin| match origin {
        Origin::Passed(_) => passed.next(),
        Origin::Computed(_) => computed.next(),
    });
    let columns = columns.collect::<Option<Vec<_>>>().ok_or_else(|| wrong("a column is missing".to_owned()))?;
    let options = RecordBatchOptions::new().with_row_count(Some(source_rows.len()));
    let rows = RecordBatch::try_new_with_options(Arc::clone(&plan.schema), columns, &options);
    Ok(Output { rows: rows.map_err(Error::Assemble)?, source_rows, rejects })
}

/// The input rows that came out.
struct Taken {
    rows: UInt32Array,
    /// Every input row once, in order: then columns are passed as they are.
    all: bool,
    output_bytes: usize,
    weight: usize,
}

impl Taken {
    fn new(rows: Vec<u32>, input: &RecordBatch, output_bytes: usize) -> Result<Self, Error> {
        let of = u32::try_from(input.num_rows()).unwrap_or(u32::MAX);
        if let Some(outside) = rows.iter().find(|row| **row >= of) {
            return Err(wrong(format!("a source row is {outside}, the batch has {of} rows")));
        }
        let all = rows.len() == input.num_rows() && rows.iter().zip(0..of).all(|(row, number)| *row == number);
        Ok(Self { rows: UInt32Array::from(rows), all, output_bytes, weight: 0 })
    }

    fn columns(&mut self, plan: &Plan, input: &RecordBatch) -> Result<Vec<ArrayRef>, Error> {
        let passed = plan.origins.iter().filter_map(|origin| match origin {
            Origin::Passed(column) => Some(input.column(*column)),
            Origin::Computed(_) => None,
        });
        passed.map(|column| self.column(column)).collect()
    }

    fn column(&mut self, column: &ArrayRef) -> Result<ArrayRef, Error> {
        if self.all {
            return Ok(Arc::clone(column));
        }
        self.weight = self.weight.saturating_add(self.weight_of(column));
        if self.weight > self.output_bytes {
            return Err(Error::OutputBytes { limit: self.output_bytes });
        }
        take(column, &self.rows, None).map_err(Error::Assemble)
    }

    fn weight_of(&self, column: &ArrayRef) -> usize {
        let rows = self.rows.values().iter().filter_map(|row| usize::try_from(*row).ok());
        match column.data_type() {
            DataType::Utf8 => rows.map(|row| length(column.as_string::<i32>().value_offsets(), row)).sum(),
            DataType::Binary => rows.map(|row| length(column.as_binary::<i32>().value_offsets(), row)).sum(),
            fixed => self.rows.len().saturating_mul(fixed_width(fixed).max(1)),
        }
    }
}

fn length(offsets: &[i32], row: usize) -> usize {
    let (Some(from), Some(to)) = (offsets.get(row), offsets.get(row + 1)) else { return 0 };
    usize::try_from(to - from).unwrap_or(0)
}

fn checked(reject: ContractReject, input: &RecordBatch) -> Result<Reject, Error> {
    let of = input.num_rows();
    if usize::try_from(reject.row).map_or(true, |row| row >= of) {
        return Err(wrong(format!("row {} is rejected, the batch has {of} rows", reject.row)));
    }
    let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if reject.code.is_empty() || reject.code.len() > 64 || !reject.code.bytes().all(is_code) {
        return Err(wrong("a reject's code is not 1 to 64 of `a`-`z`, `0`-`9` and `_`".to_owned()));
    }
    Ok(Reject {
        row: reject.row,
        column: reject.column.map(|column| cut(column, COLUMN_LETTERS)),
        code: reject.code,
        message: cut(reject.message, MESSAGE_LETTERS),
    })
}

fn cut(text: String, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

fn wrong(what: String) -> Error {
    Error::Output { what }
}

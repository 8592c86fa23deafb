//! The interpreter: a plan's rows one by one, natively. It is the measure compiled rules are held
//! to, and what dry runs use; it is written to be read, not to be fast.

mod call;
mod cast;
mod columns;
mod compare;
mod constants;
mod error;
mod outputs;
mod row;
#[cfg(test)]
mod tests;
mod value;

use arrow_array::{RecordBatch, UInt32Array};
use bumpalo::Bump;

pub use self::error::Error;

use self::columns::Reader;
use self::constants::Constants;
use self::outputs::Builders;
use self::row::{Row, Stop};
use self::value::Value;
use crate::plan::{Output, Plan};

/// What a rule makes of a batch.
#[derive(Debug, Clone)]
pub struct Interpreted {
    /// The rows that stay.
    pub rows: RecordBatch,
    /// For each of them the input's row it was made of.
    pub source_rows: UInt32Array,
    /// The rows that were rejected, in the input's order.
    pub rejects: Vec<Reject>,
}

/// A row that was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its row in the input.
    pub row: u32,
    /// The column, when it is about one.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// For people; it holds nothing of the row.
    pub message: String,
}

/// Applies a plan to rows of its input; `run_clock_micros` is what `now()` gives, in microseconds
/// since 1970.
///
/// # Errors
///
/// Rows of other columns than the plan's input, and a plan that contradicts itself.
pub fn interpret(plan: &Plan, rows: &RecordBatch, run_clock_micros: i64) -> Result<Interpreted, Error> {
    let readers = columns::readers(&plan.input, rows)?;
    let constants = Constants::of(plan)?;
    let mut builders = Builders::of(plan);
    let (mut source_rows, mut rejects) = (Vec::new(), Vec::new());
    let mut arena = Bump::new();
    for row in 0..rows.num_rows() {
        let number = u32::try_from(row).map_err(|_| Error::TooManyRows)?;
        arena.reset();
        let job = Job { plan, readers: &readers, constants: &constants, run_clock_micros };
        match job.row(row, &arena) {
            Ok(Outcome::Kept(values)) => {
                builders.push(&values)?;
                source_rows.push(number);
            }
            Ok(Outcome::LeftOut) => {}
            Ok(Outcome::Rejected(rejection)) => {
                let rejection = &plan.rejections[rejection];
                rejects.push(Reject {
                    row: number,
                    column: rejection.column.clone(),
                    code: rejection.code.clone(),
                    message: rejection.message.clone(),
                });
            }
            Err(Stop::Fault { fault, site }) => {
                let site = plan.sites.get(site as usize).ok_or(Error::Plan("a site that is not there"))?;
                rejects.push(Reject {
                    row: number,
                    column: site.column.clone(),
                    code: fault.code().to_owned(),
                    message: format!("{}: {}", site.what, fault.reason()),
                });
            }
            Err(Stop::Plan(what)) => return Err(Error::Plan(what)),
        }
    }
    let source_rows = UInt32Array::from(source_rows);
    let rows = builders.finish(plan, rows, &source_rows)?;
    Ok(Interpreted { rows, source_rows, rejects })
}

/// What is the same for every row.
struct Job<'p> {
    plan: &'p Plan,
    readers: &'p [Reader],
    constants: &'p Constants,
    run_clock_micros: i64,
}

/// What becomes of a row.
enum Outcome<'a> {
    /// It stays, with the values of its computed columns.
    Kept(Vec<Value<'a>>),
    /// The filter is not TRUE for it.
    LeftOut,
    /// A rejection of this number is TRUE for it.
    Rejected(usize),
}

impl<'p> Job<'p> {
    fn row<'a>(&self, number: usize, arena: &'a Bump) -> Result<Outcome<'a>, Stop>
    where
        'p: 'a,
    {
        let mut row = Row {
            readers: self.readers,
            constants: self.constants,
            run_clock_micros: self.run_clock_micros,
            number,
            lets: Vec::new(),
            arena,
        };
        for value in &self.plan.lets {
            let value = row.value(value)?;
            row.lets.push(value);
        }
        for (rejection, number) in self.plan.rejections.iter().zip(0..) {
            if row.truth(&rejection.when)? == Some(true) {
                return Ok(Outcome::Rejected(number));
            }
        }
        if let Some(filter) = &self.plan.filter
            && row.truth(filter)? != Some(true)
        {
            return Ok(Outcome::LeftOut);
        }
        let mut values = Vec::new();
        for output in &self.plan.outputs {
            if let Output::Computed { value, .. } = output {
                values.push(row.value(value)?);
            }
        }
        Ok(Outcome::Kept(values))
    }
}

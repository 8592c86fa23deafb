//! The search for the rows a module cannot bear: they are set aside, the rest goes on.

use std::time::{Duration, Instant};

use arrow_array::RecordBatch;

use crate::guest::{Guest, Output, Reject};
use crate::{Error, parts};

/// The least time a part of a batch is given, and the part's share of the limit above it: while
/// a loop is searched for, each half would otherwise cost the whole limit again. A single row is
/// set aside for its time only after it had the whole limit.
const LEAST_TIME: Duration = Duration::from_millis(500);
/// So few rows may all be bad without the module being to blame.
const FEW: usize = 3;

/// What became of a batch of which some rows may have brought the module to fall.
#[derive(Debug)]
pub struct Isolated {
    /// The output of all other rows. `rejects` holds the module's own, then one for each
    /// offending row with the code of its fault (`module_trap`, `module_time`, …).
    pub output: Output,
    /// The offending rows, ascending; empty when the batch went through.
    pub offending: Vec<u32>,
}

/// Puts a batch through the module; when it falls, halves the batch until the rows that bring it
/// to fall are found.
///
/// Fails with [`Error::FailsEverywhere`] when there are too many of them or the search takes too
/// long ([`Limits`](crate::Limits)): then the module is at fault. Any other error concerns no row.
pub fn isolate(guest: &mut Guest, rows: &RecordBatch) -> Result<Isolated, Error> {
    match guest.apply(rows) {
        Ok(output) => Ok(Isolated { output, offending: Vec::new() }),
        Err(error) if error.may_be_the_rows() && rows.num_rows() > 0 => Search::new(guest, rows).run(error),
        Err(error) => Err(error),
    }
}

struct Search<'a> {
    guest: &'a mut Guest,
    rows: &'a RecordBatch,
    ends: Instant,
    passed: Vec<Output>,
    offenders: Vec<Reject>,
    last: Error,
}

impl<'a> Search<'a> {
    fn new(guest: &'a mut Guest, rows: &'a RecordBatch) -> Self {
        let ends = Instant::now() + guest.limits().isolation_time;
        Self { guest, rows, ends, passed: Vec::new(), offenders: Vec::new(), last: Error::OtherInput }
    }

    fn run(mut self, first: Error) -> Result<Isolated, Error> {
        let of = self.rows.num_rows();
        self.last = first;
        self.halve(0, of)?;
        if self.offenders.len() == of && of > FEW {
            return Err(self.give_up(of));
        }
        self.put_together()
    }

    /// Looks for offenders in a part that is known to hold some.
    fn halve(&mut self, start: usize, length: usize) -> Result<(), Error> {
        if length <= 1 {
            return self.visit(start, length);
        }
        let (left, right) = (length / 2, length - length / 2);
        let before = self.offenders.len();
        self.visit(start, left)?;
        match self.offenders.len() > before {
            true => self.visit(start + left, right),
            // The left half is fine, so the right one is not: no need to see it fall again.
            false => self.halve(start + left, right),
        }
    }

    fn visit(&mut self, start: usize, length: usize) -> Result<(), Error> {
        if Instant::now() > self.ends || self.offenders.len() > self.guest.limits().isolation_rows {
            return Err(self.give_up(start));
        }
        let part = self.rows.slice(start, length);
        match self.guest.apply_within(&part, self.time_for(length)) {
            Ok(output) => {
                self.passed.push(parts::moved(output, start));
                Ok(())
            }
            Err(error) if !error.may_be_the_rows() => Err(error),
            Err(error) if length == 1 => {
                self.set_aside(start, error);
                Ok(())
            }
            Err(error) => {
                self.last = error;
                self.halve(start, length)
            }
        }
    }

    fn time_for(&self, length: usize) -> Duration {
        let limit = self.guest.limits().time;
        let share = length as f64 / self.rows.num_rows() as f64;
        match length {
            1 => limit,
            _ => limit.mul_f64(share).max(LEAST_TIME).min(limit),
        }
    }

    fn set_aside(&mut self, row: usize, error: Error) {
        self.offenders.push(Reject {
            row: u32::try_from(row).unwrap_or(u32::MAX),
            column: None,
            code: error.code().to_owned(),
            message: error.reason(),
        });
        self.last = error;
    }

    fn give_up(&mut self, tried: usize) -> Error {
        Error::FailsEverywhere {
            rows: self.offenders.len(),
            tried,
            of: self.rows.num_rows(),
            last: Box::new(std::mem::replace(&mut self.last, Error::OtherInput)),
        }
    }

    fn put_together(self) -> Result<Isolated, Error> {
        let mut output = parts::joined(&self.guest.schema(), self.passed)?;
        let offending = self.offenders.iter().map(|reject| reject.row).collect();
        output.rejects.extend(self.offenders);
        Ok(Isolated { output, offending })
    }
}

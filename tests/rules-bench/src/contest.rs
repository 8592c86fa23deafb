//! Turns: every contestant takes one in each round, so that a slow minute of the machine meets all.

use std::time::Duration;

use anyhow::Context;
use arrow_array::RecordBatch;
use cpu_time::ThreadTime;
use sandbox::Guest;

use crate::{native, sandboxed};

/// Rounds after the first, which warms up; the shortest turn counts.
const ROUNDS: usize = 9;

/// Something that puts all rows through a rule.
pub(crate) trait Contestant {
    /// Does it once.
    fn turn(&mut self) -> anyhow::Result<Turn>;
}

/// What a turn took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// CPU time of the thread.
    pub(crate) took: Duration,
    /// Rows that came out.
    pub(crate) rows_out: usize,
}

/// Code by hand.
pub(crate) struct Native<'a>(pub(crate) &'a [RecordBatch]);

impl Contestant for Native<'_> {
    fn turn(&mut self) -> anyhow::Result<Turn> {
        let mut rows_out = 0;
        let begun = ThreadTime::now();
        for rows in self.0 {
            let columns = native::apply(rows)?;
            rows_out += columns.first().map_or(0, |(_, column)| column.len());
        }
        Ok(Turn { took: begun.elapsed(), rows_out })
    }
}

/// A guest in the sandbox.
pub(crate) struct Sandboxed<'a> {
    pub(crate) guest: Guest,
    pub(crate) batches: &'a [RecordBatch],
}

impl Contestant for Sandboxed<'_> {
    fn turn(&mut self) -> anyhow::Result<Turn> {
        let mut rows_out = 0;
        let begun = ThreadTime::now();
        for rows in self.batches {
            rows_out += sandboxed::apply(&mut self.guest, rows)?.rows.num_rows();
        }
        Ok(Turn { took: begun.elapsed(), rows_out })
    }
}

/// A contestant under its name.
pub(crate) type Entered<'a> = (&'static str, Box<dyn Contestant + 'a>);

/// Nanoseconds a row of each, in the order given. All must give as many rows as the first.
pub(crate) fn run(entered: &mut [Entered<'_>], rows: usize) -> anyhow::Result<Vec<f64>> {
    let mut shortest = vec![Duration::MAX; entered.len()];
    let mut expected = None;
    for round in 0..=ROUNDS {
        for ((name, contestant), shortest) in entered.iter_mut().zip(&mut shortest) {
            let turn = contestant.turn().with_context(|| format!("`{name}`"))?;
            let expected = *expected.get_or_insert(turn.rows_out);
            anyhow::ensure!(turn.rows_out == expected, "`{name}` gave {} rows, not {expected}", turn.rows_out);
            if round > 0 {
                *shortest = turn.took.min(*shortest);
            }
        }
    }
    Ok(shortest.into_iter().map(|took| took.as_nanos() as f64 / rows as f64).collect())
}

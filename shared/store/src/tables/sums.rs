//! Counts and sums over the rows of a table.

use super::columns::{Cells, Columns};
use crate::Error;
use crate::record::{Hop, Progress, RunState, Totals};

/// How the lanes of a stream stand, from their count and that of the checked, finished and failed.
pub(crate) fn progress_of(row: &impl Cells) -> Result<Progress, Error> {
    let columns = Columns::of("the lanes of a stream", row);
    Ok(Progress {
        lanes: columns.count("lanes")?,
        checked: columns.count("checked")?,
        finished: columns.count("finished")?,
        failed: columns.count("failed")?,
    })
}

/// How many streams a run has, and how many of them have come to an end.
pub(crate) struct Standing {
    streams: u64,
    finished: u64,
    failed: u64,
}

impl Standing {
    pub(crate) fn of(row: &impl Cells) -> Result<Self, Error> {
        let columns = Columns::of("a run's streams", row);
        Ok(Self {
            streams: columns.count("streams")?,
            finished: columns.count("finished")?,
            failed: columns.count("failed")?,
        })
    }

    /// The state the run ends in, if it does.
    pub(crate) fn outcome(&self, done_as: RunState) -> Option<RunState> {
        let is_at_work = self.finished + self.failed < self.streams;
        match (is_at_work, self.failed) {
            (true, _) => None,
            (false, 0) => Some(done_as),
            (false, _) => Some(RunState::Failed),
        }
    }
}

/// The sums of a stream as far as its batches tell them.
pub(crate) fn totals_of_batches(row: &impl Cells) -> Result<Totals, Error> {
    let columns = Columns::of("the sums of a stream", row);
    let rejected = columns.count("rejected")?;
    Ok(Totals {
        batches: columns.count("batches")?,
        read: columns.count("staged")? + rejected,
        staged_bytes: columns.count("staged_bytes")?,
        delivered_batches: columns.count("delivered_batches")?,
        quarantined: rejected,
        ..Totals::default()
    })
}

/// Adds the sums of one hop's tallies.
pub(crate) fn add_hop(row: &impl Cells, totals: &mut Totals) -> Result<(), Error> {
    let columns = Columns::of("the tallies of a stream", row);
    let hop = columns.word("hop")?;
    let rows_out = columns.count("rows_out")?;
    match hop {
        // What the source gave wrong is counted with its batch.
        Hop::BatchPull => return Ok(()),
        Hop::Transform => totals.transformed = rows_out,
        Hop::QualityCheck => totals.checked = rows_out,
        Hop::Deliver => totals.delivered = rows_out,
    }
    totals.quarantined += columns.count("quarantined")?;
    totals.passed_with_failure += columns.count("passed_with_failure")?;
    Ok(())
}

//! The suite every destination runs.
//!
//! An implementation makes a [`Fixture`] and runs [`suite`] on it. Each check writes to streams of
//! its own (their names begin with `conformance`), so all of them share one fixture.
#![expect(clippy::expect_used, clippy::panic, reason = "a suite says what failed by panicking")]

mod ground;
mod once;
mod replace;
mod tables;
mod values;
mod withdraw;

use std::sync::Arc;

use arrow_array::RecordBatch;
use async_trait::async_trait;
use spec::Disposition;

use crate::{Destination, Target};

/// A destination under test and a way to look into it from outside.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// A client of the place under test, as another process would make it: everything written
    /// through one is seen by the others.
    fn open(&self) -> Arc<dyn Destination>;

    /// The rows of the target's table or folder as anybody reads them now, in any order and with the
    /// columns of `target.schema`, read without the destination's own code as far as can be; `None`
    /// when there is none.
    async fn rows(&self, target: &Target) -> Option<RecordBatch>;

    /// The dispositions it has. Default: all.
    fn dispositions(&self) -> &'static [Disposition] {
        &[Disposition::Append, Disposition::Replace, Disposition::Merge]
    }

    /// Whether a table keeps the types of its columns, so that others can be refused. Default: yes.
    fn keeps_types(&self) -> bool {
        true
    }
}

/// Runs every check.
pub async fn suite(fixture: &dyn Fixture) {
    for &disposition in fixture.dispositions() {
        tables::preparing_twice_leaves_an_empty_table(fixture, disposition).await;
        tables::an_empty_batch_adds_nothing(fixture, disposition).await;
        tables::awkward_names_are_carried(fixture, disposition).await;
        once::a_batch_that_comes_again_is_already_there(fixture, disposition).await;
        once::a_batch_that_comes_twice_at_once_is_written_once(fixture, disposition).await;
        once::different_batches_are_all_there(fixture, disposition).await;
        once::finishing_again_changes_nothing(fixture, disposition).await;
        values::every_type_comes_back_exactly(fixture, disposition).await;
        values::a_float_that_is_no_number_is_kept_or_refused_whole(fixture, disposition).await;
        if fixture.keeps_types() && disposition != Disposition::Replace {
            tables::a_table_with_another_type_is_refused_by_column(fixture, disposition).await;
            tables::a_table_without_a_column_is_refused_by_column(fixture, disposition).await;
        }
    }
    if fixture.dispositions().contains(&Disposition::Append) {
        once::another_run_appends_to_what_is_there(fixture).await;
    }
    if fixture.dispositions().contains(&Disposition::Merge) {
        once::merging_inserts_and_updates(fixture).await;
        once::of_one_key_in_a_batch_the_last_row_stays(fixture).await;
        once::an_old_batch_that_comes_again_does_not_undo_a_newer_one(fixture).await;
        withdraw::rows_are_taken_away_by_their_key_once(fixture).await;
        withdraw::what_is_taken_away_can_come_again_in_another_run(fixture).await;
    }
    if fixture.dispositions().contains(&Disposition::Replace) {
        replace::old_rows_stay_until_the_run_is_finished(fixture).await;
        replace::a_run_without_batches_empties_the_table(fixture).await;
        replace::a_resumed_run_keeps_what_it_wrote(fixture).await;
        replace::a_run_that_died_leaves_nothing_to_the_next(fixture).await;
        replace::a_run_that_was_pushed_aside_can_start_again(fixture).await;
        replace::a_finished_run_that_is_prepared_again_changes_nothing(fixture).await;
        withdraw::only_a_merge_takes_rows_away(fixture, Disposition::Replace).await;
    }
}

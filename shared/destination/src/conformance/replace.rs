//! `replace` swaps in one step, and only what its own run wrote.

use spec::Disposition;

use super::Fixture;
use super::ground::{Ground, Row};
use crate::Outcome;

const OLD: [Row; 2] = [(1, Some("old")), (2, Some("old"))];
const NEW: [Row; 2] = [(2, Some("new")), (3, None)];

pub(super) async fn old_rows_stay_until_the_run_is_finished(fixture: &dyn Fixture) {
    let old = after_a_run(fixture, "stay").await;
    let new = old.in_run(2);
    new.prepare().await;
    old.check_rows(&OLD).await;
    new.deliver(0, &NEW).await;
    old.check_rows(&OLD).await;
    new.finish().await;
    new.check_rows(&NEW).await;
}

pub(super) async fn a_run_without_batches_empties_the_table(fixture: &dyn Fixture) {
    let new = after_a_run(fixture, "empties").await.in_run(2);
    new.prepare().await;
    new.finish().await;
    new.check_rows(&[]).await;
}

pub(super) async fn a_resumed_run_keeps_what_it_wrote(fixture: &dyn Fixture) {
    let new = after_a_run(fixture, "resumed").await.in_run(2);
    new.prepare().await;
    new.deliver(0, &NEW).await;
    new.prepare().await;
    assert_eq!(new.deliver(0, &NEW).await, Outcome::AlreadyThere);
    new.deliver(1, &[(9, None)]).await;
    new.finish().await;
    new.check_rows(&[NEW[0], NEW[1], (9, None)]).await;
}

pub(super) async fn a_run_that_died_leaves_nothing_to_the_next(fixture: &dyn Fixture) {
    let old = after_a_run(fixture, "died").await;
    let died = old.in_run(2);
    died.prepare().await;
    died.deliver(0, &[(7, Some("half"))]).await;
    let next = old.in_run(3);
    next.prepare().await;
    next.deliver(0, &NEW).await;
    next.finish().await;
    next.check_rows(&NEW).await;
}

pub(super) async fn a_run_that_was_pushed_aside_can_start_again(fixture: &dyn Fixture) {
    let aside = Ground::new(fixture, "aside", Disposition::Replace);
    aside.prepare().await;
    aside.deliver(0, &OLD).await;
    let other = aside.in_run(2);
    other.prepare().await;
    aside.prepare().await;
    assert_eq!(aside.deliver(0, &OLD).await, Outcome::Written { rows: 2 });
    aside.finish().await;
    aside.check_rows(&OLD).await;
}

pub(super) async fn a_finished_run_that_is_prepared_again_changes_nothing(fixture: &dyn Fixture) {
    let finished = after_a_run(fixture, "finished").await;
    finished.prepare().await;
    assert_eq!(finished.deliver(0, &OLD).await, Outcome::AlreadyThere);
    finished.finish().await;
    finished.check_rows(&OLD).await;
}

async fn after_a_run<'a>(fixture: &'a dyn Fixture, check: &str) -> Ground<'a> {
    let ground = Ground::new(fixture, check, Disposition::Replace);
    ground.prepare().await;
    ground.deliver(0, &OLD).await;
    ground.finish().await;
    ground.check_rows(&OLD).await;
    ground
}

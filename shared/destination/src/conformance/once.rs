//! Rows are there once, whatever comes again.

use spec::Disposition;

use super::Fixture;
use super::ground::{Ground, Row, batch_of};
use crate::Outcome;

const FIRST: [Row; 2] = [(1, Some("one")), (2, None)];
const SECOND: [Row; 2] = [(3, Some("")), (4, Some("four"))];
const BOTH: [Row; 4] = [FIRST[0], FIRST[1], SECOND[0], SECOND[1]];

pub(super) async fn a_batch_that_comes_again_is_already_there(fixture: &dyn Fixture, disposition: Disposition) {
    let ground = Ground::new(fixture, "again", disposition);
    ground.prepare().await;
    assert_eq!(ground.deliver(0, &FIRST).await, Outcome::Written { rows: 2 });
    assert_eq!(ground.deliver(0, &FIRST).await, Outcome::AlreadyThere);
    ground.finish().await;
    ground.check_rows(&FIRST).await;
    assert_eq!(ground.deliver(0, &FIRST).await, Outcome::AlreadyThere, "behind the end of the run");
    ground.check_rows(&FIRST).await;
}

pub(super) async fn a_batch_that_comes_twice_at_once_is_written_once(fixture: &dyn Fixture, disposition: Disposition) {
    let ground = Ground::new(fixture, "at_once", disposition);
    ground.prepare().await;
    let deliveries = (0..4).map(|_| {
        let (client, target) = (fixture.open(), ground.target.clone());
        let incoming = ground.incoming(0, batch_of(&BOTH));
        tokio::spawn(async move { client.deliver(&target, incoming).await })
    });
    let mut written = 0;
    for delivery in deliveries.collect::<Vec<_>>() {
        let outcome = delivery.await.expect("a delivery that did not panic").expect("deliver a batch");
        written += usize::from(outcome == Outcome::Written { rows: 4 });
    }
    assert_eq!(written, 1, "deliveries that wrote the batch");
    ground.finish().await;
    ground.check_rows(&BOTH).await;
}

pub(super) async fn different_batches_are_all_there(fixture: &dyn Fixture, disposition: Disposition) {
    let ground = Ground::new(fixture, "all_there", disposition);
    ground.prepare().await;
    ground.deliver(0, &FIRST).await;
    ground.deliver(1, &SECOND).await;
    ground.finish().await;
    ground.check_rows(&BOTH).await;
}

pub(super) async fn finishing_again_changes_nothing(fixture: &dyn Fixture, disposition: Disposition) {
    let ground = Ground::new(fixture, "finish", disposition);
    ground.prepare().await;
    ground.deliver(0, &FIRST).await;
    ground.finish().await;
    ground.finish().await;
    ground.check_rows(&FIRST).await;
}

pub(super) async fn another_run_appends_to_what_is_there(fixture: &dyn Fixture) {
    let first = Ground::new(fixture, "runs", Disposition::Append);
    let second = first.in_run(2);
    for (ground, rows) in [(&first, FIRST), (&second, FIRST)] {
        ground.prepare().await;
        assert_eq!(ground.deliver(0, &rows).await, Outcome::Written { rows: 2 });
        ground.finish().await;
    }
    second.check_rows(&[FIRST[0], FIRST[0], FIRST[1], FIRST[1]]).await;
}

pub(super) async fn merging_inserts_and_updates(fixture: &dyn Fixture) {
    let ground = Ground::new(fixture, "upsert", Disposition::Merge);
    ground.prepare().await;
    ground.deliver(0, &[(1, Some("one")), (2, Some("two")), (3, None)]).await;
    ground.deliver(1, &[(2, None), (3, Some("three")), (4, Some("four"))]).await;
    ground.finish().await;
    ground.check_rows(&[(1, Some("one")), (2, None), (3, Some("three")), (4, Some("four"))]).await;
    let next = ground.in_run(2);
    next.prepare().await;
    assert_eq!(next.deliver(0, &[(1, Some("uno"))]).await, Outcome::Written { rows: 1 });
    next.finish().await;
    next.check_rows(&[(1, Some("uno")), (2, None), (3, Some("three")), (4, Some("four"))]).await;
}

pub(super) async fn of_one_key_in_a_batch_the_last_row_stays(fixture: &dyn Fixture) {
    let ground = Ground::new(fixture, "last", Disposition::Merge);
    ground.prepare().await;
    ground.deliver(0, &[(1, Some("first")), (2, Some("two")), (1, None), (1, Some("last"))]).await;
    ground.finish().await;
    ground.check_rows(&[(1, Some("last")), (2, Some("two"))]).await;
}

pub(super) async fn an_old_batch_that_comes_again_does_not_undo_a_newer_one(fixture: &dyn Fixture) {
    let ground = Ground::new(fixture, "newer", Disposition::Merge);
    ground.prepare().await;
    ground.deliver(0, &[(1, Some("old"))]).await;
    ground.deliver(1, &[(1, Some("new"))]).await;
    assert_eq!(ground.deliver(0, &[(1, Some("old"))]).await, Outcome::AlreadyThere);
    ground.finish().await;
    ground.check_rows(&[(1, Some("new"))]).await;
}

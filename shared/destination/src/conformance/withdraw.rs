//! Rows that leave by their key.

use spec::Disposition;

use super::Fixture;
use super::ground::{Ground, Row, batch_of};
use crate::Outcome;

const FOUR: [Row; 4] = [(1, Some("one")), (2, None), (3, Some("")), (4, Some("four"))];

pub(super) async fn rows_are_taken_away_by_their_key_once(fixture: &dyn Fixture) {
    let earlier = Ground::new(fixture, "withdraw", Disposition::Merge);
    earlier.prepare().await;
    earlier.deliver(0, &FOUR).await;
    earlier.finish().await;
    let ground = earlier.in_run(2);
    ground.prepare().await;
    ground.deliver(0, &[(4, Some("vier")), (5, Some("five"))]).await;
    assert_eq!(ground.withdraw(1, &[2, 3, 99]).await, Outcome::Written { rows: 3 });
    assert_eq!(ground.withdraw(2, &[5]).await, Outcome::Written { rows: 1 });
    assert_eq!(ground.withdraw(1, &[2, 3, 99]).await, Outcome::AlreadyThere);
    ground.finish().await;
    ground.check_rows(&[(1, Some("one")), (4, Some("vier"))]).await;
    assert_eq!(ground.withdraw(2, &[5]).await, Outcome::AlreadyThere, "behind the end of the run");
}

pub(super) async fn what_is_taken_away_can_come_again_in_another_run(fixture: &dyn Fixture) {
    let ground = Ground::new(fixture, "withdraw_again", Disposition::Merge);
    ground.prepare().await;
    ground.deliver(0, &FOUR).await;
    ground.withdraw(1, &[1]).await;
    ground.finish().await;
    let next = ground.in_run(2);
    next.prepare().await;
    next.deliver(0, &[(1, Some("uno"))]).await;
    next.finish().await;
    next.check_rows(&[(1, Some("uno")), FOUR[1], FOUR[2], FOUR[3]]).await;
}

pub(super) async fn only_a_merge_takes_rows_away(fixture: &dyn Fixture, disposition: Disposition) {
    let ground = Ground::new(fixture, "withdraw_refused", disposition);
    ground.prepare().await;
    let keys = batch_of(&FOUR).project(&[0]).expect("the column of the key");
    let refused = fixture.open().withdraw(&ground.target, ground.incoming(9, keys)).await;
    assert!(refused.is_err_and(|error| flow::Fault::from(error).code == "not_a_merge"));
}

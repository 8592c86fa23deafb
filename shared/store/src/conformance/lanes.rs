use flow::Lane;

use super::fixtures::{BYTES, Shared, World, fault, position};
use crate::Error;
use crate::record::{LaneState, Progress, Staging};

pub(super) async fn a_staged_batch_moves_its_lane(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let lane = &world.lanes[0];
    world.stage(lane, 2).await;
    let found = store.lane(lane).await.unwrap().unwrap();
    assert_eq!((found.staged, found.staged_position, found.delivered), (2, Some(position("row 20")), 0));
    assert_eq!(store.undelivered_bytes(&world.run.id).await.unwrap(), 2 * BYTES);
}

pub(super) async fn a_batch_that_is_not_the_next_is_overtaken(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let lane = &world.lanes[0];
    world.stage(lane, 2).await;
    let before = store.lane(lane).await.unwrap();
    for (sequence, attempt) in [(0, 1), (1, 1), (3, 1), (2, 2), (2, 0)] {
        let staging = store.stage_batch(&world.batch(lane, sequence), attempt).await.unwrap();
        assert_eq!(staging, Staging::Overtaken, "sequence {sequence} of attempt {attempt}");
    }
    assert_eq!(store.lane(lane).await.unwrap(), before);
    assert_eq!(store.batches(lane, 0).await.unwrap().len(), 2);
}

pub(super) async fn of_two_that_stage_at_once_one_wins(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let lane = &world.lanes[0];
    for sequence in 0..20 {
        let batch = world.batch(lane, sequence);
        let (one, two) = tokio::join!(store.stage_batch(&batch, 1), store.stage_batch(&batch, 1));
        let mut both = [one.unwrap(), two.unwrap()];
        both.sort_by_key(|staging| *staging == Staging::Overtaken);
        assert_eq!(both, [Staging::Moved, Staging::Overtaken]);
    }
    assert_eq!(store.lane(lane).await.unwrap().unwrap().staged, 20);
    assert_eq!(store.batches(lane, 0).await.unwrap().len(), 20);
}

pub(super) async fn a_pull_ends_when_everything_is_staged(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let lane = &world.lanes[0];
    world.stage(lane, 2).await;
    assert_eq!(store.end_pull(lane, 1, 1).await.unwrap(), Staging::Overtaken);
    assert_eq!(store.end_pull(lane, 2, 2).await.unwrap(), Staging::Overtaken);
    assert_eq!(store.lane(lane).await.unwrap().unwrap().state, LaneState::Pulling);
    assert_eq!(store.end_pull(lane, 2, 1).await.unwrap(), Staging::Moved);
    assert_eq!(store.end_pull(lane, 2, 1).await.unwrap(), Staging::Moved, "asked again");
    assert_eq!(store.lane(lane).await.unwrap().unwrap().state, LaneState::Pulled);
    assert_eq!(store.stage_batch(&world.batch(lane, 2), 1).await.unwrap(), Staging::Overtaken);
}

pub(super) async fn the_end_of_checks_counts_once_for_each_lane(store: Shared) {
    let world = World::with_lanes(store.clone(), 2).await;
    let progress = |checked| Progress { lanes: 2, checked, finished: 0, failed: 0 };
    assert_eq!(store.end_checks(&world.lanes[0]).await.unwrap(), progress(1));
    assert_eq!(store.end_checks(&world.lanes[0]).await.unwrap(), progress(1));
    assert_eq!(store.end_checks(&world.lanes[1]).await.unwrap(), progress(2));
    assert!(store.lane(&world.lanes[0]).await.unwrap().unwrap().checked);
}

pub(super) async fn a_lane_finishes_when_everything_is_delivered(store: Shared) {
    let world = World::with_lanes(store.clone(), 2).await;
    let lane = &world.lanes[0];
    let progress = |finished| Progress { lanes: 2, checked: 0, finished, failed: 0 };
    world.stage(lane, 1).await;
    world.deliver(lane, 0).await;
    assert_eq!(store.finish_lane(lane).await.unwrap(), progress(0), "the source is not read to its end");
    store.end_pull(lane, 1, 1).await.unwrap();
    assert_eq!(store.finish_lane(lane).await.unwrap(), progress(1));
    assert_eq!(store.finish_lane(lane).await.unwrap(), progress(1), "asked again");
    world.stage(&world.lanes[1], 1).await;
    store.end_pull(&world.lanes[1], 1, 1).await.unwrap();
    assert_eq!(store.finish_lane(&world.lanes[1]).await.unwrap(), progress(1), "a batch is not delivered");
    assert_eq!(store.lane(&world.lanes[1]).await.unwrap().unwrap().state, LaneState::Pulled);
}

pub(super) async fn an_empty_lane_finishes(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    assert_eq!(store.end_pull(&world.lanes[0], 0, 1).await.unwrap(), Staging::Moved);
    assert_eq!(store.finish_lane(&world.lanes[0]).await.unwrap().finished, 1);
}

pub(super) async fn a_failed_lane_keeps_its_first_fault(store: Shared) {
    let world = World::with_lanes(store.clone(), 2).await;
    let [failed, finished] = [&world.lanes[0], &world.lanes[1]];
    store.fail_lane(failed, &fault("first")).await.unwrap();
    store.fail_lane(failed, &fault("second")).await.unwrap();
    world.complete(finished, 1).await;
    store.fail_lane(finished, &fault("late")).await.unwrap();
    let found = store.lane(failed).await.unwrap().unwrap();
    assert_eq!((found.state, found.fault), (LaneState::Failed, Some(fault("first"))));
    let found = store.lane(finished).await.unwrap().unwrap();
    assert_eq!((found.state, found.fault), (LaneState::Finished, None));
    let progress = store.finish_lane(finished).await.unwrap();
    assert_eq!(progress, Progress { lanes: 2, checked: 0, finished: 1, failed: 1 });
    assert_eq!(store.stage_batch(&world.batch(failed, 0), 1).await.unwrap(), Staging::Overtaken);
    assert_eq!(store.end_pull(failed, 0, 1).await.unwrap(), Staging::Overtaken);
}

pub(super) async fn a_lane_that_is_not_there_is_not_found(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let lane = Lane::from_text("nobody");
    assert_eq!(store.lane(&lane).await.unwrap(), None);
    let errors = [
        store.stage_batch(&world.batch(&lane, 0), 1).await.unwrap_err(),
        store.end_pull(&lane, 0, 1).await.unwrap_err(),
        store.end_checks(&lane).await.unwrap_err(),
        store.finish_lane(&lane).await.unwrap_err(),
        store.fail_lane(&lane, &fault("gone")).await.unwrap_err(),
        store.turn(&lane, 0).await.unwrap_err(),
        store.record_delivery(&world.entry(&lane, 0)).await.unwrap_err(),
    ];
    assert!(errors.iter().all(|error| matches!(error, Error::NotFound { what: "lane", .. })), "{errors:?}");
}

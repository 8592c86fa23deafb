use flow::BatchId;

use super::fixtures::{BYTES, Shared, World, at, fault, run_at, run_of, sync};
use crate::record::{BatchRecord, RunState};

pub(super) async fn a_batch_is_read_back_as_it_was_staged(store: Shared) {
    let world = World::with_lanes(store.clone(), 2).await;
    world.stage(&world.lanes[0], 3).await;
    world.stage(&world.lanes[1], 1).await;
    let expected: Vec<_> = (1..3).map(|sequence| world.batch(&world.lanes[0], sequence)).collect();
    assert_eq!(store.batches(&world.lanes[0], 1).await.unwrap(), expected);
    assert_eq!(store.batches(&world.lanes[0], 3).await.unwrap(), []);
    assert_eq!(store.batch(&expected[0].id).await.unwrap(), Some(expected[0].clone()));
    assert_eq!(store.batch(&BatchId::from_text("nobody")).await.unwrap(), None);
}

pub(super) async fn only_lanes_at_work_hold_undelivered_bytes(store: Shared) {
    let world = World::with_lanes(store.clone(), 3).await;
    let [pulling, pulled, failed] = [&world.lanes[0], &world.lanes[1], &world.lanes[2]];
    world.stage(pulling, 4).await;
    world.stage(pulled, 1).await;
    world.stage(failed, 1).await;
    world.deliver(pulling, 0).await;
    store.end_pull(pulled, 1, 1).await.unwrap();
    store.fail_lane(failed, &fault("gone")).await.unwrap();
    let other = World::of_run(store.clone(), run_at(500), 1).await;
    other.stage(&other.lanes[0], 1).await;
    assert_eq!(store.undelivered_bytes(&world.run.id).await.unwrap(), 4 * BYTES);
    assert_eq!(store.undelivered_bytes(&run_at(900).id).await.unwrap(), 0);
}

pub(super) async fn raw_batches_of_ended_runs_are_kept_until_forgotten(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    world.complete(&world.lanes[0], 3).await;
    assert_eq!(store.kept_raw(&sync("shop"), 9).await.unwrap(), [], "the run is still going on");
    store.finish_stream(&world.run.id, &world.stream, None, at(200)).await.unwrap();
    store.settle_run(&world.run.id, RunState::Degraded, at(201)).await.unwrap();
    let sequences = |batches: Vec<BatchRecord>| batches.iter().map(|batch| batch.sequence).collect::<Vec<_>>();
    assert_eq!(sequences(store.kept_raw(&sync("shop"), 9).await.unwrap()), [0, 1, 2], "oldest first");
    assert_eq!(sequences(store.kept_raw(&sync("shop"), 2).await.unwrap()), [0, 1]);
    assert_eq!(store.kept_raw(&sync("bank"), 9).await.unwrap(), []);
    let first = world.batch(&world.lanes[0], 0).id;
    store.forget_raw(&first).await.unwrap();
    store.forget_raw(&first).await.unwrap();
    assert_eq!(sequences(store.kept_raw(&sync("shop"), 9).await.unwrap()), [1, 2]);
}

pub(super) async fn a_failed_run_keeps_its_raw_batches_for_itself(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    world.stage(&world.lanes[0], 2).await;
    world.deliver(&world.lanes[0], 0).await;
    store.fail_lane(&world.lanes[0], &fault("gone")).await.unwrap();
    store.settle_run(&world.run.id, RunState::Succeeded, at(200)).await.unwrap();
    assert_eq!(store.kept_raw(&sync("shop"), 9).await.unwrap(), [], "it may be resumed");
    store.abandon_run(&world.run.id, at(201)).await.unwrap();
    assert_eq!(store.kept_raw(&sync("shop"), 9).await.unwrap().len(), 2, "nobody will deliver the second");
    let bank = World::of_run(store.clone(), run_of("bank", 0), 1).await;
    bank.stage(&bank.lanes[0], 1).await;
    assert_eq!(store.kept_raw(&sync("bank"), 9).await.unwrap(), []);
}

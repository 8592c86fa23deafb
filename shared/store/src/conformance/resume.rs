use super::fixtures::{Shared, World, at, fault, plan, position, run_at, stream};
use crate::record::{LaneState, Run, RunState, Staging, StreamState};

pub(super) async fn a_failed_run_goes_on_where_it_was(store: Shared) {
    let world = World::with_lanes(store.clone(), 3).await;
    let [pulling, pulled, finished] = [&world.lanes[0], &world.lanes[1], &world.lanes[2]];
    world.stage(pulling, 2).await;
    world.deliver(pulling, 0).await;
    world.stage(pulled, 1).await;
    store.end_pull(pulled, 1, 1).await.unwrap();
    store.end_checks(pulled).await.unwrap();
    world.complete(finished, 1).await;
    store.end_checks(finished).await.unwrap();
    for lane in [pulling, pulled] {
        store.fail_lane(lane, &fault("gone")).await.unwrap();
    }
    store.settle_run(&world.run.id, RunState::Succeeded, at(200)).await.unwrap();

    let resumed = store.resume_run(&world.run.id, 7, 1).await.unwrap();
    assert_eq!(resumed, Run { version: 7, attempt: 2, ..world.run.clone() });
    assert_eq!(store.run(&world.run.id).await.unwrap(), Some(resumed));
    assert_eq!(store.run_streams(&world.run.id).await.unwrap()[0].state, StreamState::Running);
    let lanes = store.lanes(&world.run.id).await.unwrap();
    let states: Vec<_> = lanes.iter().map(|lane| (lane.state, lane.attempt, lane.checked, &lane.fault)).collect();
    assert_eq!(
        states,
        [
            (LaneState::Pulling, 2, false, &None),
            (LaneState::Pulled, 2, false, &None),
            (LaneState::Finished, 1, true, &None),
        ]
    );
    assert_eq!((lanes[0].staged, &lanes[0].staged_position), (2, &Some(position("row 20"))));
    assert_eq!((lanes[0].delivered, &lanes[0].delivered_position), (1, &Some(position("row 10"))));
}

pub(super) async fn an_earlier_attempt_stages_nothing_any_more(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let lane = &world.lanes[0];
    store.fail_lane(lane, &fault("gone")).await.unwrap();
    store.settle_run(&world.run.id, RunState::Succeeded, at(200)).await.unwrap();
    store.resume_run(&world.run.id, 3, 1).await.unwrap();
    let batch = world.batch(lane, 0);
    assert_eq!(store.stage_batch(&batch, 1).await.unwrap(), Staging::Overtaken);
    assert_eq!(store.end_pull(lane, 0, 1).await.unwrap(), Staging::Overtaken);
    assert_eq!(store.stage_batch(&batch, 2).await.unwrap(), Staging::Moved);
    assert_eq!(store.end_pull(lane, 1, 2).await.unwrap(), Staging::Moved);
}

pub(super) async fn a_stream_that_could_not_be_planned_is_planned_again(store: Shared) {
    let run = run_at(0);
    store.open_run(&run, &[stream("orders")]).await.unwrap();
    store.fail_stream(&run.id, &stream("orders"), &fault("no_table")).await.unwrap();
    let failed = store.settle_run(&run.id, RunState::Succeeded, at(1)).await.unwrap();
    assert_eq!((failed.state, failed.fault), (RunState::Failed, Some(fault("no_table"))));
    store.resume_run(&run.id, 4, 1).await.unwrap();
    let streams = store.run_streams(&run.id).await.unwrap();
    assert_eq!((streams[0].state, &streams[0].fault), (StreamState::Unplanned, &None));
    store.plan_stream(&run.id, &stream("orders"), &plan(1)).await.unwrap();
    assert_eq!(store.lanes(&run.id).await.unwrap()[0].attempt, 2);
}

pub(super) async fn a_resumed_run_can_fail_again_with_its_new_fault(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    for (attempt, code) in [(1, "first"), (2, "second")] {
        store.fail_lane(&world.lanes[0], &fault(code)).await.unwrap();
        let failed = store.settle_run(&world.run.id, RunState::Succeeded, at(attempt)).await.unwrap();
        assert_eq!((failed.state, failed.ended_at), (RunState::Failed, Some(at(attempt))));
        assert_eq!(failed.fault, Some(fault(code)));
        store.resume_run(&world.run.id, 3, failed.attempt).await.unwrap();
    }
    assert_eq!(store.run(&world.run.id).await.unwrap().unwrap().attempt, 3);
}

pub(super) async fn a_running_run_is_taken_over_by_whoever_saw_its_attempt(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    store.fail_lane(&world.lanes[0], &fault("gone")).await.unwrap();
    assert_eq!(store.resume_run(&world.run.id, 9, 2).await.unwrap(), world.run);
    assert_eq!(store.lane(&world.lanes[0]).await.unwrap().unwrap().state, LaneState::Failed);
    let taken_over = store.resume_run(&world.run.id, 9, 1).await.unwrap();
    assert_eq!((taken_over.attempt, taken_over.version, taken_over.state), (2, 9, RunState::Running));
    let lane = store.lane(&world.lanes[0]).await.unwrap().unwrap();
    assert_eq!((lane.state, lane.attempt), (LaneState::Pulling, 2));
}

pub(super) async fn of_two_that_resume_at_once_one_counts(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    store.fail_lane(&world.lanes[0], &fault("gone")).await.unwrap();
    store.settle_run(&world.run.id, RunState::Succeeded, at(1)).await.unwrap();
    let (one, two) = tokio::join!(store.resume_run(&world.run.id, 3, 1), store.resume_run(&world.run.id, 3, 1));
    assert_eq!(one.unwrap().attempt, 2);
    assert_eq!(two.unwrap().attempt, 2);
}

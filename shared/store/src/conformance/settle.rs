use super::fixtures::{Shared, World, at, fault, plan, run_at, stream};
use crate::record::{Run, RunState, StreamState};

pub(super) async fn a_run_closes_when_all_its_streams_are_finished(store: Shared) {
    let run = run_at(0);
    store.open_run(&run, &[stream("a"), stream("b")]).await.unwrap();
    let settle = async |second| store.settle_run(&run.id, RunState::Degraded, at(second)).await.unwrap();
    assert_eq!(settle(1).await, run, "unplanned streams are at work");
    for name in ["a", "b"] {
        store.plan_stream(&run.id, &stream(name), &plan(0)).await.unwrap();
    }
    store.finish_stream(&run.id, &stream("a"), None, at(2)).await.unwrap();
    assert_eq!(settle(3).await, run, "one stream is at work");
    store.finish_stream(&run.id, &stream("b"), None, at(4)).await.unwrap();
    let closed = Run { state: RunState::Degraded, ended_at: Some(at(5)), ..run.clone() };
    assert_eq!(settle(5).await, closed);
    assert_eq!(store.settle_run(&run.id, RunState::Succeeded, at(6)).await.unwrap(), closed, "asked again");
    assert_eq!(store.run(&run.id).await.unwrap(), Some(closed));
}

pub(super) async fn a_run_waits_for_the_destination_to_finish_its_streams(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    world.complete(&world.lanes[0], 1).await;
    let run = store.settle_run(&world.run.id, RunState::Succeeded, at(200)).await.unwrap();
    assert_eq!(run.state, RunState::Running);
}

pub(super) async fn a_run_fails_when_nothing_is_at_work_any_more(store: Shared) {
    let world = World::with_lanes(store.clone(), 3).await;
    let [first, second, third] = [&world.lanes[0], &world.lanes[1], &world.lanes[2]];
    let settle = async |at| store.settle_run(&world.run.id, RunState::Succeeded, at).await.unwrap();
    store.fail_lane(second, &fault("second_lane")).await.unwrap();
    assert_eq!(settle(at(1)).await, world.run, "two lanes are at work, and no fault shows before the run fails");
    store.fail_lane(first, &fault("first_lane")).await.unwrap();
    store.end_pull(third, 0, 1).await.unwrap();
    assert_eq!(settle(at(2)).await, world.run, "a pulled lane is at work");
    assert_eq!(store.run_streams(&world.run.id).await.unwrap()[0].state, StreamState::Running);
    store.finish_lane(third).await.unwrap();
    let failed = settle(at(3)).await;
    assert_eq!((failed.state, failed.ended_at), (RunState::Failed, Some(at(3))));
    assert_eq!(failed.fault, Some(fault("second_lane")), "the first fault, not the first lane's");
    assert_eq!(settle(at(4)).await, failed, "asked again");
    let streams = store.run_streams(&world.run.id).await.unwrap();
    assert_eq!((streams[0].state, &streams[0].fault), (StreamState::Failed, &None));
}

pub(super) async fn a_failed_stream_waits_for_the_others(store: Shared) {
    let run = run_at(0);
    store.open_run(&run, &[stream("a"), stream("b"), stream("c")]).await.unwrap();
    let settle = async |second| store.settle_run(&run.id, RunState::Succeeded, at(second)).await.unwrap().state;
    store.fail_stream(&run.id, &stream("b"), &fault("no_table")).await.unwrap();
    assert_eq!(settle(1).await, RunState::Running, "two streams are not planned yet");
    for name in ["a", "c"] {
        store.plan_stream(&run.id, &stream(name), &plan(1)).await.unwrap();
    }
    store.finish_stream(&run.id, &stream("a"), None, at(2)).await.unwrap();
    assert_eq!(settle(3).await, RunState::Running, "one stream is at work");
    store.finish_stream(&run.id, &stream("c"), None, at(4)).await.unwrap();
    assert_eq!(settle(5).await, RunState::Failed);
    assert_eq!(store.run(&run.id).await.unwrap().unwrap().fault, Some(fault("no_table")));
}

pub(super) async fn a_given_up_run_stays_given_up(store: Shared) {
    let run = run_at(0);
    store.open_run(&run, &[]).await.unwrap();
    store.abandon_run(&run.id, at(1)).await.unwrap();
    let settled = store.settle_run(&run.id, RunState::Succeeded, at(2)).await.unwrap();
    assert_eq!((settled.state, settled.ended_at), (RunState::Abandoned, Some(at(1))));
    assert_eq!(store.resume_run(&run.id, 9, 1).await.unwrap(), settled);
}

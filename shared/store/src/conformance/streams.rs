use super::fixtures::{Shared, World, at, fault, plan, position, run_at, stream, sync};
use crate::Error;
use crate::record::{Bookmark, LaneState, StreamState};

pub(super) async fn the_first_plan_stays(store: Shared) {
    let world = World::with_lanes(store.clone(), 2).await;
    let held = store.plan_stream(&world.run.id, &world.stream, &plan(5)).await.unwrap();
    assert_eq!(held, plan(2));
    let streams = store.run_streams(&world.run.id).await.unwrap();
    assert_eq!((streams[0].state, streams[0].plan.as_ref()), (StreamState::Running, Some(&plan(2))));
    let lanes = store.lanes(&world.run.id).await.unwrap();
    let parts: Vec<_> = lanes.iter().map(|lane| (lane.lane.clone(), lane.part.as_str(), lane.attempt)).collect();
    assert_eq!(parts, [(world.lanes[0].clone(), "part 0", 1), (world.lanes[1].clone(), "part 1", 1)]);
    let lane = &lanes[0];
    assert_eq!((lane.state, lane.staged, lane.delivered, lane.checked), (LaneState::Pulling, 0, 0, false));
    assert_eq!((&lane.staged_position, &lane.delivered_position, &lane.fault), (&None, &None, &None));
}

pub(super) async fn of_two_plans_at_once_one_holds_for_both(store: Shared) {
    let run = run_at(0);
    let orders = stream("orders");
    store.open_run(&run, std::slice::from_ref(&orders)).await.unwrap();
    let (short, long) = (plan(1), plan(4));
    let (one, two) =
        tokio::join!(store.plan_stream(&run.id, &orders, &short), store.plan_stream(&run.id, &orders, &long));
    let held = one.unwrap();
    assert_eq!(held, two.unwrap());
    assert_eq!(store.lanes(&run.id).await.unwrap().len(), held.parts.len());
}

pub(super) async fn lanes_are_listed_in_the_order_they_were_planned(store: Shared) {
    let run = run_at(0);
    store.open_run(&run, &[stream("a"), stream("b")]).await.unwrap();
    store.plan_stream(&run.id, &stream("b"), &plan(11)).await.unwrap();
    store.plan_stream(&run.id, &stream("a"), &plan(1)).await.unwrap();
    let lanes = store.lanes(&run.id).await.unwrap();
    let streams: Vec<_> = lanes.iter().map(|lane| lane.stream.as_str()).collect();
    assert_eq!(streams, [vec!["b"; 11], vec!["a"]].concat());
    assert_eq!(lanes[10].part, "part 10");
}

pub(super) async fn planning_can_fail_but_a_plan_outlives_it(store: Shared) {
    let run = run_at(0);
    store.open_run(&run, &[stream("a"), stream("b")]).await.unwrap();
    store.fail_stream(&run.id, &stream("a"), &fault("first")).await.unwrap();
    store.fail_stream(&run.id, &stream("a"), &fault("second")).await.unwrap();
    store.plan_stream(&run.id, &stream("b"), &plan(1)).await.unwrap();
    store.fail_stream(&run.id, &stream("b"), &fault("late")).await.unwrap();
    let streams = store.run_streams(&run.id).await.unwrap();
    assert_eq!((streams[0].state, &streams[0].fault), (StreamState::Failed, &Some(fault("first"))));
    assert_eq!((streams[1].state, &streams[1].fault), (StreamState::Running, &None));
}

pub(super) async fn a_finished_stream_moves_its_bookmark_once(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let finish = async |end: &str, second| {
        store.finish_stream(&world.run.id, &world.stream, Some(&position(end)), at(second)).await.unwrap();
    };
    finish("2024-01-01", 50).await;
    finish("2025-01-01", 60).await;
    let expected = Bookmark {
        sync: sync("shop"),
        stream: world.stream.clone(),
        position: position("2024-01-01"),
        run: world.run.id.clone(),
        moved_at: at(50),
    };
    assert_eq!(store.bookmark(&sync("shop"), &world.stream).await.unwrap(), Some(expected));
    assert_eq!(store.run_streams(&world.run.id).await.unwrap()[0].state, StreamState::Finished);
}

pub(super) async fn a_later_run_moves_the_bookmark_on(store: Shared) {
    for (second, end) in [(0, "10"), (100, "20")] {
        let world = World::of_run(store.clone(), run_at(second), 1).await;
        store.finish_stream(&world.run.id, &world.stream, Some(&position(end)), at(second + 50)).await.unwrap();
    }
    let bookmark = store.bookmark(&sync("shop"), &stream("orders")).await.unwrap().unwrap();
    assert_eq!((bookmark.position, bookmark.run, bookmark.moved_at), (position("20"), run_at(100).id, at(150)));
}

pub(super) async fn a_stream_without_position_keeps_its_bookmark(store: Shared) {
    let world = World::with_lanes(store.clone(), 0).await;
    store.finish_stream(&world.run.id, &world.stream, None, at(50)).await.unwrap();
    assert_eq!(store.run_streams(&world.run.id).await.unwrap()[0].state, StreamState::Finished);
    assert_eq!(store.bookmarks(None).await.unwrap(), []);
}

pub(super) async fn bookmarks_are_listed_and_reset(store: Shared) {
    let run = run_at(0);
    store.open_run(&run, &[stream("b"), stream("a")]).await.unwrap();
    for name in ["b", "a"] {
        store.plan_stream(&run.id, &stream(name), &plan(0)).await.unwrap();
        store.finish_stream(&run.id, &stream(name), Some(&position(name)), at(9)).await.unwrap();
    }
    let names = |bookmarks: Vec<Bookmark>| bookmarks.iter().map(|mark| mark.stream.to_string()).collect::<Vec<_>>();
    assert_eq!(names(store.bookmarks(None).await.unwrap()), ["a", "b"]);
    assert_eq!(names(store.bookmarks(Some(&sync("bank"))).await.unwrap()), [""; 0]);
    assert!(store.reset_bookmark(&sync("shop"), &stream("a")).await.unwrap());
    assert!(!store.reset_bookmark(&sync("shop"), &stream("a")).await.unwrap());
    assert_eq!(names(store.bookmarks(Some(&sync("shop"))).await.unwrap()), ["b"]);
}

pub(super) async fn a_stream_that_is_not_there_is_not_found(store: Shared) {
    let run = run_at(0);
    store.open_run(&run, &[]).await.unwrap();
    let orders = stream("orders");
    let errors = [
        store.plan_stream(&run.id, &orders, &plan(1)).await.unwrap_err(),
        store.fail_stream(&run.id, &orders, &fault("gone")).await.unwrap_err(),
        store.finish_stream(&run.id, &orders, None, at(0)).await.unwrap_err(),
    ];
    assert!(errors.iter().all(|error| matches!(error, Error::NotFound { .. })), "{errors:?}");
}

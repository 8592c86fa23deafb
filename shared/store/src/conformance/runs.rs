use flow::RunId;

use super::fixtures::{Shared, World, at, fault, run_at, run_of, stream, sync};
use crate::Error;
use crate::record::{Run, RunState, StreamState};

pub(super) async fn a_run_is_opened_once(store: Shared) {
    let run = run_at(0);
    assert_eq!(store.run(&run.id).await.unwrap(), None);
    assert!(store.open_run(&run, &[stream("orders"), stream("customers")]).await.unwrap());
    let other = Run { version: 9, ..run.clone() };
    assert!(!store.open_run(&other, &[stream("else")]).await.unwrap());
    assert_eq!(store.run(&run.id).await.unwrap(), Some(run.clone()));
    let streams = store.run_streams(&run.id).await.unwrap();
    let names: Vec<_> = streams.iter().map(|stream| stream.stream.as_str()).collect();
    assert_eq!(names, ["orders", "customers"], "in the order of the spec");
    assert!(streams.iter().all(|stream| stream.state == StreamState::Unplanned && stream.plan.is_none()));
}

pub(super) async fn of_two_that_open_a_run_at_once_one_does(store: Shared) {
    let run = run_at(0);
    let streams = [stream("orders")];
    let (one, two) = tokio::join!(store.open_run(&run, &streams), store.open_run(&run, &streams));
    assert_ne!(one.unwrap(), two.unwrap());
    assert_eq!(store.run_streams(&run.id).await.unwrap().len(), 1);
}

pub(super) async fn a_run_keeps_every_field(store: Shared) {
    let run = Run {
        state: RunState::Failed,
        attempt: 4,
        ended_at: Some(at(77)),
        fault: Some(fault("source_gone")),
        ..run_at(5)
    };
    store.open_run(&run, &[]).await.unwrap();
    assert_eq!(store.run(&run.id).await.unwrap(), Some(run));
}

pub(super) async fn runs_are_listed_newest_first(store: Shared) {
    for run in [run_of("shop", 20), run_of("bank", 30), run_of("shop", 10)] {
        store.open_run(&run, &[]).await.unwrap();
    }
    let ids = |runs: Vec<Run>| runs.into_iter().map(|run| run.id).collect::<Vec<_>>();
    let [shop_20, bank_30, shop_10] = [run_of("shop", 20).id, run_of("bank", 30).id, run_of("shop", 10).id];
    assert_eq!(ids(store.runs(None, 2).await.unwrap()), [bank_30, shop_20.clone()]);
    assert_eq!(ids(store.runs(Some(&sync("shop")), 9).await.unwrap()), [shop_20, shop_10]);
    assert_eq!(ids(store.runs(Some(&sync("mill")), 9).await.unwrap()), []);
}

pub(super) async fn a_running_or_failed_run_can_be_given_up(store: Shared) {
    let failed = Run { state: RunState::Failed, fault: Some(fault("gone")), ended_at: Some(at(5)), ..run_at(100) };
    let succeeded = Run { state: RunState::Succeeded, ended_at: Some(at(5)), ..run_at(200) };
    for run in [&run_at(0), &failed, &succeeded] {
        store.open_run(run, &[stream("orders")]).await.unwrap();
        store.abandon_run(&run.id, at(300)).await.unwrap();
        store.abandon_run(&run.id, at(400)).await.unwrap();
    }
    for id in [run_at(0).id, failed.id] {
        let run = store.run(&id).await.unwrap().unwrap();
        assert_eq!((run.state, run.ended_at), (RunState::Abandoned, Some(at(300))));
    }
    assert_eq!(store.run(&succeeded.id).await.unwrap(), Some(succeeded));
}

pub(super) async fn a_run_that_is_not_there_is_not_found(store: Shared) {
    let run = RunId::from_text("nobody");
    let errors = [
        store.resume_run(&run, 1, 1).await.unwrap_err(),
        store.abandon_run(&run, at(0)).await.unwrap_err(),
        store.settle_run(&run, RunState::Succeeded, at(0)).await.unwrap_err(),
    ];
    assert!(errors.iter().all(|error| matches!(error, Error::NotFound { what: "run", .. })), "{errors:?}");
}

pub(super) async fn a_given_up_run_moves_no_bookmark(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    world.complete(&world.lanes[0], 1).await;
    store.abandon_run(&world.run.id, at(50)).await.unwrap();
    let end = super::fixtures::position("end");
    store.finish_stream(&world.run.id, &world.stream, Some(&end), at(60)).await.unwrap();
    assert_eq!(store.bookmark(&sync("shop"), &world.stream).await.unwrap(), None);
}

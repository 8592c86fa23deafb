use flow::{BatchId, Digest, RunId};

use super::fixtures::{Shared, World, at, object, run_at, stream, sync};
use crate::record::{
    BatchRecord, Hop, QuarantineFilter, Quarantined, RawFilter, Replay, Replayed, Run, RunState, Staging,
};

fn replay_of(run: &Run, second: i64) -> Run {
    let replay = Replay {
        of: run.id.clone(),
        asked: run.id.clone(),
        what: Replayed::Everything,
        list: object("replays/list", 9, 0),
        then: vec![RunId::from_text("later")],
    };
    let id = RunId::from_text(&format!("replay-{second}"));
    Run { id, started_at: at(second), replay: Some(replay), ..run_at(0) }
}

async fn end(world: &World) {
    world.store.finish_stream(&world.run.id, &world.stream, None, at(200)).await.unwrap();
    world.store.settle_run(&world.run.id, RunState::Succeeded, at(201)).await.unwrap();
}

fn raw(run: Option<&RunId>) -> RawFilter {
    RawFilter { sync: sync("shop"), stream: stream("orders"), run: run.cloned(), since: None }
}

fn sequences(batches: &[BatchRecord]) -> Vec<u64> {
    batches.iter().map(|batch| batch.sequence).collect()
}

pub(super) async fn a_replay_is_read_back_as_it_was_opened(store: Shared) {
    let replay = replay_of(&run_at(0), 50);
    assert!(store.open_run(&replay, &[stream("orders")]).await.unwrap());
    assert_eq!(store.run(&replay.id).await.unwrap(), Some(replay.clone()));
    let resumed = store.resume_run(&replay.id, 8, 1).await.unwrap();
    assert_eq!(resumed.replay, replay.replay);
}

pub(super) async fn a_spec_for_replays_has_a_version_and_is_never_the_latest(store: Shared) {
    let shop = sync("shop");
    let live = store.save_spec(&shop, &Digest::of(b"live"), "live", at(0)).await.unwrap();
    let tried = store.save_replay_spec(&shop, &Digest::of(b"tried"), "tried", at(1)).await.unwrap();
    assert_eq!((live.version, tried.version), (1, 2));
    assert_eq!(store.save_replay_spec(&shop, &Digest::of(b"tried"), "tried", at(2)).await.unwrap(), tried);
    assert_eq!(store.save_replay_spec(&shop, &Digest::of(b"live"), "live", at(2)).await.unwrap(), live);
    assert_eq!(store.latest_specs().await.unwrap(), [live.clone()]);
    assert_eq!(store.save_spec(&shop, &Digest::of(b"live"), "live", at(3)).await.unwrap(), live);
    assert_eq!(store.save_spec(&shop, &Digest::of(b"new"), "new", at(4)).await.unwrap().version, 3);
    assert_eq!(store.spec(&shop, 2).await.unwrap(), tried);
}

pub(super) async fn raw_batches_are_found_by_run_and_time_and_the_gone_ones_counted(store: Shared) {
    let old = World::with_lanes(store.clone(), 1).await;
    old.complete(&old.lanes[0], 3).await;
    let new = World::of_run(store.clone(), run_at(500), 1).await;
    new.stage(&new.lanes[0], 2).await;
    let replay = World::of_run(store.clone(), replay_of(&old.run, 600), 1).await;
    replay.stage(&replay.lanes[0], 1).await;
    store.forget_raw(&old.batch(&old.lanes[0], 1).id).await.unwrap();
    let all = store.raw_batches(&raw(None), 9).await.unwrap();
    assert_eq!((sequences(&all.kept), all.gone), (vec![0, 1, 0, 2], 1), "newest run first, no replay");
    assert_eq!(store.raw_batches(&raw(None), 1).await.unwrap().kept[0].run, new.run.id);
    let of_old = store.raw_batches(&raw(Some(&old.run.id)), 9).await.unwrap();
    assert_eq!((sequences(&of_old.kept), of_old.gone), (vec![0, 2], 1));
    assert_eq!(store.raw_batches(&raw(Some(&replay.run.id)), 9).await.unwrap().kept.len(), 1);
    let since = RawFilter { since: Some(at(11)), ..raw(Some(&old.run.id)) };
    assert_eq!(sequences(&store.raw_batches(&since, 9).await.unwrap().kept), [2]);
    let elsewhere = RawFilter { stream: stream("customers"), ..raw(None) };
    assert_eq!(store.raw_batches(&elsewhere, 9).await.unwrap(), Default::default());
}

pub(super) async fn a_raw_object_is_kept_once_and_forgotten_for_all(store: Shared) {
    let first = World::with_lanes(store.clone(), 1).await;
    first.complete(&first.lanes[0], 2).await;
    end(&first).await;
    let replay = World::of_run(store.clone(), replay_of(&first.run, 600), 1).await;
    let lane = &replay.lanes[0];
    for sequence in 0..2 {
        let own = first.batch(&first.lanes[0], sequence);
        let batch = BatchRecord { raw: own.raw, staged_at: at(700), ..replay.batch(lane, sequence) };
        assert_eq!(store.stage_batch(&batch, 1).await.unwrap(), Staging::Moved);
    }
    assert_eq!(store.kept_raw(&sync("shop"), 9).await.unwrap(), [], "a replay is going on");
    store.end_pull(lane, 2, 1).await.unwrap();
    for sequence in 0..2 {
        replay.deliver(lane, sequence).await;
    }
    store.finish_lane(lane).await.unwrap();
    end(&replay).await;
    let kept = store.kept_raw(&sync("shop"), 9).await.unwrap();
    assert!(kept.iter().all(|batch| batch.run == first.run.id), "{kept:?}");
    assert_eq!(sequences(&kept), [0, 1]);
    store.forget_raw(&kept[0].id).await.unwrap();
    assert_eq!(sequences(&store.kept_raw(&sync("shop"), 9).await.unwrap()), [1]);
    assert_eq!(store.raw_batches(&raw(Some(&replay.run.id)), 9).await.unwrap().gone, 1);
}

pub(super) async fn resolved_entries_are_no_longer_open(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let batch = world.batch(&world.lanes[0], 0);
    let entry = |hop: Hop| Quarantined {
        id: format!("{}-{}", batch.id, hop.as_str()),
        sync: sync("shop"),
        stream: batch.stream.clone(),
        run: batch.run.clone(),
        batch: batch.id.clone(),
        hop,
        rule: "rule".to_owned(),
        column: None,
        code: "code".to_owned(),
        reason: "reason".to_owned(),
        severity: flow::Severity::Error,
        rows: 1,
        object: object("quarantine/1", 1, 1),
        at: at(1),
        resolved_by: None,
    };
    for hop in [Hop::BatchPull, Hop::Transform, Hop::QualityCheck] {
        store.quarantine(&batch.id, hop, &[entry(hop)]).await.unwrap();
    }
    let by = RunId::from_text("replay");
    store.resolve_quarantine(&batch.run, &stream("customers"), &by).await.unwrap();
    store.resolve_quarantine(&batch.run, &batch.stream, &by).await.unwrap();
    store.resolve_quarantine(&batch.run, &batch.stream, &RunId::from_text("another")).await.unwrap();
    let open = QuarantineFilter { open_only: true, ..QuarantineFilter::default() };
    assert_eq!(store.quarantined(&open, 9).await.unwrap(), [entry(Hop::BatchPull)], "it never became a row");
    let all = store.quarantined(&QuarantineFilter::default(), 9).await.unwrap();
    assert_eq!(all.iter().filter(|entry| entry.resolved_by.as_ref() == Some(&by)).count(), 2);
    assert_eq!(BatchId::from_text(all[0].batch.as_str()), batch.id);
}

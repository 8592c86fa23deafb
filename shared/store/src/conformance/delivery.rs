use flow::BatchId;

use super::fixtures::{ROWS, Shared, World, at, position};
use crate::Error;
use crate::record::{LedgerEntry, Turn};

pub(super) async fn batches_are_delivered_in_their_turn(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let lane = &world.lanes[0];
    world.stage(lane, 3).await;
    assert_eq!(store.turn(lane, 0).await.unwrap(), Turn::Now);
    assert_eq!(store.turn(lane, 1).await.unwrap(), Turn::TooEarly);
    assert_eq!(store.record_delivery(&world.entry(lane, 1)).await.unwrap(), Turn::TooEarly);
    world.deliver(lane, 0).await;
    assert_eq!(store.turn(lane, 0).await.unwrap(), Turn::Done);
    assert_eq!(store.turn(lane, 1).await.unwrap(), Turn::Now);
    world.deliver(lane, 1).await;
    let found = store.lane(lane).await.unwrap().unwrap();
    assert_eq!((found.delivered, found.delivered_position), (2, Some(position("row 20"))));
    let delivered: Vec<_> = store.batches(lane, 0).await.unwrap().iter().map(|batch| batch.delivered_at).collect();
    assert_eq!(delivered, [Some(at(100)), Some(at(101)), None]);
}

pub(super) async fn a_delivery_counts_once(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let lane = &world.lanes[0];
    world.stage(lane, 2).await;
    world.deliver(lane, 0).await;
    let again = LedgerEntry { rows: 999, delivered_at: at(999), ..world.entry(lane, 0) };
    assert_eq!(store.record_delivery(&again).await.unwrap(), Turn::Done);
    let totals = store.totals(&world.run.id, &world.stream).await.unwrap();
    assert_eq!((totals.delivered_batches, totals.delivered), (1, ROWS - 1));
    assert_eq!(store.batches(lane, 0).await.unwrap()[0].delivered_at, Some(at(100)));
}

pub(super) async fn of_two_that_deliver_at_once_one_does(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let lane = &world.lanes[0];
    world.stage(lane, 10).await;
    for sequence in 0..10 {
        let entry = world.entry(lane, sequence);
        let (one, two) = tokio::join!(store.record_delivery(&entry), store.record_delivery(&entry));
        let mut both = [one.unwrap(), two.unwrap()];
        both.sort_by_key(|turn| *turn == Turn::Done);
        assert_eq!(both, [Turn::Now, Turn::Done]);
    }
    assert_eq!(store.lane(lane).await.unwrap().unwrap().delivered, 10);
}

pub(super) async fn only_a_staged_batch_is_delivered(store: Shared) {
    let world = World::with_lanes(store.clone(), 2).await;
    world.stage(&world.lanes[0], 1).await;
    let other = LedgerEntry { batch: BatchId::from_text("other"), ..world.entry(&world.lanes[0], 0) };
    for entry in [other, world.entry(&world.lanes[1], 0)] {
        let error = store.record_delivery(&entry).await.unwrap_err();
        assert!(matches!(error, Error::NotFound { what: "batch", .. }), "{error:?}");
        assert_eq!(store.turn(&entry.lane, 0).await.unwrap(), Turn::Now, "nothing changed");
    }
    assert_eq!(store.totals(&world.run.id, &world.stream).await.unwrap().delivered, 0);
}

use super::fixtures::{BYTES, ROWS, Shared, World, plan, run_at, stream};
use crate::record::{BatchRecord, Hop, Staging, Tally, Totals};

pub(super) async fn totals_add_up_over_batches_and_hops(store: Shared) {
    let world = World::with_lanes(store.clone(), 2).await;
    for lane in &world.lanes {
        for sequence in 0..2 {
            let batch = BatchRecord { rejected: 2, ..world.batch(lane, sequence) };
            assert_eq!(store.stage_batch(&batch, 1).await.unwrap(), Staging::Moved);
            for (hop, tally) in tallies() {
                store.tally(&batch.id, hop, tally).await.unwrap();
            }
        }
    }
    world.deliver(&world.lanes[0], 0).await;
    let expected = Totals {
        batches: 4,
        read: 4 * (ROWS + 2),
        staged_bytes: 4 * BYTES,
        transformed: 4 * 9,
        checked: 4 * 7,
        delivered_batches: 1,
        delivered: ROWS - 1,
        quarantined: 4 * (2 + 1 + 2),
        passed_with_failure: 4 * 3,
    };
    assert_eq!(store.totals(&world.run.id, &world.stream).await.unwrap(), expected);
    assert_eq!(store.totals(&world.run.id, &stream("else")).await.unwrap(), Totals::default());
}

fn tallies() -> [(Hop, Tally); 3] {
    [
        (Hop::BatchPull, Tally { rows_in: 12, rows_out: 10, quarantined: 2, passed_with_failure: 0 }),
        (Hop::Transform, Tally { rows_in: 10, rows_out: 9, quarantined: 1, passed_with_failure: 0 }),
        (Hop::QualityCheck, Tally { rows_in: 9, rows_out: 7, quarantined: 2, passed_with_failure: 3 }),
    ]
}

pub(super) async fn a_tally_replaces_the_one_before(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let batch = world.batch(&world.lanes[0], 0);
    let tally = |rows_out| Tally { rows_in: 10, rows_out, quarantined: 10 - rows_out, passed_with_failure: 0 };
    store.tally(&batch.id, Hop::Transform, tally(3)).await.unwrap();
    world.stage(&world.lanes[0], 1).await;
    store.tally(&batch.id, Hop::Transform, tally(8)).await.unwrap();
    let totals = store.totals(&world.run.id, &world.stream).await.unwrap();
    assert_eq!((totals.transformed, totals.quarantined), (8, 2));
}

pub(super) async fn streams_and_runs_are_summed_apart(store: Shared) {
    let first = World::with_lanes(store.clone(), 1).await;
    first.stage(&first.lanes[0], 3).await;
    let run = run_at(100);
    let second = World::of_run(store.clone(), run.clone(), 1).await;
    second.stage(&second.lanes[0], 1).await;
    store.plan_stream(&run.id, &second.stream, &plan(1)).await.unwrap();
    assert_eq!(store.totals(&first.run.id, &first.stream).await.unwrap().batches, 3);
    assert_eq!(store.totals(&run.id, &second.stream).await.unwrap().batches, 1);
}

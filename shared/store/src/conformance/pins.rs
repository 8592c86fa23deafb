use flow::{BatchId, Digest, RunId};

use super::activations::{activate, add_versions, digest_of};
use super::fixtures::{Shared, World, at, fault, run_at, stream};
use crate::record::{Pin, Pinning, Pins, RunState};

fn pin(version: &str, activation: Option<u64>) -> Pin {
    Pin { module: "flights".to_owned(), digest: digest_of(version), activation }
}

fn pins(batch: &str, version: u32, modules: Vec<Pin>) -> Pins {
    Pins {
        batch: BatchId::from_text(batch),
        run: RunId::from_text("shop-1"),
        stream: stream("orders"),
        version,
        modules,
        at: at(i64::from(version)),
    }
}

async fn read(store: &Shared, batch: &str) -> Vec<Pin> {
    store.pins(&BatchId::from_text(batch)).await.unwrap()
}

pub(super) async fn the_first_to_pin_a_batch_wins(store: Shared) {
    assert_eq!(read(&store, "b0").await, []);
    let fixed = Pin { module: "bank".to_owned(), digest: Digest::of(b"bank"), activation: None };
    let first = vec![pin("1", Some(0)), fixed];
    assert_eq!(store.pin_batch(&pins("b0", 1, first.clone())).await.unwrap(), Pinning::Held(first.clone()));
    let late = vec![pin("2", Some(0))];
    assert_eq!(store.pin_batch(&pins("b0", 1, late)).await.unwrap(), Pinning::Held(first.clone()));
    assert_eq!(read(&store, "b0").await, first);
}

pub(super) async fn of_two_that_pin_at_once_both_hold_the_same(store: Shared) {
    for round in 0..10 {
        let batch = format!("b{round}");
        let (one, two) = (pins(&batch, 1, vec![pin("1", None)]), pins(&batch, 1, vec![pin("2", None)]));
        let (one, two) = tokio::join!(store.pin_batch(&one), store.pin_batch(&two));
        let held = one.unwrap();
        assert_eq!(held, two.unwrap());
        assert_eq!(held, Pinning::Held(read(&store, &batch).await));
    }
}

pub(super) async fn nothing_is_pinned_while_an_activation_is_newer(store: Shared) {
    add_versions(&store, 2).await;
    let first = activate(&store, "1", 10).await;
    let moved = store.pin_batch(&pins("b0", 1, vec![pin("1", Some(0))])).await.unwrap();
    assert_eq!(moved, Pinning::Moved { activations: vec![first], in_use: vec![] });
    assert_eq!(read(&store, "b0").await, []);
    let in_view = vec![pin("1", Some(1)), pin("1", Some(1))];
    assert_eq!(store.pin_batch(&pins("b0", 1, in_view.clone())).await.unwrap(), Pinning::Held(in_view.clone()));

    let second = activate(&store, "2", 20).await;
    let moved = store.pin_batch(&pins("b1", 1, in_view.clone())).await.unwrap();
    assert_eq!(moved, Pinning::Moved { activations: vec![second], in_use: in_view.clone() });
    // What a batch is pinned to stays, whatever is activated.
    assert_eq!(store.pin_batch(&pins("b0", 1, vec![pin("2", Some(2))])).await.unwrap(), Pinning::Held(in_view));
    // Who saw the activation may go on without it.
    let without = vec![pin("1", Some(2))];
    assert_eq!(store.pin_batch(&pins("b1", 1, without.clone())).await.unwrap(), Pinning::Held(without));
}

pub(super) async fn a_fixed_module_follows_nothing(store: Shared) {
    add_versions(&store, 2).await;
    activate(&store, "2", 10).await;
    let fixed = vec![pin("1", None)];
    assert_eq!(store.pin_batch(&pins("b0", 1, fixed.clone())).await.unwrap(), Pinning::Held(fixed));
}

pub(super) async fn each_spec_version_pins_anew_and_the_latest_is_read(store: Shared) {
    let (old, new) = (vec![pin("1", None), pin("1", None)], vec![pin("2", None)]);
    store.pin_batch(&pins("b0", 1, old.clone())).await.unwrap();
    assert_eq!(store.pin_batch(&pins("b0", 2, new.clone())).await.unwrap(), Pinning::Held(new.clone()));
    assert_eq!(read(&store, "b0").await, new);
    assert_eq!(store.pin_batch(&pins("b0", 1, new)).await.unwrap(), Pinning::Held(old));
}

pub(super) async fn resuming_forgets_the_pins_of_what_failed(store: Shared) {
    let world = World::of_run(store, run_at(0), 2).await;
    let [bad, good] = [&world.lanes[0], &world.lanes[1]];
    world.stage(bad, 2).await;
    world.stage(good, 1).await;
    let batches = [world.batch(bad, 0), world.batch(bad, 1), world.batch(good, 0)];
    for batch in &batches {
        let of_batch = Pins { run: world.run.id.clone(), ..pins(batch.id.as_str(), 3, vec![pin("1", None)]) };
        world.store.pin_batch(&of_batch).await.unwrap();
    }
    world.deliver(bad, 0).await;
    world.store.fail_lane(bad, &fault("module_trap")).await.unwrap();
    world.store.settle_run(&world.run.id, RunState::Failed, at(50)).await.unwrap();
    world.store.resume_run(&world.run.id, 3, 1).await.unwrap();
    let mut kept = Vec::new();
    for batch in &batches {
        kept.push(!world.store.pins(&batch.id).await.unwrap().is_empty());
    }
    assert_eq!(kept, [true, false, true]);
}

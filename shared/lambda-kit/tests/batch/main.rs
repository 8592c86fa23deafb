//! Batches on a queue in memory: what becomes of every message, and what the mapping is told.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

mod going_wrong;
mod pump;
mod script;

use std::sync::Arc;
use std::time::Duration;

use flow::{Clock as _, QueueName, Staged};
use lambda_kit::Time;
use lambda_kit::batch::{Batches, Stepping};
use lambda_kit::conformance::HandedIn;
use store::record::{LaneState, RunState};

use pump::World;
use script::Act;

const LONG: Duration = Duration::from_secs(900);

#[tokio::test]
async fn what_is_done_is_left_to_the_mapping() {
    let world = World::new().await;
    world.send(&["a0", "b0", "a1", "a2"]).await;
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0, 1, 2]);
    assert_eq!(world.step.ran_of("b"), [0]);
    assert_eq!(world.waiting().await, 0);
}

#[tokio::test]
async fn a_retry_returns_the_rest_of_its_group_untouched() {
    let world = World::new().await;
    world.step.plan("a1", [Act::Retry]);
    world.send(&["a0", "a1", "a2", "a3"]).await;
    assert_eq!(world.deliver_for(LONG).await, Ok(vec!["a1", "a2", "a3"]));
    assert_eq!(world.step.ran_of("a"), [0, 1]);
    assert_eq!(world.depth().await.delayed, 1, "the one that failed waits as its policy says");
    assert_eq!(world.depth().await.waiting, 2, "the others do not");
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0, 1, 1, 2, 3]);
}

#[tokio::test]
async fn a_group_that_fails_holds_up_no_other() {
    let world = World::new().await;
    world.step.plan("a0", [Act::Retry]);
    world.send(&["a0", "b0", "a1", "b1", "c0"]).await;
    assert_eq!(world.deliver_for(LONG).await, Ok(vec!["a0", "a1"]));
    assert_eq!((world.step.ran_of("b"), world.step.ran_of("c")), (vec![0, 1], vec![0]));
}

#[tokio::test]
async fn poison_is_buried_with_its_cause_and_its_lane_stops_there() {
    let world = World::new().await;
    world.step.plan("a1", [Act::Config]);
    world.send(&["a0", "a1", "a2", "b0"]).await;
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0, 1], "nothing overtakes what could not be processed");
    assert_eq!(world.step.ran_of("b"), [0]);
    let letters = world.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].cause.code.as_str(), letters[0].receives), ("no_such_table", 1));
    assert_eq!(serde_json::from_str::<Staged>(&letters[0].body).unwrap(), world.handoff("a1"));
    assert_eq!(world.lane_state("a").await, LaneState::Failed);
    assert_eq!(world.signals().await, ["dead_letter"]);
    assert_eq!(world.waiting().await, 0);
}

#[tokio::test]
async fn the_last_attempt_is_buried_too() {
    let world = World::new().await;
    world.step.plan("a0", [Act::Retry; 5]);
    world.send(&["a0"]).await;
    for _ in 0..4 {
        assert_eq!(world.deliver_for(LONG).await, Ok(vec!["a0"]));
    }
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    let letters = world.letters().await;
    assert_eq!((letters[0].cause.code.as_str(), letters[0].receives), ("busy", 5));
}

#[tokio::test]
async fn a_body_that_is_no_message_is_buried_alone() {
    let world = World::new().await;
    world.send_text("z", "x0", "not json").await;
    world.send(&["b0"]).await;
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    let letters = world.letters().await;
    assert_eq!((letters[0].cause.code.as_str(), letters[0].body.as_str()), ("message_unreadable", "not json"));
    assert_eq!(world.step.ran_of("b"), [0]);
}

#[tokio::test]
async fn a_panic_fails_its_message_and_nothing_else() {
    let world = World::new().await;
    world.step.plan("a0", [Act::Panic]);
    world.send(&["a0", "b0", "b1"]).await;
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    let letters = world.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].cause.code.as_str(), letters[0].cause.kind.as_str()), ("step_panicked", "bug"));
    assert_eq!(world.step.ran_of("b"), [0, 1]);
    world.send(&["c0"]).await;
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()), "the next batch is as any");
    assert_eq!(world.step.ran_of("c"), [0]);
}

#[tokio::test]
async fn without_time_the_rest_comes_back_untouched() {
    let world = World::new().await;
    world.step.plan("a0", [Act::Take(Duration::from_secs(26))]);
    world.send(&["a0", "a1", "a2"]).await;
    // Three of the thirty seconds are kept back, and the one that is left is not worth beginning.
    assert_eq!(world.deliver_for(Duration::from_secs(30)).await, Ok(vec!["a1", "a2"]));
    assert_eq!(world.step.ran_of("a"), [0]);
    assert_eq!(world.depth().await.waiting, 2, "they can be received at once");
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0, 1, 2]);
}

#[tokio::test]
async fn the_first_of_a_group_is_begun_with_little_time_and_not_with_none() {
    let world = World::new().await;
    world.send(&["a0", "a1"]).await;
    assert_eq!(world.deliver_for(Duration::from_millis(500)).await, Ok(vec!["a0", "a1"]));
    assert!(world.step.ran_of("a").is_empty());
    assert_eq!(world.deliver_for(Duration::from_millis(1_400)).await, Ok(vec!["a1"]));
    assert_eq!(world.step.ran_of("a"), [0]);
}

#[tokio::test]
async fn a_message_that_is_in_the_batch_twice_is_worked_on_once() {
    let world = World::new().await;
    world.send(&["a0", "a1"]).await;
    let mut batch = world.receive().await;
    batch.push(batch[0].clone());
    let mapped = Arc::new(HandedIn::new(world.rig.parts.queue.clone()));
    let stepping = Stepping::new(world.step.clone(), QueueName::Staged, &world.rig.parts, mapped);
    let time = Time::of(LONG, world.rig.clock.clone());
    assert_eq!(stepping.work(batch, &time).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0, 1]);
}

#[tokio::test]
async fn a_message_that_comes_again_after_its_work_is_done_is_dropped() {
    let world = World::new().await;
    world.send(&["a0"]).await;
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    let now = world.rig.clock.now();
    world.rig.parts.store.abandon_run(&world.context.run, now).await.unwrap();
    world.send(&["a0"]).await;
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0]);
    assert_eq!(world.run_state().await, RunState::Abandoned);
    assert!(world.letters().await.is_empty());
}

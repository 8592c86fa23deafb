//! The queue and the store fail around the step, and steps that do not end.

use std::time::Duration;

use queue::faulty::{Call, Mischief};
use store::faulty::{Calls, Failure};

use crate::LONG;
use crate::pump::World;
use crate::script::Act;

#[tokio::test]
async fn when_nothing_could_be_done_the_invocation_fails_with_the_code_and_nothing_is_lost() {
    let world = World::new().await;
    world.send(&["a0", "a1"]).await;
    world.rig.store.fail_next(Calls::Of("run"), Failure::Refused);
    assert_eq!(world.deliver_for(LONG).await, Err("on_command".to_owned()));
    assert!(world.step.ran_of("a").is_empty());
    assert_eq!(world.depth().await.delayed, 1, "it is tried again after a while");
    assert!(world.letters().await.is_empty());
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0, 1]);
}

#[tokio::test]
async fn a_store_that_is_gone_for_long_buries_nothing() {
    let world = World::new().await;
    world.send(&["a0"]).await;
    for _ in 0..12 {
        world.rig.store.fail_next(Calls::Of("run"), Failure::Refused);
        assert_eq!(world.deliver_for(LONG).await, Err("on_command".to_owned()));
    }
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0]);
}

#[tokio::test]
async fn what_fails_after_other_messages_were_done_is_reported_alone() {
    let world = World::new().await;
    world.send(&["a0", "a1", "a2"]).await;
    world.rig.store.fail(Calls::Of("run"), world.rig.store.calls(Calls::Of("run")) + 2, Failure::Refused);
    assert_eq!(world.deliver_for(LONG).await, Ok(vec!["a1", "a2"]));
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0, 1, 2]);
}

#[tokio::test]
async fn what_cannot_be_given_back_is_reported_all_the_same() {
    let world = World::new().await;
    world.step.plan("a0", [Act::Retry]);
    world.send(&["a0", "a1", "b0"]).await;
    for nth in 1..=2 {
        world.rig.queue.plan(Mischief::FailBefore, Some(Call::GiveBack), nth);
    }
    assert_eq!(world.deliver_for(LONG).await, Ok(vec!["a0", "a1"]));
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()), "they come again when their leases end");
    assert_eq!(world.step.ran_of("a"), [0, 0, 1]);
}

#[tokio::test]
async fn poison_that_cannot_be_buried_comes_again() {
    let world = World::new().await;
    world.step.plan("a0", [Act::Config, Act::Config]);
    world.send(&["a0", "a1"]).await;
    world.rig.queue.plan(Mischief::FailBefore, Some(Call::DeadLetter), 1);
    assert_eq!(world.deliver_for(LONG).await, Err("on_command".to_owned()));
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0, 0]);
    assert_eq!(world.letters().await.len(), 1);
}

#[tokio::test]
async fn a_step_that_does_not_end_is_cut_off_and_tried_again() {
    let world = World::new().await;
    world.step.plan("a0", [Act::Hang]);
    world.send(&["a0", "a1"]).await;
    assert_eq!(world.deliver_for(Duration::from_millis(700)).await, Ok(vec!["a0", "a1"]));
    let depth = world.depth().await;
    assert_eq!((depth.delayed, depth.waiting, depth.leased), (1, 1, 0), "it waits as its policy says");
    assert_eq!(world.deliver_for(LONG).await, Ok(Vec::new()));
    assert_eq!(world.step.ran_of("a"), [0, 0, 1]);
}

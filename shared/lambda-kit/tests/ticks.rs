//! Ticks on parts in memory: dead letters are counted first, and everything has its turn.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use flow::{Budget, Fault, FaultKind, Handoff as _, QueueName, Slice, Tick, Timestamp};
use lambda_kit::conformance::HandedIn;
use lambda_kit::ticks::{InTurn, Tending, Ticks};
use queue::QueueExt as _;
use queue::faulty::{Call, Mischief};
use store::record::RunState;
use worker::conformance::Rig;

const SPEC: &str = "{ version: 1, sync: shop, source: { type: sqlite, path: shop.db }, \
    destination: { type: sqlite, path: warehouse.db }, streams: [{ name: orders }] }";

/// A run whose one message was received too often, as by processes that were killed: nobody has seen
/// to what follows.
async fn rig_with_a_letter() -> (Rig, flow::Context) {
    let rig = Rig::new().await;
    let context = rig.open_run(&rig.save(SPEC).await, "orders").await;
    let slice = Slice { context: context.clone(), lane: None, part: 0 };
    rig.parts.queue.hand_on(&slice, Duration::ZERO).await.unwrap();
    while !rig.parts.queue.receive(slice.queue(), 1, Duration::ZERO).await.unwrap().is_empty() {}
    assert_eq!(rig.parts.queue.depth(QueueName::Slices).await.unwrap().dead, 1);
    (rig, context)
}

async fn tick(ticks: &dyn Ticks, rig: &Rig) -> Result<(), Fault> {
    ticks.tick(Tick { at: Timestamp::UNIX_EPOCH }, &Budget::unlimited(rig.parts.clock.clone())).await
}

fn tending(rig: &Rig) -> Tending {
    Tending::new(&rig.parts, Arc::new(HandedIn::new(rig.parts.queue.clone())))
}

#[tokio::test]
async fn a_message_that_killed_whoever_took_it_fails_its_run_at_the_next_tick() {
    let (rig, context) = rig_with_a_letter().await;
    tick(&tending(&rig), &rig).await.unwrap();
    let run = rig.parts.store.run(&context.run).await.unwrap().unwrap();
    assert_eq!(run.state, RunState::Failed);
    assert_eq!(run.fault.unwrap().code, "too_many_receives");
    assert!(rig.parts.queue.dead_letters(QueueName::Slices).await.unwrap()[0].reported);
    let told = rig.parts.store.signals(None, 10).await.unwrap().len();
    tick(&tending(&rig), &rig).await.unwrap();
    assert_eq!(rig.parts.store.signals(None, 10).await.unwrap().len(), told, "it is told once");
}

#[tokio::test]
async fn queues_without_dead_letters_are_not_looked_through() {
    let rig = Rig::new().await;
    // Looking would fail.
    rig.queue.plan(Mischief::FailBefore, Some(Call::DeadLetters), 1);
    tick(&tending(&rig), &rig).await.unwrap();
}

#[tokio::test]
async fn a_queue_that_cannot_be_counted_keeps_no_other_from_being_tended() {
    let (rig, context) = rig_with_a_letter().await;
    rig.queue.plan(Mischief::FailBefore, Some(Call::Depth), 2);
    assert_eq!(tick(&tending(&rig), &rig).await.unwrap_err().code, "on_command");
    let run = rig.parts.store.run(&context.run).await.unwrap().unwrap();
    assert_eq!(run.state, RunState::Failed);
}

/// Fails with this code.
struct Failing(&'static str);

#[async_trait]
impl Ticks for Failing {
    async fn tick(&self, _: Tick, _: &Budget) -> Result<(), Fault> {
        Err(Fault::new(FaultKind::Retry, self.0, "on command"))
    }
}

#[tokio::test]
async fn each_has_its_turn_whatever_came_before_it() {
    let (rig, context) = rig_with_a_letter().await;
    let all = InTurn(vec![Box::new(Failing("one")), Box::new(tending(&rig)), Box::new(Failing("two"))]);
    assert_eq!(tick(&all, &rig).await.unwrap_err().code, "one");
    let run = rig.parts.store.run(&context.run).await.unwrap().unwrap();
    assert_eq!(run.state, RunState::Failed);
}

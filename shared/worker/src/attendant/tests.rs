use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use flow::{Context, Lane, Load, Outbox, Staged, Transformed};
use queue::QueueExt;
use store::record::{LaneState, RunState};

use super::*;
use crate::conformance::Rig;
use crate::{Stop, Worked, Worker};

const SPEC: &str = "{ version: 1, sync: shop, source: { type: sqlite, path: shop.db }, \
    destination: { type: sqlite, path: warehouse.db }, streams: [{ name: orders }] }";

/// Panics at its first message.
struct PanicsOnce(AtomicUsize);

#[async_trait]
impl Step for PanicsOnce {
    type Takes = Staged;
    type Gives = Transformed;

    async fn run(&self, _: Staged, _: &dyn Outbox<Transformed>, _: &Budget) -> Result<(), Fault> {
        match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => panic!("on command"),
            _ => Ok(()),
        }
    }
}

/// An open run of one lane, and the end of that lane in the queue.
async fn rig_with_an_end() -> (Rig, Context, Lane) {
    let rig = Rig::new().await;
    let context = rig.open_run(&rig.save(SPEC).await, "orders").await;
    let lane = rig.plan(&context).await;
    send_end(&rig, &context, &lane, 1).await;
    (rig, context, lane)
}

async fn send_end(rig: &Rig, context: &Context, lane: &Lane, batches: u64) {
    let end = Staged { context: context.clone(), lane: lane.clone(), load: Load::End { batches } };
    rig.parts.queue.hand_on(&end, Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_step_that_panics_in_the_loop_fails_its_message_and_the_loop_goes_on() {
    let (rig, context, lane) = rig_with_an_end().await;
    let worker = Worker::new(Arc::new(PanicsOnce(AtomicUsize::new(0))), QueueName::Staged, &rig.parts);
    let stop = Stop::default();
    assert_eq!(worker.work_once(&stop).await, Ok(Worked::Seen(Seen::Buried)));
    let letters = rig.parts.queue.dead_letters(QueueName::Staged).await.unwrap();
    let cause = &letters[0].cause;
    assert_eq!((cause.kind, cause.code.as_str()), (FaultKind::Bug, "step_panicked"));
    assert_eq!(cause.message, "the step panicked: on command");
    assert!(letters[0].reported, "the loop tends its queue");
    assert_eq!(rig.parts.store.lane(&lane).await.unwrap().unwrap().state, LaneState::Failed);
    let run = rig.parts.store.run(&context.run).await.unwrap().unwrap();
    assert_eq!(run.state, RunState::Failed);

    let resumed = rig.parts.store.resume_run(&run.id, run.version, run.attempt).await.unwrap();
    send_end(&rig, &Context { attempt: resumed.attempt, ..context }, &lane, 1).await;
    assert_eq!(worker.work_once(&stop).await, Ok(Worked::Seen(Seen::Done)));
    assert_eq!(worker.work_once(&stop).await, Ok(Worked::Idle));
}

#[tokio::test]
async fn for_invocations_what_follows_from_a_dead_letter_is_done_without_looking_for_it() {
    let (rig, context, lane) = rig_with_an_end().await;
    let attendant =
        Attendant::for_invocations(Arc::new(PanicsOnce(AtomicUsize::new(0))), QueueName::Staged, &rig.parts);
    let message = rig.parts.queue.receive(QueueName::Staged, 1, Duration::from_secs(30)).await.unwrap().remove(0);
    // Looking through the dead letters would fail.
    rig.queue.plan(queue::faulty::Mischief::FailBefore, Some(queue::faulty::Call::DeadLetters), 1);
    let budget = Budget::of(Duration::from_secs(30), rig.clock.clone());
    assert_eq!(attendant.see_through(&message, &budget).await, Ok(Seen::Buried));
    rig.queue.calm();
    assert_eq!(rig.parts.store.lane(&lane).await.unwrap().unwrap().state, LaneState::Failed);
    assert_eq!(rig.parts.store.run(&context.run).await.unwrap().unwrap().state, RunState::Failed);
    let names = |signals: Vec<flow::Signal>| signals.into_iter().map(|signal| signal.name).collect::<Vec<_>>();
    let told = names(rig.parts.store.signals(None, 10).await.unwrap());
    assert_eq!(told.len(), 2, "{told:?}");

    // Whoever tends the queue later marks the letter and tells nobody again.
    let undertaker = Undertaker::new(rig.parts.queue.clone(), rig.parts.store.clone(), rig.parts.clock.clone());
    undertaker.tend(QueueName::Staged).await.unwrap();
    assert!(rig.parts.queue.dead_letters(QueueName::Staged).await.unwrap()[0].reported);
    assert_eq!(names(rig.parts.store.signals(None, 10).await.unwrap()), told);
}

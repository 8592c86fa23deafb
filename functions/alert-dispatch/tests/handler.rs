//! `alert-dispatch` alone: what people are told, and when.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;
use std::time::Duration;

use alert_dispatch::{AlertDispatch, Receivers};
use alerting::Alerts;
use flow::{Clock as _, Fault, Severity, Signal, SyncName, Timestamp};
use notify::Notify;
use notify::faulty::Mischief;
use worker::conformance::{Rig, events_that_stay};

const ALERTS: &str = "alerts:
  route: { receiver: ops, group_by: [sync, name], group_wait: 30s }
  receivers: [{ name: ops, webhook: { url: https://ops.example/hook } }]
";

/// One sync and one receiver.
struct World {
    function: AlertDispatch,
    rig: Rig,
    told: Arc<notify::Memory>,
    receiver: Arc<notify::Faulty>,
}

struct One(Arc<dyn Notify>);

impl Receivers for One {
    fn receiver(&self, _: &Alerts, _: &str) -> Result<Arc<dyn Notify>, Fault> {
        Ok(self.0.clone())
    }
}

impl World {
    async fn with(alerts: &str) -> Self {
        let rig = Rig::new().await;
        let text = format!(
            "version: 1\nsync: shop\nsource: {{ type: sqlite, path: shop.db }}\n\
             destination: {{ type: sqlite, path: warehouse.db }}\nstreams: [{{ name: orders }}]\n{alerts}"
        );
        rig.save(&text).await;
        let told = Arc::new(notify::Memory::new());
        let receiver = Arc::new(notify::Faulty::new(told.clone()));
        let function = AlertDispatch::new(rig.parts.clone(), Arc::new(One(receiver.clone())));
        Self { function, rig, told, receiver }
    }

    async fn take(&self, signal: Signal) {
        self.rig.run(&self.function, signal).await.unwrap();
    }

    /// How many notifications are sent after so many more seconds.
    async fn sent_after(&self, seconds: u64) -> usize {
        self.rig.clock.advance(Duration::from_secs(seconds));
        self.function.send_due(self.rig.clock.now()).await.unwrap()
    }
}

fn dead_letter(id: &str) -> Signal {
    Signal {
        id: id.to_owned(),
        name: "dead_letter".to_owned(),
        severity: Severity::Error,
        sync: SyncName::new("shop").unwrap(),
        stream: None,
        run: None,
        summary: format!("message {id} could not be processed"),
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn every_event_is_a_signal_and_stays_what_it_is() {
    assert_eq!(events_that_stay::<Signal>(env!("CARGO_MANIFEST_DIR")), 2);
}

#[test]
fn lambdas_event_has_two_signals() {
    assert_eq!(lambda_kit::conformance::messages::<Signal>(env!("CARGO_MANIFEST_DIR")).len(), 2);
}

#[tokio::test]
async fn the_tick_of_lambda_sends_what_is_due_at_its_moment() {
    let at = lambda_kit::conformance::tick(env!("CARGO_MANIFEST_DIR")).at;
    let world = World::with(ALERTS).await;
    world.rig.clock.advance((at - world.rig.clock.now()).to_std().unwrap() - Duration::from_secs(30));
    world.take(dead_letter("1")).await;
    assert_eq!(world.function.send_due(at - Duration::from_secs(1)).await, Ok(0));
    assert_eq!(world.function.send_due(at).await, Ok(1));
}

#[tokio::test]
async fn two_signals_of_one_group_are_one_notification() {
    let world = World::with(ALERTS).await;
    world.take(dead_letter("1")).await;
    assert_eq!(world.sent_after(10).await, 0);
    world.take(dead_letter("2")).await;
    world.take(dead_letter("2")).await;
    assert_eq!(world.sent_after(20).await, 1);
    assert_eq!(world.sent_after(1).await, 0);
    let told = world.told.sent();
    assert_eq!(told.len(), 1);
    let ids: Vec<_> = told[0].signals.iter().map(|signal| signal.id.as_str()).collect();
    assert_eq!((told[0].receiver.as_str(), ids), ("ops", vec!["1", "2"]));
}

#[tokio::test]
async fn a_send_that_failed_is_sent_again_under_the_same_id() {
    let world = World::with(ALERTS).await;
    world.take(dead_letter("1")).await;
    world.receiver.plan(Mischief::FailBefore, 1);
    world.receiver.plan(Mischief::FailAfter, 2);
    assert_eq!(world.sent_after(30).await, 0);
    assert!(world.told.sent().is_empty());
    assert_eq!(world.sent_after(1).await, 0);
    assert_eq!(world.sent_after(1).await, 1);
    let told = world.told.sent();
    assert_eq!((told.len(), &told[0].id), (2, &told[1].id));
    assert_eq!(world.sent_after(1).await, 0);
}

#[tokio::test]
async fn a_signal_of_a_sync_without_alerts_tells_nobody() {
    let world = World::with("").await;
    world.take(dead_letter("1")).await;
    assert_eq!(world.sent_after(3600).await, 0);
    assert_eq!(world.receiver.calls(), 0);
}

//! `schedule` alone: which ticks open a run.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::sync::Arc;
use std::time::Duration;

use flow::{Budget, ManualClock, QueueName, Slice, Step, SyncName, Tick, Timestamp};
use queue::Limits;
use queue::faulty::{Call, Mischief, Script};
use schedule::Schedule;
use store::Store as _;
use tempfile::TempDir;
use worker::{Parts, QueueOutbox};

const SPEC: &str = r#"
version: 1
sync: shop
source: { type: sqlite, path: shop.db }
destination: { type: sqlite, path: warehouse.db }
schedule: { cron: "*/15 * * * *", overlap: skip }
streams: [{ name: orders }, { name: refunds }]
"#;

/// One sync, saved at midnight, that is due every quarter of an hour.
struct World {
    parts: Parts,
    script: Arc<Script>,
    _folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(at("00:00")));
        let script = Arc::new(Script::default());
        let memory = Arc::new(queue::Memory::new(Limits::default(), clock.clone()));
        let queue = Arc::new(queue::Faulty::new(memory, script.clone()));
        let store = Arc::new(store::Sqlite::open(&folder.path().join("state.db")).await.unwrap());
        let loaded = spec::load::text_at(SPEC, folder.path()).unwrap();
        let pinned = loaded.pin(|module| Err(module.to_owned())).unwrap();
        store.save_spec(&SyncName::new("shop").unwrap(), &pinned.digest, &pinned.text, at("00:00")).await.unwrap();
        let parts = Parts::new(queue, store, Arc::new(staging::Memory::new()), clock);
        Self { parts, script, _folder: folder }
    }

    async fn tick(&self, time: &str) -> Result<(), flow::Fault> {
        let outbox = QueueOutbox::new(self.parts.queue.clone(), self.parts.store.clone());
        let budget = Budget::unlimited(self.parts.clock.clone());
        Schedule::new(self.parts.clone()).run(Tick { at: at(time) }, &outbox, &budget).await
    }

    /// The runs that were opened, oldest first.
    async fn runs(&self) -> Vec<String> {
        let mut runs = self.parts.store.runs(None, 10).await.unwrap();
        runs.reverse();
        runs.into_iter().map(|run| run.id.to_string()).collect()
    }

    async fn given(&self) -> Vec<Slice> {
        let received = self.parts.queue.receive(QueueName::Slices, 10, Duration::from_secs(30)).await.unwrap();
        received.into_iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }
}

fn at(time: &str) -> Timestamp {
    format!("2024-03-01T{time}:00Z").parse().unwrap()
}

#[test]
fn every_event_is_a_tick_and_stays_what_it_is() {
    let events = concat!(env!("CARGO_MANIFEST_DIR"), "/events");
    let mut seen = 0;
    for event in std::fs::read_dir(events).unwrap() {
        let text = std::fs::read_to_string(event.unwrap().path()).unwrap();
        let tick: Tick = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_value(tick).unwrap(), serde_json::from_str::<serde_json::Value>(&text).unwrap());
        seen += 1;
    }
    assert_eq!(seen, 1);
}

#[tokio::test]
async fn a_due_sync_gets_a_run_and_each_of_its_streams_is_asked_to_be_planned() {
    let world = World::new().await;
    world.tick("00:14").await.unwrap();
    assert!(world.runs().await.is_empty());
    world.tick("00:16").await.unwrap();
    assert_eq!(world.runs().await, ["shop-20240301T001500000"]);
    let given = world.given().await;
    let mut streams: Vec<_> = given.iter().map(|slice| slice.context.stream.as_str()).collect();
    streams.sort_unstable();
    assert_eq!(streams, ["orders", "refunds"]);
    assert!(given.iter().all(|slice| slice.lane.is_none() && slice.context.attempt == 1));
}

#[tokio::test]
async fn a_repeated_tick_opens_one_run() {
    let world = World::new().await;
    world.tick("00:16").await.unwrap();
    world.tick("00:16").await.unwrap();
    world.tick("00:17").await.unwrap();
    assert_eq!(world.runs().await, ["shop-20240301T001500000"]);
    assert_eq!(world.given().await.len(), 2);
}

#[tokio::test]
async fn a_tick_that_failed_half_way_is_made_good_by_the_next() {
    let world = World::new().await;
    world.script.plan(Mischief::FailBefore, Some(Call::Send), 2);
    world.tick("00:16").await.unwrap_err();
    world.tick("00:17").await.unwrap();
    assert_eq!(world.runs().await, ["shop-20240301T001500000"]);
    assert_eq!(world.given().await.len(), 2);
}

#[tokio::test]
async fn a_run_that_is_due_while_the_last_one_is_going_is_left_out() {
    let world = World::new().await;
    world.tick("00:15").await.unwrap();
    world.tick("00:30").await.unwrap();
    assert_eq!(world.runs().await, ["shop-20240301T001500000"]);
    let going = world.parts.store.runs(None, 1).await.unwrap().remove(0);
    world.parts.store.abandon_run(&going.id, at("00:40")).await.unwrap();
    world.tick("00:44").await.unwrap();
    assert_eq!(world.runs().await.len(), 1, "the run of 00:30 was left out for good");
    world.tick("00:45").await.unwrap();
    assert_eq!(world.runs().await, ["shop-20240301T001500000", "shop-20240301T004500000"]);
}

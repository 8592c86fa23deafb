//! `schedule` alone: which ticks open a run.
#![expect(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use flow::{QueueName, Slice, Tick, Timestamp};
use queue::faulty::{Call, Mischief};
use schedule::Schedule;
use worker::conformance::Rig;

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
    rig: Rig,
}

impl World {
    async fn new() -> Self {
        let rig = Rig::at(at("00:00")).await;
        rig.save(SPEC).await;
        Self { rig }
    }

    async fn tick(&self, time: &str) -> Result<(), flow::Fault> {
        self.rig.run(&Schedule::new(self.rig.parts.clone()), Tick { at: at(time) }).await
    }

    /// The runs that were opened, oldest first.
    async fn runs(&self) -> Vec<String> {
        let mut runs = self.rig.parts.store.runs(None, 10).await.unwrap();
        runs.reverse();
        runs.into_iter().map(|run| run.id.to_string()).collect()
    }

    async fn given(&self) -> Vec<Slice> {
        self.rig.given(QueueName::Slices).await
    }
}

fn at(time: &str) -> Timestamp {
    format!("2024-03-01T{time}:00Z").parse().unwrap()
}

#[tokio::test]
async fn the_tick_of_lambda_starts_what_is_due_at_its_moment() {
    let tick = lambda_kit::conformance::tick(env!("CARGO_MANIFEST_DIR"));
    let world = World::new().await;
    world.rig.run(&Schedule::new(world.rig.parts.clone()), tick).await.unwrap();
    assert_eq!(world.runs().await, ["shop-20240301T060000000"]);
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
    world.rig.queue.plan(Mischief::FailBefore, Some(Call::Send), 2);
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
    let going = world.rig.parts.store.runs(None, 1).await.unwrap().remove(0);
    world.rig.parts.store.abandon_run(&going.id, at("00:40")).await.unwrap();
    world.tick("00:44").await.unwrap();
    assert_eq!(world.runs().await.len(), 1, "the run of 00:30 was left out for good");
    world.tick("00:45").await.unwrap();
    assert_eq!(world.runs().await, ["shop-20240301T001500000", "shop-20240301T004500000"]);
}

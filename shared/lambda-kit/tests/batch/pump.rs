//! A mapping in small: receives several messages of a group at once, as SQS gives them to Lambda, hands
//! them in, and deletes what is done.
//!
//! The queue in memory leases one message of a group at a time, so every message lies in a group of its
//! own here, and the mapping keeps them in order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flow::path::StagedBatch;
use flow::{BatchId, Context, Digest, Fault, Handoff, Lane, Load, Object, QueueName, Staged};
use lambda_kit::Time;
use lambda_kit::batch::{Batches, Stepping};
use lambda_kit::conformance::HandedIn;
use queue::sqs::Delivered;
use queue::{DeadLetter, Depth, Outgoing, Receipt};
use store::record::{LaneState, RunState, StreamPlan};
use worker::conformance::Rig;

use crate::script::Scripted;

const QUEUE: QueueName = QueueName::Staged;
const VISIBILITY: Duration = Duration::from_secs(1_200);

const SPEC: &str = "{ version: 1, sync: shop, source: { type: sqlite, path: shop.db }, \
    destination: { type: sqlite, path: warehouse.db }, retry: { jitter: none }, streams: [{ name: orders }] }";

/// A run of a stream with the lanes `a`, `b` and `c`, and a scripted step. Messages are named by lane
/// and sequence: `a0`, `b12`.
pub(crate) struct World {
    pub(crate) rig: Rig,
    pub(crate) step: Arc<Scripted>,
    pub(crate) context: Context,
    sent: Mutex<BTreeMap<u64, Sent>>,
}

/// A message in the queue: its id, and the group it would be in.
#[derive(Clone)]
struct Sent {
    id: String,
    group: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let rig = Rig::new().await;
        let context = rig.open_run(&rig.save(SPEC).await, "orders").await;
        let parts = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let plan = StreamPlan { schema: "[]".to_owned(), primary_key: Vec::new(), parts };
        rig.parts.store.plan_stream(&context.run, &context.stream, &plan).await.unwrap();
        let step = Arc::new(Scripted::new(rig.clock.clone()));
        Self { rig, step, context, sent: Mutex::default() }
    }

    pub(crate) fn handoff(&self, name: &str) -> Staged {
        let raw = Object { key: format!("raw/{name}"), digest: Digest::of(name.as_bytes()), bytes: 1, rows: 1 };
        let sequence = name[1..].parse().unwrap();
        let load = Load::Batch(StagedBatch { id: BatchId::from_text(name), sequence, raw });
        Staged { context: self.context.clone(), lane: self.lane(&name[..1]), load }
    }

    fn lane(&self, letter: &str) -> Lane {
        let number = "abc".find(letter).unwrap();
        Lane::of_run(&self.context.run, &self.context.stream, number)
    }

    /// Sends messages, in this order.
    pub(crate) async fn send(&self, names: &[&str]) {
        for name in names {
            let handoff = self.handoff(name);
            self.send_text(&handoff.group(), name, &serde_json::to_string(&handoff).unwrap()).await;
        }
    }

    pub(crate) async fn send_text(&self, group: &str, id: &str, body: &str) {
        let number = {
            let mut sent = self.sent.lock().unwrap();
            let number = sent.last_key_value().map_or(0, |(last, _)| last + 1);
            sent.insert(number, Sent { id: id.to_owned(), group: group.to_owned() });
            number
        };
        let name = format!("{number:06}");
        let message = Outgoing {
            group: name.clone(),
            // A message is sent again under another id, as after the window of deduplication.
            deduplication_id: format!("{name}-{}", self.rig.queue.calls()),
            body: body.to_owned(),
            delay: Duration::ZERO,
        };
        self.rig.parts.queue.send(QUEUE, message).await.unwrap();
    }

    /// Everything that can be received, as Lambda delivers it. So much later that no message waits any
    /// more: of a group, all or none can be received.
    pub(crate) async fn receive(&self) -> Vec<Delivered> {
        self.rig.clock.advance(VISIBILITY);
        let mut received = self.rig.parts.queue.receive(QUEUE, 100, VISIBILITY).await.unwrap();
        received.sort_by(|one, other| one.group.cmp(&other.group));
        let sent = self.sent.lock().unwrap();
        received
            .into_iter()
            .map(|message| {
                let Sent { id, group } = sent[&message.group.parse().unwrap()].clone();
                let (handle, body, receives) = (message.receipt.token, message.body, message.receives);
                Delivered { id, handle, group, body, receives }
            })
            .collect()
    }

    /// Delivers what can be received to a function with so much time, and deletes what it does not
    /// report. The messages it reports, in their order; or the code of its error.
    pub(crate) async fn deliver_for(&self, time: Duration) -> Result<Vec<&'static str>, String> {
        let batch = self.receive().await;
        let mapped = Arc::new(HandedIn::new(self.rig.parts.queue.clone()));
        let stepping = Stepping::new(self.step.clone(), QUEUE, &self.rig.parts, mapped.clone());
        let answer = stepping.work(batch.clone(), &Time::of(time, self.rig.clock.clone())).await;
        assert_eq!(mapped.held(), 0, "what is answered for is forgotten");
        let mut failed = answer.map_err(|fault: Fault| fault.code)?;
        for message in batch.iter().filter(|message| !failed.contains(&message.id)) {
            let receipt = Receipt { queue: QUEUE, token: message.handle.clone() };
            // What was buried is gone already.
            _ = self.rig.parts.queue.acknowledge(&receipt).await;
        }
        failed.sort();
        Ok(failed.into_iter().map(|id| &*id.leak()).collect())
    }

    pub(crate) async fn depth(&self) -> Depth {
        self.rig.parts.queue.depth(QUEUE).await.unwrap()
    }

    /// Messages in the queue, whoever has them.
    pub(crate) async fn waiting(&self) -> u64 {
        let depth = self.depth().await;
        depth.waiting + depth.leased + depth.delayed
    }

    pub(crate) async fn letters(&self) -> Vec<DeadLetter> {
        self.rig.parts.queue.dead_letters(QUEUE).await.unwrap()
    }

    pub(crate) async fn lane_state(&self, letter: &str) -> LaneState {
        self.rig.parts.store.lane(&self.lane(letter)).await.unwrap().unwrap().state
    }

    pub(crate) async fn run_state(&self) -> RunState {
        self.rig.parts.store.run(&self.context.run).await.unwrap().unwrap().state
    }

    /// The names of the signals people are told of, oldest first.
    pub(crate) async fn signals(&self) -> Vec<String> {
        let mut signals = self.rig.parts.store.signals(None, 10).await.unwrap();
        signals.reverse();
        signals.into_iter().map(|signal| signal.name).collect()
    }
}

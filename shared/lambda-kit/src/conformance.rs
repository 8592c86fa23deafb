//! What the tests of a function take its sample events with.
#![expect(clippy::expect_used, clippy::panic, reason = "a test says what failed by panicking")]

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use flow::{Handoff, QueueName, Tick};
use queue::sqs::Delivered;
use queue::{Queue, Receipt, Received};
use serde_json::Value;

use crate::{Event, Mapped};

/// Any queue, as one whose messages were received elsewhere: a message's handle is the token of its
/// lease.
pub struct HandedIn {
    queue: Arc<dyn Queue>,
    held: Mutex<HashSet<Receipt>>,
}

impl HandedIn {
    /// Messages of this queue.
    #[must_use]
    pub fn new(queue: Arc<dyn Queue>) -> Self {
        Self { queue, held: Mutex::default() }
    }

    /// How many messages were adopted and not released.
    #[must_use]
    pub fn held(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<Receipt>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Mapped for HandedIn {
    fn adopt(&self, queue: QueueName, delivered: Delivered) -> Received {
        let Delivered { handle, group, body, receives, .. } = delivered;
        let receipt = Receipt { queue, token: handle };
        self.lock().insert(receipt.clone());
        Received { receipt, group, body, receives }
    }

    fn release(&self, receipt: &Receipt) {
        self.lock().remove(receipt);
    }

    async fn dead_count(&self, queue: QueueName) -> Result<u64, queue::Error> {
        Ok(self.queue.depth(queue).await?.dead)
    }
}

/// The sample event of this name of a function's folder, as Lambda delivers it.
#[must_use]
pub fn event(function: &str, name: &str) -> Value {
    let path = Path::new(function).join("events").join(name);
    let text = std::fs::read_to_string(&path).expect("a sample event");
    serde_json::from_str(&text).expect("JSON")
}

/// The handoffs of a function's `events/sqs.json`, whose records are as the queue would have them:
/// from the handoff's own queue, under its group and its deduplication id.
#[must_use]
pub fn messages<H: Handoff>(function: &str) -> Vec<H> {
    let event = event(function, "sqs.json");
    let Ok(Event::Batch(batch)) = Event::read(event.clone()) else { panic!("a batch of SQS") };
    let records = event["Records"].as_array().expect("records");
    let read = |(delivered, record): (Delivered, &Value)| {
        let handoff: H = serde_json::from_str(&delivered.body).expect("a handoff");
        assert_eq!(delivered.group, handoff.group());
        assert_eq!(record["attributes"]["MessageDeduplicationId"], handoff.deduplication_id());
        assert_eq!(record["eventSource"], "aws:sqs");
        let arn = record["eventSourceARN"].as_str().expect("the queue");
        assert!(arn.ends_with(&format!("-{}.fifo", handoff.queue())), "{arn}");
        handoff
    };
    batch.into_iter().zip(records).map(read).collect()
}

/// The tick of a function's `events/tick.json`.
#[must_use]
pub fn tick(function: &str) -> Tick {
    match Event::read(event(function, "tick.json")) {
        Ok(Event::Tick(tick)) => tick,
        other => panic!("a tick, not {other:?}"),
    }
}

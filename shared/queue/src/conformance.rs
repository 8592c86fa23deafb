//! What every queue must do, written once and run by each implementation in its own tests.
//!
//! A case that fails panics at the line that says what was expected.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a suite fails by panicking, as tests do")]

mod dead_letters;
mod deduplication;
mod leases;
mod order;

use std::sync::Arc;
use std::time::Duration;

use flow::{ManualClock, QueueName};

use crate::{Limits, Outgoing, Queue, Received, Sent};

/// Runs every case, each on a queue of its own made by `make` with the limits and the clock given.
pub async fn run<M>(make: M)
where
    M: AsyncFn(Limits, Arc<ManualClock>) -> Arc<dyn Queue>,
{
    let subject = async |limits| {
        let clock = Arc::new(ManualClock::at(flow::Timestamp::from_timestamp_micros(1_700_000_000_000_000).unwrap()));
        Subject { queue: make(limits, clock.clone()).await, clock }
    };
    order::run(&subject).await;
    leases::run(&subject).await;
    deduplication::run(&subject).await;
    dead_letters::run(&subject).await;
}

const QUEUE: QueueName = QueueName::Staged;
const LEASE: Duration = Duration::from_secs(60);

struct Subject {
    queue: Arc<dyn Queue>,
    clock: Arc<ManualClock>,
}

impl Subject {
    /// Sends a message that is its own deduplication id.
    async fn send(&self, group: &str, body: &str) -> Sent {
        self.queue.send(QUEUE, outgoing(group, body)).await.unwrap()
    }

    async fn receive(&self, max: usize) -> Vec<Received> {
        self.queue.receive(QUEUE, max, LEASE).await.unwrap()
    }

    /// Receives the one message there must be.
    async fn receive_one(&self) -> Received {
        let mut received = self.receive(10).await;
        assert_eq!(received.len(), 1, "one message can be received");
        received.remove(0)
    }

    async fn assert_nothing_to_receive(&self) {
        assert_eq!(self.receive(10).await, [], "nothing can be received");
    }

    /// Receives and acknowledges until nothing is left.
    async fn drain(&self) -> Vec<String> {
        let mut bodies = Vec::new();
        loop {
            let received = self.receive(1).await;
            let Some(message) = received.first() else { return bodies };
            self.queue.acknowledge(&message.receipt).await.unwrap();
            bodies.push(message.body.clone());
        }
    }
}

fn outgoing(group: &str, body: &str) -> Outgoing {
    Outgoing {
        group: group.to_owned(),
        deduplication_id: body.to_owned(),
        body: body.to_owned(),
        delay: Duration::ZERO,
    }
}

fn delayed(group: &str, body: &str, delay: Duration) -> Outgoing {
    Outgoing { delay, ..outgoing(group, body) }
}

fn bodies(received: &[Received]) -> Vec<&str> {
    received.iter().map(|message| message.body.as_str()).collect()
}

//! What every queue must do, written once and run by each implementation in its own tests.
//!
//! A case that fails panics at the line that says what was expected.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a suite fails by panicking, as tests do")]

mod dead_letters;
mod deduplication;
mod exemption;
mod leases;
mod order;
mod time;

use std::sync::Arc;
use std::time::Duration;

use flow::{Clock, QueueName};

use crate::{Limits, Outgoing, Queue, Received, Sent};

pub use exemption::Exemption;
pub use time::Time;

/// Runs every case in full, each on a queue of its own made by `make` with the limits and the clock
/// given.
pub async fn run<M>(make: M)
where
    M: AsyncFn(Limits, Arc<dyn Clock>) -> Arc<dyn Queue>,
{
    run_with(Time::Turned, &[], make).await;
}

/// Runs every case in this time, for an implementation that is exempt from some promises because
/// its broker cannot keep them, and says so in its documentation.
pub async fn run_with<M>(time: Time, exemptions: &'static [Exemption], make: M)
where
    M: AsyncFn(Limits, Arc<dyn Clock>) -> Arc<dyn Queue>,
{
    let subject = async |limits| {
        let hands = time.hands();
        Subject { queue: make(limits, hands.clock()).await, hands, exemptions }
    };
    // At once: where time has to pass, it passes for all of them.
    tokio::join!(
        order::run(&subject),
        leases::run(&subject),
        deduplication::run(&subject),
        dead_letters::run(&subject)
    );
}

const QUEUE: QueueName = QueueName::Staged;
/// A lease that does not end.
const LEASE: Duration = Duration::from_secs(60);

struct Subject {
    queue: Arc<dyn Queue>,
    hands: time::Hands,
    exemptions: &'static [Exemption],
}

impl Subject {
    fn is_exempt(&self, exemption: Exemption) -> bool {
        self.exemptions.contains(&exemption)
    }

    /// Sends a message that is its own deduplication id.
    async fn send(&self, group: &str, body: &str) -> Sent {
        self.queue.send(QUEUE, outgoing(group, body)).await.unwrap()
    }

    async fn send_delayed(&self, group: &str, body: &str, delay: Duration) {
        self.queue.send(QUEUE, Outgoing { delay, ..outgoing(group, body) }).await.unwrap();
    }

    /// Checks what was said of a send, where the broker says it.
    fn assert_sent(&self, sent: Sent, expected: Sent, why: &str) {
        let expected = if self.is_exempt(Exemption::TellingDuplicates) { Sent::Accepted } else { expected };
        assert_eq!(sent, expected, "{why}");
    }

    async fn receive(&self, max: usize) -> Vec<Received> {
        self.queue.receive(QUEUE, max, LEASE).await.unwrap()
    }

    /// Receives the one message there must be.
    async fn receive_one(&self) -> Received {
        self.receive_one_for(LEASE).await
    }

    /// Receives it for so long.
    async fn receive_one_for(&self, lease: Duration) -> Received {
        let mut received = self.queue.receive(QUEUE, 10, lease).await.unwrap();
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

fn bodies(received: &[Received]) -> Vec<&str> {
    received.iter().map(|message| message.body.as_str()).collect()
}

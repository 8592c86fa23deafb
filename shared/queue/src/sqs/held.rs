//! What this process has received: messages that were handed out, and those a wait has taken.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flow::QueueName;

use super::message::Attributes;
use crate::{Error, Receipt, Received};

/// The lease of a message a wait takes, until a receive has said how long one is.
const FIRST_LEASE: Duration = Duration::from_secs(30);

/// No lease of SQS is longer: who still holds a message after it holds it in vain.
const LONGEST_LEASE: Duration = Duration::from_secs(12 * 3_600);

/// A message of SQS with its lease.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    /// SQS's own id of the message, the same in every receive.
    pub(super) id: String,
    pub(super) handle: String,
    pub(super) group: String,
    pub(super) body: String,
    pub(super) receives: u32,
    pub(super) attributes: Attributes,
    /// When, as uptime.
    pub(super) at: Duration,
    pub(super) lease: Duration,
}

#[derive(Default)]
pub(super) struct Held(Mutex<State>);

#[derive(Default)]
struct State {
    handed_out: HashMap<Receipt, Taken>,
    waiting: HashMap<QueueName, VecDeque<Taken>>,
    leases: HashMap<QueueName, Duration>,
}

impl Held {
    /// Hands a message out. What was handed out of it before is held no more.
    pub(super) fn hand_out(&self, queue: QueueName, taken: Taken) -> Received {
        let receipt = Receipt { queue, token: taken.handle.clone() };
        let received = Received {
            receipt: receipt.clone(),
            group: taken.group.clone(),
            body: taken.body.clone(),
            receives: taken.receives,
        };
        let mut state = self.state();
        state.handed_out.retain(|held, other| {
            let is_same = held.queue == queue && other.id == taken.id;
            !is_same && taken.at.saturating_sub(other.at) < LONGEST_LEASE
        });
        state.handed_out.insert(receipt, taken);
        received
    }

    /// The message of a receipt that was handed out here and not answered for.
    pub(super) fn check(&self, receipt: &Receipt) -> Result<Taken, Error> {
        self.state().handed_out.get(receipt).cloned().ok_or(Error::LeaseLost)
    }

    pub(super) fn let_go(&self, receipt: &Receipt) {
        self.state().handed_out.remove(receipt);
    }

    /// Keeps what a wait took for the next receive.
    pub(super) fn keep_waiting(&self, queue: QueueName, taken: Vec<Taken>) {
        self.state().waiting.entry(queue).or_default().extend(taken);
    }

    pub(super) fn has_waiting(&self, queue: QueueName) -> bool {
        self.state().waiting.get(&queue).is_some_and(|waiting| !waiting.is_empty())
    }

    pub(super) fn next_waiting(&self, queue: QueueName) -> Option<Taken> {
        self.state().waiting.get_mut(&queue)?.pop_front()
    }

    /// Notes how long leases of a queue are.
    pub(super) fn note_lease(&self, queue: QueueName, lease: Duration) {
        self.state().leases.insert(queue, lease);
    }

    /// How long they are, and never so short that a message would not wait for its receive.
    pub(super) fn usual_lease(&self, queue: QueueName) -> Duration {
        self.state().leases.get(&queue).copied().unwrap_or(FIRST_LEASE).max(Duration::from_secs(2))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: QueueName = QueueName::Staged;

    fn taken(id: &str, handle: &str, at: u64) -> Taken {
        Taken {
            id: id.to_owned(),
            handle: handle.to_owned(),
            group: "a".to_owned(),
            body: "{}".to_owned(),
            receives: 1,
            attributes: Attributes::new(),
            at: Duration::from_secs(at),
            lease: FIRST_LEASE,
        }
    }

    #[test]
    fn only_the_last_lease_of_a_message_is_held() {
        let held = Held::default();
        let old = held.hand_out(QUEUE, taken("1", "x", 0)).receipt;
        let other = held.hand_out(QUEUE, taken("2", "y", 0)).receipt;
        let current = held.hand_out(QUEUE, taken("1", "z", 60)).receipt;
        assert!(matches!(held.check(&old), Err(Error::LeaseLost)));
        assert!(held.check(&other).is_ok() && held.check(&current).is_ok());
        assert!(held.check(&Receipt { queue: QueueName::Checked, ..current }).is_err());
    }

    #[test]
    fn what_nobody_answers_for_is_not_held_for_ever() {
        let held = Held::default();
        let forgotten = held.hand_out(QUEUE, taken("1", "x", 0)).receipt;
        held.hand_out(QUEUE, taken("2", "y", LONGEST_LEASE.as_secs()));
        assert!(held.check(&forgotten).is_err());
    }
}

//! The queue in memory, for tests: everything the trait promises but surviving the process.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use flow::{Clock, Fault, QueueName, Timestamp};

use crate::lease::{self, Lease, moment, ready_after};
use crate::wake::Wakers;
use crate::{DeadLetter, Depth, Error, Limits, Outgoing, Queue, Receipt, Received, Sent};

/// A queue that lives and dies with its process.
pub struct Memory {
    limits: Limits,
    clock: Arc<dyn Clock>,
    wakers: Wakers,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lines: HashMap<QueueName, Line>,
    dead: Vec<DeadLetter>,
    last_message: i64,
    last_dead: u64,
}

/// One queue.
#[derive(Default)]
struct Line {
    groups: BTreeMap<String, Group>,
    remembered: HashMap<String, i64>,
    last_turn: u64,
}

/// Never empty.
struct Group {
    turn: u64,
    messages: VecDeque<Message>,
}

struct Message {
    id: i64,
    body: String,
    ready_at: i64,
    is_leased: bool,
    leases: i64,
    receives: u32,
}

impl Memory {
    /// An empty queue.
    #[must_use]
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self { limits, clock, wakers: Wakers::default(), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Line {
    fn next_turn(&mut self) -> u64 {
        self.last_turn += 1;
        self.last_turn
    }

    fn add(&mut self, group: String, message: Message) {
        match self.groups.get_mut(&group) {
            Some(waiting) => waiting.messages.push_back(message),
            None => {
                let turn = self.next_turn();
                self.groups.insert(group, Group { turn, messages: VecDeque::from([message]) });
            }
        }
    }

    /// The groups whose head can be received, in the order of their turns.
    fn ready(&self, now: i64) -> Vec<String> {
        let is_ready = |group: &Group| group.messages.front().is_some_and(|head| head.ready_at <= now);
        let mut ready: Vec<_> = self.groups.iter().filter(|(_, group)| is_ready(group)).collect();
        ready.sort_by_key(|(_, group)| group.turn);
        ready.into_iter().map(|(name, _)| name.clone()).collect()
    }

    fn head(&mut self, group: &str) -> Option<&mut Message> {
        self.groups.get_mut(group)?.messages.front_mut()
    }

    /// The group whose head the lease holds.
    fn holder(&self, lease: Lease) -> Result<String, Error> {
        let holds = |group: &Group| {
            let head = group.messages.front();
            head.is_some_and(|head| head.is_leased && head.id == lease.message && head.leases == lease.number)
        };
        let holder = self.groups.iter().find(|(_, group)| holds(group));
        holder.map(|(name, _)| name.clone()).ok_or(Error::LeaseLost)
    }

    fn remove_head(&mut self, group: &str) -> Option<Message> {
        let turn = self.next_turn();
        let waiting = self.groups.get_mut(group)?;
        let head = waiting.messages.pop_front();
        waiting.turn = turn;
        if waiting.messages.is_empty() {
            self.groups.remove(group);
        }
        head
    }
}

impl State {
    fn line(&mut self, queue: QueueName) -> &mut Line {
        self.lines.entry(queue).or_default()
    }

    fn bury(&mut self, queue: QueueName, group: &str, cause: &Fault, at: Timestamp) {
        let Some(message) = self.line(queue).remove_head(group) else { return };
        self.last_dead += 1;
        self.dead.push(DeadLetter {
            id: self.last_dead.to_string(),
            queue,
            group: group.to_owned(),
            body: message.body,
            cause: cause.clone(),
            receives: message.receives,
            at,
            reported: false,
        });
    }
}

#[async_trait]
impl Queue for Memory {
    async fn send(&self, queue: QueueName, message: Outgoing) -> Result<Sent, Error> {
        lease::check_size(&message, &self.limits)?;
        let now = self.now();
        let mut state = self.state();
        let line = state.line(queue);
        line.remembered.retain(|_, until| *until > now.timestamp_micros());
        if line.remembered.contains_key(&message.deduplication_id) {
            return Ok(Sent::Duplicate);
        }
        line.remembered.insert(message.deduplication_id, moment(now, self.limits.deduplication_window));
        state.last_message += 1;
        let id = state.last_message;
        let ready_at = ready_after(now, message.delay);
        let added = Message { id, body: message.body, ready_at, is_leased: false, leases: 0, receives: 0 };
        state.line(queue).add(message.group, added);
        self.wakers.wake(queue);
        Ok(Sent::New)
    }

    async fn receive(&self, queue: QueueName, max: usize, lease: Duration) -> Result<Vec<Received>, Error> {
        let now = self.now();
        let mut state = self.state();
        let mut received = Vec::new();
        for name in state.line(queue).ready(now.timestamp_micros()) {
            if received.len() == max {
                break;
            }
            while let Some(head) = state.line(queue).head(&name) {
                if head.ready_at > now.timestamp_micros() {
                    break;
                }
                if head.receives >= self.limits.max_receives {
                    let cause = lease::too_many_receives(head.receives);
                    state.bury(queue, &name, &cause, now);
                    continue;
                }
                head.is_leased = true;
                head.leases += 1;
                head.receives += 1;
                head.ready_at = moment(now, lease);
                let receipt = Lease { message: head.id, number: head.leases }.receipt(queue);
                let (body, receives) = (head.body.clone(), head.receives);
                received.push(Received { receipt, group: name, body, receives });
                break;
            }
        }
        Ok(received)
    }

    async fn wait(&self, queue: QueueName, timeout: Duration) {
        let is_ready = || async { !self.state().line(queue).ready(self.now().timestamp_micros()).is_empty() };
        self.wakers.wait(queue, timeout, is_ready).await;
    }

    async fn acknowledge(&self, receipt: &Receipt) -> Result<(), Error> {
        let lease = Lease::of(receipt)?;
        let mut state = self.state();
        let line = state.line(receipt.queue);
        let group = line.holder(lease)?;
        line.remove_head(&group);
        self.wakers.wake(receipt.queue);
        Ok(())
    }

    async fn give_back(&self, receipt: &Receipt, delay: Duration) -> Result<(), Error> {
        let lease = Lease::of(receipt)?;
        let ready_at = ready_after(self.now(), delay);
        let mut state = self.state();
        let line = state.line(receipt.queue);
        let name = line.holder(lease)?;
        let turn = line.next_turn();
        if let Some(group) = line.groups.get_mut(&name) {
            group.turn = turn;
        }
        if let Some(head) = line.head(&name) {
            head.is_leased = false;
            head.ready_at = ready_at;
        }
        self.wakers.wake(receipt.queue);
        Ok(())
    }

    async fn extend(&self, receipt: &Receipt, lease: Duration) -> Result<(), Error> {
        let held = Lease::of(receipt)?;
        let until = moment(self.now(), lease);
        let mut state = self.state();
        let line = state.line(receipt.queue);
        let name = line.holder(held)?;
        if let Some(head) = line.head(&name) {
            head.ready_at = until;
        }
        Ok(())
    }

    async fn dead_letter(&self, receipt: &Receipt, cause: &Fault) -> Result<(), Error> {
        let lease = Lease::of(receipt)?;
        let at = self.now();
        let mut state = self.state();
        let group = state.line(receipt.queue).holder(lease)?;
        state.bury(receipt.queue, &group, cause, at);
        self.wakers.wake(receipt.queue);
        Ok(())
    }

    async fn depth(&self, queue: QueueName) -> Result<Depth, Error> {
        let now = self.now().timestamp_micros();
        let mut state = self.state();
        let dead = state.dead.iter().filter(|letter| letter.queue == queue).count() as u64;
        let mut depth = Depth { dead, ..Depth::default() };
        for message in state.line(queue).groups.values().flat_map(|group| &group.messages) {
            match (message.ready_at > now, message.is_leased) {
                (false, _) => depth.waiting += 1,
                (true, true) => depth.leased += 1,
                (true, false) => depth.delayed += 1,
            }
        }
        Ok(depth)
    }

    async fn dead_letters(&self, queue: QueueName) -> Result<Vec<DeadLetter>, Error> {
        Ok(self.state().dead.iter().filter(|letter| letter.queue == queue).cloned().collect())
    }

    async fn mark_reported(&self, dead_letter: &str) -> Result<(), Error> {
        for letter in self.state().dead.iter_mut().filter(|letter| letter.id == dead_letter) {
            letter.reported = true;
        }
        Ok(())
    }

    async fn discard(&self, dead_letter: &str) -> Result<(), Error> {
        self.state().dead.retain(|letter| letter.id != dead_letter);
        Ok(())
    }

    async fn purge(&self, queue: QueueName, prefix: &str) -> Result<u64, Error> {
        let mut state = self.state();
        let groups = &mut state.line(queue).groups;
        let mut purged = 0;
        groups.retain(|name, group| {
            let goes = name.starts_with(prefix);
            purged += if goes { group.messages.len() as u64 } else { 0 };
            !goes
        });
        Ok(purged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    #[tokio::test]
    async fn keeps_the_contract() {
        conformance::run(async |limits, clock| Arc::new(Memory::new(limits, clock)) as Arc<dyn Queue>).await;
    }
}

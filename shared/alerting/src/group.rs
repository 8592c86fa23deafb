//! The signals that are told together, and when.

use std::collections::BTreeMap;
use std::time::Duration;

use flow::{Digest, Signal, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Notification;
use crate::route::{Destined, Timing};

/// Nothing is told again so long after the last new signal: whoever has not looked by then will
/// not look for one more copy.
pub(crate) const FORGOTTEN_AFTER: Span = Span(Duration::from_secs(24 * 3600));

/// So many signals of a group are kept; of more only their number.
const KEPT: usize = 1000;

/// Signals of one receiver with the same labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    receiver: String,
    labels: BTreeMap<String, String>,
    timing: Timing,
    /// Not told yet.
    waiting: Vec<Signal>,
    /// Not told yet, and not kept either.
    beyond: Option<Beyond>,
    /// When the first of those that wait came.
    waiting_since: Option<Timestamp>,
    /// Given to be sent, and not known to have been.
    outgoing: Option<Outgoing>,
    /// Told, and not over.
    told: Vec<Signal>,
    told_at: Option<Timestamp>,
    /// When the last new signal came.
    newest_at: Timestamp,
    /// The last success of each stream since the group began.
    successes: Vec<Signal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Beyond {
    count: u64,
    last: Signal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Outgoing {
    id: String,
    signals: Vec<Signal>,
    repeated: bool,
    since: Timestamp,
}

impl Group {
    /// An empty group for signals that go there.
    pub(crate) fn new(destined: Destined, now: Timestamp) -> Self {
        Self {
            receiver: destined.receiver,
            labels: destined.labels,
            timing: destined.timing,
            waiting: Vec::new(),
            beyond: None,
            waiting_since: None,
            outgoing: None,
            told: Vec::new(),
            told_at: None,
            newest_at: now,
            successes: Vec::new(),
        }
    }

    /// Whether signals that go there belong to this group.
    pub(crate) fn is_for(&self, destined: &Destined) -> bool {
        self.receiver == destined.receiver && self.labels == destined.labels
    }

    /// Takes a signal; one it has is the same one again.
    pub(crate) fn take(&mut self, signal: Signal, timing: Timing, now: Timestamp) {
        self.timing = timing;
        if self.signals().any(|known| known.id == signal.id) {
            return;
        }
        self.newest_at = now;
        self.waiting_since.get_or_insert(now);
        if self.waiting.len() < KEPT {
            self.waiting.push(signal);
        } else {
            let count = self.beyond.as_ref().map_or(0, |beyond| beyond.count) + 1;
            self.beyond = Some(Beyond { count, last: signal });
        }
    }

    /// Ends what the success puts right: it is not told again. What waits is still told once.
    pub(crate) fn resolve(&mut self, success: &Signal) {
        self.successes.retain(|earlier| (&earlier.sync, &earlier.stream) != (&success.sync, &success.stream));
        self.successes.push(success.clone());
        self.drop_resolved();
    }

    /// Goes by the routes and receivers as they are now.
    pub(crate) fn follow(&mut self, destined: Option<Destined>, has_receiver: impl Fn(&str) -> bool) {
        let Some(destined) = destined else { return };
        self.timing = destined.timing;
        if !has_receiver(&self.receiver) {
            self.receiver = destined.receiver;
        }
    }

    /// Any signal of the group, the newest where there is a choice.
    pub(crate) fn sample(&self) -> Option<&Signal> {
        self.signals().last()
    }

    /// Whether nothing will ever be told of it.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        let is_unsent = self.outgoing.is_some() || !self.waiting.is_empty();
        !is_unsent && (self.told.is_empty() || now > later(self.newest_at, FORGOTTEN_AFTER))
    }

    /// When something is to be told next.
    pub(crate) fn due_at(&self) -> Option<Timestamp> {
        if let Some(outgoing) = &self.outgoing {
            return Some(outgoing.since);
        }
        if let Some(since) = self.waiting_since {
            let gathered = later(since, self.timing.group_wait);
            let paused = self.told_at.map(|told_at| later(told_at, self.timing.group_interval));
            return Some(paused.map_or(gathered, |paused| paused.max(gathered)));
        }
        let again = later(self.told_at?, self.timing.repeat_interval);
        let is_remembered = !self.told.is_empty() && again <= later(self.newest_at, FORGOTTEN_AFTER);
        is_remembered.then_some(again)
    }

    /// What is to be told at `now`. The same notification is given until it has been sent.
    pub(crate) fn due(&mut self, now: Timestamp) -> Option<Notification> {
        if self.due_at().is_none_or(|due_at| due_at > now) {
            return None;
        }
        if self.outgoing.is_none() {
            self.outgoing = Some(self.next_outgoing(now));
        }
        self.outgoing.as_ref().map(|outgoing| Notification {
            receiver: self.receiver.clone(),
            group: self.labels.clone(),
            signals: outgoing.signals.clone(),
            repeated: outgoing.repeated,
            id: outgoing.id.clone(),
        })
    }

    /// Records that a notification has been sent, if it is the one this group gave.
    pub(crate) fn sent(&mut self, id: &str, now: Timestamp) {
        let Some(outgoing) = self.outgoing.take_if(|outgoing| outgoing.id == id) else { return };
        self.told_at = Some(now);
        if !outgoing.repeated {
            self.told.extend(outgoing.signals);
            let excess = self.told.len().saturating_sub(KEPT);
            self.told.drain(..excess);
        }
        self.drop_resolved();
    }

    fn next_outgoing(&mut self, now: Timestamp) -> Outgoing {
        let repeated = self.waiting.is_empty();
        let mut signals = if repeated { self.told.clone() } else { std::mem::take(&mut self.waiting) };
        signals.sort_by_key(|signal| signal.at);
        signals.extend(self.beyond.take().map(Beyond::into_signal));
        self.waiting_since = None;
        Outgoing { id: self.id_of(&signals), signals, repeated, since: now }
    }

    /// The time of the last notification makes a repeat another notification.
    fn id_of(&self, signals: &[Signal]) -> String {
        let mut identity = format!("{:?}/{:?}/{:?}", self.receiver, self.labels, self.told_at);
        for signal in signals {
            identity.push('/');
            identity.push_str(&signal.id);
        }
        Digest::of(identity.as_bytes()).short().to_owned()
    }

    fn drop_resolved(&mut self) {
        let successes = std::mem::take(&mut self.successes);
        self.told.retain(|signal| !successes.iter().any(|success| puts_right(success, signal)));
        self.successes = successes;
    }

    fn signals(&self) -> impl Iterator<Item = &Signal> {
        let outgoing = self.outgoing.iter().flat_map(|outgoing| &outgoing.signals);
        self.told.iter().chain(outgoing).chain(&self.waiting)
    }
}

impl Beyond {
    /// Stands for the signals that were not kept.
    fn into_signal(self) -> Signal {
        let identity = format!("{} beyond, the last {}", self.count, self.last.id);
        Signal {
            id: Digest::of(identity.as_bytes()).short().to_owned(),
            summary: format!("and {} more, the last: {}", self.count, self.last.summary),
            ..self.last
        }
    }
}

/// A run that succeeds puts right what went wrong in other runs before: of the whole sync, or of
/// the one stream the success is about. What it raised itself stays.
fn puts_right(success: &Signal, signal: &Signal) -> bool {
    let same_part = success.sync == signal.sync && (success.stream.is_none() || success.stream == signal.stream);
    let other_run = signal.run.is_none() || signal.run != success.run;
    same_part && other_run && signal.at <= success.at
}

fn later(at: Timestamp, span: Span) -> Timestamp {
    let distance = chrono::TimeDelta::from_std(span.0).ok();
    distance.and_then(|distance| at.checked_add_signed(distance)).unwrap_or(Timestamp::MAX_UTC)
}

//! What goes wrong, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Error;

/// A kind of call. Waiting is not one: it promises nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the method of its name")]
pub enum Call {
    Send,
    Receive,
    Acknowledge,
    GiveBack,
    Extend,
    DeadLetter,
    Depth,
    DeadLetters,
    MarkReported,
    Discard,
    Purge,
}

/// What can go wrong in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mischief {
    /// Any call fails and does nothing.
    FailBefore,
    /// Any call does its work and fails all the same, as when the answer is lost.
    FailAfter,
    /// As `FailBefore`, and every later call fails too: the process has stopped.
    StopBefore,
    /// As `FailAfter`, and every later call fails too: the process has stopped.
    StopAfter,
    /// `send` puts the message in twice, under two deduplication ids.
    Duplicate,
    /// `acknowledge` is confirmed, and the message comes again at once.
    Redeliver,
    /// `acknowledge` is confirmed, and the message comes again behind everything in its group.
    RedeliverLate,
    /// `receive` takes the groups in the opposite order.
    ReorderGroups,
    /// `receive` first puts the oldest message of each group behind the others of its group.
    ReorderWithinGroups,
    /// `receive` gives leases that have ended already.
    ExpireLease,
}

impl Mischief {
    /// Every kind.
    pub const ALL: [Mischief; 10] = [
        Mischief::FailBefore,
        Mischief::FailAfter,
        Mischief::StopBefore,
        Mischief::StopAfter,
        Mischief::Duplicate,
        Mischief::Redeliver,
        Mischief::RedeliverLate,
        Mischief::ReorderGroups,
        Mischief::ReorderWithinGroups,
        Mischief::ExpireLease,
    ];

    fn can_happen_in(self, call: Call) -> bool {
        match self {
            Mischief::FailBefore | Mischief::FailAfter | Mischief::StopBefore | Mischief::StopAfter => true,
            Mischief::Duplicate => call == Call::Send,
            Mischief::Redeliver | Mischief::RedeliverLate => call == Call::Acknowledge,
            Mischief::ReorderGroups | Mischief::ReorderWithinGroups | Mischief::ExpireLease => call == Call::Receive,
        }
    }
}

/// Mischief at random, the same for the same seed and the same calls.
#[derive(Debug, Clone)]
pub struct Chaos {
    random: u64,
    one_in: BTreeMap<Mischief, u64>,
}

impl Chaos {
    /// Nothing yet.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        // Xorshift stays at zero for ever once it is there.
        Self { random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, one_in: BTreeMap::new() }
    }

    /// Does this in one of `calls` calls in which it can happen; in none when `calls` is 0.
    #[must_use]
    pub fn with(mut self, mischief: Mischief, calls: u64) -> Self {
        self.one_in.insert(mischief, calls);
        self
    }

    fn strikes(&mut self, mischief: Mischief) -> bool {
        let one_in = self.one_in.get(&mischief).copied().unwrap_or(0);
        one_in > 0 && self.next().is_multiple_of(one_in)
    }

    fn next(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random >> 11
    }
}

/// What is to go wrong, and what has. Shared between the test and the queues it spoils.
#[derive(Debug, Default)]
pub struct Script {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    planned: Vec<Planned>,
    chaos: Option<Chaos>,
    has_stopped: bool,
    calls: u64,
    done: BTreeMap<Mischief, u64>,
}

#[derive(Debug)]
struct Planned {
    mischief: Mischief,
    call: Option<Call>,
    calls_left: u64,
}

impl Script {
    /// Nothing goes wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does this once, in the `nth` call of its kind from now (1 is the next), or in the `nth` of
    /// any kind.
    pub fn plan(&self, mischief: Mischief, call: Option<Call>, nth: u64) {
        self.state().planned.push(Planned { mischief, call, calls_left: nth });
    }

    /// Does these at random from now on.
    pub fn unleash(&self, chaos: Chaos) {
        self.state().chaos = Some(chaos);
    }

    /// Nothing goes wrong from now on, and what had stopped runs again.
    pub fn calm(&self) {
        let mut state = self.state();
        state.planned.clear();
        state.chaos = None;
        state.has_stopped = false;
    }

    /// How many calls there were, those that failed included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Whether the process has stopped.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.state().has_stopped
    }

    /// What was done, how often.
    #[must_use]
    pub fn done(&self) -> BTreeMap<Mischief, u64> {
        self.state().done.clone()
    }

    /// Counts a call and says what happens in it; an error when it is not to happen at all.
    pub(super) fn fate(&self, call: Call) -> Result<Fate, Error> {
        let mut state = self.state();
        state.calls += 1;
        if state.has_stopped {
            return Err(Error::OnCommand);
        }
        let mut struck = state.planned_for(call);
        if let Some(chaos) = &mut state.chaos {
            struck.extend(Mischief::ALL.into_iter().filter(|kind| kind.can_happen_in(call) && chaos.strikes(*kind)));
        }
        let fate = Fate(struck);
        for mischief in &fate.0 {
            *state.done.entry(*mischief).or_default() += 1;
        }
        state.has_stopped = fate.has(Mischief::StopBefore) || fate.has(Mischief::StopAfter);
        if fate.has(Mischief::FailBefore) || fate.has(Mischief::StopBefore) {
            return Err(Error::OnCommand);
        }
        Ok(fate)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn planned_for(&mut self, call: Call) -> BTreeSet<Mischief> {
        let mut due = BTreeSet::new();
        self.planned.retain_mut(|planned| {
            if planned.call.is_some_and(|wanted| wanted != call) || !planned.mischief.can_happen_in(call) {
                return true;
            }
            planned.calls_left = planned.calls_left.saturating_sub(1);
            if planned.calls_left == 0 {
                due.insert(planned.mischief);
            }
            planned.calls_left > 0
        });
        due
    }
}

/// What happens in one call.
pub(super) struct Fate(BTreeSet<Mischief>);

impl Fate {
    pub(super) fn has(&self, mischief: Mischief) -> bool {
        self.0.contains(&mischief)
    }

    /// The answer of a call that has done its work.
    pub(super) fn answer<T>(&self, answer: T) -> Result<T, Error> {
        if self.has(Mischief::FailAfter) || self.has(Mischief::StopAfter) { Err(Error::OnCommand) } else { Ok(answer) }
    }
}

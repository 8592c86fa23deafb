//! What goes wrong in calls, on command or at random, and when: what wrappers in which things go
//! wrong go by.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What can go wrong in the calls of one seam.
pub trait Mischief: Copy + Ord + 'static {
    /// A kind of call.
    type Call: Copy + Eq + Debug;

    /// Every kind of mischief.
    const ALL: &'static [Self];

    /// How the caller is cut off by it, if it is.
    fn cut(self) -> Option<Cut>;

    /// Whether it can happen in such a call.
    fn can_happen_in(self, call: Self::Call) -> bool;
}

/// How a call fails its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It fails and does nothing.
    FailBefore,
    /// It does its work and fails all the same, as when the answer is lost.
    FailAfter,
    /// As `FailBefore`, and every later call fails too: the process has stopped.
    StopBefore,
    /// As `FailAfter`, and every later call fails too: the process has stopped.
    StopAfter,
}

/// Mischief at random, the same for the same seed and the same calls.
#[derive(Debug, Clone)]
pub struct Chaos<M> {
    random: u64,
    one_in: BTreeMap<M, u64>,
}

impl<M: Mischief> Chaos<M> {
    /// Nothing yet.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        // Xorshift stays at zero for ever once it is there.
        Self { random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, one_in: BTreeMap::new() }
    }

    /// Does this in one of `calls` calls in which it can happen; in none when `calls` is 0.
    #[must_use]
    pub fn with(mut self, mischief: M, calls: u64) -> Self {
        self.one_in.insert(mischief, calls);
        self
    }

    fn strikes(&mut self, mischief: M) -> bool {
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

/// What is to go wrong, and what has. Shared between the test and what it spoils.
#[derive(Debug)]
pub struct Script<M: Mischief> {
    state: Mutex<State<M>>,
}

#[derive(Debug)]
struct State<M: Mischief> {
    planned: Vec<Planned<M>>,
    chaos: Option<Chaos<M>>,
    has_stopped: bool,
    calls: u64,
    done: BTreeMap<M, u64>,
}

#[derive(Debug)]
struct Planned<M: Mischief> {
    mischief: M,
    call: Option<M::Call>,
    calls_left: u64,
}

impl<M: Mischief> Default for Script<M> {
    fn default() -> Self {
        let state = State { planned: Vec::new(), chaos: None, has_stopped: false, calls: 0, done: BTreeMap::new() };
        Self { state: Mutex::new(state) }
    }
}

impl<M: Mischief> Script<M> {
    /// Nothing goes wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does this once, in the `nth` call of its kind from now (1 is the next), or in the `nth` of
    /// any kind it can happen in.
    pub fn plan(&self, mischief: M, call: Option<M::Call>, nth: u64) {
        self.state().planned.push(Planned { mischief, call, calls_left: nth });
    }

    /// Does these at random from now on.
    pub fn unleash(&self, chaos: Chaos<M>) {
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
    pub fn done(&self) -> BTreeMap<M, u64> {
        self.state().done.clone()
    }

    /// Counts a call and says what happens in it; nothing when it is not to happen at all.
    pub fn fate(&self, call: M::Call) -> Option<Fate<M>> {
        let mut state = self.state();
        state.calls += 1;
        if state.has_stopped {
            return None;
        }
        let fate = Fate(state.struck_in(call));
        for mischief in &fate.0 {
            *state.done.entry(*mischief).or_default() += 1;
        }
        state.has_stopped = fate.cuts(&[Cut::StopBefore, Cut::StopAfter]);
        (!fate.cuts(&[Cut::FailBefore, Cut::StopBefore])).then_some(fate)
    }

    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: Mischief> State<M> {
    fn struck_in(&mut self, call: M::Call) -> BTreeSet<M> {
        let mut struck = BTreeSet::new();
        self.planned.retain_mut(|planned| {
            if planned.call.is_some_and(|wanted| wanted != call) || !planned.mischief.can_happen_in(call) {
                return true;
            }
            planned.calls_left = planned.calls_left.saturating_sub(1);
            if planned.calls_left == 0 {
                struck.insert(planned.mischief);
            }
            planned.calls_left > 0
        });
        if let Some(chaos) = &mut self.chaos {
            struck.extend(M::ALL.iter().filter(|kind| kind.can_happen_in(call) && chaos.strikes(**kind)));
        }
        struck
    }
}

/// What happens in one call.
pub struct Fate<M>(BTreeSet<M>);

impl<M: Mischief> Fate<M> {
    /// Whether this goes wrong in it.
    #[must_use]
    pub fn has(&self, mischief: M) -> bool {
        self.0.contains(&mischief)
    }

    /// The answer of a call that has done its work, unless it is lost.
    #[must_use]
    pub fn answer<T>(&self, answer: T) -> Option<T> {
        (!self.cuts(&[Cut::FailAfter, Cut::StopAfter])).then_some(answer)
    }

    fn cuts(&self, cuts: &[Cut]) -> bool {
        self.0.iter().filter_map(|mischief| mischief.cut()).any(|cut| cuts.contains(&cut))
    }
}

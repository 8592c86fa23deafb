//! Which calls fail, by their kind and number: what wrappers that fail on command go by.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which calls of the kinds `C` fail, and how: with an `F`. Shared: keep a clone of the [`Arc`] to
/// change it while calls are made.
pub struct Failures<C, F> {
    state: Mutex<State<C, F>>,
}

struct State<C, F> {
    calls: HashMap<C, u64>,
    failures: HashMap<(C, u64), F>,
}

impl<C: Copy + Eq + Hash, F: Copy> Failures<C, F> {
    /// Lets every call through.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Makes the `nth` such call fail, counted from 1 since this was made.
    pub fn fail(&self, call: C, nth: u64, failure: F) {
        self.lock().failures.insert((call, nth), failure);
    }

    /// Makes the next such call fail.
    pub fn fail_next(&self, call: C, failure: F) {
        let nth = self.calls(call) + 1;
        self.fail(call, nth, failure);
    }

    /// How many such calls there were, failed ones included.
    #[must_use]
    pub fn calls(&self, call: C) -> u64 {
        self.lock().calls.get(&call).copied().unwrap_or_default()
    }

    /// Counts a call: gives its number, and how it fails, if it does.
    pub fn count(&self, call: C) -> (u64, Option<F>) {
        let mut state = self.lock();
        let count = state.calls.entry(call).or_default();
        *count += 1;
        let nth = *count;
        (nth, state.failures.get(&(call, nth)).copied())
    }

    fn lock(&self) -> MutexGuard<'_, State<C, F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C, F> Default for Failures<C, F> {
    fn default() -> Self {
        Self { state: Mutex::new(State { calls: HashMap::new(), failures: HashMap::new() }) }
    }
}

impl<C, F> fmt::Debug for Failures<C, F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Failures").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_call_is_counted_and_fails_by_itself() {
        let failures = Failures::new();
        failures.fail('a', 2, "second");
        failures.fail_next('b', "first");
        assert_eq!(failures.count('a'), (1, None));
        assert_eq!(failures.count('b'), (1, Some("first")));
        assert_eq!(failures.count('a'), (2, Some("second")));
        failures.fail_next('a', "third");
        assert_eq!([failures.count('a'), failures.count('a')], [(3, Some("third")), (4, None)]);
        assert_eq!((failures.calls('a'), failures.calls('b'), failures.calls('c')), (4, 1, 0));
    }
}

//! A store that fails on command, and tells of every call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use flow::{BatchId, Digest, Fault, Lane, Position, RunId, Signal, StreamName, SyncName, Timestamp};

use crate::methods::store_methods;
use crate::record::{
    Activate, Activation, BatchRecord, Bookmark, Hop, LaneRecord, LedgerEntry, ModuleRecord, Note, Pin, Pinning, Pins,
    Progress, QuarantineFilter, Quarantined, RawBatches, RawFilter, Refusal, Removal, Run, RunState, RunStream,
    SpecVersion, Staging, StreamPlan, Tally, Totals, Turn,
};
use crate::wrapping::{Call, by_wrapping};
use crate::{Error, Store};

/// Which calls are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Calls {
    /// All of them.
    Any,
    /// Those of one method of [`Store`], by its name.
    Of(&'static str),
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Before it takes effect.
    Refused,
    /// After it took effect: the answer is lost.
    AnswerLost,
}

/// Which calls fail. Shared: keep a clone of the [`Arc`] to change it while the store is at work.
#[derive(Default)]
pub struct Script {
    state: Mutex<State>,
}

type Hook = Arc<dyn Fn(&'static str) + Send + Sync>;

#[derive(Default)]
struct State {
    counts: HashMap<Calls, u64>,
    failures: HashMap<(Calls, u64), Failure>,
    hook: Option<Hook>,
}

impl Script {
    /// Lets every call through.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Makes the `nth` of these calls fail, counted from 1 since the script was made.
    pub fn fail(&self, calls: Calls, nth: u64, failure: Failure) {
        self.lock().failures.insert((calls, nth), failure);
    }

    /// Makes the next of these calls fail.
    pub fn fail_next(&self, calls: Calls, failure: Failure) {
        let nth = self.calls(calls) + 1;
        self.fail(calls, nth, failure);
    }

    /// How many of these calls there were, failed ones included.
    #[must_use]
    pub fn calls(&self, calls: Calls) -> u64 {
        self.lock().counts.get(&calls).copied().unwrap_or_default()
    }

    /// Runs `hook` with the method's name at the begin of every call, in place of an earlier hook.
    pub fn on_call(&self, hook: impl Fn(&'static str) + Send + Sync + 'static) {
        self.lock().hook = Some(Arc::new(hook));
    }

    /// Counts a call; says whether it fails.
    fn count(&self, method: &'static str) -> Option<Failure> {
        // The hook runs without the lock: it may change the script.
        let hook = self.lock().hook.clone();
        if let Some(hook) = hook {
            hook(method);
        }
        let mut state = self.lock();
        let one_more = |calls| {
            let count = state.counts.entry(calls).or_default();
            *count += 1;
            (calls, *count)
        };
        let [any, of_method] = [Calls::Any, Calls::Of(method)].map(one_more);
        state.failures.get(&of_method).or_else(|| state.failures.get(&any)).copied()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wraps a store; fails where the script says.
pub struct Faulty {
    inner: Arc<dyn Store>,
    script: Arc<Script>,
}

impl Faulty {
    /// Wraps `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, script: Arc<Script>) -> Self {
        Self { inner, script }
    }

    async fn enter(&self, method: &'static str) -> Result<Call, Error> {
        match self.script.count(method) {
            Some(Failure::Refused) => Err(Error::OnCommand),
            failure => Ok(Call { store: self.inner.clone(), answer_is_lost: failure.is_some() }),
        }
    }
}

store_methods!(by_wrapping, Faulty);

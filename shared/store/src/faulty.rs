//! A store that fails on command, and tells of every call.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use flow::failures::Failures;
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

/// Which calls fail, and who is told of each.
#[derive(Default)]
pub struct Script {
    failures: Failures<Calls, Failure>,
    hook: Mutex<Option<Hook>>,
}

type Hook = Arc<dyn Fn(&'static str) + Send + Sync>;

impl Script {
    /// Lets every call through.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Runs `hook` with the method's name at the begin of every call, in place of an earlier hook.
    pub fn on_call(&self, hook: impl Fn(&'static str) + Send + Sync + 'static) {
        *self.hook() = Some(Arc::new(hook));
    }

    /// Counts a call; says whether it fails.
    fn count(&self, method: &'static str) -> Option<Failure> {
        // The hook runs without the lock: it may set another.
        let hook = self.hook().clone();
        if let Some(hook) = hook {
            hook(method);
        }
        let [(_, any), (_, of_method)] = [Calls::Any, Calls::Of(method)].map(|calls| self.failures.count(calls));
        of_method.or(any)
    }

    fn hook(&self) -> MutexGuard<'_, Option<Hook>> {
        self.hook.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Script {
    type Target = Failures<Calls, Failure>;

    fn deref(&self) -> &Self::Target {
        &self.failures
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

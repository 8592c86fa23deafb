//! A source that fails on command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::{Discovered, Error, Plan, PlanRequest, Pulled, ReadRequest, Reader, Source};

/// A call that can be told to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// [`Source::plan`].
    Plan,
    /// [`Source::read`].
    Read,
    /// [`Reader::next`], counted over all readers.
    Next,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// As if the other side had gone away: trying again may help.
    Unavailable,
    /// As if a person had to act.
    Config,
}

/// Which calls fail. Shared: keep a clone of the [`Arc`] to change it while the source is at work.
#[derive(Debug, Default)]
pub struct Script {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: HashMap<Call, usize>,
    failures: HashMap<(Call, usize), Failure>,
}

impl Script {
    /// Lets every call through.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Makes the `nth` such call fail, counted from 1 since the script was made.
    pub fn fail(&self, call: Call, nth: usize, failure: Failure) {
        self.lock().failures.insert((call, nth), failure);
    }

    /// Makes the next such call fail.
    pub fn fail_next(&self, call: Call, failure: Failure) {
        let nth = self.calls(call) + 1;
        self.fail(call, nth, failure);
    }

    /// How many such calls there were, failed ones included.
    #[must_use]
    pub fn calls(&self, call: Call) -> usize {
        self.lock().calls.get(&call).copied().unwrap_or_default()
    }

    fn count(&self, call: Call) -> Result<(), Error> {
        let mut state = self.lock();
        let count = state.calls.entry(call).or_default();
        *count += 1;
        let nth = *count;
        match state.failures.get(&(call, nth)) {
            None => Ok(()),
            Some(Failure::Unavailable) => {
                Err(Error::Unavailable { doing: format!("{call:?} call {nth}"), cause: "made to fail".into() })
            }
            Some(Failure::Config) => {
                Err(Error::config("made_to_fail", format!("{call:?} call {nth} was made to fail")))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wraps a source; fails where the script says, before the call reaches what is wrapped.
pub struct Faulty {
    inner: Arc<dyn Source>,
    script: Arc<Script>,
}

impl Faulty {
    /// Wraps `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn Source>, script: Arc<Script>) -> Self {
        Self { inner, script }
    }
}

#[async_trait]
impl Source for Faulty {
    async fn discover(&self) -> Result<Vec<Discovered>, Error> {
        self.inner.discover().await
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Error> {
        self.script.count(Call::Plan)?;
        self.inner.plan(request).await
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<Box<dyn Reader>, Error> {
        self.script.count(Call::Read)?;
        let inner = self.inner.read(request).await?;
        Ok(Box::new(FaultyReader { inner, script: self.script.clone() }))
    }
}

struct FaultyReader {
    inner: Box<dyn Reader>,
    script: Arc<Script>,
}

#[async_trait]
impl Reader for FaultyReader {
    async fn next(&mut self) -> Result<Option<Pulled>, Error> {
        self.script.count(Call::Next)?;
        self.inner.next().await
    }
}

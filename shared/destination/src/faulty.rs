//! A destination that fails on command, before or after the call took effect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_schema::SchemaRef;
use async_trait::async_trait;

use crate::{Destination, Error, Incoming, Outcome, Target, Unfit};

/// A call that can be told to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// [`Destination::prepare`].
    Prepare,
    /// [`Destination::deliver`].
    Deliver,
    /// [`Destination::withdraw`].
    Withdraw,
    /// [`Destination::finish`].
    Finish,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The other side cannot be reached; nothing was done.
    Unavailable,
    /// A person must act; nothing was done.
    Config,
    /// The call took effect and its answer was lost on the way back.
    AnswerLost,
}

/// Which calls fail. Shared: keep a clone of the [`Arc`] to change it while the destination is at work.
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

    fn count(&self, call: Call) -> Verdict {
        let mut state = self.lock();
        let count = state.calls.entry(call).or_default();
        *count += 1;
        let nth = *count;
        Verdict { call, nth, failure: state.failures.get(&(call, nth)).copied() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Verdict {
    call: Call,
    nth: usize,
    failure: Option<Failure>,
}

impl Verdict {
    fn before(&self) -> Result<(), Error> {
        match self.failure {
            Some(Failure::Unavailable) => Err(self.unavailable()),
            Some(Failure::Config) => {
                Err(Error::config("made_to_fail", format!("{:?} call {} was made to fail", self.call, self.nth)))
            }
            Some(Failure::AnswerLost) | None => Ok(()),
        }
    }

    fn after(&self) -> Result<(), Error> {
        if self.failure == Some(Failure::AnswerLost) { Err(self.unavailable()) } else { Ok(()) }
    }

    fn unavailable(&self) -> Error {
        Error::Unavailable { doing: format!("{:?} call {}", self.call, self.nth), cause: "made to fail".into() }
    }
}

/// Wraps a destination; fails where the script says.
pub struct Faulty {
    inner: Arc<dyn Destination>,
    script: Arc<Script>,
}

impl Faulty {
    /// Wraps `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn Destination>, script: Arc<Script>) -> Self {
        Self { inner, script }
    }
}

#[async_trait]
impl Destination for Faulty {
    fn unfit(&self, schema: &SchemaRef) -> Vec<Unfit> {
        self.inner.unfit(schema)
    }

    async fn prepare(&self, target: &Target) -> Result<(), Error> {
        let verdict = self.script.count(Call::Prepare);
        verdict.before()?;
        self.inner.prepare(target).await?;
        verdict.after()
    }

    async fn deliver(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        let verdict = self.script.count(Call::Deliver);
        verdict.before()?;
        let outcome = self.inner.deliver(target, incoming).await?;
        verdict.after().map(|()| outcome)
    }

    async fn withdraw(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        let verdict = self.script.count(Call::Withdraw);
        verdict.before()?;
        let outcome = self.inner.withdraw(target, incoming).await?;
        verdict.after().map(|()| outcome)
    }

    async fn finish(&self, target: &Target) -> Result<(), Error> {
        let verdict = self.script.count(Call::Finish);
        verdict.before()?;
        self.inner.finish(target).await?;
        verdict.after()
    }

    fn location(&self, target: &Target) -> String {
        self.inner.location(target)
    }
}

//! A source that fails on command.

use std::sync::Arc;

use async_trait::async_trait;
use flow::failures::Failures;

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

/// Which calls fail.
pub type Script = Failures<Call, Failure>;

fn count(script: &Script, call: Call) -> Result<(), Error> {
    match script.count(call) {
        (_, None) => Ok(()),
        (nth, Some(Failure::Unavailable)) => {
            Err(Error::Unavailable { doing: format!("{call:?} call {nth}"), cause: "made to fail".into() })
        }
        (nth, Some(Failure::Config)) => {
            Err(Error::config("made_to_fail", format!("{call:?} call {nth} was made to fail")))
        }
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
        count(&self.script, Call::Plan)?;
        self.inner.plan(request).await
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<Box<dyn Reader>, Error> {
        count(&self.script, Call::Read)?;
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
        count(&self.script, Call::Next)?;
        self.inner.next().await
    }
}

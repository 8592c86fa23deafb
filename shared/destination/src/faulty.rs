//! A destination that fails on command, before or after the call took effect.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use flow::failures::Failures;

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

/// Which calls fail.
pub type Script = Failures<Call, Failure>;

struct Verdict {
    call: Call,
    nth: u64,
    failure: Option<Failure>,
}

impl Verdict {
    fn on(script: &Script, call: Call) -> Self {
        let (nth, failure) = script.count(call);
        Self { call, nth, failure }
    }

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
        let verdict = Verdict::on(&self.script, Call::Prepare);
        verdict.before()?;
        self.inner.prepare(target).await?;
        verdict.after()
    }

    async fn deliver(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        let verdict = Verdict::on(&self.script, Call::Deliver);
        verdict.before()?;
        let outcome = self.inner.deliver(target, incoming).await?;
        verdict.after().map(|()| outcome)
    }

    async fn withdraw(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        let verdict = Verdict::on(&self.script, Call::Withdraw);
        verdict.before()?;
        let outcome = self.inner.withdraw(target, incoming).await?;
        verdict.after().map(|()| outcome)
    }

    async fn finish(&self, target: &Target) -> Result<(), Error> {
        let verdict = Verdict::on(&self.script, Call::Finish);
        verdict.before()?;
        self.inner.finish(target).await?;
        verdict.after()
    }

    fn location(&self, target: &Target) -> String {
        self.inner.location(target)
    }
}

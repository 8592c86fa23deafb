//! A receiver that fails on command.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use alerting::Notification;
use async_trait::async_trait;

use crate::{Error, Notify};

/// What can go wrong in a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    /// It fails and nothing arrives.
    FailBefore,
    /// It arrives and fails all the same, as when the answer is lost.
    FailAfter,
    /// The receiver asks to be left alone for so long.
    Unavailable(Duration),
    /// The receiver refuses it, with HTTP status 403.
    Refuse,
}

/// A receiver with mischief.
pub struct Faulty {
    inner: Arc<dyn Notify>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    planned: Vec<(u64, Mischief)>,
    calls: u64,
}

impl Faulty {
    /// Wraps a receiver. Nothing goes wrong yet.
    #[must_use]
    pub fn new(inner: Arc<dyn Notify>) -> Self {
        Self { inner, state: Mutex::default() }
    }

    /// Does this once, in the `nth` send from now (1 is the next).
    pub fn plan(&self, mischief: Mischief, nth: u64) {
        let mut state = self.state();
        let call = state.calls + nth;
        state.planned.push((call, mischief));
    }

    /// How many sends there were, those that failed included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    fn next(&self) -> Option<Mischief> {
        let mut state = self.state();
        state.calls += 1;
        let place = state.planned.iter().position(|(call, _)| *call == state.calls)?;
        Some(state.planned.swap_remove(place).1)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Notify for Faulty {
    async fn send(&self, notification: &Notification) -> Result<(), Error> {
        match self.next() {
            None => self.inner.send(notification).await,
            Some(Mischief::FailBefore) => Err(Error::OnCommand),
            Some(Mischief::FailAfter) => {
                self.inner.send(notification).await?;
                Err(Error::OnCommand)
            }
            Some(Mischief::Unavailable(wait)) => Err(Error::Unavailable { status: 503, retry_after: Some(wait) }),
            Some(Mischief::Refuse) => Err(Error::Refused { status: 403 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use flow::{Fault, FaultKind};

    use super::*;
    use crate::Memory;
    use crate::conformance::{self, Arrived, notification};

    #[tokio::test]
    async fn without_mischief_it_keeps_the_contract() {
        conformance::run(async || {
            let memory = Arc::new(Memory::new());
            let faulty = Faulty::new(memory.clone());
            let arrived = move || memory.sent().iter().map(Arrived::of).collect();
            (Arc::new(faulty) as Arc<dyn Notify>, Box::new(arrived) as conformance::Probe)
        })
        .await;
    }

    #[tokio::test]
    async fn each_mischief_fails_in_its_own_way() {
        let wait = Duration::from_secs(7);
        let cases = [
            (Mischief::FailBefore, FaultKind::Retry, "on_command", None, 0),
            (Mischief::FailAfter, FaultKind::Retry, "on_command", None, 1),
            (Mischief::Unavailable(wait), FaultKind::Retry, "receiver_unavailable", Some(wait), 0),
            (Mischief::Refuse, FaultKind::Config, "receiver_refused", None, 0),
        ];
        for (mischief, kind, code, retry_after, arrived) in cases {
            let memory = Arc::new(Memory::new());
            let faulty = Faulty::new(memory.clone());
            faulty.plan(mischief, 2);
            faulty.send(&notification("1", 1)).await.unwrap();
            let fault = Fault::from(faulty.send(&notification("2", 1)).await.unwrap_err());
            assert_eq!((fault.kind, fault.code.as_str(), fault.retry_after), (kind, code, retry_after));
            assert_eq!(memory.sent().len(), 1 + arrived, "{mischief:?}");
            faulty.send(&notification("3", 1)).await.unwrap();
            assert_eq!(faulty.calls(), 3);
        }
    }
}

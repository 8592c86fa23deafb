//! A stage in which things go wrong on command.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use crate::{Entry, Error, Staging};

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the method of its name")]
pub enum Call {
    Put,
    Get,
    Delete,
    List,
}

/// What can go wrong in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mischief {
    /// Any call fails and does nothing.
    FailBefore,
    /// Any call does its work and fails all the same, as when the answer is lost.
    FailAfter,
    /// As `FailBefore`, and every later call fails too: the process has stopped.
    StopBefore,
    /// As `FailAfter`, and every later call fails too: the process has stopped.
    StopAfter,
    /// `put` finds no room and writes nothing.
    NoRoom,
    /// `get` reads other bytes than were written.
    Corrupt,
}

/// What is to go wrong. Shared between the test and the stages it spoils.
#[derive(Debug, Default)]
pub struct Script {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    planned: Vec<Planned>,
    has_stopped: bool,
    calls: u64,
    done: u64,
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
    /// any kind it can happen in.
    pub fn plan(&self, mischief: Mischief, call: Option<Call>, nth: u64) {
        self.state().planned.push(Planned { mischief, call, calls_left: nth });
    }

    /// Nothing goes wrong from now on, and what had stopped runs again.
    pub fn calm(&self) {
        let mut state = self.state();
        state.planned.clear();
        state.has_stopped = false;
    }

    /// How many calls there were, those that failed included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// How much of what was planned was done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.state().done
    }

    /// Whether the process has stopped.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.state().has_stopped
    }

    fn fate(&self, call: Call, key: &str) -> Result<Fate, Error> {
        let mut state = self.state();
        state.calls += 1;
        if state.has_stopped {
            return Err(on_command(key));
        }
        let fate = Fate(state.due(call));
        state.has_stopped = fate.has(Mischief::StopBefore) || fate.has(Mischief::StopAfter);
        if fate.has(Mischief::FailBefore) || fate.has(Mischief::StopBefore) {
            return Err(on_command(key));
        }
        Ok(fate)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn due(&mut self, call: Call) -> Vec<Mischief> {
        let mut due = Vec::new();
        self.planned.retain_mut(|planned| {
            if planned.call.is_some_and(|wanted| wanted != call) || !planned.mischief.can_happen_in(call) {
                return true;
            }
            planned.calls_left = planned.calls_left.saturating_sub(1);
            if planned.calls_left == 0 {
                due.push(planned.mischief);
            }
            planned.calls_left > 0
        });
        self.done += due.len() as u64;
        due
    }
}

impl Mischief {
    fn can_happen_in(self, call: Call) -> bool {
        match self {
            Mischief::FailBefore | Mischief::FailAfter | Mischief::StopBefore | Mischief::StopAfter => true,
            Mischief::NoRoom => call == Call::Put,
            Mischief::Corrupt => call == Call::Get,
        }
    }
}

struct Fate(Vec<Mischief>);

impl Fate {
    fn has(&self, mischief: Mischief) -> bool {
        self.0.contains(&mischief)
    }

    fn answer<T>(&self, key: &str, answer: T) -> Result<T, Error> {
        let is_lost = self.has(Mischief::FailAfter) || self.has(Mischief::StopAfter);
        if is_lost { Err(on_command(key)) } else { Ok(answer) }
    }
}

fn on_command(key: &str) -> Error {
    Error::Io { doing: "work on command on", key: key.to_owned(), source: io::Error::other("failure on command") }
}

/// A stage with mischief. Several may share one script: what is counted is then the calls of all.
pub struct Faulty {
    inner: Arc<dyn Staging>,
    script: Arc<Script>,
}

impl Faulty {
    /// Wraps a stage.
    #[must_use]
    pub fn new(inner: Arc<dyn Staging>, script: Arc<Script>) -> Self {
        Self { inner, script }
    }

    /// What goes wrong in it.
    #[must_use]
    pub fn script(&self) -> &Arc<Script> {
        &self.script
    }
}

#[async_trait]
impl Staging for Faulty {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Error> {
        let fate = self.script.fate(Call::Put, key)?;
        if fate.has(Mischief::NoRoom) {
            return Err(Error::Full { key: key.to_owned(), source: io::ErrorKind::StorageFull.into() });
        }
        self.inner.put(key, bytes).await?;
        fate.answer(key, ())
    }

    async fn get(&self, key: &str) -> Result<Bytes, Error> {
        let fate = self.script.fate(Call::Get, key)?;
        let bytes = self.inner.get(key).await?;
        fate.answer(key, if fate.has(Mischief::Corrupt) { corrupt(bytes) } else { bytes })
    }

    async fn delete(&self, key: &str) -> Result<(), Error> {
        let fate = self.script.fate(Call::Delete, key)?;
        self.inner.delete(key).await?;
        fate.answer(key, ())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Entry>, Error> {
        let fate = self.script.fate(Call::List, prefix)?;
        fate.answer(prefix, self.inner.list(prefix).await?)
    }
}

/// Turns one bit in the middle; what is empty gets a byte.
fn corrupt(bytes: Bytes) -> Bytes {
    let mut bytes = BytesMut::from(bytes);
    let middle = bytes.len() / 2;
    match bytes.get_mut(middle) {
        Some(byte) => *byte ^= 1,
        None => bytes.extend_from_slice(b"?"),
    }
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Memory, conformance};

    fn faulty() -> Faulty {
        Faulty::new(Arc::new(Memory::new()), Arc::default())
    }

    #[tokio::test]
    async fn without_mischief_it_keeps_the_contract() {
        conformance::run(async || Arc::new(faulty()) as Arc<dyn Staging>).await;
    }

    #[tokio::test]
    async fn writes_fail_before_after_and_for_want_of_room() {
        let stage = faulty();
        for (mischief, is_written) in
            [(Mischief::FailBefore, false), (Mischief::FailAfter, true), (Mischief::NoRoom, false)]
        {
            stage.script().plan(mischief, Some(Call::Put), 1);
            let refused = stage.put("a", Bytes::from_static(b"1")).await;
            assert_eq!(matches!(refused, Err(Error::Full { .. })), mischief == Mischief::NoRoom);
            assert!(refused.is_err());
            assert_eq!(stage.get("a").await.is_ok(), is_written, "{mischief:?}");
            stage.delete("a").await.unwrap();
        }
        assert_eq!(stage.script().done(), 3);
    }

    #[tokio::test]
    async fn after_a_stop_nothing_works_until_it_is_calm() {
        let stage = faulty();
        stage.script().plan(Mischief::StopAfter, None, 2);
        stage.put("a", Bytes::from_static(b"1")).await.unwrap();
        assert!(stage.put("b", Bytes::from_static(b"2")).await.is_err());
        assert!(stage.list("").await.is_err());
        assert!(stage.script().has_stopped());
        stage.script().calm();
        assert_eq!(stage.list("").await.unwrap().len(), 2);
        assert_eq!(stage.script().calls(), 4);
    }

    #[tokio::test]
    async fn bytes_are_spoilt_in_the_reading_alone() {
        let stage = faulty();
        for bytes in ["", "rows"] {
            stage.put("a", Bytes::from_static(bytes.as_bytes())).await.unwrap();
            stage.script().plan(Mischief::Corrupt, None, 1);
            assert_ne!(stage.get("a").await.unwrap(), bytes);
            assert_eq!(stage.get("a").await.unwrap(), bytes);
        }
    }
}

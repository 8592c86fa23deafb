//! A stage in which things go wrong on command.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use flow::mischief::Cut;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

impl flow::mischief::Mischief for Mischief {
    type Call = Call;

    const ALL: &'static [Self] = &[
        Mischief::FailBefore,
        Mischief::FailAfter,
        Mischief::StopBefore,
        Mischief::StopAfter,
        Mischief::NoRoom,
        Mischief::Corrupt,
    ];

    fn cut(self) -> Option<Cut> {
        match self {
            Mischief::FailBefore => Some(Cut::FailBefore),
            Mischief::FailAfter => Some(Cut::FailAfter),
            Mischief::StopBefore => Some(Cut::StopBefore),
            Mischief::StopAfter => Some(Cut::StopAfter),
            Mischief::NoRoom | Mischief::Corrupt => None,
        }
    }

    fn can_happen_in(self, call: Call) -> bool {
        match self {
            Mischief::FailBefore | Mischief::FailAfter | Mischief::StopBefore | Mischief::StopAfter => true,
            Mischief::NoRoom => call == Call::Put,
            Mischief::Corrupt => call == Call::Get,
        }
    }
}

/// What is to go wrong, and what has. Shared between the test and the stages it spoils.
pub type Script = flow::mischief::Script<Mischief>;

type Fate = flow::mischief::Fate<Mischief>;

/// The answer of a call that has done its work.
fn answer<T>(fate: &Fate, key: &str, answer: T) -> Result<T, Error> {
    fate.answer(answer).ok_or_else(|| on_command(key))
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

    fn fate(&self, call: Call, key: &str) -> Result<Fate, Error> {
        self.script.fate(call).ok_or_else(|| on_command(key))
    }
}

#[async_trait]
impl Staging for Faulty {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Error> {
        let fate = self.fate(Call::Put, key)?;
        if fate.has(Mischief::NoRoom) {
            return Err(Error::Full { key: key.to_owned(), source: io::ErrorKind::StorageFull.into() });
        }
        self.inner.put(key, bytes).await?;
        answer(&fate, key, ())
    }

    async fn get(&self, key: &str) -> Result<Bytes, Error> {
        let fate = self.fate(Call::Get, key)?;
        let bytes = self.inner.get(key).await?;
        answer(&fate, key, if fate.has(Mischief::Corrupt) { corrupt(bytes) } else { bytes })
    }

    async fn delete(&self, key: &str) -> Result<(), Error> {
        let fate = self.fate(Call::Delete, key)?;
        self.inner.delete(key).await?;
        answer(&fate, key, ())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Entry>, Error> {
        let fate = self.fate(Call::List, prefix)?;
        answer(&fate, prefix, self.inner.list(prefix).await?)
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
        assert_eq!(stage.script().done().values().sum::<u64>(), 3);
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

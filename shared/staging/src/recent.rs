//! A stage that still has the batches its process wrote a moment ago.
//!
//! In one process the next function wants a batch just after it was staged. What is kept here it
//! gets without a file, a digest and a decoding. The stage has every batch all the same: what is
//! not kept is read from there.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use async_trait::async_trait;
use bytes::Bytes;
use flow::Object;

use crate::{Entry, Error, Staging};

/// Keeps batches beside a stage.
pub struct Recent {
    inner: Arc<dyn Staging>,
    room: usize,
    batches: Mutex<VecDeque<Kept>>,
}

struct Kept {
    object: Object,
    rows: RecordBatch,
    bytes: usize,
    reads: u32,
}

impl Recent {
    /// Keeps up to so many bytes of batches, as they lie in memory.
    #[must_use]
    pub fn new(inner: Arc<dyn Staging>, room: usize) -> Self {
        Self { inner, room, batches: Mutex::default() }
    }

    fn batches(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, key: &str) {
        self.batches().retain(|kept| kept.object.key != key);
    }
}

#[async_trait]
impl Staging for Recent {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Error> {
        self.forget(key);
        self.inner.put(key, bytes).await
    }

    async fn get(&self, key: &str) -> Result<Bytes, Error> {
        self.inner.get(key).await
    }

    async fn delete(&self, key: &str) -> Result<(), Error> {
        self.forget(key);
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Entry>, Error> {
        self.inner.list(prefix).await
    }

    fn local_path(&self, key: &str) -> Option<PathBuf> {
        self.inner.local_path(key)
    }

    /// The most read make room, the oldest of them first. Those that nobody read yet are wanted
    /// before the new one: where they fill the room, it is not kept.
    fn keep(&self, object: &Object, rows: &RecordBatch) {
        let bytes = rows.get_array_memory_size();
        let mut batches = self.batches();
        let unread: usize = batches.iter().filter(|kept| kept.reads == 0).map(|kept| kept.bytes).sum();
        if unread + bytes > self.room {
            return;
        }
        let mut held: usize = batches.iter().map(|kept| kept.bytes).sum();
        while held + bytes > self.room {
            let most_read = batches.iter().enumerate().rev().max_by_key(|(_, kept)| kept.reads);
            let Some(gone) = most_read.map(|(place, _)| place).and_then(|place| batches.remove(place)) else { break };
            held -= gone.bytes;
        }
        batches.push_back(Kept { object: object.clone(), rows: rows.clone(), bytes, reads: 0 });
    }

    fn kept(&self, object: &Object) -> Option<RecordBatch> {
        let mut batches = self.batches();
        let found = batches.iter_mut().find(|kept| kept.object == *object)?;
        found.reads += 1;
        Some(found.rows.clone())
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{ArrayRef, Int64Array};

    use super::*;
    use crate::{Memory, StagingExt, conformance};

    fn rows(number: i64) -> RecordBatch {
        let column: ArrayRef = Arc::new(Int64Array::from(vec![number; 100]));
        RecordBatch::try_from_iter([("id", column)]).unwrap()
    }

    /// A stage with room for so many batches.
    fn recent(batches: usize) -> Recent {
        Recent::new(Arc::new(Memory::new()), batches * rows(0).get_array_memory_size())
    }

    async fn put(stage: &Recent, number: i64) -> Object {
        stage.put_batch("run", "batch", &rows(number)).await.unwrap()
    }

    fn is_kept(stage: &Recent, object: &Object) -> bool {
        stage.batches().iter().any(|kept| kept.object == *object)
    }

    #[tokio::test]
    async fn keeps_the_contract() {
        conformance::run(async || Arc::new(recent(2)) as Arc<dyn Staging>).await;
    }

    #[tokio::test]
    async fn the_most_read_make_room() {
        let stage = recent(3);
        let [unread, once, twice] = [put(&stage, 1).await, put(&stage, 2).await, put(&stage, 3).await];
        for object in [&once, &twice, &twice] {
            stage.get_batch(object).await.unwrap();
        }
        let fourth = put(&stage, 4).await;
        assert!(!is_kept(&stage, &twice) && is_kept(&stage, &once));
        let fifth = put(&stage, 5).await;
        assert!(!is_kept(&stage, &once));
        let sixth = put(&stage, 6).await;
        assert!(!is_kept(&stage, &sixth), "three that nobody read fill the room");
        for (number, object) in [&unread, &once, &twice, &fourth, &fifth, &sixth].into_iter().enumerate() {
            assert_eq!(stage.get_batch(object).await.unwrap(), rows(number as i64 + 1));
        }
    }

    #[tokio::test]
    async fn of_those_read_as_often_the_oldest_makes_room() {
        let stage = recent(2);
        let [first, second] = [put(&stage, 1).await, put(&stage, 2).await];
        for object in [&second, &first] {
            stage.get_batch(object).await.unwrap();
        }
        put(&stage, 3).await;
        assert!(!is_kept(&stage, &first) && is_kept(&stage, &second));
    }

    #[tokio::test]
    async fn what_is_deleted_or_written_anew_is_forgotten() {
        let stage = recent(2);
        let [deleted, written] = [put(&stage, 1).await, put(&stage, 2).await];
        stage.delete(&deleted.key).await.unwrap();
        assert!(matches!(stage.get_batch(&deleted).await, Err(Error::NotFound { .. })));
        stage.put(&written.key, Bytes::from_static(b"other")).await.unwrap();
        assert!(matches!(stage.get_batch(&written).await, Err(Error::Damaged { .. })));
    }

    #[tokio::test]
    async fn a_batch_larger_than_the_room_is_read_from_the_stage() {
        let stage = recent(0);
        let object = put(&stage, 1).await;
        assert!(!is_kept(&stage, &object));
        assert_eq!(stage.get_batch(&object).await.unwrap(), rows(1));
    }
}

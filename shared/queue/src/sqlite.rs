//! The embedded queue: one SQLite file, shared by as many processes of one machine as like.
//!
//! Every change is one write transaction, and every write transaction is synced before it is
//! confirmed (`synchronous = FULL`). `NORMAL` would save the sync and lose the last messages in a
//! power cut. The sync costs a fraction of a millisecond on an SSD and a few on a slow disk, three
//! times for a message in all: little beside the batch the message stands for.

mod file;
mod messages;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use flow::{Clock, Fault, QueueName, Timestamp};
use sqlx::{SqlitePool, Transaction};

use crate::lease::{self, Lease};
use crate::wake::Wakers;
use crate::{DeadLetter, Depth, Error, Limits, Outgoing, Queue, Receipt, Received, Sent};

use file::failed;

/// A queue in an SQLite file. For one machine: its guarantees rest on file locks, which network
/// folders do not keep.
pub struct Sqlite {
    limits: Limits,
    clock: Arc<dyn Clock>,
    wakers: Wakers,
    // One connection: writers of one process queue up fairly here instead of polling for the lock.
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Sqlite {
    /// Opens the file, or creates it. Its folder must be there.
    pub async fn open(path: &Path, limits: Limits, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let (writer, readers) = file::open(path).await?;
        Ok(Self { limits, clock, wakers: Wakers::default(), writer, readers })
    }

    /// Makes every leased message receivable again at once, and forgets that it was received.
    /// Only for whoever holds the home alone and knows that every earlier receiver is dead.
    /// Returns how many there were.
    pub async fn release_leases(&self) -> Result<u64, Error> {
        let mut write = self.begin().await?;
        let released = messages::release_leases(&mut write).await?;
        commit(write).await?;
        self.wakers.wake_all();
        Ok(released)
    }

    /// Closes the file: what is still in the write-ahead log moves into it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn begin(&self) -> Result<Transaction<'static, sqlx::Sqlite>, Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed("begin a change"))
    }

    /// Commits the answer to a receipt, and wakes whoever can go on now.
    async fn settle(&self, write: Transaction<'static, sqlx::Sqlite>, receipt: &Receipt) -> Result<(), Error> {
        commit(write).await?;
        self.wakers.wake(receipt.queue);
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

#[async_trait]
impl Queue for Sqlite {
    async fn send(&self, queue: QueueName, message: Outgoing) -> Result<Sent, Error> {
        lease::check_size(&message, &self.limits)?;
        let mut write = self.begin().await?;
        let window = messages::Window { now: self.now(), length: self.limits.deduplication_window };
        let sent = messages::send(&mut write, queue, &message, window).await?;
        commit(write).await?;
        if sent == Sent::New {
            self.wakers.wake(queue);
        }
        Ok(sent)
    }

    async fn receive(&self, queue: QueueName, max: usize, lease: Duration) -> Result<Vec<Received>, Error> {
        let mut write = self.begin().await?;
        let now = self.now();
        let heads = loop {
            let heads = messages::ready_heads(&mut write, queue, max, now).await?;
            let (fresh, worn): (Vec<_>, Vec<_>) =
                heads.into_iter().partition(|head| head.receives < self.limits.max_receives);
            if worn.is_empty() {
                break fresh;
            }
            for head in worn {
                messages::bury(&mut write, queue, head.id, &lease::too_many_receives(head.receives), now).await?;
            }
        };
        let mut received = Vec::with_capacity(heads.len());
        for head in heads {
            received.push(messages::lease(&mut write, queue, head, lease::moment(now, lease)).await?);
        }
        commit(write).await?;
        Ok(received)
    }

    async fn wait(&self, queue: QueueName, timeout: Duration) {
        // A look that fails finds nothing; the receive that follows the wait says what is wrong.
        let is_ready = || async { messages::is_ready(&self.readers, queue, self.now()).await.unwrap_or(false) };
        self.wakers.wait(queue, timeout, is_ready).await;
    }

    async fn acknowledge(&self, receipt: &Receipt) -> Result<(), Error> {
        let lease = Lease::of(receipt)?;
        let mut write = self.begin().await?;
        messages::acknowledge(&mut write, receipt.queue, lease).await?;
        self.settle(write, receipt).await
    }

    async fn give_back(&self, receipt: &Receipt, delay: Duration) -> Result<(), Error> {
        let lease = Lease::of(receipt)?;
        let mut write = self.begin().await?;
        messages::give_back(&mut write, receipt.queue, lease, lease::ready_after(self.now(), delay)).await?;
        self.settle(write, receipt).await
    }

    async fn extend(&self, receipt: &Receipt, lease: Duration) -> Result<(), Error> {
        let held = Lease::of(receipt)?;
        let mut write = self.begin().await?;
        messages::extend(&mut write, receipt.queue, held, lease::moment(self.now(), lease)).await?;
        commit(write).await
    }

    async fn dead_letter(&self, receipt: &Receipt, cause: &Fault) -> Result<(), Error> {
        let lease = Lease::of(receipt)?;
        let mut write = self.begin().await?;
        let message = messages::held(&mut write, receipt.queue, lease).await?;
        messages::bury(&mut write, receipt.queue, message, cause, self.now()).await?;
        self.settle(write, receipt).await
    }

    async fn depth(&self, queue: QueueName) -> Result<Depth, Error> {
        messages::depth(&self.readers, queue, self.now()).await
    }

    async fn dead_letters(&self, queue: QueueName) -> Result<Vec<DeadLetter>, Error> {
        messages::dead_letters(&self.readers, queue).await
    }

    async fn mark_reported(&self, dead_letter: &str) -> Result<(), Error> {
        messages::mark_reported(&self.writer, dead_letter).await
    }

    async fn discard(&self, dead_letter: &str) -> Result<(), Error> {
        messages::discard(&self.writer, dead_letter).await
    }

    async fn purge(&self, queue: QueueName, prefix: &str) -> Result<u64, Error> {
        messages::purge(&self.writer, queue, prefix).await
    }
}

async fn commit(write: Transaction<'static, sqlx::Sqlite>) -> Result<(), Error> {
    write.commit().await.map_err(failed("commit a change"))
}

#[cfg(test)]
mod tests;

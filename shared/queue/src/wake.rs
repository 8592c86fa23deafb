//! Waiting for messages: woken at once by senders in this process, and by looking again for
//! other processes and for leases and delays that end.

use std::future::Future;
use std::time::Duration;

use flow::QueueName;
use tokio::sync::Notify;

/// A look costs tens of microseconds; a message from another process waits at most this long.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

#[derive(Default)]
pub(crate) struct Wakers([Notify; QueueName::ALL.len()]);

impl Wakers {
    /// Wakes whoever waits for the queue.
    pub(crate) fn wake(&self, queue: QueueName) {
        self.of(queue).notify_waiters();
    }

    /// Wakes everybody.
    pub(crate) fn wake_all(&self) {
        QueueName::ALL.into_iter().for_each(|queue| self.wake(queue));
    }

    /// Returns when `is_ready` says so, or after `timeout`.
    pub(crate) async fn wait<F>(&self, queue: QueueName, timeout: Duration, is_ready: impl Fn() -> F)
    where
        F: Future<Output = bool>,
    {
        let ready = async {
            loop {
                // Taken before the look: what arrives during the look wakes it.
                let woken = self.of(queue).notified();
                if is_ready().await {
                    return;
                }
                let _ = tokio::time::timeout(LOOK_AGAIN, woken).await;
            }
        };
        let _ = tokio::time::timeout(timeout, ready).await;
    }

    fn of(&self, queue: QueueName) -> &Notify {
        &self.0[queue as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wake_is_felt_before_the_next_look() {
        let wakers = Arc::new(Wakers::default());
        let ready = Arc::new(AtomicBool::new(false));
        let began = tokio::time::Instant::now();
        let sender = tokio::spawn({
            let (wakers, ready) = (wakers.clone(), ready.clone());
            async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                ready.store(true, Ordering::Relaxed);
                wakers.wake(QueueName::Checked);
            }
        });
        let is_ready = || async { ready.load(Ordering::Relaxed) };
        wakers.wait(QueueName::Checked, Duration::from_secs(5), is_ready).await;
        assert!(began.elapsed() < LOOK_AGAIN, "{:?}", began.elapsed());
        sender.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_wake_for_another_queue_is_not_felt_and_the_wait_ends() {
        let wakers = Wakers::default();
        wakers.wake(QueueName::Slices);
        let began = tokio::time::Instant::now();
        wakers.wait(QueueName::Checked, Duration::from_secs(3), || async { false }).await;
        assert_eq!(began.elapsed(), Duration::from_secs(3));
    }
}

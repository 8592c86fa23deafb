use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Asks everything that holds it to come to an end.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    flag: Arc<AtomicBool>,
    raised: Arc<Notify>,
}

impl Stop {
    /// Asks to stop.
    pub fn raise(&self) {
        self.flag.store(true, Ordering::SeqCst);
        self.raised.notify_waiters();
    }

    /// Whether it was asked.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }

    /// Waits until it is asked.
    pub async fn wait(&self) {
        loop {
            let raised = self.raised.notified();
            tokio::pin!(raised);
            raised.as_mut().enable();
            if self.is_raised() {
                return;
            }
            raised.await;
        }
    }

    /// The flag a [`flow::Budget`] can share.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.flag.clone()
    }
}

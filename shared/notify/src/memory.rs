//! A receiver in memory, for tests: it keeps what it is told.

use std::sync::{Mutex, MutexGuard, PoisonError};

use alerting::Notification;
use async_trait::async_trait;

use crate::{Error, Notify};

/// A receiver that keeps what it is told.
#[derive(Debug, Default)]
pub struct Memory {
    sent: Mutex<Vec<Notification>>,
}

impl Memory {
    /// One that has been told nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What it was told, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<Notification> {
        self.kept().clone()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Notification>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Notify for Memory {
    async fn send(&self, notification: &Notification) -> Result<(), Error> {
        self.kept().push(notification.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::conformance::{self, Arrived};

    #[tokio::test]
    async fn keeps_the_contract() {
        conformance::run(async || {
            let memory = Arc::new(Memory::new());
            let arrived = {
                let memory = memory.clone();
                move || memory.sent().iter().map(Arrived::of).collect()
            };
            (memory as Arc<dyn Notify>, Box::new(arrived) as conformance::Probe)
        })
        .await;
    }
}

//! The groups of a FIFO queue that are at work: each is in one batch at a time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// Groups at work. SQS hides a group while one of its messages is hidden; this holds back what comes
/// all the same, because a batch was cut, or a function made a message visible before it replied.
#[derive(Clone, Default)]
pub(super) struct Groups(Arc<Inner>);

#[derive(Default)]
struct Inner {
    busy: Mutex<BTreeSet<String>>,
    freed: Notify,
}

/// Groups that are claimed until this is dropped.
pub(super) struct Claim {
    groups: Groups,
    claimed: BTreeSet<String>,
}

impl Groups {
    /// Waits until none of the groups is at work, and claims them all at once.
    pub(super) async fn claim(&self, wanted: BTreeSet<String>) -> Claim {
        loop {
            let mut freed = std::pin::pin!(self.0.freed.notified());
            // What is freed from here on is heard.
            freed.as_mut().enable();
            if self.try_claim(&wanted) {
                return Claim { groups: self.clone(), claimed: wanted };
            }
            freed.await;
        }
    }

    fn try_claim(&self, wanted: &BTreeSet<String>) -> bool {
        let mut busy = self.lock();
        let is_free = busy.is_disjoint(wanted);
        if is_free {
            busy.extend(wanted.iter().cloned());
        }
        is_free
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.0.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.groups.lock().retain(|group| !self.claimed.contains(group));
        self.groups.0.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn set(groups: &[&str]) -> BTreeSet<String> {
        groups.iter().map(|group| (*group).to_owned()).collect()
    }

    #[tokio::test]
    async fn a_group_is_claimed_once_at_a_time_and_others_go_on() {
        let groups = Groups::default();
        let first = groups.claim(set(&["a", "b"])).await;
        let mut overlapping = std::pin::pin!(groups.claim(set(&["b", "c"])));
        assert!(overlapping.as_mut().now_or_never().is_none());
        let other = groups.claim(set(&["d"])).now_or_never().expect("nobody has it");
        drop(other);
        assert!(overlapping.as_mut().now_or_never().is_none(), "what was freed is not what is waited for");
        drop(first);
        let second = overlapping.await;
        assert!(groups.claim(set(&["c"])).now_or_never().is_none());
        drop(second);
        assert!(groups.claim(set(&["a", "b", "c"])).now_or_never().is_some());
    }
}

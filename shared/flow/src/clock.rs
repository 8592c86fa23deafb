//! The clock is passed in, so that tests turn it by hand.

use std::sync::Mutex;
use std::time::Duration;

use crate::Timestamp;

/// Tells the time. The real one lives with whoever drives the functions.
pub trait Clock: Send + Sync {
    /// The time of day, in UTC.
    fn now(&self) -> Timestamp;
    /// Time since the process began; never goes back.
    fn uptime(&self) -> Duration;
}

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<(Timestamp, Duration)>,
}

impl ManualClock {
    /// Starts at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { state: Mutex::new((now, Duration::ZERO)) }
    }

    /// Starts at 1970-01-01.
    #[must_use]
    pub fn at_epoch() -> Self {
        Self::at(Timestamp::UNIX_EPOCH)
    }

    /// Moves both readings on.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        state.0 += by;
        state.1 += by;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Timestamp, Duration)> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().0
    }
    fn uptime(&self) -> Duration {
        self.lock().1
    }
}

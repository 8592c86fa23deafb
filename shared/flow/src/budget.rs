//! How long a function may still work. Work ends because its budget ended, never because the
//! runtime was killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::clock::Clock;

/// Time left for one invocation, and whether it was asked to stop.
#[derive(Clone)]
pub struct Budget {
    clock: Arc<dyn Clock>,
    deadline: Option<Duration>,
    stop: Arc<AtomicBool>,
}

impl Budget {
    /// Ends `length` from now.
    #[must_use]
    pub fn of(length: Duration, clock: Arc<dyn Clock>) -> Self {
        let deadline = Some(clock.uptime() + length);
        Self { clock, deadline, stop: Arc::default() }
    }

    /// Ends only when asked to stop.
    #[must_use]
    pub fn unlimited(clock: Arc<dyn Clock>) -> Self {
        Self { clock, deadline: None, stop: Arc::default() }
    }

    /// Shares a stop flag: whoever raises it ends every budget that holds it.
    #[must_use]
    pub fn stopped_by(mut self, stop: Arc<AtomicBool>) -> Self {
        self.stop = stop;
        self
    }

    /// Time left; [`Duration::MAX`] when there is no deadline, zero when asked to stop.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        if self.stop.load(Ordering::Relaxed) {
            return Duration::ZERO;
        }
        match self.deadline {
            Some(deadline) => deadline.saturating_sub(self.clock.uptime()),
            None => Duration::MAX,
        }
    }

    /// Whether less than `reserve` is left: time to checkpoint and hand on.
    #[must_use]
    pub fn is_below(&self, reserve: Duration) -> bool {
        self.remaining() <= reserve
    }

    /// The clock the budget is counted on.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_budget_runs_down_with_its_clock_and_ends_at_once_when_stopped() {
        let clock = Arc::new(ManualClock::at_epoch());
        let stop = Arc::new(AtomicBool::new(false));
        let budget = Budget::of(Duration::from_secs(10), clock.clone()).stopped_by(stop.clone());
        clock.advance(Duration::from_secs(4));
        assert_eq!(budget.remaining(), Duration::from_secs(6));
        assert!(!budget.is_below(Duration::from_secs(5)));
        stop.store(true, Ordering::Relaxed);
        assert!(budget.is_below(Duration::ZERO));
    }
}

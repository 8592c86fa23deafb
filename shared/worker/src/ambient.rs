use std::sync::Arc;
use std::time::{Duration, Instant};

use flow::{Clock, Timestamp};

/// Gives numbers anywhere in `0.0..1.0`.
pub type Random = Arc<dyn Fn() -> f64 + Send + Sync>;

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Counts uptime from now.
    #[must_use]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that is passed in elsewhere")]
    fn now(&self) -> Timestamp {
        chrono::Utc::now()
    }

    fn uptime(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Real randomness, for jitter.
#[must_use]
pub fn system_random() -> Random {
    Arc::new(fastrand::f64)
}

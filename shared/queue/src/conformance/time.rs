//! Time in the suite: turned by hand where the queue takes a clock, waited for where a broker has
//! its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use flow::{Clock, ManualClock, Timestamp};

/// Whose time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// The clock's: the suite turns it, to the microsecond.
    Turned,
    /// The broker's: the suite waits, with leases of this length where one must end. Three seconds
    /// leave two for a slow machine.
    Passing(Duration),
}

pub(super) enum Hands {
    Turned(Arc<ManualClock>),
    Passing { clock: Arc<Passing>, brief: Duration },
}

/// How late a broker may notice that something has ended.
const LATE: Duration = Duration::from_millis(500);

impl Time {
    pub(super) fn hands(self) -> Hands {
        match self {
            Time::Turned => Hands::Turned(Arc::new(ManualClock::at(beginning()))),
            Time::Passing(brief) => Hands::Passing { clock: Arc::new(Passing(Instant::now())), brief },
        }
    }
}

impl Hands {
    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Hands::Turned(clock) => clock.clone(),
            Hands::Passing { clock, .. } => clock.clone(),
        }
    }

    /// A lease that will end in a case.
    pub(super) fn brief(&self) -> Duration {
        match self {
            Hands::Turned(_) => super::LEASE,
            Hands::Passing { brief, .. } => *brief,
        }
    }

    /// So much time is over.
    pub(super) async fn pass(&self, time: Duration) {
        match self {
            Hands::Turned(clock) => clock.advance(time),
            Hands::Passing { .. } => tokio::time::sleep(time + LATE).await,
        }
    }

    /// Almost so much is over.
    pub(super) async fn pass_nearly(&self, time: Duration) {
        match self {
            Hands::Turned(clock) => clock.advance(time - Duration::from_micros(1)),
            Hands::Passing { .. } => tokio::time::sleep(time / 3).await,
        }
    }

    /// The rest, after [`pass_nearly`](Self::pass_nearly).
    pub(super) async fn pass_the_rest(&self, time: Duration) {
        match self {
            Hands::Turned(clock) => clock.advance(Duration::from_micros(1)),
            Hands::Passing { .. } => tokio::time::sleep(time - time / 3 + LATE).await,
        }
    }
}

/// A clock that goes by itself, from the suite's beginning of time.
pub(super) struct Passing(Instant);

impl Clock for Passing {
    fn now(&self) -> Timestamp {
        beginning() + self.uptime()
    }

    fn uptime(&self) -> Duration {
        self.0.elapsed()
    }
}

fn beginning() -> Timestamp {
    Timestamp::from_timestamp_micros(1_700_000_000_000_000).unwrap()
}

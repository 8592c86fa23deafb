//! How long an invocation may take.

use std::sync::Arc;
use std::time::Duration;

use flow::{Budget, Clock, Timestamp};

/// The reserve is this part of an invocation's time …
const RESERVED_PART: u32 = 10;
/// … and not less: giving back a batch takes a request for each of its messages, of some 10 ms each …
const LEAST_RESERVE: Duration = Duration::from_millis(500);
/// … nor more: what takes longer than that to give back does not answer at all.
const MOST_RESERVE: Duration = Duration::from_secs(5);

/// The answer itself: what is not done this long before the end is not waited for.
const ANSWER: Duration = Duration::from_millis(100);

/// Milliseconds below this are no moment since Lambda exists (it is one of 2001) but a length:
/// `cargo lambda watch` gives its ten minutes so.
const FIRST_MOMENT: u64 = 1_000_000_000_000;

/// The time one invocation has: some to work, the rest to give back what is not done and to answer.
#[derive(Clone)]
pub struct Time {
    work: Budget,
    all: Budget,
}

impl Time {
    /// The time until the deadline Lambda named, in milliseconds since 1970.
    #[must_use]
    pub fn until(deadline_ms: u64, clock: Arc<dyn Clock>) -> Self {
        if deadline_ms < FIRST_MOMENT {
            return Self::of(Duration::from_millis(deadline_ms), clock);
        }
        let deadline = i64::try_from(deadline_ms).ok().and_then(Timestamp::from_timestamp_millis);
        let left = deadline.and_then(|deadline| (deadline - clock.now()).to_std().ok());
        Self::of(left.unwrap_or_default(), clock)
    }

    /// This long from now. A tenth of it, between half a second and five, is kept back to give back
    /// what is not done.
    #[must_use]
    pub fn of(left: Duration, clock: Arc<dyn Clock>) -> Self {
        let reserve = (left / RESERVED_PART).clamp(LEAST_RESERVE, MOST_RESERVE);
        Self {
            work: Budget::of(left.saturating_sub(reserve), clock.clone()),
            all: Budget::of(left.saturating_sub(ANSWER), clock),
        }
    }

    /// What steps may use.
    #[must_use]
    pub fn work(&self) -> &Budget {
        &self.work
    }

    /// What is left until the answer must be given, the reserve included.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.all.remaining()
    }
}

#[cfg(test)]
mod tests {
    use flow::ManualClock;

    use super::*;

    #[test]
    fn a_tenth_is_kept_back_within_bounds() {
        let cases = [(900_000, 895_000), (30_000, 27_000), (3_000, 2_500), (600, 100), (400, 0), (0, 0)];
        for (left, expected) in cases {
            let clock = Arc::new(ManualClock::at_epoch());
            let time = Time::until(left, clock.clone());
            assert_eq!(time.work().remaining(), Duration::from_millis(expected), "{left}");
            clock.advance(time.work().remaining());
            assert_eq!(time.left(), Duration::from_millis(left.saturating_sub(expected + 100)), "{left}");
        }
    }

    #[test]
    fn a_deadline_is_a_moment_and_one_that_has_passed_leaves_nothing() {
        let now = FIRST_MOMENT + 5_000;
        let moment = i64::try_from(now).ok().and_then(Timestamp::from_timestamp_millis).unwrap_or_default();
        let clock = Arc::new(ManualClock::at(moment));
        let cases = [(now + 30_000, 27_000), (FIRST_MOMENT, 0), (now - 1, 0), (u64::MAX, 0), (600_000, 595_000)];
        for (deadline, expected) in cases {
            let left = Time::until(deadline, clock.clone()).work().remaining();
            assert_eq!(left, Duration::from_millis(expected), "{deadline}");
        }
    }
}

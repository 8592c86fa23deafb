//! Which moments are due.

use chrono::{DateTime, MappedLocalTime, SubsecRound as _, TimeZone as _, Utc};
use chrono_tz::Tz;
use croner::{Cron, Direction};
use flow::Timestamp;

use crate::window::Hours;
use crate::{Schedule, cron, zone};

/// An expression is due at the same times on each of its days, 25 hours long at most: when none
/// of so many moments in a row fits the windows, none ever will.
const MOMENTS_OF_A_DAY: usize = 25 * 60;

impl Schedule {
    /// The latest moment in `(after, now]` a run was due and inside a window; `None` when there was
    /// none, or when the schedule has problems.
    #[must_use]
    pub fn due_between(&self, after: Timestamp, now: Timestamp) -> Option<Timestamp> {
        Moments::of(self).ok()?.nearest(now, Direction::Backward, |moment| moment > after)
    }

    /// The next moment after `now` a run is due and inside a window; `None` when there is none, or
    /// when the schedule has problems.
    #[must_use]
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        Moments::of(self).ok()?.nearest(now, Direction::Forward, |_| true)
    }
}

/// A schedule that has been read.
pub(crate) struct Moments {
    cron: Cron,
    names_hours: bool,
    zone: Tz,
    windows: Vec<Hours>,
}

impl Moments {
    /// Reads a schedule; the error is the first problem it has.
    pub(crate) fn of(schedule: &Schedule) -> Result<Self, String> {
        Ok(Self {
            cron: cron::parse(&schedule.cron)?,
            names_hours: cron::names_hours(&schedule.cron),
            zone: zone::parse(&schedule.timezone)?,
            windows: schedule.windows.iter().map(crate::Window::hours).collect::<Result<_, _>>()?,
        })
    }

    /// The first moment from `now` in a direction that fits the windows, while `is_wanted`. Going
    /// back, `now` itself is included.
    pub(crate) fn nearest(
        &self,
        now: Timestamp,
        direction: Direction,
        is_wanted: impl Fn(Timestamp) -> bool,
    ) -> Option<Timestamp> {
        // Due moments are whole seconds, and where a clock reading comes twice croner takes parts of
        // a second for the second next to them.
        let mut from = now.trunc_subsecs(0).with_timezone(&self.zone);
        let mut includes_from = direction == Direction::Backward;
        for _ in 0..MOMENTS_OF_A_DAY {
            let found = match direction {
                Direction::Backward => self.cron.find_previous_occurrence(&from, includes_from),
                Direction::Forward => self.cron.find_next_occurrence(&from, includes_from),
            };
            let found = found.ok().filter(|found| is_wanted(found.to_utc()))?;
            if self.allows(&found) {
                return Some(found.with_timezone(&Utc));
            }
            (from, includes_from) = (found, false);
        }
        None
    }

    fn allows(&self, moment: &DateTime<Tz>) -> bool {
        let in_a_window = self.windows.is_empty() || self.windows.iter().any(|hours| hours.contain(moment.time()));
        in_a_window && !(self.names_hours && self.is_second_time(moment))
    }

    /// Whether the clock has read the same before: it was put back in between.
    fn is_second_time(&self, moment: &DateTime<Tz>) -> bool {
        match self.zone.from_local_datetime(&moment.naive_local()) {
            MappedLocalTime::Ambiguous(_, second) => second == *moment,
            _ => false,
        }
    }
}

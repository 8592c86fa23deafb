//! What is wrong with a schedule.

use chrono::DateTime;
use croner::Direction;

use crate::due::Moments;
use crate::{Schedule, cron, zone};

impl Schedule {
    /// What is wrong with the schedule, in words for whoever wrote it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> =
            [cron::parse(&self.cron).err(), zone::parse(&self.timezone).err()].into_iter().flatten().collect();
        for (number, window) in self.windows.iter().enumerate() {
            problems.extend(window.hours().err().map(|problem| format!("windows[{number}]: {problem}")));
        }
        if problems.is_empty() {
            problems.extend(self.never_due());
        }
        problems
    }

    fn never_due(&self) -> Option<String> {
        let moments = Moments::of(self).ok()?;
        let ever = |moments: &Moments| moments.nearest(DateTime::UNIX_EPOCH, Direction::Forward, |_| true);
        if ever(&moments).is_some() {
            return None;
        }
        let everywhere = Moments::of(&Schedule { windows: Vec::new(), ..self.clone() }).ok()?;
        Some(match ever(&everywhere) {
            Some(_) => format!("cron `{}` is never due inside the windows", self.cron),
            None => format!("cron `{}` is never due: no month has such a day", self.cron),
        })
    }
}

//! Every group at work.

use flow::{Signal, Timestamp};
use serde::{Deserialize, Serialize};

use crate::group::Group;
use crate::{Alerts, Notification};

/// The signal that is never told, and ends what earlier runs raised.
const RUN_SUCCEEDED: &str = "run_succeeded";

/// The groups signals are in, and what of them has been told. Kept as text (serde) between two
/// looks; the default has none.
///
/// A look is: [`Groups::take`] what has come, [`Groups::due`], send, [`Groups::sent`] for each that
/// was. What was not is due again at the next look, with the same id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Groups {
    groups: Vec<Group>,
}

impl Groups {
    /// Puts a signal where its route leads. Taken again, it changes nothing while it lasts.
    ///
    /// `run_succeeded` is not told: it ends the repeats of what earlier runs raised.
    pub fn take(&mut self, alerts: &Alerts, signal: Signal, now: Timestamp) {
        if signal.name == RUN_SUCCEEDED {
            self.groups.iter_mut().for_each(|group| group.resolve(&signal));
            self.groups.retain(|group| !group.is_over(now));
            return;
        }
        let Some(destined) = alerts.destined(&signal) else { return };
        let timing = destined.timing;
        match self.groups.iter_mut().find(|group| group.is_for(&destined)) {
            Some(group) => group.take(signal, timing, now),
            None => {
                let mut group = Group::new(destined, now);
                group.take(signal, timing, now);
                self.groups.push(group);
            }
        }
    }

    /// What is to be told at `now`, by the routes and receivers as they are now.
    pub fn due(&mut self, alerts: &Alerts, now: Timestamp) -> Vec<Notification> {
        self.groups.retain(|group| !group.is_over(now));
        let look = |group: &mut Group| {
            let destined = group.sample().and_then(|signal| alerts.destined(signal));
            group.follow(destined, |receiver| alerts.has_receiver(receiver));
            group.due(now)
        };
        self.groups.iter_mut().filter_map(look).collect()
    }

    /// Records that the notification of this id has been sent.
    pub fn sent(&mut self, notification: &str, now: Timestamp) {
        self.groups.iter_mut().for_each(|group| group.sent(notification, now));
        self.groups.retain(|group| !group.is_over(now));
    }

    /// When there is something to tell next; a moment that has passed when a notification could
    /// not be sent. `None` when nothing is left to tell.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.groups.iter().filter_map(Group::due_at).min()
    }
}

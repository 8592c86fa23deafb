//! The groups that are due are sent; one that could not be is due again at the next look.

use alerting::{Alerts, Notification};
use flow::{Fault, SyncName, Timestamp};
use notify::Notify;

use crate::step::AlertDispatch;

impl AlertDispatch {
    /// Sends what is due at `at`, of every sync. A notification that cannot be sent keeps no other
    /// from being sent. Returns how many were.
    pub async fn send_due(&self, at: Timestamp) -> Result<usize, Fault> {
        let mut sent = 0;
        for saved in self.parts.store.latest_specs().await? {
            let sync = self.parts.specs.get(&saved.sync, saved.version).await?;
            if let Some(alerts) = &sync.alerts {
                sent += self.send_due_of(&saved.sync, alerts, at).await?;
            }
        }
        Ok(sent)
    }

    async fn send_due_of(&self, sync: &SyncName, alerts: &Alerts, at: Timestamp) -> Result<usize, Fault> {
        let due = self.change(sync, |groups| groups.due(alerts, at)).await?;
        let mut sent = 0;
        for notification in due {
            match self.send(alerts, &notification).await {
                Ok(()) => {
                    self.change(sync, |groups| groups.sent(&notification.id, at)).await?;
                    sent += 1;
                }
                Err(fault) => tracing::error!(
                    sync = sync.as_str(),
                    receiver = notification.receiver,
                    code = fault.code,
                    cause = fault.message,
                    "notification could not be sent"
                ),
            }
        }
        Ok(sent)
    }

    async fn send(&self, alerts: &Alerts, notification: &Notification) -> Result<(), Fault> {
        let receiver = self.receivers.receiver(alerts, &notification.receiver)?;
        let receiver: &dyn Notify = receiver.as_ref();
        Ok(receiver.send(notification).await?)
    }
}

use alerting::Notification;
use async_trait::async_trait;

use crate::Error;

/// Reaches one receiver.
///
/// When [`send`](Notify::send) returns `Ok`, the other side has taken the notification. When it
/// fails, the other side may have taken it all the same: it is sent again with the same
/// [`id`](Notification::id), which goes along so that the other side can drop the second one.
#[async_trait]
pub trait Notify: Send + Sync {
    /// Sends a notification. Tries once: when to try again is its caller's to say.
    async fn send(&self, notification: &Notification) -> Result<(), Error>;
}

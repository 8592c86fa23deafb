use std::collections::BTreeMap;

use flow::Signal;
use serde::Serialize;

/// What one receiver is told at once: the signals of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// Name of the receiver, as routes use it.
    pub receiver: String,
    /// What the signals have in common: each label of the route's `group_by` with its value.
    pub group: BTreeMap<String, String>,
    /// The signals, oldest first.
    pub signals: Vec<Signal>,
    /// Whether the receiver has been told all of it before.
    pub repeated: bool,
    /// The same for every attempt to send this notification, so that a receiver can tell a second
    /// delivery from a second notification.
    pub id: String,
}

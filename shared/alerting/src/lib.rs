//! Signals to notifications: routes, grouping, repeat interval. Pure: the clock is passed in.

mod alerts;
mod notification;

pub use alerts::{Alerts, Receiver, Route, Webhook};
pub use notification::Notification;

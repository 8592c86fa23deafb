//! Signals to notifications: routes, grouping, repeat interval. Pure: the clock is passed in.

mod alerts;

pub use alerts::{Alerts, Receiver, Route, Webhook};

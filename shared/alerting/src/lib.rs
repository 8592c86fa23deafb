//! Signals to notifications: routes, grouping, repeat interval. Pure: the clock is passed in.
//!
//! Owns how routes and receivers are written ([`Alerts`]), what is wrong with them
//! ([`Alerts::problems`]), and which signals are told together, when and again ([`Groups`]).
//! Does not own sending (`notify`) nor where the groups are kept: that is `alert-dispatch` with the store.
//! Start reading at [`Groups`].

mod alerts;
mod group;
mod groups;
mod notification;
mod problems;
mod route;

pub use alerts::{Alerts, Receiver, Route, Webhook};
pub use groups::Groups;
pub use notification::Notification;

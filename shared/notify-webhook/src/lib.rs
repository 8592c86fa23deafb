//! Notifications by HTTP POST to a webhook.
//!
//! Owns the form of the request and what its answers mean. Does not own when to try again.
//! Start reading at [`Webhook`].

mod answer;
mod tls;
mod webhook;

pub use webhook::Webhook;

//! Notifications by HTTP POST to a webhook.

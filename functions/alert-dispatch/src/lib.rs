//! Turns signals into notifications and sends them.

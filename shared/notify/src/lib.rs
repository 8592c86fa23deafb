//! The seam to people: a notification is sent, once.

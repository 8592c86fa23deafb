//! From a text to a validated sync.

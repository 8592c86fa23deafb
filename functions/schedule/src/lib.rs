//! Starts runs when they are due.

//! Drives a step from its queue: receive, decode, run within budget, hand on, acknowledge.

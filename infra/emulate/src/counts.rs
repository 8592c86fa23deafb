use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::runtime::Outcome;

/// What has happened since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// By the names of the functions' binaries.
    pub functions: BTreeMap<String, FunctionCounts>,
    /// By the logical ids of the event source mappings.
    pub mappings: BTreeMap<String, MappingCounts>,
}

/// What a function has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FunctionCounts {
    /// Invocations that were begun.
    pub invocations: u64,
    /// Those that ended with a reply.
    pub replies: u64,
    /// Those that ended with an error the function reported.
    pub errors: u64,
    /// Those that were killed for the time they took.
    pub timeouts: u64,
    /// Those whose process ended.
    pub crashes: u64,
    /// Those for which no process would start.
    pub init_failures: u64,
    /// Those that were refused for want of a place.
    pub throttles: u64,
    /// Processes that were started.
    pub processes: u64,
    /// Invocations at work now.
    pub in_flight: u64,
    /// The most that were at work at once.
    pub most_in_flight: u64,
    /// Asynchronous invocations that wait or are at work.
    pub events: u64,
}

/// What a mapping has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MappingCounts {
    /// Batches that were handed to the function.
    pub batches: u64,
    /// Messages in them.
    pub messages: u64,
    /// Messages that were removed.
    pub done: u64,
    /// Messages that were left to come again.
    pub failed: u64,
    /// Batches that failed as a whole.
    pub failed_batches: u64,
    /// Batches at work now.
    pub in_flight: u64,
    /// The most that were at work at once.
    pub most_in_flight: u64,
}

/// Counts that many write.
#[derive(Debug, Default)]
pub(crate) struct Shared<T>(Arc<Mutex<T>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Copy> Shared<T> {
    pub(crate) fn change(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn read(&self) -> T {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FunctionCounts {
    pub(crate) fn begin(&mut self) {
        self.invocations += 1;
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
    }

    pub(crate) fn end(&mut self, outcome: &Outcome) {
        self.in_flight -= 1;
        *match outcome {
            Outcome::Reply(_) => &mut self.replies,
            Outcome::Error(_) => &mut self.errors,
            Outcome::TimedOut { .. } => &mut self.timeouts,
            Outcome::Crashed { .. } => &mut self.crashes,
            Outcome::NotStarted { .. } => &mut self.init_failures,
            Outcome::Throttled => &mut self.throttles,
        } += 1;
    }
}

impl MappingCounts {
    pub(crate) fn begin(&mut self, messages: usize) {
        self.batches += 1;
        self.messages += messages as u64;
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
    }

    pub(crate) fn end(&mut self, done: usize, failed: usize) {
        self.in_flight -= 1;
        self.done += done as u64;
        self.failed += failed as u64;
    }
}

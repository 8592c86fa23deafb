//! The functions, each with what runs it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flow::Clock;
use tokio::sync::{Semaphore, watch};

use crate::counts::{FunctionCounts, Shared};
use crate::runtime::{Job, Outcome, Pool};
use crate::template::Function;
use crate::watch::Watch;
use crate::{Tell, Told, id};

/// A function and what runs it.
pub(crate) struct Runnable {
    pub(crate) function: Function,
    pub(crate) counts: Shared<FunctionCounts>,
    runs: Runs,
    places: Arc<Semaphore>,
    concurrency: u32,
    clock: Arc<dyn Clock>,
    tell: Tell,
    stopping: watch::Receiver<bool>,
    /// Waits before the repeats of an asynchronous invocation.
    repeat_after: [Duration; 2],
}

/// What runs a function.
pub(crate) enum Runs {
    /// Processes of our own.
    Processes(Arc<Pool>),
    /// `cargo lambda watch`.
    Watch(Watch),
}

/// What everything that runs functions shares.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tell: Tell,
    pub(crate) stopping: watch::Receiver<bool>,
    pub(crate) repeat_after: [Duration; 2],
}

/// What to do when all places are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenFull {
    Wait,
    WaitFor(Duration),
    Refuse,
}

impl Runnable {
    pub(crate) fn new(
        function: Function,
        runs: Runs,
        counts: Shared<FunctionCounts>,
        concurrency: u32,
        around: Surroundings,
    ) -> Self {
        let Surroundings { clock, tell, stopping, repeat_after } = around;
        let places = Arc::new(Semaphore::new(concurrency as usize));
        Self { function, counts, runs, places, concurrency, clock, tell, stopping, repeat_after }
    }

    /// Invocations the function may have at once.
    pub(crate) fn concurrency(&self) -> u32 {
        self.concurrency
    }

    /// A new invocation's own.
    pub(crate) fn job(&self, payload: Bytes) -> Job {
        Job { request_id: id::uuid(), trace: id::trace(self.clock.now()), payload }
    }

    /// Runs an invocation to its end, whatever becomes of whoever waits for it.
    pub(crate) async fn invoke(self: &Arc<Self>, job: Job, when_full: WhenFull) -> Outcome {
        let working = tokio::spawn(self.clone().perform(job, when_full));
        working.await.unwrap_or_else(|error| Outcome::Crashed { how: error.to_string() })
    }

    /// Runs an invocation nobody waits for: repeated as Lambda does when it fails.
    pub(crate) fn enqueue(self: &Arc<Self>, job: Job) {
        self.counts.change(|counts| counts.events += 1);
        let function = self.clone();
        tokio::spawn(async move {
            let request_id = job.request_id.clone();
            if let Some(why) = function.persist(job).await {
                (function.tell)(Told::Dropped { function: function.function.binary.clone(), request_id, why });
            }
            function.counts.change(|counts| counts.events -= 1);
        });
    }

    /// Takes no more work, waits until what is at work has ended, and ends the processes.
    pub(crate) async fn stop(&self) {
        while self.counts.read().in_flight > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.places.close();
        if let Runs::Processes(pool) = &self.runs {
            pool.stop();
        }
    }

    /// Tries until the function replies; else says why no more is tried.
    async fn persist(self: &Arc<Self>, job: Job) -> Option<String> {
        let mut stopping = self.stopping.clone();
        let [first, later] = self.repeat_after;
        for repeat in 0..=self.function.repeats {
            let wait = match repeat {
                0 => Duration::ZERO,
                1 => first,
                _ => later,
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = stopping.wait_for(|stopping| *stopping) => return Some("the emulation ends".to_owned()),
            }
            let trying = self.clone().perform(job.clone(), WhenFull::WaitFor(self.function.longest_wait));
            match trying.await {
                Outcome::Reply(_) => return None,
                Outcome::Throttled => return Some("it has waited for a place for too long".to_owned()),
                _ => {}
            }
        }
        Some(format!("it has failed {} time(s)", self.function.repeats + 1))
    }

    async fn perform(self: Arc<Self>, job: Job, when_full: WhenFull) -> Outcome {
        let request_id = job.request_id.clone();
        let places = self.places.clone();
        let place = match when_full {
            WhenFull::Wait => places.acquire_owned().await.ok(),
            WhenFull::WaitFor(time) => {
                tokio::time::timeout(time, places.acquire_owned()).await.ok().and_then(Result::ok)
            }
            WhenFull::Refuse => places.try_acquire_owned().ok(),
        };
        let Some(place) = place else {
            self.counts.change(|counts| counts.throttles += 1);
            return Outcome::Throttled;
        };
        self.counts.change(FunctionCounts::begin);
        let outcome = match &self.runs {
            Runs::Processes(pool) => pool.run(job, place).await,
            Runs::Watch(watch) => watch.invoke(job).await,
        };
        self.counts.change(|counts| counts.end(&outcome));
        if let Some(why) = outcome.trouble() {
            (self.tell)(Told::Failed { function: self.function.binary.clone(), request_id, why });
        }
        outcome
    }
}

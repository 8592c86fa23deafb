//! The processes of a function, kept warm.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flow::Clock;
use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::bootstrap::Bootstrap;
use super::outcome::{Job, Outcome};
use super::process::{Phase, Process};
use crate::counts::{FunctionCounts, Shared};
use crate::template::Function;
use crate::{Error, Tell};

/// How long to wait for a process that has just answered, before another is started.
const SOON_BACK: Duration = Duration::from_millis(50);

/// Starts processes as they are needed and gives each one invocation at a time.
pub(crate) struct Pool {
    function: Function,
    bootstrap: Bootstrap,
    clock: Arc<dyn Clock>,
    tell: Tell,
    counts: Shared<FunctionCounts>,
    idle: Mutex<Vec<Process>>,
    /// Processes that have answered and not yet asked for more.
    settling: AtomicUsize,
    settled: Notify,
}

impl Pool {
    pub(crate) fn new(
        function: Function,
        bootstrap: Bootstrap,
        clock: Arc<dyn Clock>,
        tell: Tell,
        counts: Shared<FunctionCounts>,
    ) -> Self {
        let (settling, settled) = (AtomicUsize::new(0), Notify::new());
        Self { function, bootstrap, clock, tell, counts, idle: Mutex::default(), settling, settled }
    }

    /// Starts a first process, to see that the function starts at all.
    pub(crate) async fn warm_up(&self) -> Result<(), Error> {
        let started = self.start().await;
        let process = started.map_err(|why| Error::Init { function: self.function.binary.clone(), why })?;
        self.lock().push(process);
        Ok(())
    }

    /// Runs an invocation. The place is kept until the process can take another.
    pub(crate) async fn run(self: &Arc<Self>, job: Job, place: OwnedSemaphorePermit) -> Outcome {
        let process = match self.warm_soon().await {
            Some(process) => process,
            None => match self.start().await {
                Ok(process) => process,
                Err(why) => return Outcome::NotStarted { why },
            },
        };
        let outcome = process.work(job).await;
        if matches!(outcome, Outcome::Reply(_) | Outcome::Error(_)) {
            self.settling.fetch_add(1, Ordering::AcqRel);
            tokio::spawn(self.clone().settle(process, place));
        }
        // A process that was too slow, or is gone, is not used again: dropping it kills it.
        outcome
    }

    /// Ends all processes that wait.
    pub(crate) fn stop(&self) {
        self.lock().clear();
    }

    /// A process that waits, or is about to.
    async fn warm_soon(&self) -> Option<Process> {
        let settled = self.settled.notified();
        if let Some(process) = self.warm() {
            return Some(process);
        }
        if self.settling.load(Ordering::Acquire) > 0 {
            _ = tokio::time::timeout(SOON_BACK, settled).await;
        }
        self.warm()
    }

    /// The process that waited last.
    fn warm(&self) -> Option<Process> {
        let mut idle = self.lock();
        std::iter::from_fn(|| idle.pop()).find(|process| !process.has_ended())
    }

    async fn start(&self) -> Result<Process, String> {
        self.counts.change(|counts| counts.processes += 1);
        Process::start(&self.function, &self.bootstrap, self.clock.clone(), self.tell.clone()).await
    }

    /// What goes on behind an answer has the function's time too.
    async fn settle(self: Arc<Self>, process: Process, place: OwnedSemaphorePermit) {
        let back = tokio::time::timeout(self.function.timeout, process.came_back()).await;
        if back == Ok(Phase::Waiting) {
            self.lock().push(process);
        }
        self.settling.fetch_sub(1, Ordering::AcqRel);
        // Those who wait look again, and start a process of their own when others were faster.
        self.settled.notify_waiters();
        drop(place);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

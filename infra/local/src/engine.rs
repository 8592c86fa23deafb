//! The functions side by side in one process, each driven from its queue.

use std::sync::Arc;
use std::time::Duration;

use alert_dispatch::AlertDispatch;
use batch_pull::wiring::WiredSources;
use batch_pull::{BatchPull, Limits};
use deliver::Deliver;
use deliver::wiring::WiredDestinations;
use flow::{Fault, Handoff, QueueName, Step};
use quality_check::QualityCheck;
use spec::Resolver;
use tokio::sync::watch;
use tokio::task::JoinSet;
use transform::Transform;
use worker::undertaker::Undertaker;
use worker::{Parts, Stop, Worker};

use crate::memory;
use crate::registry::Registry;
use crate::registry::judge::Judge;

/// Messages each function works on at the same time. A lane has one at most, so more helps only
/// syncs with several streams; memory grows by a batch or two for each.
const CONCURRENCY: usize = 2;

/// How often dead letters that the queue made by itself are looked for.
const UNDERTAKER_PERIOD: Duration = Duration::from_secs(5);

/// How often alert groups that are due are looked for.
const ALERT_PERIOD: Duration = Duration::from_secs(1);

/// How long the end of a run waits for its last signals to be taken in.
const FLUSH: Duration = Duration::from_secs(2);

/// How often it looks whether they are.
const LOOK: Duration = Duration::from_millis(10);

/// The longest `group_wait` that the end of a run cuts short.
const LONGEST_GROUP_WAIT: Duration = Duration::from_secs(60);

/// The functions at work.
pub struct Engine {
    stop: Stop,
    tasks: JoinSet<()>,
    failed: watch::Sender<Option<Fault>>,
    /// Sends notifications.
    pub alerts: Arc<AlertDispatch>,
}

impl Engine {
    /// Starts every function of the path.
    pub fn start(parts: &Parts, resolver: &Arc<dyn Resolver>) -> Result<Self, Fault> {
        let sources = Arc::new(WiredSources::new(resolver.clone()));
        let modules = Arc::new(Registry::of_this_binary(parts)?.modules()?);
        let destinations = Arc::new(WiredDestinations::new(resolver.clone()));
        let alerts = Arc::new(alert_dispatch::wiring::dispatch(parts, resolver.clone()));
        let (stop, failed) = (Stop::default(), watch::Sender::new(None));
        let mut engine = Self { stop, tasks: JoinSet::new(), failed, alerts: alerts.clone() };
        let limits = Limits { undelivered_bytes: memory::undelivered_bytes(), ..Limits::default() };
        let judge = Arc::new(Judge::new(parts, modules.clone()));
        let pull = BatchPull::new(parts.clone(), sources, limits).with_judge(judge);
        engine.drive(pull, QueueName::Slices, parts);
        engine.drive(Transform::new(parts.clone(), modules), QueueName::Staged, parts);
        engine.drive(QualityCheck::new(parts.clone()), QueueName::Transformed, parts);
        engine.drive(Deliver::new(parts.clone(), destinations), QueueName::Checked, parts);
        engine.drive_shared(alerts, QueueName::Signals, parts);
        engine.send_alerts(parts);
        engine.tend_dead_letters(parts);
        Ok(engine)
    }

    /// Waits until a queue or the store has failed for good, and says why. Nothing goes on then.
    pub async fn failure(&self) -> Fault {
        let mut failed = self.failed.subscribe();
        loop {
            if let Some(fault) = failed.borrow_and_update().clone() {
                return fault;
            }
            if failed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Sends, at the end of a run nobody stays behind for, what would be due within the first wait
    /// of its group. What is told already keeps to its intervals.
    pub async fn flush_alerts(&self, parts: &Parts) {
        let deadline = parts.clock.uptime() + FLUSH;
        while parts.clock.uptime() < deadline {
            match parts.queue.depth(QueueName::Signals).await {
                Ok(depth) if depth.waiting + depth.leased > 0 => tokio::time::sleep(LOOK).await,
                _ => break,
            }
        }
        if let Err(fault) = self.alerts.send_due(parts.clock.now() + LONGEST_GROUP_WAIT).await {
            tracing::error!(code = fault.code, cause = fault.message, "alerts could not be sent");
        }
    }

    /// Asks the functions to stop and waits until they have: each finishes the batch it is at.
    pub async fn stop(mut self) {
        self.stop.raise();
        while self.tasks.join_next().await.is_some() {}
    }

    fn drive<S>(&mut self, step: S, from: QueueName, parts: &Parts)
    where
        S: Step + 'static,
        S::Takes: Handoff,
    {
        self.drive_shared(Arc::new(step), from, parts);
    }

    fn drive_shared<S>(&mut self, step: Arc<S>, from: QueueName, parts: &Parts)
    where
        S: Step + 'static,
        S::Takes: Handoff,
    {
        let worker = Arc::new(Worker::new(step, from, parts));
        for _ in 0..CONCURRENCY {
            let (worker, stop, failed) = (worker.clone(), self.stop.clone(), self.failed.clone());
            self.tasks.spawn(async move {
                if let Err(fault) = worker.work(&stop).await {
                    failed.send_replace(Some(fault));
                }
            });
        }
    }

    fn send_alerts(&mut self, parts: &Parts) {
        let (alerts, clock, stop) = (self.alerts.clone(), parts.clock.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            while !stop.is_raised() {
                if let Err(fault) = alerts.send_due(clock.now()).await {
                    tracing::error!(code = fault.code, cause = fault.message, "alerts could not be looked at");
                }
                tokio::select! {
                    () = tokio::time::sleep(ALERT_PERIOD) => {}
                    () = stop.wait() => {}
                }
            }
        });
    }

    fn tend_dead_letters(&mut self, parts: &Parts) {
        let undertaker = Undertaker::new(parts.queue.clone(), parts.store.clone(), parts.clock.clone());
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            while !stop.is_raised() {
                if let Err(fault) = undertaker.tend_all().await {
                    tracing::error!(code = fault.code, cause = fault.message, "dead letters could not be tended");
                }
                tokio::select! {
                    () = tokio::time::sleep(UNDERTAKER_PERIOD) => {}
                    () = stop.wait() => {}
                }
            }
        });
    }
}

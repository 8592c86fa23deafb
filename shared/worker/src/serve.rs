use std::sync::Arc;

use flow::{Fault, FaultKind, Handoff, QueueName, Step};
use tokio::task::{JoinError, JoinSet};

use crate::{Parts, Settings, Stop, Worker};

/// Runs one function as a process of its own on the embedded parts of its home, until it is asked
/// to stop (SIGINT or SIGTERM) or its queue or store fails for good. What it is working on is finished
/// first.
pub async fn serve<S>(
    settings: &Settings,
    from: QueueName,
    make: impl FnOnce(&Parts) -> Result<S, Fault>,
) -> Result<(), Fault>
where
    S: Step + 'static,
    S::Takes: Handoff,
{
    log_to_stderr(settings.log_as_json);
    let (parts, _) = Parts::open(&settings.home).await?;
    let worker = Arc::new(Worker::new(Arc::new(make(&parts)?), from, &parts));
    let stop = Stop::default();
    let mut tasks = JoinSet::new();
    for _ in 0..settings.concurrency {
        let (worker, stop) = (worker.clone(), stop.clone());
        tasks.spawn(async move { worker.work(&stop).await });
    }
    let mut outcome = tokio::select! {
        () = asked_to_stop() => Ok(()),
        Some(worked) = tasks.join_next() => joined(worked),
    };
    stop.raise();
    while let Some(worked) = tasks.join_next().await {
        outcome = outcome.and(joined(worked));
    }
    outcome
}

fn joined(worked: Result<Result<(), Fault>, JoinError>) -> Result<(), Fault> {
    worked.unwrap_or_else(|error| Err(Fault::from_error(FaultKind::Bug, "worker_panicked", &error)))
}

async fn asked_to_stop() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(_) => {
            _ = tokio::signal::ctrl_c().await;
            return;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

fn log_to_stderr(as_json: bool) {
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr);
    // A second subscriber in one process (tests) keeps the first.
    _ = if as_json { builder.json().try_init() } else { builder.try_init() };
}

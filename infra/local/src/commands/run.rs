use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deliver::Destinations;
use deliver::wiring::WiredDestinations;
use flow::{Fault, QueueName, RunId};
use schedule::{Started, Starter};
use spec::Resolver;
use store::record::{Run, RunState};
use worker::{Parts, QueueOutbox};

use super::saved::{Saved, save};
use crate::engine::Engine;
use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, RunArgs};
use crate::output::{Output, note};
use crate::progress::Progress;
use crate::report::{RunReport, Whereabouts};
use crate::{Failure, error, settings};

/// How often the run's state is looked at.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) async fn run(args: &RunArgs, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    // The spec is read before the home is made: a wrong one leaves nothing behind.
    spec::load::file(&args.spec)?.validate()?;
    let home = Home::work(&folder_of(everywhere.home.as_deref(), Some(&args.spec))).await?;
    let resolver = settings::resolver();
    let saved = save(&home.parts, &args.spec).await?;
    let destinations = WiredDestinations::new(resolver.clone());
    let destination = destinations.destination_of(&saved.sync)?;
    loop {
        let run = begin(&home.parts, &saved, args).await?;
        let ended = drive(&home.parts, &resolver, &run.id).await?;
        let has_ended_well = matches!(ended.state, RunState::Succeeded | RunState::Degraded);
        if ended.replay.is_some() && has_ended_well {
            note(&format!("replay {} has ended; the run follows", ended.id));
            continue;
        }
        let whereabouts = Whereabouts { destination: destination.as_ref(), sync: &saved.sync };
        let report = RunReport::of(&home.parts, &ended, Some(whereabouts)).await?;
        output.print(&report, |report| text(report, &home.folder))?;
        return verdict(&ended);
    }
}

async fn begin(parts: &Parts, saved: &Saved, args: &RunArgs) -> Result<Run, Failure> {
    let sync = &saved.sync.name;
    let last = parts.store.runs(Some(sync), 1).await?.into_iter().next();
    if let Some(last) = last.filter(|run| matches!(run.state, RunState::Running | RunState::Failed)) {
        if args.restart {
            parts.store.abandon_run(&last.id, parts.clock.now()).await?;
        }
        for queue in QueueName::ALL {
            parts.queue.purge(queue, &format!("{}/", last.id)).await?;
        }
    }
    let outbox = QueueOutbox::new(parts.queue.clone(), parts.store.clone());
    let started =
        Starter::new(parts.clone()).start_or_resume(sync, saved.version.version, parts.clock.now(), &outbox).await?;
    if let Started::Resumed(run) = &started {
        note(&format!("resuming run {} (attempt {})", run.id, run.attempt));
    }
    Ok(started.run().clone())
}

/// Drives the functions until the run has ended, or until the user interrupts it.
pub(crate) async fn drive(parts: &Parts, resolver: &Arc<dyn Resolver>, run: &RunId) -> Result<Run, Failure> {
    let engine = Engine::start(parts, resolver)?;
    let ended = tokio::select! {
        ended = watch(parts, run) => ended,
        fault = engine.failure() => Err(stopped(&fault)),
        _ = tokio::signal::ctrl_c() => {
            note("stopping: the batches at work are finished first");
            Err(Failure {
                status: 1,
                code: "interrupted".to_owned(),
                message: "the run was interrupted; run the same command again and it goes on".to_owned(),
            })
        }
    };
    if ended.is_ok() {
        engine.flush_alerts(parts).await;
    }
    engine.stop().await;
    ended
}

fn stopped(fault: &Fault) -> Failure {
    Failure {
        status: error::status_of(fault.kind),
        code: fault.code.clone(),
        message: format!("{}; run the same command again when it is mended: the run goes on", fault.message),
    }
}

async fn watch(parts: &Parts, run: &RunId) -> Result<Run, Failure> {
    let mut progress = Progress::new();
    loop {
        let now = parts.store.run(run).await?;
        if let Some(ended) = now.filter(|run| run.state != RunState::Running) {
            progress.finish();
            return Ok(ended);
        }
        progress.show(parts, run).await?;
        tokio::time::sleep(LOOK).await;
    }
}

pub(crate) fn text(report: &RunReport, home: &Path) -> String {
    let mut text = report.text();
    if report.quarantined > 0 {
        let command = format!("millstream quarantine show --run {} --home {}", report.run, home.display());
        text.push_str(&format!("\n  see the quarantined rows: {command}"));
    }
    text
}

pub(crate) fn verdict(run: &Run) -> Result<(), Failure> {
    match (run.state, &run.fault) {
        (RunState::Succeeded, _) => Ok(()),
        (RunState::Degraded, _) => Err(Failure::told(3)),
        (_, Some(fault)) => Err(stopped(fault)),
        (_, None) => Err(Failure::told(1)),
    }
}

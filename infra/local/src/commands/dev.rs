use std::time::Duration;

use flow::{Budget, QueueName, Step, Tick};
use schedule::{Schedule, Starter};
use store::record::RunState;
use tokio::signal::unix::{SignalKind, signal};
use worker::{Parts, QueueOutbox};

use super::saved::save;
use crate::engine::Engine;
use crate::home::{Home, folder_of};
use crate::opt::{DevArgs, Everywhere};
use crate::output::{Output, note};
use crate::report::{RunReport, run_state};
use crate::{Failure, settings};

/// How often the clock is looked at. Cron is by the minute; a second keeps runs close to it.
const TICK: Duration = Duration::from_secs(1);

pub(crate) async fn dev(args: &DevArgs, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    for spec in &args.specs {
        spec::load::file(spec)?.validate()?;
    }
    let home =
        Home::work(&folder_of(everywhere.home.as_deref(), args.specs.first().map(std::path::PathBuf::as_path))).await?;
    for path in &args.specs {
        let saved = save(&home.parts, path).await?;
        let when = saved
            .sync
            .schedule
            .as_ref()
            .map_or("by hand only".to_owned(), |schedule| format!("`{}` in {}", schedule.cron, schedule.timezone));
        note(&format!("{}: {when}", saved.sync.name));
    }
    let engine = Engine::start(&home.parts, &settings::resolver())?;
    take_over(&home.parts).await?;
    note("running until stopped (Ctrl-C)");
    let mut stopped = std::pin::pin!(stop_signal());
    let mut watcher = Watcher::default();
    let outcome = loop {
        tokio::select! {
            () = &mut stopped => break Ok(()),
            fault = engine.failure() => break Err(Failure::from(fault)),
            () = tokio::time::sleep(TICK) => {
                tick(&home.parts).await;
                watcher.tell(&home.parts, output).await?;
            }
        }
    };
    note("stopping: the batches at work are finished first");
    engine.stop().await;
    outcome
}

/// Runs that an earlier process left behind go on.
async fn take_over(parts: &Parts) -> Result<(), Failure> {
    let outbox = QueueOutbox::new(parts.queue.clone(), parts.store.clone());
    for saved in parts.store.latest_specs().await? {
        let last = parts.store.runs(Some(&saved.sync), 1).await?.into_iter().next();
        let Some(left) = last.filter(|run| run.state == RunState::Running) else { continue };
        for queue in QueueName::ALL {
            parts.queue.purge(queue, &format!("{}/", left.id)).await?;
        }
        note(&format!("resuming run {}", left.id));
        Starter::new(parts.clone()).start_or_resume(&saved.sync, saved.version, parts.clock.now(), &outbox).await?;
    }
    Ok(())
}

/// A tick that fails was logged by the schedule; the next one tries again.
async fn tick(parts: &Parts) {
    let outbox = QueueOutbox::new(parts.queue.clone(), parts.store.clone());
    let tick = Tick { at: parts.clock.now() };
    let budget = Budget::of(TICK * 30, parts.clock.clone());
    _ = Schedule::new(parts.clone()).run(tick, &outbox, &budget).await;
}

/// Listens from here on; what it gives ends when somebody asks for the end.
pub(super) fn stop_signal() -> impl Future<Output = ()> {
    let listening = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async {
        match listening {
            [Ok(mut interrupt), Ok(mut terminate)] => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            _ => _ = tokio::signal::ctrl_c().await,
        }
    }
}

/// Tells of each run once, when it has ended.
#[derive(Default)]
struct Watcher {
    told: std::collections::HashSet<(String, u32)>,
    started: bool,
}

impl Watcher {
    async fn tell(&mut self, parts: &Parts, output: Output) -> Result<(), Failure> {
        for run in parts.store.runs(None, 20).await?.iter().rev() {
            let has_ended = run.state != RunState::Running;
            let is_news = has_ended && self.told.insert((run.id.to_string(), run.attempt));
            if is_news && self.started {
                let report = RunReport::of(parts, run, None).await?;
                output.print(&report, |report| {
                    format!("{} {}: {} delivered", report.run, run_state(report.state), report.delivered)
                })?;
            }
        }
        self.started = true;
        Ok(())
    }
}

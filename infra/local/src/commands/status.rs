use flow::{QueueName, Signal};
use serde::Serialize;

use crate::Failure;
use crate::home::{Home, folder_of};
use crate::opt::Everywhere;
use crate::output::{Output, table};
use crate::report::{RunReport, ago, run_state};

/// Signals shown, the newest of all syncs.
const SIGNALS: u32 = 10;

#[derive(Serialize)]
struct Status {
    home: String,
    syncs: Vec<SyncStatus>,
    signals: Vec<Signal>,
    queues: Vec<QueueStatus>,
}

#[derive(Serialize)]
struct SyncStatus {
    sync: String,
    spec_version: u32,
    last_run: Option<RunReport>,
    next_due: Option<flow::Timestamp>,
}

#[derive(Serialize)]
struct QueueStatus {
    queue: String,
    waiting: u64,
    leased: u64,
    delayed: u64,
    dead: u64,
}

pub(crate) async fn status(everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    let home = Home::look(&folder_of(everywhere.home.as_deref(), None)).await?;
    let now = home.parts.clock.now();
    let status = Status {
        home: home.folder.display().to_string(),
        syncs: syncs(&home).await?,
        signals: home.parts.store.signals(None, SIGNALS).await?,
        queues: queues(&home).await?,
    };
    output.print(&status, |status| text(status, now))
}

async fn syncs(home: &Home) -> Result<Vec<SyncStatus>, Failure> {
    let mut syncs = Vec::new();
    for saved in home.parts.store.latest_specs().await? {
        let last = home.parts.store.runs(Some(&saved.sync), 1).await?.into_iter().next();
        let last_run = match &last {
            Some(run) => Some(RunReport::of(&home.parts, run, None).await?),
            None => None,
        };
        let spec = spec::load::from_stored(&saved.text)?;
        let next_due = spec.schedule.and_then(|schedule| schedule.next_after(home.parts.clock.now()));
        syncs.push(SyncStatus { sync: saved.sync.to_string(), spec_version: saved.version, last_run, next_due });
    }
    Ok(syncs)
}

async fn queues(home: &Home) -> Result<Vec<QueueStatus>, Failure> {
    let mut queues = Vec::new();
    for name in QueueName::ALL {
        let depth = home.parts.queue.depth(name).await?;
        queues.push(QueueStatus {
            queue: name.to_string(),
            waiting: depth.waiting,
            leased: depth.leased,
            delayed: depth.delayed,
            dead: depth.dead,
        });
    }
    Ok(queues)
}

fn text(status: &Status, now: flow::Timestamp) -> String {
    let mut syncs = vec![
        ["sync", "spec", "last run", "started", "delivered", "quarantined", "next due"].map(str::to_owned).to_vec(),
    ];
    syncs.extend(status.syncs.iter().map(|sync| {
        let last = sync.last_run.as_ref();
        vec![
            sync.sync.clone(),
            format!("v{}", sync.spec_version),
            last.map_or("never", |run| run_state(run.state)).to_owned(),
            last.map(|run| ago(run.started_at, now)).unwrap_or_default(),
            last.map(|run| run.delivered.to_string()).unwrap_or_default(),
            last.map(|run| run.quarantined.to_string()).unwrap_or_default(),
            sync.next_due.map(|due| due.to_rfc3339()).unwrap_or_else(|| "by hand".to_owned()),
        ]
    }));
    let mut queues = vec![["queue", "waiting", "leased", "delayed", "dead letters"].map(str::to_owned).to_vec()];
    queues.extend(status.queues.iter().map(|queue| {
        let counts = [queue.waiting, queue.leased, queue.delayed, queue.dead].map(|count| count.to_string());
        [vec![queue.queue.clone()], counts.to_vec()].concat()
    }));
    let signals = signals(&status.signals, now);
    format!("home: {}\n\n{}\n\n{signals}{}", status.home, table(&syncs), table(&queues))
}

fn signals(signals: &[Signal], now: flow::Timestamp) -> String {
    if signals.is_empty() {
        return String::new();
    }
    let mut lines = vec![["signal", "severity", "sync", "stream", "raised", "summary"].map(str::to_owned).to_vec()];
    lines.extend(signals.iter().map(|signal| {
        vec![
            signal.name.clone(),
            signal.severity.as_str().to_owned(),
            signal.sync.to_string(),
            signal.stream.as_ref().map(ToString::to_string).unwrap_or_default(),
            ago(signal.at, now),
            signal.summary.clone(),
        ]
    }));
    format!("{}\n\n", table(&lines))
}

//! `replay`: one replay, or a series of them, from its beginning to what is told of it.

mod rules;
mod series;

use std::path::Path;

use deliver::Destinations;
use deliver::wiring::WiredDestinations;
use flow::{RunId, StreamName};
use serde_json::json;
use spec::Sync;
use store::record::{Run, RunState, StreamState};
use worker::Parts;

use self::series::Series;
use super::run::{drive, text, verdict};
use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, ReplayArgs};
use crate::output::{Output, note, write_line};
use crate::report::{RunReport, Whereabouts};
use crate::{Failure, settings};

pub(crate) async fn replay(args: &ReplayArgs, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    let folder = folder_of(everywhere.home.as_deref(), args.spec.as_deref());
    Home::look(&folder).await?;
    let home = Home::work(&folder).await?;
    let parts = &home.parts;
    let asked = find_run(parts, &args.run).await?;
    let rules = rules::rules(parts, &asked, args).await?;
    let streams = streams(parts, &asked, args).await?;
    let series = Series { parts, asked: &asked, rules: &rules, streams: &streams, args };
    let mut next = series.begin().await?;
    let mut ended = Vec::new();
    while let Some(run) = next {
        note(&format!("replay {} of run {}", run.id, run.replay.as_ref().map_or("", |replay| replay.of.as_str())));
        let run = drive(parts, &settings::resolver(), &run.id).await?;
        let has_ended_well = matches!(run.state, RunState::Succeeded | RunState::Degraded);
        next = if has_ended_well { series.following(&run).await? } else { None };
        ended.push(run);
    }
    if ended.is_empty() {
        return nothing(output, &asked);
    }
    print(&home, &ended, &rules.sync, output).await?;
    worst(&ended)
}

/// The streams to replay: those the run has finished, or the one asked for.
async fn streams(parts: &Parts, asked: &Run, args: &ReplayArgs) -> Result<Vec<StreamName>, Failure> {
    let finished = parts.store.run_streams(&asked.id).await?;
    let finished = finished.into_iter().filter(|stream| stream.state == StreamState::Finished);
    let names: Vec<StreamName> = finished.map(|stream| stream.stream).collect();
    let Some(wanted) = &args.stream else { return Ok(names) };
    match names.iter().find(|name| name.as_str() == wanted) {
        Some(name) => Ok(vec![name.clone()]),
        None => {
            let known: Vec<&str> = names.iter().map(StreamName::as_str).collect();
            let message = format!("run `{}` delivered no stream `{wanted}`: it has {}", asked.id, known.join(", "));
            Err(Failure::input("stream_unknown", message))
        }
    }
}

async fn find_run(parts: &Parts, id: &str) -> Result<Run, Failure> {
    let run = parts.store.run(&RunId::from_text(id)).await?;
    run.ok_or_else(|| Failure::input("run_unknown", format!("no run `{id}`; see `millstream runs`")))
}

/// One report, or a list of them for a series.
async fn print(home: &Home, ended: &[Run], sync: &Sync, output: Output) -> Result<(), Failure> {
    let destination = WiredDestinations::new(settings::resolver()).destination_of(sync)?;
    let mut reports = Vec::new();
    for run in ended {
        let whereabouts = Whereabouts { destination: destination.as_ref(), sync };
        reports.push(RunReport::of(&home.parts, run, Some(whereabouts)).await?);
    }
    let one = |report: &RunReport| text(report, Path::new(&home.folder));
    match reports.as_slice() {
        [report] => output.print(report, one),
        _ => output.print(&reports, |reports| reports.iter().map(one).collect::<Vec<_>>().join("\n")),
    }
}

/// A series ends at the replay that failed; otherwise it is as good as the worst of it.
fn worst(ended: &[Run]) -> Result<(), Failure> {
    let has_failed = |run: &&Run| !matches!(run.state, RunState::Succeeded | RunState::Degraded);
    let is_degraded = |run: &&Run| run.state == RunState::Degraded;
    let worst = ended.iter().find(has_failed).or_else(|| ended.iter().find(is_degraded));
    worst.map_or(Ok(()), verdict)
}

fn nothing(output: Output, asked: &Run) -> Result<(), Failure> {
    match output {
        Output::Json => write_line(&json!({ "replays": asked.id.as_str(), "read": 0, "delivered": 0 }).to_string()),
        Output::Text => write_line(&format!("nothing to replay of run {}", asked.id)),
    }
    Ok(())
}

use std::sync::Arc;

use flow::{Fault, FaultKind, RunId, StreamName, SyncName, Timestamp};
use spec::{Stream, Sync};
use staging::StagingExt;
use store::record::{BatchRecord, RawBatches, RawFilter, Run};
use worker::Parts;

use crate::Failure;
use crate::home::{Home, folder_of};
use crate::lab::{Candidate, Lab, Line, Lined, Place, Stage, config};
use crate::opt::{Everywhere, TryArgs};
use crate::output::Output;
use crate::trial::diff::{Diff, Pair};
use crate::trial::report::TrialReport;

/// Tries a candidate on kept raw batches. Writes nothing to the home.
pub(crate) async fn try_out(args: &TryArgs, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    let home = Home::look(&folder_of(everywhere.home.as_deref(), None)).await?;
    let parts = &home.parts;
    let candidate = Arc::new(Candidate::parse(&args.candidate)?);
    let sync = live(parts, &args.sync).await?;
    let stream = one_stream(&sync, args.stream.as_deref())?;
    let place = Place::find(stream, &candidate, args.at)?;
    let batches = batches(parts, &sync, &stream.name, args).await?;
    let report = TrialReport {
        sync: sync.name.to_string(),
        stream: stream.name.to_string(),
        candidate: candidate.written(),
        at: place.at + 1,
        live_module: stream.transforms.get(place.at).filter(|_| place.is_taken).map(|live| live.module.clone()),
        batches_gone: batches.gone,
        ..TrialReport::default()
    };
    let trial = Trial { parts, lab: Lab::new(parts).await?, stream, candidate, place };
    let report = trial.run(args, batches.kept, Diff::new(report, args.examples)).await?;
    let has_failed = report.tried.batches_failed > 0;
    output.print(&report, TrialReport::text)?;
    if has_failed { Err(Failure::told(1)) } else { Ok(()) }
}

struct Trial<'a> {
    parts: &'a Parts,
    lab: Lab,
    stream: &'a Stream,
    candidate: Arc<Candidate>,
    place: Place,
}

impl Trial<'_> {
    async fn run(&self, args: &TryArgs, batches: Vec<BatchRecord>, mut diff: Diff) -> Result<TrialReport, Failure> {
        let stages: Vec<Stage> = self.stream.transforms.iter().cloned().map(Stage::Live).collect();
        let mut live = Line::new(&self.lab, "live", stages.clone(), self.stream.quality.clone());
        let mut tried = Line::new(&self.lab, "tried", self.with_candidate(stages, args)?, self.stream.quality.clone());
        let mut run: Option<Run> = None;
        let mut gone = 0;
        let mut live_is_closed: Option<Fault> = None;
        for batch in batches {
            if run.as_ref().is_none_or(|run| run.id != batch.run) {
                run = self.parts.store.run(&batch.run).await?;
            }
            let Some(run) = &run else { continue };
            let raw = match self.parts.staging.get_batch(&batch.raw).await {
                Ok(raw) => raw,
                Err(staging::Error::NotFound { .. }) => {
                    gone += 1;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let of = lined(run, &self.stream.name);
            let after = tried.put(&of, &batch.id, &raw).await?;
            // What is live may be what cannot even be opened any more: that is no reason not to try.
            let before = match live.put(&of, &batch.id, &raw).await {
                Ok(before) => before,
                Err(fault) if fault.kind == FaultKind::Config => {
                    live_is_closed = Some(fault.clone());
                    crate::lab::Outcome::nothing(fault, std::time::Duration::ZERO)
                }
                Err(fault) => return Err(fault.into()),
            };
            if let (Some(live), Some(tried)) = (live.schema(), tried.schema()) {
                diff.compare_schemas(&live, &tried);
            }
            let (live_suite, tried_suite) = (live.suite(), tried.suite());
            diff.compare_checks(
                live_suite.as_deref().map(|suite| (suite, &before)),
                tried_suite.as_deref().map(|suite| (suite, &after)),
            );
            let pair = Pair { batch: &batch.id, raw_rows: raw.num_rows(), live: &before, tried: &after };
            diff.add(&pair)?;
        }
        let mut report = diff.finish();
        report.batches_gone += gone;
        report.live.failure = report.live.failure.or_else(|| live_is_closed.map(|fault| fault.to_string()));
        report.digest = self.candidate.digest().await.map(|digest| digest.to_string()).unwrap_or_default();
        if report.batches == 0 {
            let message = format!(
                "no raw batch of stream `{}` is kept that could be tried on{}; run the sync, or choose others",
                self.stream.name,
                if report.batches_gone > 0 { format!(" ({} are gone)", report.batches_gone) } else { String::new() }
            );
            return Err(Failure::input("raw_gone", message));
        }
        Ok(report)
    }

    fn with_candidate(&self, mut stages: Vec<Stage>, args: &TryArgs) -> Result<Vec<Stage>, Failure> {
        let there = stages.get_mut(self.place.at).filter(|_| self.place.is_taken);
        let live_config = match &there {
            Some(Stage::Live(transform)) => transform.config.clone(),
            _ => serde_json::Value::Null,
        };
        let config = config(args.config.as_deref())?.unwrap_or(live_config);
        let tried = Stage::Tried { candidate: self.candidate.clone(), config };
        match there {
            Some(there) => *there = tried,
            None => stages.push(tried),
        }
        Ok(stages)
    }
}

fn lined(run: &Run, stream: &StreamName) -> Lined {
    Lined { sync: run.sync.clone(), stream: stream.clone(), run: run.id.clone(), version: run.version, due: run.due_at }
}

/// The spec that is live: the last one saved.
async fn live(parts: &Parts, name: &str) -> Result<Sync, Failure> {
    let name = SyncName::new(name).map_err(|error| Failure::input("name_invalid", error.to_string()))?;
    let specs = parts.store.latest_specs().await?;
    let Some(saved) = specs.iter().find(|spec| spec.sync == name) else {
        let hint = spec::nearest(name.as_str(), specs.iter().map(|spec| spec.sync.as_str()));
        let hint = hint.map(|right| format!("; did you mean `{right}`?")).unwrap_or_default();
        return Err(Failure::input("sync_unknown", format!("no sync `{name}` was run in this home{hint}")));
    };
    Ok(spec::load::from_stored(&saved.text)?)
}

fn one_stream<'a>(sync: &'a Sync, wanted: Option<&str>) -> Result<&'a Stream, Failure> {
    let names = || sync.streams.iter().map(|stream| stream.name.as_str()).collect::<Vec<_>>().join(", ");
    match (wanted, sync.streams.as_slice()) {
        (Some(wanted), streams) => streams.iter().find(|stream| stream.name.as_str() == wanted).ok_or_else(|| {
            Failure::input("stream_unknown", format!("`{}` has no stream `{wanted}`; it has {}", sync.name, names()))
        }),
        (None, [one]) => Ok(one),
        (None, _) => {
            let message = format!("`{}` has several streams: say with --stream which one ({})", sync.name, names());
            Err(Failure::input("stream_unclear", message))
        }
    }
}

async fn batches(parts: &Parts, sync: &Sync, stream: &StreamName, args: &TryArgs) -> Result<RawBatches, Failure> {
    let filter = RawFilter {
        sync: sync.name.clone(),
        stream: stream.clone(),
        run: args.run.as_deref().map(RunId::from_text),
        since: args.since.as_deref().map(|since| moment(since, parts.clock.now())).transpose()?,
    };
    let chosen_by_number = filter.run.is_none() && filter.since.is_none();
    if let Some(run) = &filter.run
        && parts.store.run(run).await?.is_none_or(|run| run.sync != sync.name)
    {
        return Err(Failure::input(
            "run_unknown",
            format!("`{}` has no run `{run}`; see `millstream runs`", sync.name),
        ));
    }
    let limit = if chosen_by_number { args.batches } else { u32::MAX };
    let mut found = parts.store.raw_batches(&filter, limit).await?;
    // Of the newest batches none is gone: the oldest go first.
    if chosen_by_number && !found.kept.is_empty() {
        found.gone = 0;
    }
    // Later rows stand behind earlier ones, as `unique` sees them.
    found.kept.sort_by(|one, other| {
        (one.staged_at, &one.lane, one.sequence).cmp(&(other.staged_at, &other.lane, other.sequence))
    });
    Ok(found)
}

/// A moment, or how long ago.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    if let Ok(span) = text.parse::<flow::Span>() {
        return Ok(now - span.0);
    }
    chrono::DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc()).map_err(|_| {
        let message =
            format!("`{text}` is no moment: expected one like 2026-01-31T05:17:30Z, or how long ago: `2h`, `7d`");
        Failure::input("moment_invalid", message)
    })
}

use std::collections::BTreeMap;
use std::path::Path;

use arrow_schema::SchemaRef;
use checks::Quality;
use deliver::Destinations;
use deliver::wiring::WiredDestinations;
use flow::{Digest, QueueName, RunId, StreamName, Timestamp};
use schedule::Starter;
use serde_json::json;
use spec::written::Transform;
use spec::{Disposition, Stream, Sync};
use store::record::{Replay, Replayed, Run, RunState, SpecVersion, StreamState};
use worker::replay::ReplayList;
use worker::{Parts, QueueOutbox};

use super::run::{drive, text, verdict};
use super::saved::save;
use crate::home::{Home, folder_of};
use crate::lab::{Candidate, Lab, Line, Place, Stage, config};
use crate::opt::{Everywhere, Only, ReplayArgs};
use crate::output::{Output, note, write_line};
use crate::registry::{Catalog, NewModule, Registry};
use crate::replay::list::{Asked, Listed, behind, of_stream};
use crate::replay::{History, lined};
use crate::report::{RunReport, Whereabouts, grouped};
use crate::{Failure, settings};

pub(crate) async fn replay(args: &ReplayArgs, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    let folder = folder_of(everywhere.home.as_deref(), args.spec.as_deref());
    Home::look(&folder).await?;
    let home = Home::work(&folder).await?;
    let parts = &home.parts;
    let asked = find_run(parts, &args.run).await?;
    let rules = rules(parts, &asked, args).await?;
    let streams = streams(parts, &asked, args).await?;
    let task = Task { parts, asked: &asked, rules: &rules, streams: &streams, args };
    let mut next = task.begin().await?;
    let mut ended = Vec::new();
    while let Some(run) = next {
        note(&format!("replay {} of run {}", run.id, run.replay.as_ref().map_or("", |replay| replay.of.as_str())));
        let run = drive(parts, &settings::resolver(), &run.id).await?;
        let has_ended_well = matches!(run.state, RunState::Succeeded | RunState::Degraded);
        next = if has_ended_well { task.following(&run).await? } else { None };
        ended.push(run);
    }
    if ended.is_empty() {
        return nothing(output, &asked);
    }
    print(&home, &ended, &rules.sync, output).await?;
    worst(&ended)
}

/// What a replay runs with.
struct Rules {
    sync: Sync,
    version: SpecVersion,
}

struct Task<'a> {
    parts: &'a Parts,
    asked: &'a Run,
    rules: &'a Rules,
    streams: &'a [StreamName],
    args: &'a ReplayArgs,
}

impl Task<'_> {
    /// Goes on with the replay that was interrupted, or opens a new one. None when nothing is to be sent.
    async fn begin(&self) -> Result<Option<Run>, Failure> {
        let last = self.parts.store.runs(Some(&self.asked.sync), 1).await?.into_iter().next();
        match last.filter(|last| last.id != self.asked.id) {
            Some(last) if is_unfinished(&last) => self.go_on_with(last).await,
            Some(last) if self.is_same(&last) && !self.args.restart && has_more(&last) => self.following(&last).await,
            _ if is_unfinished(self.asked) => Err(unfinished(self.asked)),
            _ => self.open_first().await,
        }
    }

    async fn go_on_with(&self, last: Run) -> Result<Option<Run>, Failure> {
        if last.replay.is_none() || !self.is_same(&last) {
            return Err(unfinished(&last));
        }
        for queue in QueueName::ALL {
            self.parts.queue.purge(queue, &format!("{}/", last.id)).await?;
        }
        if self.args.restart {
            self.refuse_to_double(&last).await?;
            self.parts.store.abandon_run(&last.id, self.parts.clock.now()).await?;
            return self.open_first().await;
        }
        // What an append sends again does not depend on its rules; what a merge takes away does.
        let may_change = self.all_append();
        if last.version != self.rules.version.version && !may_change {
            let message =
                format!("replay `{}` was begun with other rules; add --restart to begin it again with these", last.id);
            return Err(Failure::input("replay_has_other_rules", message));
        }
        let outbox = self.outbox();
        let resumed = Starter::new(self.parts.clone()).resume(&last, self.rules.version.version, &outbox).await?;
        note(&format!("resuming replay {} (attempt {})", resumed.id, resumed.attempt));
        Ok(Some(resumed))
    }

    /// The next replay of the series one belongs to.
    async fn following(&self, ended: &Run) -> Result<Option<Run>, Failure> {
        let Some(replay) = &ended.replay else { return Ok(None) };
        let Some((next, then)) = replay.then.split_first() else { return Ok(None) };
        let run = find_run(self.parts, next.as_str()).await?;
        self.open(run, replay.what, Some(then.to_vec())).await
    }

    async fn open_first(&self) -> Result<Option<Run>, Failure> {
        if let (Some(replay), None) = (&self.asked.replay, self.args.only) {
            let message =
                format!("run `{}` is a replay itself: replay the run it read, `{}`", self.asked.id, replay.of);
            return Err(Failure::input("run_is_a_replay", message));
        }
        self.open(self.asked.clone(), self.what(), None).await
    }

    /// `behind` says that another replay came before, and which runs are still to come.
    async fn open(&self, of: Run, what: Replayed, behind_with: Option<Vec<RunId>>) -> Result<Option<Run>, Failure> {
        let now = self.parts.clock.now();
        let id = id(&of, now);
        let lab = Lab::new(self.parts).await?;
        let history = History::of(self.parts, of).await?;
        let mut list = ReplayList::default();
        let mut then: Vec<RunId> = behind_with.clone().unwrap_or_default();
        for name in self.streams {
            let stream = self.stream(name)?;
            let asked =
                Asked { lab: &lab, history: &history, stream, what, and_later: self.args.and_later, replay: &id };
            let listed = if behind_with.is_some() { behind(&asked).await? } else { of_stream(&asked).await? };
            tell_left_out(name, &listed);
            then.extend(listed.then.into_iter().filter(|_| behind_with.is_none()));
            if !listed.stream.batches.is_empty() {
                list.streams.insert(name.clone(), listed.stream);
            }
        }
        if list.streams.is_empty() {
            return Ok(None);
        }
        let then = in_order(&history, then);
        let names: Vec<StreamName> = list.streams.keys().cloned().collect();
        let list = self.parts.put_replay_list(&id, &list).await?;
        let run = Run {
            id,
            sync: history.run.sync.clone(),
            version: self.rules.version.version,
            attempt: 1,
            state: RunState::Running,
            // The modules' clock says what it said then.
            due_at: history.run.due_at,
            started_at: now,
            ended_at: None,
            fault: None,
            replay: Some(Replay { of: history.run.id.clone(), asked: self.asked.id.clone(), what, list, then }),
        };
        Ok(Some(Starter::new(self.parts.clone()).replay(&run, &names, &self.outbox()).await?))
    }

    fn stream(&self, name: &StreamName) -> Result<&Stream, Failure> {
        Ok(worker::stream_of(&self.rules.sync, name)?)
    }

    fn what(&self) -> Replayed {
        match self.args.only {
            Some(Only::Quarantined) => Replayed::Quarantined,
            None => Replayed::Everything,
        }
    }

    fn is_same(&self, run: &Run) -> bool {
        run.replay.as_ref().is_some_and(|replay| replay.asked == self.asked.id && replay.what == self.what())
    }

    fn all_append(&self) -> bool {
        let appends =
            |name| self.rules.sync.stream(name).is_some_and(|stream| stream.write_disposition == Disposition::Append);
        self.streams.iter().all(appends)
    }

    /// What a replay has appended stays: begun again, it would append it once more.
    async fn refuse_to_double(&self, last: &Run) -> Result<(), Failure> {
        for stream in self.parts.store.run_streams(&last.id).await? {
            let appends = self
                .rules
                .sync
                .stream(&stream.stream)
                .is_some_and(|stream| stream.write_disposition == Disposition::Append);
            if appends && self.parts.store.totals(&last.id, &stream.stream).await?.delivered > 0 {
                let message = format!(
                    "replay `{}` has appended rows to stream `{}`: begun again, they would be there twice; leave --restart out and it goes on",
                    last.id, stream.stream
                );
                return Err(Failure::input("replay_would_double", message));
            }
        }
        Ok(())
    }

    fn outbox(&self) -> QueueOutbox {
        QueueOutbox::new(self.parts.queue.clone(), self.parts.store.clone())
    }
}

/// The last saved spec, or the one given, with the module that is asked for in its place.
async fn rules(parts: &Parts, asked: &Run, args: &ReplayArgs) -> Result<Rules, Failure> {
    let saved = match &args.spec {
        Some(path) => {
            let saved = save(parts, path).await?;
            if saved.sync.name != asked.sync {
                let message =
                    format!("run `{}` is one of `{}`, the spec is that of `{}`", asked.id, asked.sync, saved.sync.name);
                return Err(Failure::input("run_of_other_sync", message));
            }
            saved.version
        }
        None => latest(parts, asked).await?,
    };
    let version = match &args.module {
        None => saved,
        Some(module) => with_module(parts, asked, saved, module, args).await?,
    };
    let sync = spec::load::from_stored(&version.text)?;
    let registry = Registry::of_this_binary(parts)?;
    for transform in sync.streams.iter().flat_map(|stream| &stream.transforms) {
        if let Some(digest) = transform.digest.as_ref().filter(|_| transform.rule.is_none()) {
            registry.refresh(digest).await?;
        }
    }
    Ok(Rules { sync, version })
}

async fn latest(parts: &Parts, asked: &Run) -> Result<SpecVersion, Failure> {
    let missing = || Failure::input("spec_missing", format!("no spec of `{}` was saved; name one", asked.sync));
    let specs = parts.store.latest_specs().await?;
    specs.into_iter().find(|spec| spec.sync == asked.sync).ok_or_else(missing)
}

/// A version of the spec for replays alone, in which the module stands.
async fn with_module(
    parts: &Parts,
    asked: &Run,
    saved: SpecVersion,
    module: &str,
    args: &ReplayArgs,
) -> Result<SpecVersion, Failure> {
    let sync = spec::load::from_stored(&saved.text)?;
    let name = one_stream(parts, asked, args).await?;
    let stream = worker::stream_of(&sync, &name)?;
    let candidate = Candidate::parse(module)?;
    let place = Place::find(stream, &candidate, args.at)?;
    let there = stream.transforms.get(place.at).filter(|_| place.is_taken);
    let transform_name = there.map_or_else(|| candidate.name(), |there| there.name().to_owned());
    let config = config(args.config.as_deref())?;
    let transform = match candidate.rule()? {
        Some(_) if config.is_some() => {
            return Err(Failure::input("config_of_rule", "a rule has no config; leave --config out"));
        }
        Some((_, rule)) => rule.written(transform_name),
        None => {
            let digest = kept_module(parts, asked, stream, (&candidate, place.at), &transform_name).await?;
            let lives_on = there.filter(|there| there.rule.is_none()).map(|there| there.config.clone());
            Transform {
                module: Some(format!("{transform_name}@sha256:{digest}")),
                config: config.or(lives_on),
                ..Transform::default()
            }
        }
    };
    let at = if place.is_taken { place.at } else { stream.transforms.len() };
    let text = spec::load::with_transform(&saved.text, &name, at, transform)?;
    let digest = Digest::of(text.as_bytes());
    Ok(parts.store.save_replay_spec(&asked.sync, &digest, &text, parts.clock.now()).await?)
}

/// The digest of a module that is in the store: a file is added under a name that nothing goes by.
async fn kept_module(
    parts: &Parts,
    asked: &Run,
    stream: &Stream,
    (candidate, at): (&Candidate, usize),
    name: &str,
) -> Result<Digest, Failure> {
    match candidate.bytes(&columns_before(parts, asked, stream, at).await?)? {
        Some(bytes) => {
            let version = Digest::of(&bytes).short().to_owned();
            let module = NewModule {
                bytes,
                name: format!("{name}.replay"),
                version,
                limits: BTreeMap::new(),
                trial: None,
                by: "replay".to_owned(),
            };
            Ok(Registry::of_this_binary(parts)?.add(module).await?.digest)
        }
        None => {
            let catalog = Catalog::read(parts.store.as_ref()).await?;
            Ok(catalog.look_up(&candidate.written())?.digest.clone())
        }
    }
}

/// The columns that come to the transform at this place.
async fn columns_before(parts: &Parts, asked: &Run, stream: &Stream, at: usize) -> Result<SchemaRef, Failure> {
    let streams = parts.store.run_streams(&asked.id).await?;
    let plan = streams.into_iter().find(|own| own.stream == stream.name).and_then(|own| own.plan);
    let missing =
        || Failure::input("stream_unknown", format!("run `{}` never read stream `{}`", asked.id, stream.name));
    let read = batch::schema::from_json(&plan.ok_or_else(missing)?.schema)?;
    if at == 0 {
        return Ok(read);
    }
    let lab = Lab::new(parts).await?;
    let before = stream.transforms.iter().take(at).cloned().map(Stage::Live).collect();
    let mut line = Line::new(&lab, "before", before, Quality::default());
    line.make_ready(&lined(asked, &stream.name), &read).await?;
    Ok(line.schema().unwrap_or(read))
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

async fn one_stream(parts: &Parts, asked: &Run, args: &ReplayArgs) -> Result<StreamName, Failure> {
    match streams(parts, asked, args).await?.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(Failure::input(
            "stream_unclear",
            "the run has several streams: say with --stream which one the module is for",
        )),
    }
}

async fn find_run(parts: &Parts, id: &str) -> Result<Run, Failure> {
    let run = parts.store.run(&RunId::from_text(id)).await?;
    run.ok_or_else(|| Failure::input("run_unknown", format!("no run `{id}`; see `millstream runs`")))
}

fn id(of: &Run, now: Timestamp) -> RunId {
    RunId::from_text(&format!("{}-replay-{}", of.sync, now.format("%Y%m%dT%H%M%S%3f")))
}

fn in_order(history: &History, then: Vec<RunId>) -> Vec<RunId> {
    history.later.iter().map(|run| run.id.clone()).filter(|run| then.contains(run)).collect()
}

fn is_unfinished(run: &Run) -> bool {
    matches!(run.state, RunState::Running | RunState::Failed)
}

fn has_more(run: &Run) -> bool {
    let ended_well = matches!(run.state, RunState::Succeeded | RunState::Degraded);
    ended_well && run.replay.as_ref().is_some_and(|replay| !replay.then.is_empty())
}

fn unfinished(run: &Run) -> Failure {
    let message = match &run.replay {
        Some(replay) => format!(
            "replay `{}` of run `{}` has not ended; go on with it (`millstream replay --run {}`) or give it up there with --restart",
            run.id, replay.of, replay.asked
        ),
        None => format!("run `{}` has not ended; `millstream run` goes on with it", run.id),
    };
    Failure::input("run_unfinished", message)
}

fn tell_left_out(stream: &StreamName, listed: &Listed) {
    let left_out = &listed.left_out;
    let tell = |rows: u64, why: &str| {
        if rows > 0 {
            note(&format!("{stream}: {} row(s) left out: {why}", grouped(rows)));
        }
    };
    tell(left_out.unreadable, "they were refused while they were read, so there is no row to put a rule to");
    tell(left_out.superseded, "a later row of the same key is in the destination");
    tell(left_out.delivered_in_part, "a part of what the rules made of them was delivered");
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

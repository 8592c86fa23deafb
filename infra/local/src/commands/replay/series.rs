//! A replay and, with `--and-later`, those behind it: which one is next, whatever was interrupted.

use flow::{QueueName, RunId, StreamName, Timestamp};
use schedule::Starter;
use spec::{Disposition, Stream};
use store::record::{Replay, Replayed, Run, RunState};
use worker::replay::ReplayList;
use worker::{Parts, QueueOutbox};

use super::find_run;
use super::rules::Rules;
use crate::Failure;
use crate::lab::Lab;
use crate::opt::{Only, ReplayArgs};
use crate::output::note;
use crate::replay::History;
use crate::replay::list::{Asked, Listed, behind, of_stream};
use crate::report::grouped;

/// Replays of one run that was asked for, and of those behind it.
pub(super) struct Series<'a> {
    pub(super) parts: &'a Parts,
    pub(super) asked: &'a Run,
    pub(super) rules: &'a Rules,
    pub(super) streams: &'a [StreamName],
    pub(super) args: &'a ReplayArgs,
}

impl Series<'_> {
    /// Goes on with the replay that was interrupted, or opens a new one. None when nothing is to be sent.
    pub(super) async fn begin(&self) -> Result<Option<Run>, Failure> {
        let last = self.parts.store.runs(Some(&self.asked.sync), 1).await?.into_iter().next();
        match last.filter(|last| last.id != self.asked.id) {
            Some(last) if is_unfinished(&last) => self.go_on_with(last).await,
            Some(last) if self.is_same(&last) && !self.args.restart && has_more(&last) => {
                self.refuse_other_rules(&last)?;
                self.following(&last).await
            }
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
        self.refuse_other_rules(&last)?;
        let outbox = self.outbox();
        let resumed = Starter::new(self.parts.clone()).resume(&last, self.rules.version.version, &outbox).await?;
        note(&format!("resuming replay {} (attempt {})", resumed.id, resumed.attempt));
        Ok(Some(resumed))
    }

    /// The next replay of the series one belongs to.
    pub(super) async fn following(&self, ended: &Run) -> Result<Option<Run>, Failure> {
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

    /// What an append sends again does not depend on its rules; what a merge takes away does.
    fn refuse_other_rules(&self, last: &Run) -> Result<(), Failure> {
        if last.version == self.rules.version.version || self.all_append() {
            return Ok(());
        }
        let what = if is_unfinished(last) { "replay" } else { "the series of replay" };
        let message =
            format!("{what} `{}` was begun with other rules; add --restart to begin it again with these", last.id);
        Err(Failure::input("replay_has_other_rules", message))
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

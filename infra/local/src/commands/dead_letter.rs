//! `dead-letter`: messages that could not be processed, why, and how they are tried again.

use std::collections::BTreeMap;
use std::time::Duration;

use flow::{Context, QueueName, RunId, Signal};
use queue::{DeadLetter, Outgoing};
use schedule::Starter;
use serde::{Deserialize, Serialize};
use store::record::{Run, RunState};
use worker::{Parts, QueueOutbox};

use crate::Failure;
use crate::home::{Home, folder_of};
use crate::opt::{DeadLetterArgs, DeadLetterCommand, Everywhere};
use crate::output::{Output, note, table};
use crate::report::ago;

#[derive(Serialize)]
struct Line {
    id: String,
    queue: &'static str,
    group: String,
    run: Option<RunId>,
    code: String,
    cause: String,
    receives: u32,
    at: flow::Timestamp,
    reported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// What became of letters that were redriven or discarded.
#[derive(Default, Serialize)]
struct Settled {
    /// Runs that go on, with the number of their attempt.
    resumed: BTreeMap<RunId, u32>,
    /// Signals that were sent again.
    sent_again: Vec<String>,
    /// Letters of runs that have ended or went on without them: removed, nothing was left to do.
    obsolete: Vec<String>,
    /// Letters removed because they were to be.
    discarded: Vec<String>,
}

/// The part of a message that says whose it is.
#[derive(Deserialize)]
struct Belonging {
    context: Context,
}

pub(crate) async fn dead_letter(
    command: DeadLetterCommand,
    everywhere: &Everywhere,
    output: Output,
) -> Result<(), Failure> {
    let home = Home::look(&folder_of(everywhere.home.as_deref(), None)).await?;
    let parts = &home.parts;
    match command {
        DeadLetterCommand::List { queue } => list(parts, queue, output).await,
        DeadLetterCommand::Show { id } => show(parts, &id, output).await,
        DeadLetterCommand::Redrive(args) => {
            let settled = redrive(parts, chosen(parts, &args).await?).await?;
            if !settled.resumed.is_empty() {
                note("what goes on is worked on by `millstream dev`, or by the next `millstream run` of the sync");
            }
            output.print(&settled, Settled::text)
        }
        DeadLetterCommand::Discard(args) => {
            let mut settled = Settled::default();
            for letter in chosen(parts, &args).await? {
                parts.queue.discard(&letter.id).await?;
                settled.discarded.push(letter.id);
            }
            output.print(&settled, Settled::text)
        }
    }
}

async fn list(parts: &Parts, queue: Option<QueueName>, output: Output) -> Result<(), Failure> {
    let now = parts.clock.now();
    let lines: Vec<Line> = letters(parts, queue).await?.into_iter().map(Line::of).collect();
    output.print(&lines, |lines| {
        if lines.is_empty() {
            return "no dead letters".to_owned();
        }
        let mut rows = vec![["id", "queue", "group", "when", "receives", "cause"].map(str::to_owned).to_vec()];
        rows.extend(lines.iter().map(|line| {
            let cause = format!("{} [{}]", line.cause, line.code);
            let (when, receives) = (ago(line.at, now), line.receives.to_string());
            vec![line.id.clone(), line.queue.to_owned(), line.group.clone(), when, receives, cause]
        }));
        table(&rows)
    })
}

async fn show(parts: &Parts, id: &str, output: Output) -> Result<(), Failure> {
    let letter = letters(parts, None).await?.into_iter().find(|letter| letter.id == id);
    let letter = letter.ok_or_else(|| unknown(id))?;
    let message = letter.body.clone();
    let line = Line { message: Some(message), ..Line::of(letter) };
    output.print(&line, |line| {
        let fields = [
            ("id", line.id.clone()),
            ("queue", line.queue.to_owned()),
            ("group", line.group.clone()),
            ("run", line.run.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("since", line.at.to_rfc3339()),
            ("receives", line.receives.to_string()),
            ("told", if line.reported { "yes" } else { "not yet" }.to_owned()),
            ("cause", format!("{} [{}]", line.cause, line.code)),
            ("message", line.message.clone().unwrap_or_default()),
        ];
        table(&fields.map(|(name, value)| vec![name.to_owned(), value]))
    })
}

/// Runs go on under their next attempt, which sends everything again that is not delivered: the
/// letters of the one before are removed. Signals are sent again as they are. Killed anywhere, it can be
/// called again: a run that went on already is not resumed a second time.
async fn redrive(parts: &Parts, letters: Vec<DeadLetter>) -> Result<Settled, Failure> {
    let mut settled = Settled::default();
    for letter in letters {
        if letter.queue == QueueName::Signals {
            send_again(parts, &letter).await?;
            settled.sent_again.push(letter.id.clone());
        } else {
            let belonging: Belonging = serde_json::from_str(&letter.body).map_err(|_| unreadable(&letter))?;
            match go_on(parts, &belonging.context).await? {
                Some(run) => _ = settled.resumed.insert(run.id, run.attempt),
                None if settled.resumed.contains_key(&belonging.context.run) => {}
                None => settled.obsolete.push(letter.id.clone()),
            }
        }
        parts.queue.discard(&letter.id).await?;
    }
    Ok(settled)
}

/// Resumes the run a letter belongs to; nothing when it needs none of it.
async fn go_on(parts: &Parts, context: &Context) -> Result<Option<Run>, Failure> {
    let Some(run) = parts.store.run(&context.run).await? else { return Ok(None) };
    if run.attempt != context.attempt {
        return Ok(None);
    }
    let is_last = parts.store.runs(Some(&run.sync), 1).await?.first().is_some_and(|last| last.id == run.id);
    match run.state {
        RunState::Running => Err(Failure {
            status: 1,
            code: "run_at_work".to_owned(),
            message: format!("run {} is still going; redrive its dead letters when it has ended", run.id),
        }),
        RunState::Failed if is_last => {
            // A replay has its own rules; a run goes on with what its spec says now.
            let version = match &run.replay {
                Some(_) => run.version,
                None => latest_version(parts, &run).await?,
            };
            let outbox = QueueOutbox::new(parts.queue.clone(), parts.store.clone());
            Ok(Some(Starter::new(parts.clone()).resume(&run, version, &outbox).await?))
        }
        _ => Ok(None),
    }
}

async fn latest_version(parts: &Parts, run: &Run) -> Result<u32, Failure> {
    let specs = parts.store.latest_specs().await?;
    Ok(specs.into_iter().find(|spec| spec.sync == run.sync).map_or(run.version, |spec| spec.version))
}

/// Under an id of its own: the queue still knows the first one.
async fn send_again(parts: &Parts, letter: &DeadLetter) -> Result<(), Failure> {
    serde_json::from_str::<Signal>(&letter.body).map_err(|_| unreadable(letter))?;
    let message = Outgoing {
        group: letter.group.clone(),
        deduplication_id: format!("redrive:{}", letter.id),
        body: letter.body.clone(),
        delay: Duration::ZERO,
    };
    parts.queue.send(letter.queue, message).await?;
    Ok(())
}

async fn chosen(parts: &Parts, args: &DeadLetterArgs) -> Result<Vec<DeadLetter>, Failure> {
    let all = letters(parts, args.queue).await?;
    if let Some(missing) = args.ids.iter().find(|id| all.iter().all(|letter| letter.id != **id)) {
        return Err(unknown(missing));
    }
    let is_chosen = |letter: &DeadLetter| args.ids.is_empty() || args.ids.contains(&letter.id);
    Ok(all.into_iter().filter(is_chosen).collect())
}

async fn letters(parts: &Parts, queue: Option<QueueName>) -> Result<Vec<DeadLetter>, Failure> {
    let mut letters = Vec::new();
    for name in QueueName::ALL.into_iter().filter(|name| queue.is_none_or(|queue| queue == *name)) {
        letters.extend(parts.queue.dead_letters(name).await?);
    }
    Ok(letters)
}

fn unknown(id: &str) -> Failure {
    Failure::input("dead_letter_unknown", format!("no dead letter `{id}`; see `millstream dead-letter list`"))
}

fn unreadable(letter: &DeadLetter) -> Failure {
    let message = format!(
        "dead letter `{}` is no message of ours and would fail again; \
         look at it with `millstream dead-letter show`, remove it with `millstream dead-letter discard`",
        letter.id
    );
    Failure::input("message_unreadable", message)
}

impl Line {
    fn of(letter: DeadLetter) -> Self {
        let belonging: Option<Belonging> = serde_json::from_str(&letter.body).ok();
        Self {
            id: letter.id,
            queue: letter.queue.as_str(),
            group: letter.group,
            run: belonging.map(|belonging| belonging.context.run),
            code: letter.cause.code,
            cause: letter.cause.message,
            receives: letter.receives,
            at: letter.at,
            reported: letter.reported,
            message: None,
        }
    }
}

impl Settled {
    fn text(&self) -> String {
        let resumed = self.resumed.iter().map(|(run, attempt)| format!("run {run} goes on, attempt {attempt}"));
        let each = |ids: &[String], what: &str| ids.iter().map(|id| format!("{id} {what}")).collect::<Vec<_>>();
        let lines: Vec<String> = resumed
            .chain(each(&self.sent_again, "is sent again"))
            .chain(each(&self.obsolete, "is removed: its run has ended or went on since"))
            .chain(each(&self.discarded, "is removed"))
            .collect();
        if lines.is_empty() { "no dead letters".to_owned() } else { lines.join("\n") }
    }
}

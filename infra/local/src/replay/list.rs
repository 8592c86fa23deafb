//! What is sent of one stream.

use flow::{RunId, StreamName};
use spec::{Disposition, Stream};
use store::record::Replayed;
use worker::replay::{ReplayedBatch, ReplayedStream};

use super::history::{History, delivered};
use super::quarantined::{Selected, Selecting};
use super::withdrawn::Search;
use crate::Failure;
use crate::lab::Lab;

/// What somebody asks for.
pub(crate) struct Asked<'a> {
    pub(crate) lab: &'a Lab,
    pub(crate) history: &'a History,
    /// The stream with the rules to replay with.
    pub(crate) stream: &'a Stream,
    pub(crate) what: Replayed,
    pub(crate) and_later: bool,
    /// The id the replay will have.
    pub(crate) replay: &'a RunId,
}

/// What is sent of a stream.
#[derive(Default)]
pub(crate) struct Listed {
    pub(crate) stream: ReplayedStream,
    /// Later runs that must be replayed behind it.
    pub(crate) then: Vec<RunId>,
    pub(crate) left_out: Selected,
}

/// Works out what is sent of a stream, or says why it cannot be replayed and what can be done.
pub(crate) async fn of_stream(asked: &Asked<'_>) -> Result<Listed, Failure> {
    let primary_key = primary_key(asked).await?;
    match (asked.what, asked.stream.write_disposition) {
        (Replayed::Everything, Disposition::Append) => Err(refused(
            "replay_would_double",
            &asked.stream.name,
            "appends: sent again, every row that was delivered would be there twice; replay the rows in quarantine \
             with --only quarantined, or let the stream merge or replace",
        )),
        (Replayed::Quarantined, Disposition::Replace) => Err(refused(
            "replay_replaces",
            &asked.stream.name,
            "is replaced as a whole: leave `--only quarantined` out, and all its rows go through again",
        )),
        (Replayed::Everything, Disposition::Replace) => everything(asked).await,
        (Replayed::Everything, Disposition::Merge) => merge(asked, &primary_key).await,
        (Replayed::Quarantined, Disposition::Append | Disposition::Merge) => quarantined(asked, &primary_key).await,
    }
}

/// All batches of a run that comes behind another in a series: what must go has gone.
pub(crate) async fn behind(asked: &Asked<'_>) -> Result<Listed, Failure> {
    let batches = all(asked).await?;
    Ok(Listed { stream: ReplayedStream { batches, withdrawn: Vec::new() }, ..Listed::default() })
}

async fn everything(asked: &Asked<'_>) -> Result<Listed, Failure> {
    let then = later(asked, "was replaced as a whole by").await?;
    let batches = all(asked).await?;
    Ok(Listed { stream: ReplayedStream { batches, withdrawn: Vec::new() }, then, ..Listed::default() })
}

async fn merge(asked: &Asked<'_>, primary_key: &[String]) -> Result<Listed, Failure> {
    let then = later(asked, "has newer rows from").await?;
    let batches = all(asked).await?;
    let Asked { lab, history, stream, replay, .. } = *asked;
    let withdrawn = Search { lab, history, stream, primary_key, replay }.find().await?;
    Ok(Listed { stream: ReplayedStream { batches, withdrawn }, then, ..Listed::default() })
}

async fn quarantined(asked: &Asked<'_>, primary_key: &[String]) -> Result<Listed, Failure> {
    let Asked { lab, history, stream, replay, .. } = *asked;
    let mut left_out = Selecting { lab, history, stream, primary_key, replay }.select().await?;
    let batches = std::mem::take(&mut left_out.batches);
    Ok(Listed { stream: ReplayedStream { batches, withdrawn: Vec::new() }, then: Vec::new(), left_out })
}

/// The later runs that must follow; refused unless they were asked for.
async fn later(asked: &Asked<'_>, how: &str) -> Result<Vec<RunId>, Failure> {
    let parts = &asked.lab.parts;
    let later = asked.history.later_readers(parts, &asked.stream.name).await?;
    if later.is_empty() || asked.and_later {
        return Ok(later);
    }
    let last = later.last().map(RunId::to_string).unwrap_or_default();
    let text = format!(
        "{how} {} later run(s), which older rows must not overwrite: add --and-later and they are replayed behind it, \
         or replay the last one, `{last}`, alone",
        later.len()
    );
    Err(refused("later_runs", &asked.stream.name, &text))
}

async fn all(asked: &Asked<'_>) -> Result<Vec<ReplayedBatch>, Failure> {
    let batches = delivered(&asked.lab.parts, &asked.history.run, &asked.stream.name).await?;
    Ok(batches.into_iter().map(|batch| ReplayedBatch { from: batch.id, object: batch.raw }).collect())
}

/// The key rows are merged by: the stream's own, or the one its source has.
async fn primary_key(asked: &Asked<'_>) -> Result<Vec<String>, Failure> {
    if !asked.stream.primary_key.is_empty() {
        return Ok(asked.stream.primary_key.clone());
    }
    let streams = asked.lab.parts.store.run_streams(&asked.history.run.id).await?;
    let own = streams.into_iter().find(|stream| stream.stream == asked.stream.name);
    Ok(own.and_then(|stream| stream.plan).map(|plan| plan.primary_key).unwrap_or_default())
}

fn refused(code: &str, stream: &StreamName, why: &str) -> Failure {
    Failure::input(code, format!("stream `{stream}` {why}"))
}

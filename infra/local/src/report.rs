//! A run as people and programs see it.

use std::collections::BTreeMap;

use destination::{Destination, Target};
use flow::{Fault, Timestamp};
use serde::Serialize;
use spec::Sync;
use store::record::{CONCLUSIONS, QuarantineFilter, Replayed, Run, RunState, RunStream, StreamState};
use worker::Parts;

use crate::Failure;

/// Entries of the quarantine one report adds up.
const MOST_ENTRIES: u32 = 100_000;

/// A run and what became of its rows.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// The run.
    pub run: String,
    /// The sync.
    pub sync: String,
    /// What it sends again, when it is a replay.
    pub replays: Option<ReplayReport>,
    /// How it is doing.
    pub state: RunState,
    /// Version of the spec.
    pub spec_version: u32,
    /// 1, and one more for each time it was resumed.
    pub attempt: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Seconds from its beginning to its end, or to now.
    pub seconds: f64,
    /// Rows read, those that could not become a row included.
    pub read: u64,
    /// Rows in the destination.
    pub delivered: u64,
    /// Rows in quarantine.
    pub quarantined: u64,
    /// Rows read for each second.
    pub rows_per_second: f64,
    /// Its streams.
    pub streams: Vec<StreamReport>,
    /// Why it failed.
    pub fault: Option<Fault>,
}

/// What a replay sends again.
#[derive(Debug, Clone, Serialize)]
pub struct ReplayReport {
    /// The run it reads again.
    pub run: String,
    /// Which of its rows.
    pub rows: Replayed,
}

impl ReplayReport {
    fn text(&self) -> String {
        match self.rows {
            Replayed::Everything => format!("replays all rows of run {}", self.run),
            Replayed::Quarantined => format!("replays the quarantined rows of run {}", self.run),
        }
    }
}

/// A stream of a run.
#[derive(Debug, Clone, Serialize)]
pub struct StreamReport {
    /// The stream.
    pub stream: String,
    /// How it is doing.
    pub state: StreamState,
    /// Rows read.
    pub read: u64,
    /// Bytes staged.
    pub staged_bytes: u64,
    /// Rows in the destination.
    pub delivered: u64,
    /// Rows in quarantine.
    pub quarantined: u64,
    /// Rows that failed a check and went on.
    pub passed_with_failure: u64,
    /// Why rows are in quarantine, the most frequent reason first. A row may have several.
    pub reasons: Vec<ReasonReport>,
    /// What is wrong with the stream's run as a whole.
    pub conclusions: Vec<String>,
    /// Where the data is.
    pub location: Option<String>,
}

/// One reason for quarantine.
#[derive(Debug, Clone, Serialize)]
pub struct ReasonReport {
    /// The check, the module, or `read`.
    pub rule: String,
    /// The column.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// The reason.
    pub reason: String,
    /// Rows.
    pub rows: u64,
}

/// What a report needs to say where the data is.
pub struct Whereabouts<'a> {
    /// The destination.
    pub destination: &'a dyn Destination,
    /// The spec.
    pub sync: &'a Sync,
}

impl RunReport {
    /// Adds a run up.
    pub async fn of(parts: &Parts, run: &Run, whereabouts: Option<Whereabouts<'_>>) -> Result<Self, Failure> {
        let mut streams = Vec::new();
        for stream in parts.store.run_streams(&run.id).await? {
            streams.push(StreamReport::of(parts, run, &stream, whereabouts.as_ref()).await?);
        }
        let until = run.ended_at.unwrap_or_else(|| parts.clock.now());
        let seconds = (until - run.started_at).num_milliseconds().max(0) as f64 / 1000.0;
        let read = streams.iter().map(|stream| stream.read).sum::<u64>();
        Ok(Self {
            run: run.id.to_string(),
            sync: run.sync.to_string(),
            replays: run.replay.as_ref().map(|replay| ReplayReport { run: replay.of.to_string(), rows: replay.what }),
            state: run.state,
            spec_version: run.version,
            attempt: run.attempt,
            started_at: run.started_at,
            ended_at: run.ended_at,
            seconds,
            read,
            delivered: streams.iter().map(|stream| stream.delivered).sum(),
            quarantined: streams.iter().map(|stream| stream.quarantined).sum(),
            rows_per_second: if seconds > 0.0 { (read as f64 / seconds).round() } else { 0.0 },
            streams,
            fault: run.fault.clone(),
        })
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = vec![format!(
            "run {} {}{}",
            self.run,
            run_state(self.state),
            if self.attempt > 1 { format!(" (attempt {})", self.attempt) } else { String::new() }
        )];
        lines.extend(self.replays.iter().map(|replays| format!("  {}", replays.text())));
        lines.push(format!(
            "  {} read, {} delivered, {} quarantined in {:.2} s ({} rows/s)",
            grouped(self.read),
            grouped(self.delivered),
            grouped(self.quarantined),
            self.seconds,
            grouped(self.rows_per_second as u64)
        ));
        self.streams.iter().for_each(|stream| lines.extend(stream.lines()));
        if let Some(fault) = &self.fault {
            lines.push(format!("  failed: {fault}"));
        }
        lines.join("\n")
    }
}

impl StreamReport {
    async fn of(
        parts: &Parts,
        run: &Run,
        stream: &RunStream,
        whereabouts: Option<&Whereabouts<'_>>,
    ) -> Result<Self, Failure> {
        let totals = parts.store.totals(&run.id, &stream.stream).await?;
        let filter = QuarantineFilter {
            run: Some(run.id.clone()),
            stream: Some(stream.stream.clone()),
            ..QuarantineFilter::default()
        };
        let mut rows_by_reason: BTreeMap<(String, Option<String>, String, String), u64> = BTreeMap::new();
        for entry in parts.store.quarantined(&filter, MOST_ENTRIES).await? {
            *rows_by_reason.entry((entry.rule, entry.column, entry.code, entry.reason)).or_default() += entry.rows;
        }
        let mut reasons: Vec<ReasonReport> = rows_by_reason
            .into_iter()
            .map(|((rule, column, code, reason), rows)| ReasonReport { rule, column, code, reason, rows })
            .collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.rows));
        Ok(Self {
            stream: stream.stream.to_string(),
            state: stream.state,
            read: totals.read,
            staged_bytes: totals.staged_bytes,
            delivered: totals.delivered,
            quarantined: totals.quarantined,
            passed_with_failure: totals.passed_with_failure,
            reasons,
            conclusions: parts.store.measures(&run.id, &stream.stream, CONCLUSIONS).await?,
            location: whereabouts.and_then(|known| location(known, run, stream)),
        })
    }

    fn lines(&self) -> Vec<String> {
        let mut lines =
            vec![format!("  {}: {} read, {} delivered", self.stream, grouped(self.read), grouped(self.delivered))];
        for reason in &self.reasons {
            lines.push(format!(
                "    quarantined {:>8}  {}: {} [{}]",
                grouped(reason.rows),
                reason.rule,
                reason.reason,
                reason.code
            ));
        }
        if self.passed_with_failure > 0 {
            lines.push(format!("    failed a check and went on: {}", grouped(self.passed_with_failure)));
        }
        lines.extend(self.conclusions.iter().map(|conclusion| format!("    {conclusion}")));
        lines.extend(self.location.iter().map(|location| format!("    data: {location}")));
        lines
    }
}

fn location(known: &Whereabouts<'_>, run: &Run, stream: &RunStream) -> Option<String> {
    let written = known.sync.stream(&stream.stream)?;
    let target = Target {
        sync: run.sync.clone(),
        stream: stream.stream.clone(),
        run: run.id.clone(),
        schema: std::sync::Arc::new(arrow_schema::Schema::empty()),
        disposition: written.write_disposition,
        primary_key: Vec::new(),
    };
    Some(known.destination.location(&target))
}

/// The state as a word of a sentence.
#[must_use]
pub fn run_state(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Succeeded => "succeeded",
        RunState::Degraded => "degraded",
        RunState::Failed => "failed",
        RunState::Abandoned => "abandoned",
    }
}

/// A whole number with its thousands apart.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How long ago, roughly.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = (now - then).num_seconds().max(0);
    match seconds {
        0..120 => format!("{seconds} s ago"),
        120..7200 => format!("{} min ago", seconds / 60),
        7200..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1000, 27_004, 1_234_567].map(grouped), ["0", "999", "1,000", "27,004", "1,234,567"]);
    }
}

//! What a run shows of itself while it goes on: a line that renews itself on a terminal, a line now
//! and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use flow::RunId;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use store::record::{LaneState, Totals};
use worker::Parts;

use crate::Failure;
use crate::output::note;
use crate::report::grouped;

/// How often a line is printed where none can be renewed.
const PLAIN_PERIOD: Duration = Duration::from_secs(5);

/// How often the line on a terminal is renewed.
const TERMINAL_PERIOD: Duration = Duration::from_millis(200);

pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    shown: Instant,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style =
                ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
            ProgressBar::new_spinner().with_style(style)
        });
        let now = Instant::now();
        Self { bar, started: now, shown: now }
    }

    /// Shows how the run stands, if it is time to.
    pub(crate) async fn show(&mut self, parts: &Parts, run: &RunId) -> Result<(), Failure> {
        let period = if self.bar.is_some() { TERMINAL_PERIOD } else { PLAIN_PERIOD };
        if self.shown.elapsed() < period {
            return Ok(());
        }
        self.shown = Instant::now();
        let line = self.line(parts, run).await?;
        match &self.bar {
            Some(bar) => {
                bar.set_message(line);
                bar.tick();
            }
            None => note(&line),
        }
        Ok(())
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    async fn line(&self, parts: &Parts, run: &RunId) -> Result<String, Failure> {
        let mut sum = Totals::default();
        for stream in parts.store.run_streams(run).await? {
            let totals = parts.store.totals(run, &stream.stream).await?;
            sum.read += totals.read;
            sum.staged_bytes += totals.staged_bytes;
            sum.delivered += totals.delivered;
            sum.quarantined += totals.quarantined;
        }
        let lanes = parts.store.lanes(run).await?;
        let stage = match lanes.iter().filter(|lane| lane.state == LaneState::Pulling).count() {
            _ if lanes.is_empty() => "planning".to_owned(),
            0 => "delivering".to_owned(),
            pulling => format!("pulling {pulling} lane(s)"),
        };
        let rate = sum.read as f64 / self.started.elapsed().as_secs_f64().max(0.001);
        Ok(format!(
            "{stage}: {} rows read ({}), {} delivered, {} quarantined, {} rows/s",
            grouped(sum.read),
            HumanBytes(sum.staged_bytes),
            grouped(sum.delivered),
            grouped(sum.quarantined),
            grouped(rate as u64)
        ))
    }
}

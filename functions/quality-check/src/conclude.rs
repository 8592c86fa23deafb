//! The whole run of a stream: checks that need all of it, and the error limit.

use std::sync::Arc;

use checks::{Conclusion, OnFailure, Quality, RunTotals, Suite};
use flow::{BatchId, Checked, Context, Fault, FaultKind, Outbox, Severity, Signal, Timestamp};

use store::record::{CONCLUSIONS, Replayed, Totals};

use crate::step::QualityCheck;

/// Name under which the store keeps the columns that were judged: the end of a stream may be met by
/// a process that saw no batch of it.
pub(crate) const JUDGED_SCHEMA: &str = "millstream:judged-schema";

impl QualityCheck {
    pub(crate) async fn conclude(&self, context: &Context, outbox: &dyn Outbox<Checked>) -> Result<(), Fault> {
        let sync = self.parts.specs.of(context).await?;
        let stream = worker::stream_of(&sync, &context.stream)?;
        let run = self.parts.store.run(&context.run).await?;
        let replay = run.as_ref().and_then(|run| run.replay.as_ref());
        if replay.is_some_and(|replay| replay.what == Replayed::Quarantined) {
            // A handful of rows: what holds for a whole run says nothing about them.
            return Ok(());
        }
        // The rows of a replay were fresh when they were read.
        let now = run.as_ref().filter(|_| replay.is_some()).map_or_else(|| self.parts.clock.now(), |run| run.due_at);
        let totals = self.parts.store.totals(&context.run, &context.stream).await?;
        for (suite, conclusion) in self.run_wide(context, &stream.quality, totals, now).await? {
            let check = suite.check(conclusion.check);
            let text = format!("check `{}` of stream `{}` failed: {}", check.name(), context.stream, conclusion.reason);
            if check.on_failure() == OnFailure::Abort {
                return Err(Fault::new(FaultKind::Config, "check_aborted", text));
            }
            self.note(context, check.name(), &text, outbox, "check_failed", check.severity()).await?;
        }
        if let Some(reason) = checks::over_limit(&stream.quality.error_limit, totals.read, totals.quarantined) {
            let text = format!("stream `{}` is over its error limit: {reason}", context.stream);
            self.note(context, "error_limit", &text, outbox, "error_limit_exceeded", Severity::Error).await?;
        }
        Ok(())
    }

    /// The verdicts of the checks that need the whole run.
    async fn run_wide(
        &self,
        context: &Context,
        quality: &Quality,
        totals: Totals,
        now: Timestamp,
    ) -> Result<Vec<(Arc<Suite>, Conclusion)>, Fault> {
        let schemas = self.parts.store.measures(&context.run, &context.stream, JUDGED_SCHEMA).await?;
        let Some(schema) = schemas.first() else { return Ok(Vec::new()) };
        let suite = Arc::new(Suite::compile(quality, &batch::schema::from_json(schema)?)?);
        let mut measures = Vec::new();
        for check in suite.checks() {
            measures.push(self.parts.store.measures(&context.run, &context.stream, check.name()).await?);
        }
        let of_check = |check: usize| measures.get(check).cloned().unwrap_or_default();
        let rows = RunTotals { rows: totals.transformed };
        let conclusions = suite.conclude(rows, of_check, now);
        Ok(conclusions.into_iter().map(|conclusion| (suite.clone(), conclusion)).collect())
    }

    /// Keeps what is wrong with the run as a whole, and tells people.
    async fn note(
        &self,
        context: &Context,
        about: &str,
        text: &str,
        outbox: &dyn Outbox<Checked>,
        signal: &str,
        severity: Severity,
    ) -> Result<(), Fault> {
        let key = BatchId::from_text(about);
        self.parts.store.keep_measure(&context.run, &context.stream, CONCLUSIONS, &key, text).await?;
        let signal = Signal::of_run(signal, severity, context, about, text.to_owned(), self.parts.clock.now());
        outbox.signal(signal).await
    }
}

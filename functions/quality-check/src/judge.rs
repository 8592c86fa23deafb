//! One batch: every failing row is found, and what its check says is done with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::Schema;
use batch::quarantine::Entry;
use batch::{ColumnType, SOURCE_ROW};
use checks::{Failure, OnFailure, Quality, Suite};
use flow::path::{CheckedBatch, TransformedBatch};
use flow::{BatchId, Context, Fault, FaultKind, Object};
use staging::StagingExt;
use store::record::{Hop, Tally};

use crate::conclude::JUDGED_SCHEMA;
use crate::step::QualityCheck;

impl QualityCheck {
    pub(crate) async fn judge(
        &self,
        context: &Context,
        quality: &Quality,
        batch: TransformedBatch,
    ) -> Result<CheckedBatch, Fault> {
        let data = self.parts.staging.get_batch(&batch.data).await?;
        let rows = without_source_row(&data);
        let suite = Suite::compile(quality, &rows.schema())?;
        let failures = self.failures(context, &suite, &batch, &rows).await?;
        refuse_abort(&suite, &failures)?;
        let verdicts = Verdicts::of(&suite, &failures, rows.num_rows());
        if !verdicts.quarantined.is_empty() {
            self.quarantine(context, &suite, &batch, &data, &failures).await?;
        }
        let selection = self.put_selection(context, &batch, &verdicts, rows.num_rows()).await?;
        let quarantined = verdicts.quarantined.len() as u64;
        let tally = Tally {
            rows_in: batch.data.rows,
            rows_out: batch.data.rows - quarantined,
            quarantined,
            passed_with_failure: verdicts.passed.len() as u64,
        };
        self.parts.store.tally(&batch.id, Hop::QualityCheck, tally).await?;
        Ok(CheckedBatch { id: batch.id, sequence: batch.sequence, data: batch.data, selection })
    }

    async fn failures(
        &self,
        context: &Context,
        suite: &Suite,
        batch: &TransformedBatch,
        rows: &RecordBatch,
    ) -> Result<Vec<Failure>, Fault> {
        let judgement = suite.judge(rows);
        let mut failures = judgement.failures;
        for keys in &judgement.unique {
            let scope = format!("{}/{}", context.stream, suite.check(keys.check).name());
            let seen = self.parts.store.remember_keys(&context.run, &scope, &batch.id, &keys.keys).await?;
            failures.extend(suite.duplicates(rows, keys, &seen));
        }
        let schema = batch::schema::to_json(&rows.schema())?;
        let key = BatchId::from_text(context.stream.as_str());
        self.parts.store.keep_measure(&context.run, &context.stream, JUDGED_SCHEMA, &key, &schema).await?;
        for measure in &judgement.measures {
            let name = suite.check(measure.check).name();
            self.parts.store.keep_measure(&context.run, &context.stream, name, &batch.id, &measure.value).await?;
        }
        Ok(failures)
    }

    /// Keeps every failure of the rows that do not go on, also of checks that would let them pass.
    async fn quarantine(
        &self,
        context: &Context,
        suite: &Suite,
        batch: &TransformedBatch,
        data: &RecordBatch,
        failures: &[Failure],
    ) -> Result<(), Fault> {
        let numbers = data.column_by_name(SOURCE_ROW).map(|column| column.as_primitive::<UInt64Type>().clone());
        let raw = if batch.data == batch.raw { data.clone() } else { self.parts.staging.get_batch(&batch.raw).await? };
        let entries: Vec<Entry> = failures
            .iter()
            .filter(|failure| suite.check(failure.check).on_failure() == OnFailure::Quarantine)
            .map(|failure| {
                let check = suite.check(failure.check);
                let row =
                    numbers.as_ref().map_or(u64::from(failure.row), |numbers| numbers.value(failure.row as usize));
                Entry {
                    row: Some(row),
                    rule: check.name().to_owned(),
                    column: failure.column.clone(),
                    code: failure.code.to_owned(),
                    severity: check.severity(),
                    reason: failure.reason.clone(),
                    value: failure.value.clone(),
                    ..Entry::default()
                }
            })
            .collect();
        self.parts.quarantine(context, &batch.id, Hop::QualityCheck, &entries, Some(&raw)).await
    }

    async fn put_selection(
        &self,
        context: &Context,
        batch: &TransformedBatch,
        verdicts: &Verdicts,
        rows: usize,
    ) -> Result<Option<Object>, Fault> {
        if verdicts.quarantined.is_empty() {
            return Ok(None);
        }
        let keep: BooleanArray = (0..rows).map(|row| Some(!verdicts.quarantined.contains(&(row as u32)))).collect();
        let schema = Arc::new(Schema::new(vec![ColumnType::Bool.field("keep", false)]));
        let column: ArrayRef = Arc::new(keep);
        let selection = RecordBatch::try_new(schema, vec![column])
            .map_err(|error| Fault::from_error(FaultKind::Bug, "batch_build", &error))?;
        let prefix = format!("work/{}/{}", context.run, context.stream);
        Ok(Some(self.parts.staging.put_batch(&prefix, &format!("{}-selection", batch.id), &selection).await?))
    }
}

/// The rows that fail, each once however many checks it fails.
struct Verdicts {
    quarantined: BTreeSet<u32>,
    passed: BTreeSet<u32>,
}

impl Verdicts {
    fn of(suite: &Suite, failures: &[Failure], rows: usize) -> Self {
        let mut verdicts = Self { quarantined: BTreeSet::new(), passed: BTreeSet::new() };
        for failure in failures.iter().filter(|failure| (failure.row as usize) < rows) {
            match suite.check(failure.check).on_failure() {
                OnFailure::Quarantine => verdicts.quarantined.insert(failure.row),
                OnFailure::Pass | OnFailure::Abort => verdicts.passed.insert(failure.row),
            };
        }
        verdicts
    }
}

fn refuse_abort(suite: &Suite, failures: &[Failure]) -> Result<(), Fault> {
    let aborts = |failure: &&Failure| suite.check(failure.check).on_failure() == OnFailure::Abort;
    let Some(first) = failures.iter().find(aborts) else { return Ok(()) };
    let rows = failures.iter().filter(|failure| failure.check == first.check).count();
    Err(Fault::new(
        FaultKind::Config,
        "check_aborted",
        format!(
            "check `{}` failed for {rows} row(s) of a batch and says `on_failure: abort`: {}; mend the data or the check and run again",
            suite.check(first.check).name(),
            first.reason
        ),
    ))
}

fn without_source_row(data: &RecordBatch) -> RecordBatch {
    let mut rows = data.clone();
    if let Ok(position) = rows.schema().index_of(SOURCE_ROW) {
        rows.remove_column(position);
    }
    rows
}

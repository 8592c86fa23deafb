//! Two outcomes of one raw batch, compared and added up.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{Field, SchemaRef};
use arrow_select::take::take;
use batch::ColumnType;
use checks::{Suite, value_text};
use flow::{BatchId, Fault, FaultKind};

use super::fates::{Fate, Fates, Refusal};
use super::report::{CheckChange, ColumnChange, NamedType, Reason, Retyped, Said, Side, TrialReport, ValueChange};
use crate::lab::Outcome;

/// Adds up what differs.
pub(crate) struct Diff {
    examples: usize,
    report: TrialReport,
    nanos: [u128; 2],
    columns: BTreeMap<String, ColumnChange>,
    rejected: BTreeMap<Why, Reason>,
    accepted: BTreeMap<Why, Reason>,
    otherwise: BTreeMap<Why, Reason>,
    checks: BTreeMap<String, CheckChange>,
}

/// A reason, by which rows are counted together.
type Why = (String, String, Option<String>);

/// The count of one side.
type SideOf = fn(&mut CheckChange) -> &mut Option<u64>;

/// Both outcomes of a batch.
pub(crate) struct Pair<'a> {
    pub(crate) batch: &'a BatchId,
    pub(crate) raw_rows: usize,
    pub(crate) live: &'a Outcome,
    pub(crate) tried: &'a Outcome,
}

impl Diff {
    pub(crate) fn new(report: TrialReport, examples: usize) -> Self {
        Self {
            examples,
            report,
            nanos: [0, 0],
            columns: BTreeMap::new(),
            rejected: BTreeMap::new(),
            accepted: BTreeMap::new(),
            otherwise: BTreeMap::new(),
            checks: BTreeMap::new(),
        }
    }

    /// Adds a batch.
    pub(crate) fn add(&mut self, pair: &Pair<'_>) -> Result<(), Fault> {
        self.report.batches += 1;
        self.report.rows += pair.raw_rows as u64;
        for (nanos, outcome) in self.nanos.iter_mut().zip([pair.live, pair.tried]) {
            *nanos += outcome.elapsed.as_nanos();
        }
        count(&mut self.report.live, pair.live, pair.raw_rows);
        count(&mut self.report.tried, pair.tried, pair.raw_rows);
        let pairs = self.compare_fates(pair);
        self.compare_rows(pair, &pairs)
    }

    /// Notes what the two sides make of the columns.
    pub(crate) fn compare_schemas(&mut self, live: &SchemaRef, tried: &SchemaRef) {
        let report = &mut self.report;
        (report.columns_added, report.columns_removed, report.columns_retyped) = Default::default();
        for field in tried.fields() {
            match live.field_with_name(field.name()) {
                Err(_) => report.columns_added.push(named(field)),
                Ok(before) if type_of(before) != type_of(field) => report.columns_retyped.push(Retyped {
                    column: field.name().clone(),
                    before: type_of(before),
                    after: type_of(field),
                }),
                Ok(_) => {}
            }
        }
        let is_gone = |field: &&Arc<Field>| tried.field_with_name(field.name()).is_err();
        report.columns_removed = live.fields().iter().filter(is_gone).map(|field| named(field)).collect();
    }

    /// Counts the failing rows of each check.
    pub(crate) fn compare_checks(&mut self, live: Option<(&Suite, &Outcome)>, tried: Option<(&Suite, &Outcome)>) {
        let sides: [(_, SideOf); 2] = [(live, |check| &mut check.live), (tried, |check| &mut check.tried)];
        for (side, place) in sides {
            let Some((suite, outcome)) = side else { continue };
            for check in suite.checks() {
                let name = check.name().to_owned();
                if check.is_run_wide() {
                    if !self.report.not_judged.contains(&name) {
                        self.report.not_judged.push(name);
                    }
                    continue;
                }
                let change = self.checks.entry(name.clone()).or_default();
                change.check = name;
                place(change).get_or_insert(0);
            }
            for failure in &outcome.failures {
                let change = self.checks.entry(suite.check(failure.check).name().to_owned()).or_default();
                *place(change).get_or_insert(0) += 1;
            }
        }
    }

    /// The report.
    pub(crate) fn finish(mut self) -> TrialReport {
        let rows = u128::from(self.report.rows.max(1));
        let per_row = self.nanos.map(|nanos| u64::try_from(nanos / rows).unwrap_or(u64::MAX));
        let [live, tried] = per_row;
        (self.report.live.ns_per_row, self.report.tried.ns_per_row) = (live, tried);
        self.report.columns = self.columns.into_values().collect();
        self.report.columns.sort_by_key(|column| std::cmp::Reverse(column.rows));
        self.report.newly_rejected = by_rows(self.rejected);
        self.report.newly_accepted = by_rows(self.accepted);
        self.report.rejected_otherwise = by_rows(self.otherwise);
        self.report.checks = self.checks.into_values().collect();
        self.report
    }

    /// Sorts raw rows by what became of them; gives the pairs of rows to compare.
    fn compare_fates(&mut self, pair: &Pair<'_>) -> Pairs {
        let (live, tried) = (Fates::of(pair.live, pair.raw_rows), Fates::of(pair.tried, pair.raw_rows));
        let mut pairs = Pairs::default();
        let most = self.examples;
        for row in 0..pair.raw_rows {
            let place = (pair.batch, row as u64, most);
            match (live.at(row), tried.at(row)) {
                (Fate::Rows(before), Fate::Rows(after)) if before.len() == after.len() => {
                    pairs.add(before, after, row as u64);
                }
                (Fate::Rows(_), Fate::Rows(_)) => self.report.multiplied_otherwise += 1,
                (Fate::Rows(_) | Fate::Filtered, Fate::Refused(why)) => note(&mut self.rejected, &why, place),
                (Fate::Refused(why), Fate::Rows(_)) => note(&mut self.accepted, &why, place),
                (Fate::Refused(before), Fate::Refused(after)) if !before.is_like(&after) => {
                    note(&mut self.otherwise, &after, place);
                }
                (Fate::Rows(_) | Fate::Refused(_), Fate::Filtered) => self.report.newly_filtered += 1,
                (Fate::Filtered, Fate::Rows(_)) => self.report.no_longer_filtered += 1,
                (Fate::Refused(_), Fate::Refused(_)) | (Fate::Filtered, Fate::Filtered) => {}
            }
        }
        pairs
    }

    fn compare_rows(&mut self, pair: &Pair<'_>, pairs: &Pairs) -> Result<(), Fault> {
        let (live, tried) = (&pair.live.rows, &pair.tried.rows);
        let mut is_changed = vec![false; pairs.raw.len()];
        for field in live.schema().fields() {
            let Some((before, after)) = both(live, tried, field) else { continue };
            let before = take(&before, &pairs.live(), None).map_err(failed)?;
            let after = take(&after, &pairs.tried(), None).map_err(failed)?;
            if *before == *after {
                continue;
            }
            self.compare_column(pair.batch, field, (&before, &after), pairs, &mut is_changed);
        }
        self.report.rows_changed += is_changed.iter().filter(|changed| **changed).count() as u64;
        Ok(())
    }

    fn compare_column(
        &mut self,
        batch: &BatchId,
        field: &Field,
        (before, after): (&ArrayRef, &ArrayRef),
        pairs: &Pairs,
        is_changed: &mut [bool],
    ) {
        let Ok(column_type) = ColumnType::of(field) else { return };
        for ((place, raw), changed) in pairs.raw.iter().enumerate().zip(is_changed) {
            let (old, new) = (value_text(before, column_type, place), value_text(after, column_type, place));
            if old == new {
                continue;
            }
            *changed = true;
            let column = self.columns.entry(field.name().clone()).or_insert_with(|| ColumnChange {
                column: field.name().clone(),
                rows: 0,
                examples: Vec::new(),
            });
            column.rows += 1;
            if column.examples.len() < self.examples {
                let example = ValueChange { batch: batch.to_string(), row: *raw, before: old, after: new };
                column.examples.push(example);
            }
        }
    }
}

/// Rows of both sides that stand for each other, and the raw row both come from.
#[derive(Default)]
struct Pairs {
    live: Vec<u32>,
    tried: Vec<u32>,
    raw: Vec<u64>,
}

impl Pairs {
    fn add(&mut self, live: &[u32], tried: &[u32], raw: u64) {
        self.live.extend_from_slice(live);
        self.tried.extend_from_slice(tried);
        self.raw.extend(std::iter::repeat_n(raw, live.len()));
    }

    fn live(&self) -> UInt32Array {
        UInt32Array::from(self.live.clone())
    }

    fn tried(&self) -> UInt32Array {
        UInt32Array::from(self.tried.clone())
    }
}

fn count(side: &mut Side, outcome: &Outcome, raw_rows: usize) {
    side.given += outcome.rows.num_rows() as u64;
    side.delivered += outcome.delivered();
    match &outcome.fault {
        None => side.rejected += outcome.rejects.len() as u64,
        Some(fault) => {
            side.rejected += raw_rows as u64;
            side.batches_failed += 1;
            side.failure.get_or_insert_with(|| fault.to_string());
        }
    }
}

fn note(reasons: &mut BTreeMap<Why, Reason>, why: &Refusal<'_>, (batch, row, most): (&BatchId, u64, usize)) {
    let key = (why.rule.to_owned(), why.code.to_owned(), why.column.map(str::to_owned));
    let reason = reasons.entry(key).or_insert_with(|| Reason {
        rule: why.rule.to_owned(),
        code: why.code.to_owned(),
        column: why.column.map(str::to_owned),
        rows: 0,
        examples: Vec::new(),
    });
    reason.rows += 1;
    if reason.examples.len() < most {
        reason.examples.push(Said { batch: batch.to_string(), row, message: why.message.map(str::to_owned) });
    }
}

fn by_rows(reasons: BTreeMap<Why, Reason>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = reasons.into_values().collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.rows));
    reasons
}

/// The column on both sides, where it has one type.
fn both(live: &RecordBatch, tried: &RecordBatch, field: &Field) -> Option<(ArrayRef, ArrayRef)> {
    let schema = tried.schema();
    let there = schema.field_with_name(field.name()).ok()?;
    if type_of(there) != type_of(field) {
        return None;
    }
    Some((live.column_by_name(field.name())?.clone(), tried.column_by_name(field.name())?.clone()))
}

fn named(field: &Field) -> NamedType {
    NamedType { column: field.name().clone(), column_type: type_of(field) }
}

fn type_of(field: &Field) -> String {
    ColumnType::of(field).map_or_else(|_| field.data_type().to_string(), |column_type| column_type.to_string())
}

fn failed(error: arrow_schema::ArrowError) -> Fault {
    Fault::from_error(FaultKind::Bug, "batch_build", &error)
}

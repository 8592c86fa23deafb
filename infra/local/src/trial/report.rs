//! What a trial found, for people and for programs.

use serde::Serialize;

use crate::output::table;
use crate::report::grouped;

/// What a candidate would change.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct TrialReport {
    /// The sync.
    pub(crate) sync: String,
    /// The stream.
    pub(crate) stream: String,
    /// What was tried, as it was written.
    pub(crate) candidate: String,
    /// Its digest.
    pub(crate) digest: String,
    /// The transform it stood for, counted from 1, and its module; none where the stream had none.
    pub(crate) at: usize,
    /// The module that is live there.
    pub(crate) live_module: Option<String>,
    /// Batches and rows looked at.
    pub(crate) batches: u64,
    /// Batches of the same choice whose raw rows are gone.
    pub(crate) batches_gone: u64,
    /// Rows looked at.
    pub(crate) rows: u64,
    /// What is live.
    pub(crate) live: Side,
    /// What was tried.
    pub(crate) tried: Side,
    /// Rows that both let through, of which some column differs.
    pub(crate) rows_changed: u64,
    /// By column, those that differ.
    pub(crate) columns: Vec<ColumnChange>,
    /// Columns only the candidate gives.
    pub(crate) columns_added: Vec<NamedType>,
    /// Columns only what is live gives.
    pub(crate) columns_removed: Vec<NamedType>,
    /// Columns both give with another type; their values are not compared.
    pub(crate) columns_retyped: Vec<Retyped>,
    /// Rows only the candidate refuses, by reason.
    pub(crate) newly_rejected: Vec<Reason>,
    /// Rows only what is live refuses, by its reason.
    pub(crate) newly_accepted: Vec<Reason>,
    /// Rows both refuse, for another reason, by the candidate's.
    pub(crate) rejected_otherwise: Vec<Reason>,
    /// Rows only the candidate passes over without refusing them.
    pub(crate) newly_filtered: u64,
    /// Rows only what is live passes over.
    pub(crate) no_longer_filtered: u64,
    /// Rows that become another number of rows, more than none on both sides.
    pub(crate) multiplied_otherwise: u64,
    /// By check, the rows that fail it on each side.
    pub(crate) checks: Vec<CheckChange>,
    /// Checks of a whole run, which no batch can be judged by.
    pub(crate) not_judged: Vec<String>,
}

/// One side of the comparison.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Side {
    /// Rows the transforms gave.
    pub(crate) given: u64,
    /// Rows they refused.
    pub(crate) rejected: u64,
    /// Rows that would reach the destination.
    pub(crate) delivered: u64,
    /// Nanoseconds the transforms took for each row read.
    pub(crate) ns_per_row: u64,
    /// Batches nothing came of, because the transforms failed.
    pub(crate) batches_failed: u64,
    /// Why, the first time.
    pub(crate) failure: Option<String>,
}

/// A column whose values differ.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ColumnChange {
    /// The column.
    pub(crate) column: String,
    /// Rows.
    pub(crate) rows: u64,
    /// Some of them.
    pub(crate) examples: Vec<ValueChange>,
}

/// A value that differs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ValueChange {
    /// The raw batch.
    pub(crate) batch: String,
    /// The row in it.
    pub(crate) row: u64,
    /// What is live gives; NULL is none.
    pub(crate) before: Option<String>,
    /// What the candidate gives.
    pub(crate) after: Option<String>,
}

/// A column and its type.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NamedType {
    /// The column.
    pub(crate) column: String,
    /// Its type.
    #[serde(rename = "type")]
    pub(crate) column_type: String,
}

/// A column of another type.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Retyped {
    /// The column.
    pub(crate) column: String,
    /// Its type live.
    pub(crate) before: String,
    /// Its type as tried.
    pub(crate) after: String,
}

/// A reason rows are refused for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reason {
    /// The module.
    pub(crate) rule: String,
    /// Stable code.
    pub(crate) code: String,
    /// The column, when it is about one.
    pub(crate) column: Option<String>,
    /// Rows.
    pub(crate) rows: u64,
    /// Some of them, with what the module says.
    pub(crate) examples: Vec<Said>,
}

/// What a module says of a row.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Said {
    /// The raw batch.
    pub(crate) batch: String,
    /// The row in it.
    pub(crate) row: u64,
    /// What it says.
    pub(crate) message: Option<String>,
}

/// Rows that fail a check.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct CheckChange {
    /// The check.
    pub(crate) check: String,
    /// With what is live; none when its columns are not there.
    pub(crate) live: Option<u64>,
    /// With the candidate.
    pub(crate) tried: Option<u64>,
}

impl TrialReport {
    /// Whether the candidate gives the very same.
    pub(crate) fn is_the_same(&self) -> bool {
        let nothing =
            self.rows_changed + self.newly_filtered + self.no_longer_filtered + self.multiplied_otherwise == 0;
        nothing
            && self.newly_rejected.is_empty()
            && self.newly_accepted.is_empty()
            && self.rejected_otherwise.is_empty()
            && self.columns_added.is_empty()
            && self.columns_removed.is_empty()
            && self.columns_retyped.is_empty()
    }

    /// The report for people.
    pub(crate) fn text(&self) -> String {
        let mut lines = self.heading();
        lines.push(self.sides());
        if self.is_the_same() {
            lines.push("no difference".to_owned());
        }
        lines.extend(self.columns_text());
        lines.extend(self.rows_text());
        lines.extend(self.checks_text());
        lines.join("\n")
    }

    fn heading(&self) -> Vec<String> {
        let live = match &self.live_module {
            Some(module) => format!("in place of {module}, transform {}", self.at),
            None => format!("as transform {}, where none is live", self.at),
        };
        let mut lines = vec![
            format!("{} on {}.{} {live}", self.candidate, self.sync, self.stream),
            format!("{} batch(es), {} rows", grouped(self.batches), grouped(self.rows)),
        ];
        if self.batches_gone > 0 {
            lines.push(format!("{} batch(es) left out: their raw rows are gone", grouped(self.batches_gone)));
        }
        for (side, name) in [(&self.live, "what is live"), (&self.tried, "the candidate")] {
            if let Some(failure) = &side.failure {
                lines.push(format!("{name} failed on {} batch(es): {failure}", grouped(side.batches_failed)));
            }
        }
        lines
    }

    fn sides(&self) -> String {
        let row = |name: &str, side: &Side| {
            let counts = [side.given, side.rejected, side.delivered, side.ns_per_row].map(grouped);
            [vec![name.to_owned()], counts.to_vec()].concat()
        };
        let heading = ["", "rows given", "rejected", "to deliver", "ns a row"].map(str::to_owned).to_vec();
        table(&[heading, row("live", &self.live), row("tried", &self.tried)])
    }

    fn columns_text(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for added in &self.columns_added {
            lines.push(format!("column added    {} {}", added.column, added.column_type));
        }
        for removed in &self.columns_removed {
            lines.push(format!("column removed  {} {}", removed.column, removed.column_type));
        }
        for retyped in &self.columns_retyped {
            lines.push(format!("column retyped  {} {} -> {}", retyped.column, retyped.before, retyped.after));
        }
        if self.rows_changed > 0 {
            lines.push(format!("{} row(s) changed", grouped(self.rows_changed)));
        }
        for column in &self.columns {
            lines.push(format!("  {:<24} {:>10}", column.column, grouped(column.rows)));
            for example in &column.examples {
                let [before, after] = [&example.before, &example.after].map(shown);
                lines.push(format!("    row {}: {before} -> {after}", example.row));
            }
        }
        lines
    }

    fn rows_text(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let reasons = [
            ("newly rejected", &self.newly_rejected),
            ("newly accepted, rejected so far", &self.newly_accepted),
            ("rejected for another reason", &self.rejected_otherwise),
        ];
        for (title, reasons) in reasons {
            for reason in reasons {
                let column = reason.column.as_ref().map(|column| format!(" column {column}")).unwrap_or_default();
                lines.push(format!("{title}: {} [{}] by {}{column}", grouped(reason.rows), reason.code, reason.rule));
                for said in &reason.examples {
                    let message = said.message.as_deref().unwrap_or_default();
                    lines.push(format!("    row {}: {message}", said.row));
                }
            }
        }
        let counts = [
            (self.newly_filtered, "newly passed over"),
            (self.no_longer_filtered, "no longer passed over"),
            (self.multiplied_otherwise, "become another number of rows"),
        ];
        lines.extend(
            counts.iter().filter(|(rows, _)| *rows > 0).map(|(rows, what)| format!("{} row(s) {what}", grouped(*rows))),
        );
        lines
    }

    fn checks_text(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.checks.is_empty() {
            let count = |rows: Option<u64>| rows.map_or_else(|| "-".to_owned(), grouped);
            let mut rows = vec![["check", "failing live", "failing tried"].map(str::to_owned).to_vec()];
            rows.extend(
                self.checks.iter().map(|check| vec![check.check.clone(), count(check.live), count(check.tried)]),
            );
            lines.push(table(&rows));
        }
        if !self.not_judged.is_empty() {
            lines.push(format!("judged at the end of a run only: {}", self.not_judged.join(", ")));
        }
        lines
    }
}

fn shown(value: &Option<String>) -> String {
    match value {
        None => "NULL".to_owned(),
        Some(text) => format!("{text:?}"),
    }
}

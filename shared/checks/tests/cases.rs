//! Runs every case file under `tests/cases`: rows and checks, and what is expected of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch, StringArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Schema, SchemaRef, TimeUnit};
use batch::ColumnType;
use checks::{Failure, Quality, RunTotals, Suite};
use flow::Timestamp;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows.
    name: String,
    /// Each `name type`.
    #[serde(default)]
    columns: Vec<String>,
    /// One batch.
    #[serde(default)]
    rows: Vec<Vec<Value>>,
    /// Several batches of one run, in place of `rows`.
    #[serde(default)]
    batches: Vec<Vec<Vec<Value>>>,
    /// The checks.
    quality: Quality,
    /// What `problems()` says; empty when the checks are fine as written.
    #[serde(default)]
    problems: Vec<String>,
    /// What binding the checks to the columns says.
    error: Option<String>,
    /// `check @row column code value: reason`; the row counts on over batches.
    #[serde(default)]
    failures: Vec<String>,
    /// The run's clock; asks for conclusions.
    now: Option<Timestamp>,
    /// `check code: reason`.
    #[serde(default)]
    conclusions: Vec<String>,
}

#[test]
fn every_case_comes_out_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 8, "the case files are not where they should be");
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let cases: Vec<Case> =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(!cases.is_empty(), "{}", file.display());
        for case in cases {
            let (expected, found) = (expected(&case), run(&case));
            if expected != found {
                wrong.push(format!(
                    "{}: {}\nexpected:\n  {}\nfound:\n  {}",
                    file.file_name().unwrap().display(),
                    case.name,
                    expected.join("\n  "),
                    found.join("\n  ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} case(s) went wrong\n\n{}", wrong.len(), wrong.join("\n\n"));
}

fn expected(case: &Case) -> Vec<String> {
    let problems = case.problems.iter().map(|text| format!("problem {text}"));
    let error = case.error.iter().map(|text| format!("error {text}"));
    let conclusions = case.conclusions.iter().map(|text| format!("concludes {text}"));
    problems.chain(error).chain(case.failures.clone()).chain(conclusions).collect()
}

fn run(case: &Case) -> Vec<String> {
    let mut found: Vec<String> =
        case.quality.problems().into_iter().map(|problem| format!("problem {problem}")).collect();
    if case.columns.is_empty() {
        return found;
    }
    let schema = schema(&case.columns);
    let suite = match Suite::compile(&case.quality, &schema) {
        Ok(suite) => suite,
        Err(error) => {
            let fault = flow::Fault::from(error);
            found.push(format!("error {fault}"));
            return found;
        }
    };
    found.extend(judged(case, &suite, &schema));
    found
}

fn judged(case: &Case, suite: &Suite, schema: &SchemaRef) -> Vec<String> {
    let batches = if case.batches.is_empty() { vec![case.rows.clone()] } else { case.batches.clone() };
    let mut found = Vec::new();
    let mut seen_keys: HashSet<(usize, u128)> = HashSet::new();
    let mut measures: Vec<(usize, String)> = Vec::new();
    let mut rows_before = 0;
    for rows in batches {
        let batch = record_batch(schema, &rows);
        let judgement = suite.judge(&batch);
        let mut failures = judgement.failures;
        for keys in judgement.unique {
            let seen: Vec<bool> = keys.keys.iter().map(|key| !seen_keys.insert((keys.check, *key))).collect();
            failures.extend(suite.duplicates(&batch, &keys, &seen));
        }
        measures.extend(judgement.measures.into_iter().map(|measure| (measure.check, measure.value)));
        found.extend(failures.iter().map(|failure| failure_line(suite, failure, rows_before)));
        rows_before += rows.len();
    }
    let Some(now) = case.now else { return found };
    let of_check = |check| measures.iter().filter(|(of, _)| *of == check).map(|(_, value)| value.clone()).collect();
    let totals = RunTotals { rows: rows_before as u64 };
    found.extend(suite.conclude(totals, of_check, now).iter().map(|conclusion| {
        assert!(suite.check(conclusion.check).is_run_wide());
        format!("concludes {} {}: {}", suite.check(conclusion.check).name(), conclusion.code, conclusion.reason)
    }));
    found
}

fn failure_line(suite: &Suite, failure: &Failure, rows_before: usize) -> String {
    let value = failure.value.as_ref().map_or_else(|| "NULL".to_owned(), |value| format!("`{value}`"));
    let row = rows_before + failure.row as usize;
    let column = failure.column.as_deref().unwrap_or("-");
    format!("{} @{row} {column} {} {value}: {}", suite.check(failure.check).name(), failure.code, failure.reason)
}

fn schema(columns: &[String]) -> SchemaRef {
    let field = |column: &String| {
        let (name, column_type) = column.split_once(' ').unwrap();
        column_type.parse::<ColumnType>().unwrap().field(name, true)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn record_batch(schema: &SchemaRef, rows: &[Vec<Value>]) -> RecordBatch {
    let columns = schema.fields().iter().enumerate().map(|(column, field)| {
        let cells: Vec<Option<String>> = rows.iter().map(|row| cell_text(&row[column])).collect();
        array(&cells, ColumnType::of(field).unwrap())
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

fn cell_text(cell: &Value) -> Option<String> {
    match cell {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Reads cells with Arrow's own casts: another reader of values than the one that is tested.
fn array(cells: &[Option<String>], column_type: ColumnType) -> ArrayRef {
    if column_type == ColumnType::Uuid {
        let bytes = |text: &String| u128::from_str_radix(&text.replace('-', ""), 16).unwrap().to_be_bytes();
        let uuids = cells.iter().map(|cell| cell.as_ref().map(bytes));
        return Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(uuids, 16).unwrap());
    }
    let texts: ArrayRef = Arc::new(cells.iter().cloned().collect::<StringArray>());
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    // Arrow's own reader of moments knows offsets, not names of zones.
    if column_type == (ColumnType::Timestamp { zoned: true }) {
        let by_offset = DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()));
        let moments = cast_with_options(&texts, &by_offset, &strict).unwrap();
        return Arc::new(moments.as_primitive::<TimestampMicrosecondType>().clone().with_timezone("UTC"));
    }
    cast_with_options(&texts, &column_type.arrow(), &strict).unwrap()
}

//! What a suite says of its checks, and what it does with a batch it was not made for.

#![expect(clippy::unwrap_used, reason = "a test that cannot make its data has failed")]

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::Schema;
use batch::ColumnType;
use checks::{OnFailure, Quality, Suite};
use flow::Severity;

fn suite(checks: &str, columns: &[(&str, ColumnType)]) -> Suite {
    let quality: Quality = serde_saphyr::from_str(checks).unwrap();
    let fields: Vec<_> = columns.iter().map(|(name, column_type)| column_type.field(name, true)).collect();
    Suite::compile(&quality, &Arc::new(Schema::new(fields))).unwrap()
}

fn batch(columns: Vec<(&str, ColumnType, ArrayRef)>) -> RecordBatch {
    let (fields, arrays): (Vec<_>, Vec<_>) =
        columns.into_iter().map(|(name, column_type, array)| (column_type.field(name, true), array)).unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

#[test]
fn what_is_not_written_is_made_of_the_kind() {
    let suite = suite(
        "checks: [
            { not_null: [id] }, { unique: [id, name] }, { range: { column: id, min: 1 } },
            { row_count: { min: 1 } },
            { regex: { column: name, pattern: a }, name: own, dimension: taste, severity: info, on_failure: pass }]",
        &[("id", ColumnType::Int64), ("name", ColumnType::Utf8)],
    );
    let found: Vec<_> = suite
        .checks()
        .map(|check| (check.name(), check.dimension(), check.severity(), check.on_failure(), check.is_run_wide()))
        .collect();
    let expected = [
        ("not_null(id)", "completeness", Severity::Error, OnFailure::Quarantine, false),
        ("unique(id, name)", "uniqueness", Severity::Error, OnFailure::Quarantine, false),
        ("range(id)", "validity", Severity::Error, OnFailure::Quarantine, false),
        ("row_count", "completeness", Severity::Error, OnFailure::Abort, true),
        ("own", "taste", Severity::Info, OnFailure::Pass, false),
    ];
    assert_eq!(found, expected);
}

#[test]
fn no_row_of_another_schema_passes_unchecked() {
    let suite = suite(
        "checks: [{ not_null: [id] }, { unique: [id] }, { range: { column: id, min: 1 } }, { row_count: { min: 1 } }]",
        &[("id", ColumnType::Int64)],
    );
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["1", "2"]));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    for rows in [
        batch(vec![("id", ColumnType::Utf8, texts.clone())]),
        batch(vec![("other", ColumnType::Int64, numbers)]),
        batch(vec![("other", ColumnType::Utf8, texts)]),
    ] {
        let judgement = suite.judge(&rows);
        let found: Vec<_> =
            judgement.failures.iter().map(|failure| (failure.check, failure.row, failure.code)).collect();
        let changed = "column_changed";
        assert_eq!(
            found,
            [(0, 0, changed), (0, 1, changed), (1, 0, changed), (1, 1, changed), (2, 0, changed), (2, 1, changed)]
        );
        assert!(judgement.unique.is_empty());
    }
}

#[test]
fn a_sliced_batch_is_judged_by_its_own_rows() {
    let suite = suite(
        "checks: [{ not_null: [id] }, { range: { column: id, max: 2 } }, { in_set: { column: name, values: [a] } }, { unique: [id, name] }]",
        &[("id", ColumnType::Int64), ("name", ColumnType::Utf8)],
    );
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(9), Some(1), None, Some(3)]));
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("z"), Some("z"), Some("a"), Some("b"), None]));
    let rows = batch(vec![("id", ColumnType::Int64, ids), ("name", ColumnType::Utf8, names)]).slice(2, 3);
    let judgement = suite.judge(&rows);
    let found: Vec<_> =
        judgement.failures.iter().map(|failure| (failure.check, failure.row, failure.value.as_deref())).collect();
    assert_eq!(found, [(0, 1, None), (1, 2, Some("3")), (2, 1, Some("b"))]);
    assert_eq!(judgement.unique.first().map(|keys| keys.rows.clone()), Some(vec![0]));
}

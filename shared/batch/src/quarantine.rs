//! Quarantined rows as a batch: each with its reason, followed by the row as it was read.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{Field, Schema};
use arrow_select::take::take;
use flow::Severity;

use crate::{ColumnType, Error, SOURCE_ROW};

/// Names of the columns that say why, in their order; the row's own columns follow them.
pub const COLUMNS: [&str; 9] = [
    SOURCE_ROW,
    "_millstream_rule",
    "_millstream_column",
    "_millstream_code",
    "_millstream_severity",
    "_millstream_reason",
    "_millstream_value",
    "_millstream_place",
    "_millstream_record",
];

/// One row in quarantine, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its number in the staged batch; `None` when it never became a row.
    pub row: Option<u64>,
    /// The check's name, the module's name, or `read`.
    pub rule: String,
    /// The column, when it is about one.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// The reason, without any value of the record.
    pub reason: String,
    /// The value that was refused, as text.
    pub value: Option<String>,
    /// Where it stood in the source, when it never became a row.
    pub place: Option<String>,
    /// The record as it was read, when it never became a row.
    pub record: Option<String>,
}

/// The entries as a batch. `raw` is the staged batch their row numbers point into.
pub fn to_batch(entries: &[Entry], raw: Option<&RecordBatch>) -> Result<RecordBatch, Error> {
    let rows: UInt64Array = entries.iter().map(|entry| entry.row).collect();
    let mut fields = vec![ColumnType::UInt64.field(SOURCE_ROW, true)];
    fields.extend(COLUMNS.iter().skip(1).map(|name| ColumnType::Utf8.field(name, true)));
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(rows.clone()),
        text(entries, |entry| Some(&entry.rule)),
        text(entries, |entry| entry.column.as_deref()),
        text(entries, |entry| Some(&entry.code)),
        text(entries, |entry| Some(entry.severity.as_str())),
        text(entries, |entry| Some(&entry.reason)),
        text(entries, |entry| entry.value.as_deref()),
        text(entries, |entry| entry.place.as_deref()),
        text(entries, |entry| entry.record.as_deref()),
    ];
    if let Some(raw) = raw {
        for (field, column) in raw.schema().fields().iter().zip(raw.columns()) {
            fields.push(Field::clone(field).with_nullable(true));
            columns.push(take(column, &rows, None).map_err(Error::Encode)?);
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(Error::Encode)
}

fn text<'a>(entries: &'a [Entry], pick: impl Fn(&'a Entry) -> Option<&'a str>) -> ArrayRef {
    let mut builder = StringBuilder::new();
    entries.iter().for_each(|entry| builder.append_option(pick(entry)));
    Arc::new(builder.finish())
}

#[cfg(test)]
mod tests {
    use arrow_array::{Array, Int64Array, cast::AsArray, types::Int64Type};

    use super::*;

    #[test]
    fn each_entry_is_followed_by_its_row_and_a_record_that_never_was_one_by_nulls() {
        let schema = Schema::new(vec![ColumnType::Int64.field("id", false)]);
        let raw = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(Int64Array::from(vec![10, 20, 30]))]).unwrap();
        let entries = [
            Entry { row: Some(2), rule: "range(id)".into(), code: "out_of_range".into(), ..Entry::default() },
            Entry { rule: "read".into(), code: "field_count".into(), record: Some("1,2".into()), ..Entry::default() },
        ];
        let batch = to_batch(&entries, Some(&raw)).unwrap();
        assert_eq!(batch.num_columns(), COLUMNS.len() + 1);
        let ids = batch.column(COLUMNS.len()).as_primitive::<Int64Type>();
        assert_eq!((ids.value(0), ids.is_null(1)), (30, true));
        assert_eq!(batch.column(8).as_string::<i32>().value(1), "1,2");
    }
}

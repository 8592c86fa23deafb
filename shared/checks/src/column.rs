//! A column a check is bound to.

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::Schema;
use batch::ColumnType;

use crate::Error;

/// Where a column stands in the batches of a stream, and what it holds.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) column_type: ColumnType,
}

impl Column {
    /// Finds the column `name` that `check` is about.
    pub(crate) fn find(check: &str, name: &str, schema: &Schema) -> Result<Self, Error> {
        match schema.fields().find(name) {
            Some((index, field)) => {
                let column_type = ColumnType::of(field).map_err(Error::UnsupportedColumn)?;
                Ok(Self { index, name: name.to_owned(), column_type })
            }
            None => Err(unknown(check, name, schema)),
        }
    }

    /// The column in a batch; `None` when the batch has another shape than the one bound to.
    pub(crate) fn of<'a>(&self, rows: &'a RecordBatch) -> Option<&'a ArrayRef> {
        let field = rows.schema_ref().fields().get(self.index)?;
        let is_bound_to = *field.name() == self.name && ColumnType::of(field).is_ok_and(|now| now == self.column_type);
        if is_bound_to { rows.columns().get(self.index) } else { None }
    }

    /// The error for a kind of check that is not for this column's type.
    pub(crate) fn mismatch(&self, check: &str, kind: &'static str, fits: &'static str) -> Error {
        Error::KindMismatch {
            check: check.to_owned(),
            kind,
            column: self.name.clone(),
            column_type: self.column_type.to_string(),
            fits,
        }
    }
}

fn unknown(check: &str, name: &str, schema: &Schema) -> Error {
    let columns: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .filter(|column| !column.starts_with(batch::OWN_PREFIX))
        .collect();
    let nearest = nearest(name, columns.iter().map(String::as_str)).map(str::to_owned);
    Error::UnknownColumn { check: check.to_owned(), column: name.to_owned(), nearest, columns }
}

/// The one of `names` that `name` is probably meant to be: at most a third of its letters differ.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let most = (wanted.chars().count() / 3).max(1);
    names
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

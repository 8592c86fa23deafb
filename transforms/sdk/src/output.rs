//! What a module makes of a batch.

use crate::bindings::{self, Column};
use crate::builder::Builder;
use crate::{Kind, Out};

/// Why a row is refused: it goes to quarantine with this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    code: &'static str,
    message: String,
    column: Option<String>,
}

impl Reject {
    /// A refusal with a stable code (letters `a`-`z`, digits, `_`) and a reason for people.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), column: None }
    }

    /// Names the column that is wrong.
    #[must_use]
    pub fn column(mut self, name: &str) -> Self {
        self.column = Some(name.to_owned());
        self
    }
}

/// The output of one batch.
#[derive(Debug)]
pub struct Output {
    source_rows: Vec<u32>,
    rejects: Vec<bindings::Reject>,
    columns: Vec<Option<Column>>,
    names: Vec<(String, usize)>,
}

impl Output {
    pub(crate) fn new(outs: usize, rows: usize) -> Self {
        let columns = std::iter::repeat_with(|| None).take(outs).collect();
        Self { source_rows: Vec::with_capacity(rows), rejects: Vec::new(), columns, names: Vec::new() }
    }

    /// The next output row is made from this input row. A row that is neither kept nor rejected
    /// is dropped; one that is kept twice comes out twice.
    #[inline]
    pub fn keep(&mut self, row: usize) {
        // A batch's rows are counted in 32 bits.
        self.source_rows.push(row as u32);
    }

    /// Every input row comes out, in order.
    pub fn keep_all(&mut self, rows: usize) {
        self.source_rows.extend((0..rows).map(|row| row as u32));
    }

    /// The input row goes to quarantine.
    pub fn reject(&mut self, row: usize, reject: Reject) {
        let Reject { code, message, column } = reject;
        self.rejects.push(bindings::Reject { row: row as u32, column, code: code.to_owned(), message });
    }

    /// Hands over a column: one value for each kept row.
    pub fn give<K: Kind>(&mut self, out: &Out<K>, builder: K::Builder) -> Result<(), String> {
        let rows = builder.rows();
        let column = builder.finish(&out.column_type).map_err(|error| format!("column `{}`: {error}", out.name))?;
        self.names.push((out.name.clone(), rows));
        let place = self.columns.get_mut(out.number).ok_or("a column of another module was given")?;
        *place = Some(column);
        Ok(())
    }

    /// The contract's form, its columns in the plan's order.
    pub(crate) fn finish(mut self, order: &[usize]) -> Result<bindings::Output, String> {
        let kept = self.source_rows.len();
        if let Some((name, rows)) = self.names.iter().find(|(_, rows)| *rows != kept) {
            return Err(format!("column `{name}` has {rows} values for {kept} kept rows"));
        }
        let taken = order.iter().map(|number| self.columns.get_mut(*number).and_then(Option::take));
        let columns = taken.collect::<Option<Vec<_>>>().ok_or("a planned column was not given")?;
        let rows = u32::try_from(kept).map_err(|_| "too many rows".to_owned())?;
        let batch = bindings::millstream::transform::types::Batch { rows, columns };
        Ok(bindings::Output { batch, source_rows: self.source_rows, rejects: self.rejects })
    }
}

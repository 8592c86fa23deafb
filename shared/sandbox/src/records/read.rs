//! JSON records on their way out: a guest may have written anything, so everything is checked.

use std::collections::HashSet;
use std::fmt;

use arrow_array::{ArrayRef, BooleanArray};
use arrow_select::filter::filter;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::cell::Cell;
use super::column::Column;
use crate::Error;
use crate::guest::Reject;
use crate::plan::Plan;

/// Code of a row with a value that does not fit its column.
const VALUE: &str = "module_value";

/// What was read.
#[derive(Debug)]
pub(crate) struct Read {
    /// The computed columns, in the plan's order.
    pub(crate) columns: Vec<ArrayRef>,
    /// For each of their rows, its row in the input.
    pub(crate) source_rows: Vec<u32>,
    /// Input rows for which a value came that does not fit; none of them is in `source_rows`.
    pub(crate) rejects: Vec<Reject>,
}

/// Reads what `apply` gave for a batch of `of` rows.
pub(crate) fn read(records: &str, source_rows: &[u32], plan: &Plan, of: usize) -> Result<Read, Error> {
    let of = u32::try_from(of).unwrap_or(u32::MAX);
    if let Some(outside) = source_rows.iter().find(|row| **row >= of) {
        return Err(wrong(format!("a source row is {outside}, the batch has {of} rows")));
    }
    let mut rows = Rows::new(source_rows, plan);
    let mut json = serde_json::Deserializer::from_str(records);
    let parsed = json.deserialize_seq(&mut rows).and_then(|()| json.end());
    if let Err(error) = parsed {
        // The parser's own words may quote a value.
        return Err(match rows.too_many {
            true => wrong(format!("more records came than its {} source rows", source_rows.len())),
            false => wrong(format!(
                "its records are no JSON array of objects (line {}, column {})",
                error.line(),
                error.column()
            )),
        });
    }
    if rows.next != source_rows.len() {
        return Err(wrong(format!("{} records came with {} source rows", rows.next, source_rows.len())));
    }
    rows.finish()
}

/// The rows read so far. A row with a fault is taken back, so that few bytes never stand for many.
struct Rows<'a> {
    columns: Vec<Column>,
    source_rows: &'a [u32],
    next: usize,
    kept: Vec<u32>,
    bad: HashSet<u32>,
    rejects: Vec<Reject>,
    too_many: bool,
}

impl<'a> Rows<'a> {
    fn new(source_rows: &'a [u32], plan: &Plan) -> Self {
        let columns = plan.computed().map(|(field, column_type)| Column::new(field, column_type));
        Self {
            columns: columns.collect(),
            source_rows,
            next: 0,
            kept: Vec::with_capacity(source_rows.len()),
            bad: HashSet::new(),
            rejects: Vec::new(),
            too_many: false,
        }
    }

    fn end_row(&mut self, fault: Option<(usize, String)>) {
        let rows = self.kept.len();
        let missing = || {
            let place = self.columns.iter().position(|column| column.rows() == rows)?;
            Some((place, "the key is missing; NULL is `null`".to_owned()))
        };
        let fault = fault.or_else(missing);
        let Some(source_row) = self.source_rows.get(self.next).copied() else { return };
        self.next += 1;
        match fault {
            None => self.kept.push(source_row),
            Some((place, message)) => {
                self.columns.iter_mut().for_each(|column| column.truncate(rows));
                if self.bad.insert(source_row) {
                    let column = self.columns.get(place).map(|column| column.name().to_owned());
                    self.rejects.push(Reject { row: source_row, column, code: VALUE.to_owned(), message });
                }
            }
        }
    }

    fn finish(self) -> Result<Read, Error> {
        let columns = self.columns.into_iter().map(Column::finish).collect::<Result<Vec<_>, _>>()?;
        let is_good = |row: &u32| !self.bad.contains(row);
        if self.bad.is_empty() || self.kept.iter().all(is_good) {
            return Ok(Read { columns, source_rows: self.kept, rejects: self.rejects });
        }
        // The input row goes to quarantine as a whole, with everything that was made from it.
        let good: BooleanArray = self.kept.iter().map(|row| Some(is_good(row))).collect();
        let columns = columns.iter().map(|column| filter(column, &good)).collect::<Result<_, _>>();
        let source_rows = self.kept.iter().copied().filter(is_good).collect();
        Ok(Read { columns: columns.map_err(Error::Assemble)?, source_rows, rejects: self.rejects })
    }
}

impl<'de> Visitor<'de> for &mut Rows<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<(), A::Error> {
        loop {
            if self.next == self.source_rows.len() {
                self.too_many = records.next_element::<IgnoredAny>()?.is_some();
                return if self.too_many { Err(A::Error::custom("too many records")) } else { Ok(()) };
            }
            match records.next_element_seed(Record { columns: &mut self.columns, rows: self.kept.len() })? {
                Some(fault) => self.end_row(fault),
                None => return Ok(()),
            }
        }
    }
}

/// One record: gives the first column that cannot take its value, and why.
struct Record<'a> {
    columns: &'a mut [Column],
    rows: usize,
}

impl<'de> DeserializeSeed<'de> for Record<'_> {
    type Value = Option<(usize, String)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Record<'_> {
    type Value = Option<(usize, String)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut record: A) -> Result<Self::Value, A::Error> {
        let mut fault = None;
        let mut likely = 0;
        while let Some(place) = record.next_key_seed(Key { columns: self.columns, likely })? {
            let column = place.and_then(|place| Some((place, self.columns.get_mut(place)?)));
            let Some((place, column)) = column.filter(|_| fault.is_none()) else {
                record.next_value::<IgnoredAny>()?;
                continue;
            };
            likely = place + 1;
            let cell = Cell::of(record.next_value::<&RawValue>()?);
            if column.rows() > self.rows {
                fault = Some((place, "the key is there twice".to_owned()));
            } else if column.push(&cell).is_none() {
                fault = Some((place, column.problem(&cell)));
            }
        }
        Ok(fault)
    }
}

/// A key: the place of its column, if it is one. Records mostly have their keys in one order.
struct Key<'a> {
    columns: &'a [Column],
    likely: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        if self.columns.get(self.likely).is_some_and(|column| column.name() == key) {
            return Ok(Some(self.likely));
        }
        Ok(self.columns.iter().position(|column| column.name() == key))
    }
}

fn wrong(what: String) -> Error {
    Error::Output { what }
}

#[cfg(test)]
mod tests;

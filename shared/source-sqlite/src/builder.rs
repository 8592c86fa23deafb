//! Rows into batches: typed columns, bounded, with what does not fit set aside.

use std::mem;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::SchemaRef;
use arrow_select::filter::filter;
use serde_json::{Map, Value as Json};
use source::{Error, Pulled, Reject};
use spec::validated::BatchLimits;
use sqlx::sqlite::{SqliteArguments, SqliteRow};

use crate::column::{Column, Misfit};
use crate::plan::Query;
use crate::value::Raw;

/// The batch being filled, and how far its part has been read.
pub(crate) struct Filling {
    schema: SchemaRef,
    limits: BatchLimits,
    query: Query,
    columns: Vec<Column>,
    /// Rows of the part behind the last batch.
    behind: u64,
    rows: usize,
    bytes: usize,
    last_bytes: usize,
    /// For each row, whether it is one of the schema.
    fits: Vec<bool>,
    rejects: Vec<Reject>,
    previous: Option<SqliteRow>,
    last: Option<SqliteRow>,
}

impl Filling {
    pub(crate) fn new(schema: SchemaRef, mut limits: BatchLimits, query: Query) -> Result<Self, Error> {
        // A batch of no rows would look like the end.
        limits.rows = limits.rows.max(1);
        Ok(Self {
            columns: columns_of(&schema)?,
            behind: query.skip,
            schema,
            limits,
            query,
            rows: 0,
            bytes: 0,
            last_bytes: 0,
            fits: Vec::new(),
            rejects: Vec::new(),
            previous: None,
            last: None,
        })
    }

    /// The statement for everything that is left.
    pub(crate) fn statement_of_all(&self) -> Result<(String, SqliteArguments), Error> {
        self.query.statement(None)
    }

    /// The statement for one batch behind what was read.
    pub(crate) fn statement_of_a_page(&self) -> Result<(String, SqliteArguments), Error> {
        self.query.statement(Some(self.limits.rows))
    }

    /// Whether the next row belongs to the next batch.
    pub(crate) fn is_full(&self) -> bool {
        self.rows as u64 >= self.limits.rows || (self.rows > 0 && self.bytes as u64 >= self.limits.bytes.0)
    }

    /// Takes a row. One with a value that does not fit is set aside whole.
    pub(crate) fn push(&mut self, row: SqliteRow) -> Result<(), Error> {
        let keys = self.query.cut.keys.len();
        let mut bytes = 0;
        let mut misfit = None;
        for (place, column) in self.columns.iter_mut().enumerate() {
            match column.push(Raw::of(&row, keys + place)?) {
                Ok(taken) => bytes += taken,
                Err(found) => misfit = misfit.or(Some((place, found))),
            }
        }
        self.rows += 1;
        self.fits.push(misfit.is_none());
        if let Some((place, misfit)) = misfit {
            let reject = self.reject(&row, place, misfit)?;
            bytes += reject.record.len();
            self.rejects.push(reject);
        }
        self.bytes += bytes;
        self.last_bytes = bytes;
        self.previous = self.last.replace(row);
        Ok(())
    }

    /// Drops what a read that failed half-way has left.
    pub(crate) fn discard(&mut self) -> Result<(), Error> {
        if self.rows > 0 {
            self.columns = columns_of(&self.schema)?;
            self.clear();
        }
        Ok(())
    }

    /// The rows taken as a batch; as two when the last row alone is more than a batch should be;
    /// none when no row was taken.
    pub(crate) fn finish(&mut self) -> Result<Vec<Pulled>, Error> {
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        let rejects = mem::take(&mut self.rejects);
        let is_heavy = self.last_bytes as u64 > self.limits.bytes.0 && self.fits.last() == Some(&true);
        let mut pulled = Vec::new();
        match (&self.previous, &self.last) {
            (Some(previous), Some(last)) if is_heavy && self.rows > 1 => {
                let before = self.rows - 1;
                pulled.push(self.pulled(&arrays, 0..before, previous, rejects)?);
                pulled.push(self.pulled(&arrays, before..self.rows, last, Vec::new())?);
            }
            (_, Some(last)) if self.rows > 0 => pulled.push(self.pulled(&arrays, 0..self.rows, last, rejects)?),
            _ => {}
        }
        if let (Some(last), false) = (&self.last, self.query.cut.keys.is_empty()) {
            let place = self.query.place_behind(last, 0)?;
            self.query.cut.beyond = place.behind(&self.query.cut.keys);
        }
        self.behind += self.rows as u64;
        self.clear();
        Ok(pulled)
    }

    fn pulled(
        &self,
        arrays: &[ArrayRef],
        rows: std::ops::Range<usize>,
        last: &SqliteRow,
        rejects: Vec<Reject>,
    ) -> Result<Pulled, Error> {
        let place = self.query.place_behind(last, self.behind + rows.end as u64)?;
        let fits = self.fits.get(rows.clone()).unwrap_or_default();
        let mut arrays: Vec<ArrayRef> = arrays.iter().map(|array| array.slice(rows.start, rows.len())).collect();
        if fits.contains(&false) {
            let fits = BooleanArray::from(fits.to_vec());
            let kept = arrays.iter().map(|array| filter(array, &fits));
            arrays = kept.collect::<Result<_, _>>().map_err(|cause| Error::Build(Box::new(cause)))?;
        }
        let rows = RecordBatch::try_new(self.schema.clone(), arrays).map_err(|cause| Error::Build(Box::new(cause)))?;
        Ok(Pulled { rows, rejects, position: place.position()? })
    }

    fn reject(&self, row: &SqliteRow, place: usize, misfit: Misfit) -> Result<Reject, Error> {
        let keys = self.query.cut.keys.len();
        let mut record = Map::new();
        for (place, field) in self.schema.fields().iter().enumerate() {
            record.insert(field.name().clone(), Raw::of(row, keys + place)?.json());
        }
        Ok(Reject {
            code: misfit.code,
            column: self.schema.fields().get(place).map(|field| field.name().clone()),
            reason: misfit.reason,
            value: Raw::of(row, keys + place)?.text(),
            record: Json::Object(record).to_string(),
            place: self.place_of(row)?,
        })
    }

    /// Where a row is, for people; `row` is the one being taken.
    fn place_of(&self, row: &SqliteRow) -> Result<String, Error> {
        let of = self.query.cut.table.as_ref().map_or("query".to_owned(), |table| format!("table `{table}`"));
        let keys = self.query.cut.keys.iter().enumerate().map(|(place, key)| {
            let value = Raw::of(row, place)?.text().unwrap_or_else(|| "NULL".to_owned());
            Ok(format!("{key} {value}"))
        });
        let keys: Vec<String> = keys.collect::<Result<_, Error>>()?;
        let number = self.behind + self.rows as u64;
        Ok(if keys.is_empty() { format!("{of} row {number}") } else { format!("{of} {}", keys.join(", ")) })
    }

    fn clear(&mut self) {
        (self.rows, self.bytes, self.last_bytes) = (0, 0, 0);
        self.fits.clear();
        self.rejects.clear();
        (self.previous, self.last) = (None, None);
    }
}

fn columns_of(schema: &SchemaRef) -> Result<Vec<Column>, Error> {
    schema.fields().iter().map(|field| Column::new(field)).collect()
}

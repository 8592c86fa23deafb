//! A destination in memory: one table a stream, with its ledger, behind one lock.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow_array::{RecordBatch, UInt64Array};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use async_trait::async_trait;
use flow::{BatchId, RunId, StreamName, SyncName};
use spec::Disposition;

use crate::error::refuse_withdrawal;
use crate::{Destination, Error, Incoming, Outcome, Target, Unfit};

/// Tables held in memory. It holds every column type exactly.
#[derive(Debug, Default)]
pub struct MemoryDestination {
    state: Mutex<State>,
}

type StreamRun = (StreamName, RunId);

#[derive(Debug, Default)]
struct State {
    tables: BTreeMap<StreamName, RecordBatch>,
    /// What a run has replaced so far, until it is finished.
    shadows: BTreeMap<StreamRun, RecordBatch>,
    ledger: BTreeMap<(SyncName, BatchId), StreamRun>,
    /// Runs of `replace` that are finished: asked again, they have nothing to do.
    finished: BTreeSet<StreamRun>,
}

impl MemoryDestination {
    /// Holds no table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The rows of a stream as readers see them now; `None` when it has no table.
    #[must_use]
    pub fn rows(&self, stream: &StreamName) -> Option<RecordBatch> {
        self.lock().tables.get(stream).cloned()
    }

    /// How many batches the ledger has of a stream.
    #[must_use]
    pub fn batches(&self, stream: &StreamName) -> usize {
        self.lock().ledger.values().filter(|(of, _)| of == stream).count()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Destination for MemoryDestination {
    fn unfit(&self, _: &SchemaRef) -> Vec<Unfit> {
        Vec::new()
    }

    async fn prepare(&self, target: &Target) -> Result<(), Error> {
        let state = &mut *self.lock();
        match target.disposition {
            Disposition::Replace => state.make_shadow(target),
            Disposition::Append | Disposition::Merge => {
                let empty = || RecordBatch::new_empty(target.schema.clone());
                fits(state.tables.entry(target.stream.clone()).or_insert_with(empty), target)?;
            }
        }
        Ok(())
    }

    async fn deliver(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        let state = &mut *self.lock();
        let entry = (target.sync.clone(), incoming.batch);
        if state.ledger.contains_key(&entry) {
            return Ok(Outcome::AlreadyThere);
        }
        let table = state.table(target)?;
        let rows = incoming.rows.num_rows() as u64;
        let both = concat_batches(&target.schema, [&*table, &incoming.rows]).map_err(refused)?;
        *table = match target.disposition {
            Disposition::Merge => last_of_each_key(&both, &target.primary_key)?,
            Disposition::Append | Disposition::Replace => both,
        };
        state.ledger.insert(entry, stream_run(target));
        Ok(Outcome::Written { rows })
    }

    async fn withdraw(&self, target: &Target, incoming: Incoming) -> Result<Outcome, Error> {
        refuse_withdrawal(target, incoming.rows.schema_ref())?;
        let state = &mut *self.lock();
        let entry = (target.sync.clone(), incoming.batch);
        if state.ledger.contains_key(&entry) {
            return Ok(Outcome::AlreadyThere);
        }
        let table = state.table(target)?;
        let gone = (0..incoming.rows.num_rows())
            .map(|row| key(&incoming.rows, &target.primary_key, row))
            .collect::<Result<BTreeSet<_>, _>>()?;
        let mut stay = Vec::new();
        for row in 0..table.num_rows() {
            if !gone.contains(&key(table, &target.primary_key, row)?) {
                stay.push(row as u64);
            }
        }
        *table = take_record_batch(table, &UInt64Array::from(stay)).map_err(refused)?;
        state.ledger.insert(entry, stream_run(target));
        Ok(Outcome::Written { rows: incoming.rows.num_rows() as u64 })
    }

    async fn finish(&self, target: &Target) -> Result<(), Error> {
        let state = &mut *self.lock();
        if target.disposition == Disposition::Replace
            && let Some(shadow) = state.shadows.remove(&stream_run(target))
        {
            state.tables.insert(target.stream.clone(), shadow);
            state.finished.insert(stream_run(target));
        }
        Ok(())
    }

    fn location(&self, target: &Target) -> String {
        format!("memory, table {}", target.stream)
    }
}

impl State {
    /// A run that was pushed aside loses its shadow and its ledger rows: it could start again.
    fn make_shadow(&mut self, target: &Target) {
        let own = stream_run(target);
        if self.finished.contains(&own) {
            return;
        }
        let dead: Vec<StreamRun> =
            self.shadows.keys().filter(|shadow| shadow.0 == own.0 && **shadow != own).cloned().collect();
        for shadow in dead {
            self.shadows.remove(&shadow);
            self.ledger.retain(|_, stream_run| *stream_run != shadow);
        }
        self.shadows.entry(own).or_insert_with(|| RecordBatch::new_empty(target.schema.clone()));
    }

    fn table(&mut self, target: &Target) -> Result<&mut RecordBatch, Error> {
        let table = match target.disposition {
            Disposition::Replace => self.shadows.get_mut(&stream_run(target)),
            Disposition::Append | Disposition::Merge => self.tables.get_mut(&target.stream),
        };
        table.ok_or_else(|| {
            Error::config("not_prepared", format!("stream `{}` was not prepared for this run", target.stream))
        })
    }
}

fn stream_run(target: &Target) -> StreamRun {
    (target.stream.clone(), target.run.clone())
}

fn fits(table: &RecordBatch, target: &Target) -> Result<(), Error> {
    let schema = table.schema();
    for field in target.schema.fields() {
        let there = schema.field_with_name(field.name()).ok();
        if there.is_none_or(|there| there.data_type() != field.data_type()) {
            let found = there.map_or("none".to_owned(), |there| there.data_type().to_string());
            let (stream, column, wanted) = (&target.stream, field.name(), field.data_type());
            let problem = format!("table `{stream}` has {found} where column `{column}` needs {wanted}");
            return Err(Error::config("table_mismatch", problem));
        }
    }
    Ok(())
}

/// Each key keeps the place of its first row and the values of its last.
fn last_of_each_key(rows: &RecordBatch, primary_key: &[String]) -> Result<RecordBatch, Error> {
    let mut place_of: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<u64> = Vec::new();
    for row in 0..rows.num_rows() {
        let place = *place_of.entry(key(rows, primary_key, row)?).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(earlier) => *earlier = row as u64,
            None => kept.push(row as u64),
        }
    }
    take_record_batch(rows, &UInt64Array::from(kept)).map_err(refused)
}

fn key(rows: &RecordBatch, primary_key: &[String], row: usize) -> Result<String, Error> {
    let mut key = String::new();
    for name in primary_key {
        let missing = || Error::config("key_missing", format!("key column `{name}` is no column of the batch"));
        let column = rows.column_by_name(name).ok_or_else(missing)?;
        let options = FormatOptions::default();
        let text = ArrayFormatter::try_new(column, &options).map_err(refused)?.value(row).to_string();
        key.push_str(&format!("{}:{text}", text.len()));
    }
    Ok(key)
}

fn refused(cause: ArrowError) -> Error {
    Error::Refused { problem: "the rows do not fit the table in memory".to_owned(), cause: Some(Box::new(cause)) }
}

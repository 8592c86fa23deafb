//! The rows of a run that are in quarantine, as a selection of its raw batches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{RecordBatch, UInt64Array};
use arrow_select::take::take_record_batch;
use batch::SOURCE_ROW;
use flow::{BatchId, Fault, FaultKind, Object, RunId};
use spec::{Disposition, Stream};
use staging::StagingExt;
use store::record::{BatchRecord, Hop, QuarantineFilter, Replayed, Run};
use worker::replay::ReplayedBatch;

use super::history::{History, delivered, line, line_of_run, lined};
use super::keys::of_outcome;
use crate::Failure;
use crate::lab::Lab;

/// Entries looked at in all.
const MOST_ENTRIES: u32 = 1_000_000;

/// What is needed to select them.
pub(crate) struct Selecting<'a> {
    pub(crate) lab: &'a Lab,
    pub(crate) history: &'a History,
    pub(crate) stream: &'a Stream,
    pub(crate) primary_key: &'a [String],
    pub(crate) replay: &'a RunId,
}

/// What a replay of quarantined rows sends, and what it leaves out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selected {
    pub(crate) batches: Vec<ReplayedBatch>,
    /// Records that never became a row: no rule can be put to them.
    pub(crate) unreadable: u64,
    /// Rows whose key came again later: what is in the destination is newer.
    pub(crate) superseded: u64,
    /// Rows of which a part was delivered: sent again, `append` would add that part once more.
    pub(crate) delivered_in_part: u64,
}

/// The chosen rows of one raw batch.
struct Chosen {
    batch: BatchRecord,
    raw: RecordBatch,
    rows: BTreeSet<u64>,
}

impl Selecting<'_> {
    pub(crate) async fn select(&self) -> Result<Selected, Failure> {
        let (mut wanted, unreadable) = self.wanted().await?;
        let mut selected = Selected { unreadable, ..Selected::default() };
        if wanted.is_empty() {
            return Ok(selected);
        }
        let all_wanted = wanted.clone();
        let newer = match self.stream.write_disposition {
            Disposition::Merge => self.superseded(&wanted).await?,
            Disposition::Append | Disposition::Replace => BTreeMap::new(),
        };
        for batch in self.raw().await? {
            let Some(mut rows) = wanted.remove(&batch.id) else { continue };
            let raw = self.lab.parts.staging.get_batch(&batch.raw).await?;
            if let Some(newer) = newer.get(&batch.id) {
                let before = rows.len();
                rows.retain(|row| !newer.contains(row));
                selected.superseded += (before - rows.len()) as u64;
            }
            let mut chosen = Chosen { batch, raw, rows };
            if self.stream.write_disposition == Disposition::Append {
                selected.delivered_in_part += self.leave_delivered_out(&mut chosen).await?;
            }
            if !chosen.rows.is_empty() {
                let object = self.object(&chosen).await?;
                selected.batches.push(ReplayedBatch { from: chosen.batch.id, object });
            }
        }
        if !selected.batches.is_empty() {
            self.remember_the_others(&all_wanted).await?;
        }
        Ok(selected)
    }

    /// A `unique` check of the replay must know the keys of the rows that are not sent again.
    async fn remember_the_others(&self, wanted: &BTreeMap<BatchId, BTreeSet<u64>>) -> Result<(), Failure> {
        if !self.stream.quality.checks.iter().any(|check| check.unique.is_some()) {
            return Ok(());
        }
        let run = &self.history.run;
        let mut now = line(self.lab, "others", self.stream);
        for batch in self.raw().await? {
            let raw = self.lab.parts.staging.get_batch(&batch.raw).await?;
            let outcome = now.put(&lined(run, &self.stream.name), &batch.id, &raw).await?;
            let Some(suite) = now.suite().filter(|_| outcome.fault.is_none()) else { continue };
            let sent = wanted.get(&batch.id);
            let is_sent = |row: u32| {
                let source = outcome.sources.get(row as usize);
                sent.zip(source).is_some_and(|(sent, source)| sent.contains(source))
            };
            let others = BatchId::from_text(&format!("others {}", batch.id));
            for unique in suite.judge(&outcome.rows).unique {
                let rows = unique.rows.iter().zip(&unique.keys).filter(|(row, _)| !is_sent(**row));
                let keys: Vec<u128> = rows.map(|(_, key)| *key).collect();
                let scope = format!("{}/{}", self.stream.name, suite.check(unique.check).name());
                self.lab.parts.store.remember_keys(self.replay, &scope, &others, &keys).await?;
            }
        }
        Ok(())
    }

    /// The rows with an open entry, by batch, and how many records never became a row.
    async fn wanted(&self) -> Result<(BTreeMap<BatchId, BTreeSet<u64>>, u64), Failure> {
        let filter = QuarantineFilter {
            run: Some(self.history.run.id.clone()),
            stream: Some(self.stream.name.clone()),
            open_only: true,
            ..QuarantineFilter::default()
        };
        let mut unreadable = 0;
        let mut objects: BTreeMap<String, (BatchId, Object)> = BTreeMap::new();
        for entry in self.lab.parts.store.quarantined(&filter, MOST_ENTRIES).await? {
            match entry.hop {
                Hop::BatchPull => unreadable += entry.rows,
                Hop::Transform | Hop::QualityCheck | Hop::Deliver => {
                    objects.insert(entry.object.key.clone(), (entry.batch, entry.object));
                }
            }
        }
        let mut wanted: BTreeMap<BatchId, BTreeSet<u64>> = BTreeMap::new();
        for (batch, object) in objects.into_values() {
            let entries = self.lab.parts.staging.get_batch(&object).await?;
            let numbers = entries.column_by_name(SOURCE_ROW).and_then(|column| column.as_primitive_opt::<UInt64Type>());
            if let Some(numbers) = numbers {
                wanted.entry(batch).or_default().extend(numbers.iter().flatten());
            }
        }
        Ok((wanted, unreadable))
    }

    /// Every raw batch of the run.
    async fn raw(&self) -> Result<Vec<BatchRecord>, Failure> {
        delivered(&self.lab.parts, &self.history.run, &self.stream.name).await
    }

    /// Rows whose key was delivered by a row behind them: of the same run, or of a later one.
    async fn superseded(
        &self,
        wanted: &BTreeMap<BatchId, BTreeSet<u64>>,
    ) -> Result<BTreeMap<BatchId, BTreeSet<u64>>, Failure> {
        let raw = self.raw().await?;
        let places: HashMap<BatchId, usize> =
            raw.iter().enumerate().map(|(place, batch)| (batch.id.clone(), place)).collect();
        let mut keys = self.keys_of_wanted(&raw, wanted).await?;
        if !keys.rows.is_empty() {
            self.look_behind(&raw, &places, &mut keys).await?;
        }
        let mut found: BTreeMap<BatchId, BTreeSet<u64>> = BTreeMap::new();
        for ((place, row), keys_left) in keys.left {
            if let Some(batch) = raw.get(place).filter(|_| keys_left == 0) {
                found.entry(batch.id.clone()).or_default().insert(row);
            }
        }
        Ok(found)
    }

    /// What keys the wanted rows would get by the rules of now.
    async fn keys_of_wanted(
        &self,
        raw: &[BatchRecord],
        wanted: &BTreeMap<BatchId, BTreeSet<u64>>,
    ) -> Result<WantedKeys, Failure> {
        let run = &self.history.run;
        let mut now = line(self.lab, "now", self.stream);
        let mut keys = WantedKeys::default();
        for (place, batch) in raw.iter().enumerate() {
            let Some(rows) = wanted.get(&batch.id) else { continue };
            let all = self.lab.parts.staging.get_batch(&batch.raw).await?;
            let numbers: Vec<u64> = rows.iter().copied().filter(|row| *row < all.num_rows() as u64).collect();
            let part = taken(&all, numbers.clone())?;
            let outcome = now.put(&lined(run, &self.stream.name), &batch.id, &part).await?;
            if let Some(fault) = outcome.fault {
                return Err(fault.into());
            }
            for keyed in of_outcome(&outcome, self.primary_key)? {
                let source = outcome.sources.get(keyed.row as usize).copied().unwrap_or_default();
                let source = usize::try_from(source).ok().and_then(|source| numbers.get(source));
                if let Some(row) = source {
                    keys.add(keyed.key, place, *row);
                }
            }
        }
        Ok(keys)
    }

    /// Goes through what was delivered since and strikes out what it supersedes.
    async fn look_behind(
        &self,
        raw: &[BatchRecord],
        places: &HashMap<BatchId, usize>,
        keys: &mut WantedKeys,
    ) -> Result<(), Failure> {
        let own = &self.history.run;
        if let Some(mut then) = line_of_run(self.lab, own, &self.stream.name).await? {
            for (place, batch) in raw.iter().enumerate().skip(keys.first) {
                let rows = self.lab.parts.staging.get_batch(&batch.raw).await?;
                let outcome = then.put(&lined(own, &self.stream.name), &batch.id, &rows).await?;
                for keyed in of_outcome(&outcome, self.primary_key)? {
                    let source = outcome.sources.get(keyed.row as usize).copied().unwrap_or_default();
                    keys.strike(keyed.key, (place, source));
                }
            }
        }
        for run in &self.history.later {
            let Some(since) = self.stands_behind(run) else { continue };
            let Some(mut then) = line_of_run(self.lab, run, &self.stream.name).await? else { continue };
            for batch in delivered(&self.lab.parts, run, &self.stream.name).await? {
                // A replay of the same run has that run's order.
                let from = BatchId::from_text(batch.position.as_str());
                let place = match since {
                    Since::Later => (usize::MAX, u64::MAX),
                    Since::SameRun(what) => match (places.get(&from), what) {
                        (None, _) => continue,
                        // Of a selection it is not known which row of the batch each was.
                        (Some(place), Replayed::Quarantined) => (*place, u64::MAX),
                        (Some(place), Replayed::Everything) => (*place, 0),
                    },
                };
                let rows = self.lab.parts.staging.get_batch(&batch.raw).await?;
                let outcome = then.put(&lined(run, &self.stream.name), &batch.id, &rows).await?;
                for keyed in of_outcome(&outcome, self.primary_key)? {
                    let source = outcome.sources.get(keyed.row as usize).copied().unwrap_or_default();
                    keys.strike(keyed.key, (place.0, place.1.max(source)));
                }
            }
        }
        Ok(())
    }

    /// Whether what a later run delivered stands behind the rows of this one.
    fn stands_behind(&self, run: &Run) -> Option<Since> {
        let own = &self.history.run;
        match &run.replay {
            None => Some(Since::Later),
            Some(replay) if replay.of == own.id => Some(Since::SameRun(replay.what)),
            Some(replay) => self.history.later.iter().any(|later| later.id == replay.of).then_some(Since::Later),
        }
    }

    /// Takes the rows out of which something was delivered by the rules the run had.
    async fn leave_delivered_out(&self, chosen: &mut Chosen) -> Result<u64, Failure> {
        let run = &self.history.run;
        let Some(mut then) = line_of_run(self.lab, run, &self.stream.name).await? else { return Ok(0) };
        let outcome = then.put(&lined(run, &self.stream.name), &chosen.batch.id, &chosen.raw).await?;
        let there = outcome.sources.iter().zip(&outcome.goes_on).filter(|(_, goes_on)| **goes_on);
        let there: BTreeSet<u64> = there.map(|(source, _)| *source).collect();
        let before = chosen.rows.len();
        chosen.rows.retain(|row| !there.contains(row));
        Ok((before - chosen.rows.len()) as u64)
    }

    async fn object(&self, chosen: &Chosen) -> Result<Object, Failure> {
        let rows: Vec<u64> = chosen.rows.iter().copied().filter(|row| *row < chosen.raw.num_rows() as u64).collect();
        if rows.len() == chosen.raw.num_rows() {
            return Ok(chosen.batch.raw.clone());
        }
        let run = &self.history.run;
        let prefix = format!("raw/{}/{}/{}", run.sync, self.stream.name, self.replay);
        let name = format!("{}-selected", chosen.batch.id);
        Ok(self.lab.parts.staging.put_batch(&prefix, &name, &taken(&chosen.raw, rows)?).await?)
    }
}

/// How a later run stands to the one that is replayed.
#[derive(Clone, Copy)]
enum Since {
    /// All of its rows came later.
    Later,
    /// It sent rows of the same run again.
    SameRun(Replayed),
}

/// The keys of wanted rows, and how many of each row's keys nobody delivered since.
#[derive(Default)]
struct WantedKeys {
    /// By key, the rows (batch's place, row) that have it.
    rows: HashMap<u128, Vec<(usize, u64)>>,
    left: BTreeMap<(usize, u64), usize>,
    /// The first batch that has any.
    first: usize,
}

impl WantedKeys {
    fn add(&mut self, key: u128, place: usize, row: u64) {
        if self.left.is_empty() {
            self.first = place;
        }
        self.rows.entry(key).or_default().push((place, row));
        *self.left.entry((place, row)).or_default() += 1;
    }

    /// A row with this key was delivered at this place.
    fn strike(&mut self, key: u128, at: (usize, u64)) {
        let Some(rows) = self.rows.get_mut(&key) else { return };
        let left = &mut self.left;
        rows.retain(|row| {
            let is_newer = at > *row;
            if is_newer && let Some(left) = left.get_mut(row) {
                *left = left.saturating_sub(1);
            }
            !is_newer
        });
    }
}

fn taken(rows: &RecordBatch, numbers: Vec<u64>) -> Result<RecordBatch, Fault> {
    take_record_batch(rows, &UInt64Array::from(numbers))
        .map_err(|error| Fault::from_error(FaultKind::Bug, "batch_build", &error))
}

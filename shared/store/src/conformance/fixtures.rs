//! A sync with two streams, a run of it, and batches in its lanes.

use std::sync::Arc;

use flow::{BatchId, Digest, Fault, FaultKind, Lane, Object, Position, RunId, StreamName, SyncName, Timestamp};

use crate::Store;
use crate::record::{BatchRecord, LedgerEntry, Run, RunState, Staging, StreamPlan, Turn};

pub(super) type Shared = Arc<dyn Store>;

pub(super) const ROWS: u64 = 10;
pub(super) const BYTES: u64 = 100;

pub(super) fn sync(name: &str) -> SyncName {
    SyncName::new(name).unwrap()
}

pub(super) fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

/// A moment with microseconds, `second` seconds into some day.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp_micros((1_700_000_000 + second) * 1_000_000 + 123_456).unwrap()
}

pub(super) fn fault(code: &str) -> Fault {
    Fault::new(FaultKind::Config, code, "the table is gone").after(std::time::Duration::from_millis(1500))
}

pub(super) fn position(text: &str) -> Position {
    Position::from_text(text)
}

pub(super) fn object(key: &str, bytes: u64, rows: u64) -> Object {
    Object { key: key.to_owned(), digest: Digest::of(key.as_bytes()), bytes, rows }
}

/// A run of `shop`, due and started `second` seconds into the day.
pub(super) fn run_at(second: i64) -> Run {
    run_of("shop", second)
}

pub(super) fn run_of(name: &str, second: i64) -> Run {
    Run {
        id: RunId::derive(&sync(name), at(second)),
        sync: sync(name),
        version: 3,
        attempt: 1,
        state: RunState::Running,
        due_at: at(second),
        started_at: at(second + 1),
        ended_at: None,
        fault: None,
        replay: None,
    }
}

pub(super) fn plan(parts: usize) -> StreamPlan {
    StreamPlan {
        schema: r#"{"fields":[]}"#.to_owned(),
        primary_key: vec!["id".to_owned(), "naïve \"key\"".to_owned()],
        parts: (0..parts).map(|part| format!("part {part}")).collect(),
    }
}

/// A run of `shop` with the stream `orders`, planned into lanes.
pub(super) struct World {
    pub(super) store: Shared,
    pub(super) run: Run,
    pub(super) stream: StreamName,
    pub(super) lanes: Vec<Lane>,
}

impl World {
    pub(super) async fn with_lanes(store: Shared, lanes: usize) -> Self {
        Self::of_run(store, run_at(0), lanes).await
    }

    pub(super) async fn of_run(store: Shared, run: Run, lanes: usize) -> Self {
        assert!(store.open_run(&run, &[stream("orders")]).await.unwrap());
        store.plan_stream(&run.id, &stream("orders"), &plan(lanes)).await.unwrap();
        let lanes = (0..lanes).map(|number| Lane::of_run(&run.id, &stream("orders"), number)).collect();
        Self { store, run, stream: stream("orders"), lanes }
    }

    /// What would be staged as the batch of this sequence.
    pub(super) fn batch(&self, lane: &Lane, sequence: u64) -> BatchRecord {
        BatchRecord {
            id: BatchId::from_text(&format!("{lane}#{sequence}")),
            run: self.run.id.clone(),
            stream: self.stream.clone(),
            lane: lane.clone(),
            sequence,
            position: position(&format!("row {}", (sequence + 1) * ROWS)),
            raw: object(&format!("raw/{lane}/{sequence}"), BYTES, ROWS),
            rejected: 0,
            staged_at: at(10 + i64::try_from(sequence).unwrap()),
            delivered_at: None,
        }
    }

    pub(super) async fn stage(&self, lane: &Lane, batches: u64) {
        for sequence in 0..batches {
            assert_eq!(self.store.stage_batch(&self.batch(lane, sequence), 1).await.unwrap(), Staging::Moved);
        }
    }

    pub(super) fn entry(&self, lane: &Lane, sequence: u64) -> LedgerEntry {
        let batch = self.batch(lane, sequence);
        LedgerEntry {
            batch: batch.id,
            run: batch.run,
            stream: batch.stream,
            lane: batch.lane,
            sequence,
            rows: ROWS - 1,
            delivered_at: at(100 + i64::try_from(sequence).unwrap()),
        }
    }

    pub(super) async fn deliver(&self, lane: &Lane, sequence: u64) {
        assert_eq!(self.store.record_delivery(&self.entry(lane, sequence)).await.unwrap(), Turn::Now);
    }

    /// Takes a lane from its first batch to its end.
    pub(super) async fn complete(&self, lane: &Lane, batches: u64) {
        self.stage(lane, batches).await;
        assert_eq!(self.store.end_pull(lane, batches, 1).await.unwrap(), Staging::Moved);
        for sequence in 0..batches {
            self.deliver(lane, sequence).await;
        }
        self.store.finish_lane(lane).await.unwrap();
    }
}

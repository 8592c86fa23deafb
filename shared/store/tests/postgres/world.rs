//! A sync, a run of it and what lies in its lanes.

use flow::{BatchId, Digest, Lane, Object, Position, RunId, StreamName, SyncName, Timestamp};
use store::Store;
use store::record::{BatchRecord, LedgerEntry, Run, RunState, StreamPlan};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp_micros((1_700_000_000 + second) * 1_000_000).unwrap()
}

pub(crate) fn sync() -> SyncName {
    SyncName::new("shop").unwrap()
}

pub(crate) fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

pub(crate) fn object(key: &str) -> Object {
    Object { key: key.to_owned(), digest: Digest::of(key.as_bytes()), bytes: 100, rows: 10 }
}

pub(crate) fn plan(lanes: usize) -> StreamPlan {
    StreamPlan {
        schema: "{}".to_owned(),
        primary_key: vec!["id".to_owned()],
        parts: (0..lanes).map(|part| format!("part {part}")).collect(),
    }
}

/// Opens a run with these streams.
pub(crate) async fn open_run(store: &dyn Store, second: i64, streams: &[&str]) -> RunId {
    let run = Run {
        id: RunId::derive(&sync(), at(second)),
        sync: sync(),
        version: 1,
        attempt: 1,
        state: RunState::Running,
        due_at: at(second),
        started_at: at(second),
        ended_at: None,
        fault: None,
        replay: None,
    };
    let streams: Vec<StreamName> = streams.iter().map(|name| stream(name)).collect();
    assert!(store.open_run(&run, &streams).await.unwrap());
    run.id
}

/// Opens a run of `orders`, planned into lanes.
pub(crate) async fn planned_run(store: &dyn Store, second: i64, lanes: usize) -> (RunId, Vec<Lane>) {
    let run = open_run(store, second, &["orders"]).await;
    store.plan_stream(&run, &stream("orders"), &plan(lanes)).await.unwrap();
    let lanes = (0..lanes).map(|number| Lane::of_run(&run, &stream("orders"), number)).collect();
    (run, lanes)
}

pub(crate) fn batch(run: &RunId, lane: &Lane, sequence: u64) -> BatchRecord {
    BatchRecord {
        id: BatchId::from_text(&format!("{lane}#{sequence}")),
        run: run.clone(),
        stream: stream("orders"),
        lane: lane.clone(),
        sequence,
        position: Position::from_text(format!("row {sequence}")),
        raw: object(&format!("raw/{lane}/{sequence}")),
        rejected: 0,
        staged_at: at(10),
        delivered_at: None,
    }
}

pub(crate) fn delivery(batch: &BatchRecord) -> LedgerEntry {
    LedgerEntry {
        batch: batch.id.clone(),
        run: batch.run.clone(),
        stream: batch.stream.clone(),
        lane: batch.lane.clone(),
        sequence: batch.sequence,
        rows: 10,
        delivered_at: at(20),
    }
}

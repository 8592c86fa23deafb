//! One bad row among good ones: stopped, found, set aside, and the next batch unharmed.
#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use batch::ColumnType;
use flow::{StreamName, SyncName, Timestamp};
use sandbox::{Context, Error, Guest, Limits, Sandbox, isolate};
use sandbox_compiler::Prepared;
use serde_json::json;

/// The number that brings a guest's misbehaviour out.
pub(crate) const BAD: i64 = -1;

/// The hostile guest of one world.
pub(crate) struct Hostile(pub(crate) &'static Prepared);

pub(crate) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![ColumnType::Int64.field("number", false)]))
}

pub(crate) fn rows(numbers: Vec<i64>) -> RecordBatch {
    RecordBatch::try_new(schema(), vec![Arc::new(Int64Array::from(numbers))]).unwrap()
}

pub(crate) fn limits() -> Limits {
    Limits { time: Duration::from_millis(700), ..Limits::default() }
}

pub(crate) fn doubled(batch: &RecordBatch) -> Vec<i64> {
    batch.column(1).as_primitive::<Int64Type>().values().to_vec()
}

#[cfg(target_os = "linux")]
pub(crate) fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

impl Hostile {
    pub(crate) fn try_open(&self, behaviour: &str, limits: Limits) -> Result<Guest, Error> {
        let context = Context {
            sync: SyncName::new("test").unwrap(),
            stream: StreamName::new("numbers").unwrap(),
            run_clock: Timestamp::UNIX_EPOCH,
        };
        let sandbox = Sandbox::new(limits).unwrap();
        let module = sandbox.load(&self.0.artifact, &self.0.artifact_digest, &self.0.digest).unwrap();
        module.open(&schema(), &json!(behaviour), &context)
    }

    pub(crate) fn open(&self, behaviour: &str) -> Guest {
        self.try_open(behaviour, limits()).unwrap()
    }

    /// The call fails with `code`, the next batch goes through, and the row is found and set aside.
    #[track_caller]
    pub(crate) fn is_contained(&self, behaviour: &str, code: &str) -> Error {
        let mut guest = self.open(behaviour);
        let started = Instant::now();
        let error = guest.apply(&rows(vec![1, BAD, 3])).unwrap_err();
        assert_eq!(error.code(), code, "{behaviour}: {error:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{behaviour} was stopped late");

        let next = guest.apply(&rows(vec![4, 5])).unwrap();
        assert_eq!(doubled(&next.rows), [8, 10], "{behaviour}");

        let isolated = isolate(&mut guest, &rows(vec![1, 2, BAD, 4, 5])).unwrap();
        assert_eq!(isolated.offending, [2], "{behaviour}");
        assert_eq!(doubled(&isolated.output.rows), [2, 4, 8, 10], "{behaviour}");
        assert_eq!(isolated.output.source_rows.values().to_vec(), [0, 1, 3, 4], "{behaviour}");
        let reject = &isolated.output.rejects[0];
        assert_eq!((reject.row, reject.code.as_str()), (2, code), "{behaviour}");
        error
    }

    /// `open` fails with `code` and no row is blamed.
    #[track_caller]
    pub(crate) fn is_refused(&self, behaviour: &str, code: &str) {
        let error = self.try_open(behaviour, limits()).unwrap_err();
        assert_eq!(error.code(), code, "{behaviour}: {error:?}");
        assert!(!error.may_be_the_rows(), "{behaviour}");
    }
}

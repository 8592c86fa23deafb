//! What the checks stand on: a target of their own, batches of two columns, and one comparison.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{Field, Schema, SchemaRef};
use arrow_select::take::take_record_batch;
use batch::ColumnType;
use flow::{BatchId, Lane, RunId, StreamName, SyncName};
use spec::Disposition;

use super::Fixture;
use crate::{Error, Incoming, Outcome, Target};

/// A row of the plain schema.
pub(super) type Row = (i64, Option<&'static str>);

/// `id int64 not null, name utf8`.
pub(super) fn plain_schema() -> SchemaRef {
    schema_of(vec![ColumnType::Int64.field("id", false), ColumnType::Utf8.field("name", true)])
}

pub(super) fn schema_of(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

pub(super) fn batch_of(rows: &[Row]) -> RecordBatch {
    let ids: Int64Array = rows.iter().map(|(id, _)| *id).collect::<Vec<_>>().into();
    let names: StringArray = rows.iter().map(|(_, name)| *name).collect();
    let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(names)];
    RecordBatch::try_new(plain_schema(), columns).expect("columns of the plain schema")
}

/// One stream of one run of a fixture. Every call goes through a client of its own.
#[derive(Clone)]
pub(super) struct Ground<'a> {
    pub(super) fixture: &'a dyn Fixture,
    pub(super) target: Target,
}

impl<'a> Ground<'a> {
    /// The plain schema with key `id`, in a stream named after the check.
    pub(super) fn new(fixture: &'a dyn Fixture, check: &str, disposition: Disposition) -> Self {
        Self::with_schema(fixture, check, disposition, plain_schema())
    }

    /// Another schema; its first column is the key and an `int64`.
    pub(super) fn with_schema(
        fixture: &'a dyn Fixture,
        check: &str,
        disposition: Disposition,
        schema: SchemaRef,
    ) -> Self {
        let stream = format!("conformance_{check}_{disposition:?}").to_lowercase();
        let target = Target {
            sync: SyncName::new("conformance").expect("a name"),
            stream: StreamName::new(&stream).expect("a name"),
            run: RunId::from_text("conformance-1"),
            primary_key: vec![schema.field(0).name().clone()],
            schema,
            disposition,
        };
        Self { fixture, target }
    }

    /// The same stream in another run.
    pub(super) fn in_run(&self, number: u32) -> Self {
        let run = RunId::from_text(&format!("conformance-{number}"));
        Self { fixture: self.fixture, target: Target { run, ..self.target.clone() } }
    }

    pub(super) async fn prepare(&self) {
        self.fixture.open().prepare(&self.target).await.expect("prepare the target");
    }

    pub(super) async fn finish(&self) {
        self.fixture.open().finish(&self.target).await.expect("finish the run");
    }

    pub(super) async fn deliver(&self, number: u64, rows: &[Row]) -> Outcome {
        self.try_deliver(number, batch_of(rows)).await.expect("deliver a batch")
    }

    pub(super) async fn try_deliver(&self, number: u64, rows: RecordBatch) -> Result<Outcome, Error> {
        self.fixture.open().deliver(&self.target, self.incoming(number, rows)).await
    }

    /// Takes the rows with these ids away.
    pub(super) async fn withdraw(&self, number: u64, ids: &[i64]) -> Outcome {
        let keys = batch_of(&ids.iter().map(|id| (*id, None)).collect::<Vec<_>>());
        let keys = keys.project(&[0]).expect("the column of the key");
        let incoming = self.incoming(number, keys);
        self.fixture.open().withdraw(&self.target, incoming).await.expect("take rows away")
    }

    /// The `number`-th batch of the run.
    pub(super) fn incoming(&self, number: u64, rows: RecordBatch) -> Incoming {
        let Target { run, stream, .. } = &self.target;
        let batch = BatchId::from_text(&format!("{run}-{stream}-{number}"));
        Incoming { batch, lane: Lane::of_run(run, stream, 0), sequence: number, rows }
    }

    /// Compares what readers see with these rows, in the order of their first column.
    pub(super) async fn check(&self, expected: &RecordBatch) {
        let Target { stream, .. } = &self.target;
        let Some(actual) = self.fixture.rows(&self.target).await else {
            panic!("stream `{stream}` has no table");
        };
        let (actual, expected) = (in_order(&actual), in_order(expected));
        assert_eq!(actual.num_rows(), expected.num_rows(), "stream `{stream}`: another number of rows");
        for (place, field) in self.target.schema.fields().iter().enumerate() {
            let (actual, expected) = (actual.column(place), expected.column(place));
            assert_eq!(actual, expected, "stream `{stream}`: column `{}` differs", field.name());
        }
    }

    pub(super) async fn check_rows(&self, expected: &[Row]) {
        self.check(&batch_of(expected)).await;
    }
}

fn in_order(rows: &RecordBatch) -> RecordBatch {
    let keys = rows.column(0).as_primitive::<Int64Type>();
    let mut order: Vec<usize> = (0..rows.num_rows()).collect();
    order.sort_by_key(|&row| keys.value(row));
    let order: UInt64Array = order.into_iter().map(|row| row as u64).collect::<Vec<_>>().into();
    take_record_batch(rows, &order).expect("rows in order")
}

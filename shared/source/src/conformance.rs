//! The suite every source runs.
//!
//! An implementation makes a [`Case`] of a stream it can read and the rows that must come out, and
//! runs [`suite`] on it; small batch limits make it worth more. A stream without rows is a case too.
#![expect(clippy::expect_used, clippy::panic, reason = "a suite says what failed by panicking")]

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use flow::Position;
use spec::{Stream, StreamFrom};

use crate::memory::bytes_of;
use crate::{Error, Part, Plan, PlanRequest, Pulled, ReadRequest, Reader, Source};

/// A stream and what must come out of it.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The source.
    pub source: &'a dyn Source,
    /// A full refresh of a stream of the source.
    pub stream: &'a Stream,
    /// Its rows, in the order they must come (parts one after the other); at least one batch, for
    /// its schema, which may be empty.
    pub expected: &'a [RecordBatch],
}

/// Runs every check.
pub async fn suite(case: Case<'_>) {
    planning_again_gives_the_same_plan(case).await;
    the_rows_come_out_in_order_and_with_their_types(case).await;
    every_batch_is_within_the_limits(case).await;
    reading_goes_on_behind_every_position(case).await;
    two_readers_do_not_disturb_each_other(case).await;
    a_position_that_is_none_is_refused(case).await;
    a_stream_that_is_not_there_is_for_a_person_to_mend(case).await;
}

async fn planning_again_gives_the_same_plan(case: Case<'_>) {
    let first = plan(case).await;
    assert_eq!(first, plan(case).await, "the second plan differs");
    assert!(!first.parts.is_empty(), "a plan without parts");
}

async fn the_rows_come_out_in_order_and_with_their_types(case: Case<'_>) {
    let plan = plan(case).await;
    let mut rows = Vec::new();
    for part in &plan.parts {
        rows.extend(read_all(case, &plan, part, None).await);
    }
    check(&plan.schema, &rows, case.expected, "the whole stream");
}

async fn every_batch_is_within_the_limits(case: Case<'_>) {
    let plan = plan(case).await;
    let limits = &case.stream.batch;
    for part in &plan.parts {
        for pulled in read_all(case, &plan, part, None).await {
            let rows = pulled.rows.num_rows();
            let bytes = bytes_of(&pulled.rows);
            assert!(rows > 0 || !pulled.rejects.is_empty(), "a batch of nothing");
            assert!(rows as u64 <= limits.rows, "{rows} rows in a batch of at most {}", limits.rows);
            // A batch is closed behind the row that fills it, and offsets and bitmaps round up.
            let most = limits.bytes.0.saturating_mul(2).saturating_add(4096);
            assert!(rows <= 1 || bytes <= most, "{bytes} bytes in a batch of about {}", limits.bytes.0);
        }
    }
}

async fn reading_goes_on_behind_every_position(case: Case<'_>) {
    let plan = plan(case).await;
    for part in &plan.parts {
        let whole = read_all(case, &plan, part, None).await;
        for (number, pulled) in whole.iter().enumerate() {
            let rest = read_all(case, &plan, part, Some(&pulled.position)).await;
            let expected: Vec<_> = whole.iter().skip(number + 1).map(|pulled| pulled.rows.clone()).collect();
            let place = format!("behind position `{}` of part `{}`", pulled.position, part.0);
            check(&plan.schema, &rest, &expected, &place);
        }
    }
}

async fn two_readers_do_not_disturb_each_other(case: Case<'_>) {
    let plan = plan(case).await;
    for part in &plan.parts {
        let alone: Vec<_> = read_all(case, &plan, part, None).await.into_iter().map(|pulled| pulled.rows).collect();
        let mut readers = [open(case, &plan, part, None).await, open(case, &plan, part, None).await];
        let mut rows = [Vec::new(), Vec::new()];
        let mut is_open = true;
        while is_open {
            is_open = false;
            for (reader, rows) in readers.iter_mut().zip(&mut rows) {
                let pulled = reader.next().await.expect("the next batch");
                is_open |= pulled.is_some();
                rows.extend(pulled);
            }
        }
        for rows in &rows {
            check(&plan.schema, rows, &alone, "one of two readers");
        }
    }
}

async fn a_position_that_is_none_is_refused(case: Case<'_>) {
    let plan = plan(case).await;
    let part = plan.parts.first().expect("a part");
    for garbage in ["", "not a position", "{\"half\":", "-1", "[]"] {
        let position = Position::from_text(garbage);
        let request = request(case, &plan, part, Some(&position));
        let outcome = match case.source.read(request).await {
            Ok(mut reader) => reader.next().await.map(|_| ()),
            Err(error) => Err(error),
        };
        match outcome {
            Err(Error::BadPosition { .. }) => {}
            Err(other) => panic!("position `{garbage}` gave another error: {other:?}"),
            Ok(()) => panic!("position `{garbage}` was taken"),
        }
    }
}

async fn a_stream_that_is_not_there_is_for_a_person_to_mend(case: Case<'_>) {
    let mut stream = case.stream.clone();
    match &mut stream.from {
        StreamFrom::Table(name) => name.push_str("_that_is_not_there"),
        StreamFrom::Query(query) => *query = "SELECT * FROM a_table_that_is_not_there".to_owned(),
        StreamFrom::Files(files) => files.path = files.path.map(|path| format!("{path}.that-is-not-there")),
    }
    match case.source.plan(PlanRequest { stream: &stream, bookmark: None }).await {
        Err(Error::Config { .. }) => {}
        Err(other) => panic!("a stream that is not there gave another error: {other:?}"),
        Ok(_) => panic!("a stream that is not there was planned"),
    }
}

async fn plan(case: Case<'_>) -> Plan {
    case.source.plan(PlanRequest { stream: case.stream, bookmark: None }).await.expect("a plan")
}

fn request<'a>(case: Case<'a>, plan: &Plan, part: &'a Part, position: Option<&'a Position>) -> ReadRequest<'a> {
    ReadRequest { stream: case.stream, schema: plan.schema.clone(), part, position }
}

async fn open(case: Case<'_>, plan: &Plan, part: &Part, position: Option<&Position>) -> Box<dyn Reader> {
    case.source.read(request(case, plan, part, position)).await.expect("a reader")
}

async fn read_all(case: Case<'_>, plan: &Plan, part: &Part, position: Option<&Position>) -> Vec<Pulled> {
    let mut reader = open(case, plan, part, position).await;
    let mut batches = Vec::new();
    while let Some(pulled) = reader.next().await.expect("the next batch") {
        batches.push(pulled);
    }
    assert!(reader.next().await.expect("the end again").is_none(), "a batch behind the end");
    batches
}

#[track_caller]
fn check(schema: &SchemaRef, actual: &[Pulled], expected: &[RecordBatch], what: &str) {
    if let Some(first) = expected.first() {
        assert_eq!(schema, first.schema_ref(), "{what}: another schema");
    }
    let actual =
        concat_batches(schema, actual.iter().map(|pulled| &pulled.rows)).expect("batches of the plan's schema");
    let expected = concat_batches(schema, expected).expect("expected batches of one schema");
    assert_eq!(actual.num_rows(), expected.num_rows(), "{what}: another number of rows");
    for (field, (actual, expected)) in schema.fields().iter().zip(actual.columns().iter().zip(expected.columns())) {
        assert_eq!(actual, expected, "{what}: column `{}` differs", field.name());
    }
}

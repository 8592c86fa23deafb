//! A run on an emulator's queues and stage and a server's store, and a mapping in small.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::Schema;
use batch::ColumnType;
use flow::path::CheckedBatch;
use flow::{BatchId, Checked, Context, Digest, Lane, Load, Position, QueueName, RunId, StreamName};
use lambda_kit::{Needs, Settings, Start};
use queue::{DeadLetter, Outgoing, QueueExt as _};
use serde_json::{Value, json};
use staging::StagingExt;
use store::record::{BatchRecord, Run, RunState, StreamPlan};
use worker::Parts;

use crate::aws::Aws;

const NEEDS: Needs =
    Needs { receives: Some(QueueName::Checked), sends: &[QueueName::Signals], tends: &[], stage: true };

/// An open run of one stream of two lanes, each with two staged batches.
pub(crate) struct World {
    aws: Aws,
    parts: Parts,
    context: Context,
    queue: String,
    variables: Vec<(String, String)>,
    _destination: tempfile::TempDir,
}

/// Messages as they were received.
pub(crate) struct Batch(Vec<Value>);

impl World {
    pub(crate) async fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let name = format!("deliver-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let aws = Aws { endpoint: variable("MILLSTREAM_TEST_AWS") };
        aws.make_bucket(&name).await;
        let (queue, dead_letters) = aws.make_queues(&format!("{name}-checked")).await;
        let (signals, _) = aws.make_queues(&format!("{name}-signals")).await;
        let variables = [
            ("MILLSTREAM_STORE", store_url(&name.replace('-', "_"))),
            ("MILLSTREAM_BUCKET", name),
            ("MILLSTREAM_QUEUE_CHECKED", queue.clone()),
            ("MILLSTREAM_QUEUE_SIGNALS", signals),
            ("MILLSTREAM_DEAD_LETTERS_CHECKED", dead_letters),
            ("AWS_ENDPOINT_URL", aws.endpoint.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ];
        let variables: Vec<_> = variables.map(|(name, value)| (name.to_owned(), value)).into();
        let start = Start::new(Settings::read(variables.iter().cloned().collect(), &NEEDS).unwrap()).unwrap();
        start.store.bring_up_to_date().await.unwrap();
        let destination = tempfile::tempdir().unwrap();
        let context = open_run(&start.parts, destination.path()).await;
        let world = Self { aws, parts: start.parts, context, queue, variables, _destination: destination };
        world.stage().await;
        world
    }

    /// What the function's process is told.
    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    pub(crate) fn variables_with_schema(&self, schema: &str) -> Vec<(String, String)> {
        let mut variables = self.variables.clone();
        variables[0].1 = store_url(schema);
        variables
    }

    pub(crate) fn lane(&self, number: usize) -> Lane {
        Lane::of_run(&self.context.run, &self.context.stream, number)
    }

    async fn stage(&self) {
        for lane in [self.lane(0), self.lane(1)] {
            for sequence in 0..2 {
                let (raw, staged_at) = (self.rows(&lane, sequence).await, self.parts.clock.now());
                let batch = BatchRecord {
                    id: id(&lane, sequence),
                    run: self.context.run.clone(),
                    stream: self.context.stream.clone(),
                    lane: lane.clone(),
                    sequence,
                    position: Position::from_text(sequence.to_string()),
                    raw,
                    rejected: 0,
                    staged_at,
                    delivered_at: None,
                };
                self.parts.store.stage_batch(&batch, 1).await.unwrap();
            }
        }
    }

    async fn rows(&self, lane: &Lane, sequence: u64) -> flow::Object {
        let schema = Schema::new(vec![ColumnType::Int64.field("id", false)]);
        let ids = Int64Array::from_iter_values((0..3).map(|row| i64::try_from(sequence).unwrap() * 3 + row));
        let rows = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(ids)]).unwrap();
        self.parts.staging.put_batch("raw", id(lane, sequence).as_str(), &rows).await.unwrap()
    }

    /// Sends a staged batch as one that has passed the checks.
    pub(crate) async fn send_batch(&self, lane: usize, sequence: u64) {
        let id = id(&self.lane(lane), sequence);
        let data = self.parts.store.batch(&id).await.unwrap().unwrap().raw;
        self.send(lane, Load::Batch(CheckedBatch { id, sequence, data, selection: None })).await;
    }

    pub(crate) async fn send_end(&self, lane: usize) {
        self.send(lane, Load::End { batches: 2 }).await;
    }

    async fn send(&self, lane: usize, load: Load<CheckedBatch>) {
        let checked = Checked { context: self.context.clone(), lane: self.lane(lane), load };
        self.parts.queue.hand_on(&checked, Duration::ZERO).await.unwrap();
    }

    pub(crate) async fn send_text(&self, group: &str, text: &str) {
        let (group, deduplication_id) = (group.to_owned(), text.to_owned());
        let message = Outgoing { group, deduplication_id, body: text.to_owned(), delay: Duration::ZERO };
        self.parts.queue.send(QueueName::Checked, message).await.unwrap();
    }

    /// Receives until so many messages are there.
    pub(crate) async fn receive(&self, messages: usize) -> Batch {
        let mut batch = Vec::new();
        while batch.len() < messages {
            let asked = json!({
                "QueueUrl": self.queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": 120,
                "MessageSystemAttributeNames": ["All"], "AttributeNames": ["All"], "MessageAttributeNames": ["All"],
            });
            let answer = self.aws.sqs("ReceiveMessage", asked).await;
            batch.extend(answer["Messages"].as_array().cloned().unwrap_or_default());
        }
        Batch(batch)
    }

    /// Deletes what was not reported. What was buried is gone already.
    pub(crate) async fn delete_all_but(&self, batch: &Batch, reported: &[String]) {
        for message in batch.0.iter().filter(|message| !reported.iter().any(|id| message["MessageId"] == *id)) {
            let asked = json!({ "QueueUrl": self.queue, "ReceiptHandle": message["ReceiptHandle"] });
            self.aws.sqs("DeleteMessage", asked).await;
        }
    }

    /// Batches the store knows as delivered.
    pub(crate) async fn delivered(&self, lane: usize) -> u64 {
        self.parts.store.lane(&self.lane(lane)).await.unwrap().unwrap().delivered
    }

    pub(crate) async fn letters(&self) -> Vec<DeadLetter> {
        self.parts.queue.dead_letters(QueueName::Checked).await.unwrap()
    }
}

impl Batch {
    /// The ids of a lane's messages, in their order.
    pub(crate) fn of_lane(&self, lane: &Lane) -> Vec<String> {
        let is_of_lane = |message: &&Value| message["Attributes"]["MessageGroupId"] == lane.as_str();
        self.0.iter().filter(is_of_lane).map(|message| message["MessageId"].as_str().unwrap().to_owned()).collect()
    }

    /// The event Lambda makes of them.
    pub(crate) fn event(&self) -> Value {
        let record = |message: &Value| {
            json!({
                "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"], "attributes": message["Attributes"], "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"], "eventSource": "aws:sqs", "awsRegion": "us-east-1",
            })
        };
        json!({ "Records": self.0.iter().map(record).collect::<Vec<_>>() })
    }
}

/// Opens a run of one stream that is read in two parts and written to a folder.
async fn open_run(parts: &Parts, destination: &Path) -> Context {
    let spec = format!(
        "{{ version: 1, sync: shop, source: {{ type: sqlite, path: shop.db }}, \
         destination: {{ type: jsonl, path: \"{}\" }}, \
         streams: [{{ name: orders, write_disposition: append }}] }}",
        destination.display()
    );
    let loaded = spec::load::text_at(&spec, destination).unwrap();
    let pinned = loaded.pin(|module| Ok(Digest::of(module.as_bytes()))).unwrap();
    let (now, sync) = (parts.clock.now(), pinned.sync.name);
    parts.store.save_spec(&sync, &pinned.digest, &pinned.text, now).await.unwrap();
    let run = Run {
        id: RunId::derive(&sync, now),
        sync: sync.clone(),
        version: 1,
        attempt: 1,
        state: RunState::Running,
        due_at: now,
        started_at: now,
        ended_at: None,
        fault: None,
        replay: None,
    };
    let stream = StreamName::new("orders").unwrap();
    parts.store.open_run(&run, std::slice::from_ref(&stream)).await.unwrap();
    let plan =
        StreamPlan { schema: "[]".to_owned(), primary_key: Vec::new(), parts: vec!["a".to_owned(), "b".to_owned()] };
    parts.store.plan_stream(&run.id, &stream, &plan).await.unwrap();
    Context { sync, stream, version: 1, run: run.id, attempt: 1 }
}

fn id(lane: &Lane, sequence: u64) -> BatchId {
    BatchId::from_text(Digest::of(format!("{lane}/{sequence}").as_bytes()).short())
}

/// The store in this schema of the server's database.
fn store_url(schema: &str) -> String {
    let url = variable("MILLSTREAM_TEST_POSTGRES");
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}schema={schema}")
}

#[expect(clippy::disallowed_methods, reason = "the test is told where the servers are")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name}: the address of a server"))
}

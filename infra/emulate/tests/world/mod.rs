//! A template of one function under emulation, and what the function did.
#![allow(dead_code, reason = "no test uses all of it")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by it")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::BehaviorVersion;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use aws_types::SdkConfig;
use aws_types::region::Region;
use emulate::template::Template;
use emulate::{Emulation, Error, Options, Runner, Told};
use serde_json::{Value, json};
use tempfile::TempDir;
use worker::SystemClock;

/// The emulation, and where the function writes what it does.
pub(crate) struct World {
    pub(crate) emulation: Emulation,
    pub(crate) told: Arc<Mutex<Vec<Told>>>,
    pub(crate) clients: Clients,
    folder: TempDir,
}

/// The test's own way to the queues and buckets.
#[derive(Clone)]
pub(crate) struct Clients {
    sqs: Client,
    s3: aws_sdk_s3::Client,
}

/// How long anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A function `work` without queues.
pub(crate) fn alone() -> Value {
    json!({ "Resources": { "Work": { "Type": "AWS::Lambda::Function", "Properties": {
        "Code": { "S3Key": "work.zip" }, "Runtime": "provided.al2023", "Handler": "bootstrap",
        "Timeout": 1, "MemorySize": 256,
    } } } })
}

/// The function with a FIFO queue `Queue`, its dead letters `Dead`, and the mapping `Mapping` between.
pub(crate) fn queued() -> Value {
    let mut template = alone();
    let resources = &mut template["Resources"];
    resources["Queue"] = json!({ "Type": "AWS::SQS::Queue", "Properties": {
        "FifoQueue": true, "ContentBasedDeduplication": true, "VisibilityTimeout": 2,
        "RedrivePolicy": { "deadLetterTargetArn": { "Fn::GetAtt": ["Dead", "Arn"] }, "maxReceiveCount": 3 },
    } });
    resources["Dead"] = json!({ "Type": "AWS::SQS::Queue", "Properties": { "FifoQueue": true } });
    resources["Mapping"] = json!({ "Type": "AWS::Lambda::EventSourceMapping", "Properties": {
        "BatchSize": 10, "EventSourceArn": { "Fn::GetAtt": ["Queue", "Arn"] }, "FunctionName": { "Ref": "Work" },
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    } });
    template
}

/// The address of AWS or an emulator that the tests are run with.
#[expect(clippy::disallowed_methods, reason = "the test is told where the server is")]
pub(crate) fn aws() -> String {
    std::env::var("MILLSTREAM_TEST_AWS").expect("MILLSTREAM_TEST_AWS: the address of an emulator")
}

impl World {
    /// Starts a template on the emulator of S3 and SQS.
    pub(crate) async fn start(template: &Value) -> Self {
        Self::with(template, &aws(), |_| {}).await.unwrap()
    }

    /// Starts a template that needs neither S3 nor SQS.
    pub(crate) async fn without_aws(template: &Value, change: impl FnOnce(&mut Options)) -> Result<Self, Error> {
        Self::with(template, "http://127.0.0.1:9", change).await
    }

    pub(crate) async fn with(
        template: &Value,
        endpoint: &str,
        change: impl FnOnce(&mut Options),
    ) -> Result<Self, Error> {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_test-bootstrap"), folder.path().join("work")).unwrap();
        let template = Template::parse(template.to_string().as_bytes())?;
        let mut options = Options::new(template, endpoint, Arc::new(SystemClock::new()));
        options.runner = Some(Runner::Bootstraps(folder.path().to_owned()));
        options.place.stack = format!("t{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let log = folder.path().join("log").display().to_string();
        options.environment = BTreeMap::from([("TEST_LOG".to_owned(), log)]);
        let told: Arc<Mutex<Vec<Told>>> = Arc::default();
        let telling = told.clone();
        options.tell = Arc::new(move |one| telling.lock().unwrap().push(one));
        change(&mut options);
        let emulation = Emulation::start(options).await?;
        Ok(Self { emulation, told, clients: Clients::new(endpoint), folder })
    }

    /// Sends messages in one request: group and body.
    pub(crate) async fn send(&self, messages: &[(&str, &str)]) {
        for some in messages.chunks(10) {
            let entry = |(number, (group, body)): (usize, &(&str, &str))| {
                let entry = SendMessageBatchRequestEntry::builder().id(number.to_string()).message_body(*body);
                entry.message_group_id(*group).message_deduplication_id(format!("{group} {body}")).build().unwrap()
            };
            let entries = some.iter().enumerate().map(entry).collect();
            let url = self.emulation.queue_url("Queue").unwrap();
            let sent = self.clients.sqs.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await;
            assert!(sent.unwrap().failed.is_empty());
        }
    }

    /// Sends a message to a queue without groups.
    pub(crate) async fn send_plain(&self, body: &str) {
        let url = self.emulation.queue_url("Queue").unwrap();
        self.clients.sqs.send_message().queue_url(url).message_body(body).send().await.unwrap();
    }

    /// The bodies of what can be received from a queue now.
    pub(crate) async fn bodies(&self, queue: &str) -> Vec<String> {
        self.clients.bodies(self.emulation.queue_url(queue).unwrap()).await
    }

    /// Sends messages and waits until all that follows is done.
    pub(crate) async fn settle(&self, messages: &[(&str, &str)]) {
        self.send(messages).await;
        self.emulation.idle(PATIENCE).await.unwrap();
    }

    /// What the function wrote, a line each.
    pub(crate) fn log(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until the function has written a line.
    pub(crate) async fn wait_for(&self, line: &str) {
        let waited = tokio::time::timeout(PATIENCE, async {
            while !self.log().iter().any(|written| written.starts_with(line)) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("`{line}` is not in {:#?}", self.log()));
    }

    /// The function's counts.
    pub(crate) fn work(&self) -> emulate::FunctionCounts {
        self.emulation.counts().functions["work"]
    }

    /// The mapping's counts.
    pub(crate) fn mapping(&self) -> emulate::MappingCounts {
        self.emulation.counts().mappings["Mapping"]
    }

    /// Looks for this world's processes; it may be asked when the world is gone.
    pub(crate) fn processes(&self) -> Processes {
        Processes(self.folder.path().join("log"))
    }
}

impl Clients {
    fn new(endpoint: &str) -> Self {
        let keys = Credentials::new("test", "test", None, None, "the test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .endpoint_url(endpoint)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        Self { sqs: Client::new(&config), s3: aws_sdk_s3::Client::from_conf(s3) }
    }

    /// The bodies of what can be received from a queue now.
    pub(crate) async fn bodies(&self, url: &str) -> Vec<String> {
        let received = self.sqs.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(1);
        let received = received.send().await.unwrap().messages.unwrap_or_default();
        received.into_iter().filter_map(|message| message.body).collect()
    }

    /// Writes an object: fails where the bucket is not there.
    pub(crate) async fn put_object(&self, bucket: &str) {
        self.s3.put_object().bucket(bucket).key("a").send().await.unwrap();
    }
}

/// The processes that write to one log.
pub(crate) struct Processes(PathBuf);

impl Processes {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        let theirs = format!("TEST_LOG={}", self.0.display());
        let has = |environment: Vec<u8>| environment.split(|byte| *byte == 0).any(|one| one == theirs.as_bytes());
        let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        processes.filter(|process| std::fs::read(process.path().join("environ")).is_ok_and(has)).count()
    }

    /// Waits until there are so many: the system takes its time to bury them.
    pub(crate) async fn become_count(&self, wanted: usize) {
        let waited = tokio::time::timeout(Duration::from_secs(10), async {
            while self.count() != wanted {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("{} process(es) in place of {wanted}", self.count()));
    }
}

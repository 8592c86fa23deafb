//! What the tests of a function alone stand on: parts in memory, a sync with an open run, what the
//! function gave, and what its sample events must keep to.
#![expect(clippy::expect_used, reason = "a test says what failed by panicking")]

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use flow::{
    Budget, Clock, Context, Digest, Fault, Handoff, Lane, ManualClock, Outbox, QueueName, RunId, Signal, Step,
    StreamName, SyncName, Timestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Store;
use store::record::{Run, RunState, StreamPlan};
use tempfile::TempDir;

use crate::{Parts, QueueOutbox};

/// How long what a function gave may be looked at.
const LEASE: Duration = Duration::from_secs(30);

/// Parts of which nothing stays, and the clock and the faults they have.
pub struct Rig {
    /// The parts.
    pub parts: Parts,
    /// Their clock; it stands still until it is moved.
    pub clock: Arc<ManualClock>,
    /// What goes wrong in the queue; nothing until it is planned.
    pub queue: Arc<queue::faulty::Script>,
    /// What goes wrong in the store; nothing until it is planned.
    pub store: Arc<store::faulty::Script>,
    folder: TempDir,
}

impl Rig {
    /// Parts whose clock stands at 1970-01-01.
    pub async fn new() -> Self {
        Self::at(Timestamp::UNIX_EPOCH).await
    }

    /// Parts whose clock stands at this moment.
    pub async fn at(now: Timestamp) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(ManualClock::at(now));
        let (queue, store): (Arc<queue::faulty::Script>, _) = (Arc::default(), store::faulty::Script::new());
        let memory = Arc::new(queue::Memory::new(queue::Limits::default(), clock.clone()));
        let messages = Arc::new(queue::Faulty::new(memory, queue.clone()));
        let state = store::Sqlite::open(&folder.path().join("state.db")).await.expect("a store");
        let state = Arc::new(store::faulty::Faulty::new(Arc::new(state), store.clone()));
        let parts = Parts::new(messages, state, Arc::new(staging::Memory::new()), clock.clone());
        Self { parts, clock, queue, store, folder }
    }

    /// Saves a spec; each of its modules has the digest of its name.
    pub async fn save(&self, spec: &str) -> SyncName {
        self.save_with(spec, |module| Digest::of(module.as_bytes())).await
    }

    /// Saves a spec whose modules have these digests.
    pub async fn save_with(&self, spec: &str, digest: impl Fn(&str) -> Digest) -> SyncName {
        let loaded = spec::load::text_at(spec, self.folder.path()).expect("a spec");
        let pinned = loaded.pin(|module| Ok(digest(module))).expect("a valid spec");
        let sync = pinned.sync.name;
        self.parts.store.save_spec(&sync, &pinned.digest, &pinned.text, self.clock.now()).await.expect("it is saved");
        sync
    }

    /// Opens a run of one stream of a saved spec, due now.
    pub async fn open_run(&self, sync: &SyncName, stream: &str) -> Context {
        let due = self.clock.now();
        let run = Run {
            id: RunId::derive(sync, due),
            sync: sync.clone(),
            version: 1,
            attempt: 1,
            state: RunState::Running,
            due_at: due,
            started_at: due,
            ended_at: None,
            fault: None,
            replay: None,
        };
        let stream = StreamName::new(stream).expect("a stream's name");
        self.parts.store.open_run(&run, std::slice::from_ref(&stream)).await.expect("the run is opened");
        Context { sync: sync.clone(), stream, version: 1, run: run.id, attempt: 1 }
    }

    /// Plans a run's stream as one lane, and names it.
    pub async fn plan(&self, context: &Context) -> Lane {
        let plan = StreamPlan { schema: "[]".to_owned(), primary_key: Vec::new(), parts: vec!["all".to_owned()] };
        self.parts.store.plan_stream(&context.run, &context.stream, &plan).await.expect("the stream is planned");
        Lane::of_run(&context.run, &context.stream, 0)
    }

    /// Runs a step once, in all the time there is. What it gives is in the queue.
    pub async fn run<S: Step>(&self, step: &S, taken: S::Takes) -> Result<(), Fault> {
        let outbox = QueueOutbox::new(self.parts.queue.clone(), self.parts.store.clone());
        step.run(taken, &outbox, &Budget::unlimited(self.parts.clock.clone())).await
    }

    /// Runs a step once; what it gives stays out of the queue, which would drop repeats.
    pub async fn run_recorded<S: Step>(&self, step: &S, taken: S::Takes) -> Result<Vec<S::Gives>, Fault> {
        let outbox = Recorded { given: Mutex::default(), store: self.parts.store.clone() };
        step.run(taken, &outbox, &Budget::unlimited(self.parts.clock.clone())).await?;
        Ok(outbox.given.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes everything out of a queue.
    pub async fn given<H: DeserializeOwned>(&self, from: QueueName) -> Vec<H> {
        let mut given = Vec::new();
        while let Some(message) = self.parts.queue.receive(from, 1, LEASE).await.expect("a queue").pop() {
            given.push(serde_json::from_str(&message.body).expect("a handoff"));
            self.parts.queue.acknowledge(&message.receipt).await.expect("it is acknowledged");
        }
        given
    }
}

/// Keeps what is given; signals go to the store.
struct Recorded<G> {
    given: Mutex<Vec<G>>,
    store: Arc<dyn Store>,
}

#[async_trait]
impl<G: Handoff> Outbox<G> for Recorded<G> {
    async fn give(&self, handoff: G) -> Result<(), Fault> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).push(handoff);
        Ok(())
    }

    async fn signal(&self, signal: Signal) -> Result<(), Fault> {
        self.store.keep_signal(&signal).await?;
        Ok(())
    }
}

/// What Lambda delivers, not what is in a queue.
const OF_LAMBDA: [&str; 2] = ["sqs.json", "tick.json"];

/// Every sample handoff of a function's folder can be taken, and written again is what it was. How
/// many there are, without the events of Lambda.
#[must_use]
pub fn events_that_stay<H: DeserializeOwned + Serialize>(function: &str) -> usize {
    let events = std::fs::read_dir(Path::new(function).join("events")).expect("a folder of events");
    let mut seen = 0;
    for event in events {
        let path = event.expect("an event").path();
        if OF_LAMBDA.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a text");
        let taken: H = serde_json::from_str(&text).expect("an event that can be taken");
        let again = serde_json::to_value(taken).expect("JSON");
        let written: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(again, written, "{}", path.display());
        seen += 1;
    }
    seen
}

use std::sync::Arc;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use batch::quarantine::Entry;
use batch_pull::{BatchPull, Limits, Sources};
use deliver::{Deliver, Destinations};
use destination::Destination;
use flow::{BatchId, Clock, Fault, Handoff, QueueName, RunId, Step, StreamName, Timestamp};
use quality_check::QualityCheck;
use queue::faulty::{Chaos, Mischief};
use schedule::Starter;
use source::Source;
use spec::TransformSpec;
use staging::StagingExt;
use store::Store;
use store::faulty::{Calls, Failure};
use store::record::{Replay, Replayed, Run, RunState};
use transform::{Guest, Modules, Put, Transform};
use worker::replay::{ReplayList, ReplayedBatch, ReplayedStream};
use worker::undertaker::Undertaker;
use worker::{Parts, QueueOutbox, Stop, Worked, Worker};

use crate::world::{Rule, World, Written};

/// Where a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// At a call to the queue.
    Queue,
    /// At a call to the store.
    Store,
    /// At a call to the stage.
    Staging,
    /// At a delivery.
    Deliver,
    /// At taking rows away by their key.
    Withdraw,
    /// At the end of a stream in the destination.
    Finish,
}

impl Where {
    /// Every seam.
    pub const ALL: [Where; 6] =
        [Where::Queue, Where::Store, Where::Staging, Where::Deliver, Where::Withdraw, Where::Finish];
}

/// On which side of the call's effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Nothing was done.
    Before,
    /// It was done, and nobody learnt of it.
    After,
}

/// One way to die: at the `nth` call to a seam, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kill {
    /// The seam.
    pub at: Where,
    /// The call.
    pub nth: u64,
    /// The side.
    pub when: When,
}

/// One process with every function of the path in it.
pub struct Process {
    parts: Parts,
    scripts: Scripts,
    functions: Vec<Box<dyn Works>>,
    undertaker: Undertaker,
    kill: Option<Kill>,
    stop: Stop,
}

struct Scripts {
    queue: Arc<queue::faulty::Script>,
    store: Arc<store::faulty::Script>,
    staging: Arc<staging::faulty::Script>,
    destination: Arc<destination::faulty::Script>,
}

/// Rounds without any work after which a process is stuck.
const IDLE_ROUNDS: usize = 200;

/// More calls than any process here makes after it was killed.
const FOR_EVER: u64 = 2000;

impl Process {
    /// Starts a process in a world; with a [`Kill`], it will not end well.
    #[must_use]
    pub fn start(world: &World, kill: Option<Kill>) -> Self {
        let scripts = Scripts {
            queue: Arc::default(),
            store: store::faulty::Script::new(),
            staging: Arc::default(),
            destination: destination::faulty::Script::new(),
        };
        let parts = Parts::new(
            Arc::new(queue::faulty::Faulty::new(world.queue.clone(), scripts.queue.clone())),
            Arc::new(store::faulty::Faulty::new(world.store.clone(), scripts.store.clone())),
            Arc::new(staging::faulty::Faulty::new(world.staging.clone(), scripts.staging.clone())),
            world.clock.clone(),
        );
        let destination = destination::faulty::Faulty::new(world.destination.clone(), scripts.destination.clone());
        let destinations = Arc::new(One(Arc::new(destination) as Arc<dyn Destination>));
        let sources = Arc::new(One(world.source.clone() as Arc<dyn Source>));
        let pull = BatchPull::new(parts.clone(), sources, Limits::default());
        let functions: Vec<Box<dyn Works>> = vec![
            works(pull, QueueName::Slices, &parts),
            works(Transform::new(parts.clone(), Arc::new(Doubler(world.rule))), QueueName::Staged, &parts),
            works(QualityCheck::new(parts.clone()), QueueName::Transformed, &parts),
            works(Deliver::new(parts.clone(), destinations), QueueName::Checked, &parts),
        ];
        let undertaker = Undertaker::new(parts.queue.clone(), parts.store.clone(), parts.clock.clone());
        let process = Self { parts, scripts, functions, undertaker, kill, stop: Stop::default() };
        process.arm();
        process
    }

    /// Lets things go wrong in the queue from here on.
    pub fn unleash(&self, chaos: Chaos) {
        self.scripts.queue.unleash(chaos);
    }

    /// Opens the world's run, or finds it open.
    pub async fn open_run(&self, world: &World) -> Result<Run, Fault> {
        let outbox = QueueOutbox::new(self.parts.queue.clone(), self.parts.store.clone());
        let due = world.clock.now();
        Starter::new(self.parts.clone()).start(&world.spec.sync, world.spec.version, due, &outbox).await
    }

    /// Opens the replay of all rows of a run, or finds it open. What a command works out by itself
    /// is known here: the key 103 was given by a broken rule alone.
    pub async fn open_replay(&self, world: &World, of: &Run) -> Result<Run, Fault> {
        let (stream, id) = (StreamName::new("orders").map_err(bug)?, RunId::from_text("shop-replay-1"));
        let mut replayed = ReplayedStream::default();
        for lane in self.parts.store.lanes(&of.id).await? {
            let batches = self.parts.store.batches(&lane.lane, 0).await?.into_iter();
            replayed.batches.extend(batches.map(|batch| ReplayedBatch { from: batch.id, object: batch.raw }));
        }
        if world.written == Written::Merge {
            let keys: ArrayRef = Arc::new(Int64Array::from(vec![103]));
            let keys = RecordBatch::try_from_iter([("id", keys)]).map_err(bug)?;
            let object = self.parts.staging.put_batch(&format!("work/{id}/orders"), "withdrawn", &keys).await?;
            replayed.withdrawn.push(ReplayedBatch { from: BatchId::from_text("broken"), object });
        }
        let list = ReplayList { streams: [(stream.clone(), replayed)].into() };
        let list = self.parts.put_replay_list(&id, &list).await?;
        let replay =
            Replay { of: of.id.clone(), asked: of.id.clone(), what: Replayed::Everything, list, then: Vec::new() };
        let run = Run {
            id,
            attempt: 1,
            state: RunState::Running,
            started_at: world.clock.now(),
            ended_at: None,
            fault: None,
            replay: Some(replay),
            ..of.clone()
        };
        let outbox = QueueOutbox::new(self.parts.queue.clone(), self.parts.store.clone());
        Starter::new(self.parts.clone()).replay(&run, &[stream], &outbox).await
    }

    /// Takes the world's run over from a process that is gone, as `millstream run` does.
    pub async fn resume_run(&self, world: &World) -> Result<Run, Fault> {
        let outbox = QueueOutbox::new(self.parts.queue.clone(), self.parts.store.clone());
        if let Some(last) = self.parts.store.runs(None, 1).await?.into_iter().next() {
            for queue in QueueName::ALL {
                self.parts.queue.purge(queue, &format!("{}/", last.id)).await?;
            }
        }
        let starter = Starter::new(self.parts.clone());
        let due = world.clock.now();
        let started = starter.start_or_resume(&world.spec.sync, world.spec.version, due, &outbox).await?;
        Ok(started.run().clone())
    }

    /// Works until the last run has ended, the process was killed, or nothing moves any more. The
    /// time goes on when there is nothing to do.
    pub async fn work(&self, world: &World) -> Option<RunState> {
        let mut idle = 0;
        while idle < IDLE_ROUNDS && !self.is_dead() {
            let mut has_worked = false;
            for function in &self.functions {
                match function.work_once(&self.stop).await {
                    Ok(Worked::Idle) => {}
                    Ok(_) => has_worked = true,
                    Err(_) if self.is_dead() => return None,
                    Err(_) => {}
                }
                if self.is_dead() {
                    return None;
                }
            }
            if !has_worked {
                _ = self.undertaker.tend_all().await;
            }
            if let Some(ended) = self.ended(world).await {
                return Some(ended);
            }
            idle = if has_worked { 0 } else { idle + 1 };
            if !has_worked {
                world.clock.advance(Duration::from_secs(1));
            }
        }
        None
    }

    /// Calls made to a seam so far.
    #[must_use]
    pub fn calls(&self, at: Where) -> u64 {
        match at {
            Where::Queue => self.scripts.queue.calls(),
            Where::Store => self.scripts.store.calls(Calls::Any),
            Where::Staging => self.scripts.staging.calls(),
            Where::Deliver => self.scripts.destination.calls(destination::faulty::Call::Deliver),
            Where::Withdraw => self.scripts.destination.calls(destination::faulty::Call::Withdraw),
            Where::Finish => self.scripts.destination.calls(destination::faulty::Call::Finish),
        }
    }

    /// How much went wrong in the queue so far.
    #[must_use]
    pub fn mischief_done(&self) -> u64 {
        self.scripts.queue.done().values().sum()
    }

    /// Whether the process was killed.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.kill.is_some_and(|kill| self.calls(kill.at) >= kill.nth)
    }

    async fn ended(&self, world: &World) -> Option<RunState> {
        let last = world.store.runs(None, 1).await.ok()?.into_iter().next()?;
        (last.state != RunState::Running).then_some(last.state)
    }

    fn arm(&self) {
        let Some(Kill { at, nth, when }) = self.kill else { return };
        let before = when == When::Before;
        match at {
            Where::Queue => {
                let mischief = if before { Mischief::StopBefore } else { Mischief::StopAfter };
                self.scripts.queue.plan(mischief, None, nth);
            }
            Where::Staging => {
                use staging::faulty::Mischief;
                let mischief = if before { Mischief::StopBefore } else { Mischief::StopAfter };
                self.scripts.staging.plan(mischief, None, nth);
            }
            Where::Store => {
                let first = if before { Failure::Refused } else { Failure::AnswerLost };
                self.scripts.store.fail(Calls::Any, nth, first);
                (nth + 1..nth + FOR_EVER).for_each(|call| self.scripts.store.fail(Calls::Any, call, Failure::Refused));
            }
            Where::Deliver | Where::Withdraw | Where::Finish => {
                use destination::faulty::{Call, Failure};
                let call = match at {
                    Where::Deliver => Call::Deliver,
                    Where::Withdraw => Call::Withdraw,
                    _ => Call::Finish,
                };
                let failure = if before { Failure::Unavailable } else { Failure::AnswerLost };
                self.scripts.destination.fail(call, nth, failure);
            }
        }
    }
}

/// A worker, whatever its step.
#[async_trait]
trait Works: Send + Sync {
    async fn work_once(&self, stop: &Stop) -> Result<Worked, Fault>;
}

#[async_trait]
impl<S> Works for Worker<S>
where
    S: Step,
    S::Takes: Handoff,
{
    async fn work_once(&self, stop: &Stop) -> Result<Worked, Fault> {
        Worker::work_once(self, stop).await
    }
}

fn works<S>(step: S, from: QueueName, parts: &Parts) -> Box<dyn Works>
where
    S: Step + 'static,
    S::Takes: Handoff,
{
    Box::new(Worker::new(Arc::new(step), from, parts))
}

/// The one source or destination of a world, whatever the spec says.
struct One<T: ?Sized>(Arc<T>);

impl Sources for One<dyn Source> {
    fn source_of(&self, _: &spec::Sync) -> Result<Arc<dyn Source>, Fault> {
        Ok(self.0.clone())
    }
}

impl Destinations for One<dyn Destination> {
    fn destination_of(&self, _: &spec::Sync) -> Result<Arc<dyn Destination>, Fault> {
        Ok(self.0.clone())
    }
}

/// Does as the world's rule says.
struct Doubler(Rule);

#[async_trait]
impl Modules for Doubler {
    async fn open(
        &self,
        _: &TransformSpec,
        schema: &SchemaRef,
        _: &flow::Context,
        _: Timestamp,
    ) -> Result<Box<dyn Guest>, Fault> {
        Ok(match self.0 {
            Rule::Right => Box::new(Capitals(schema.clone())),
            Rule::Broken => Box::new(Broken(Capitals(schema.clone()))),
        })
    }
}

/// Gives names in capitals and refuses row 7.
struct Capitals(SchemaRef);

/// Refuses row 7 as well, and gets everything else wrong.
struct Broken(Capitals);

impl Guest for Broken {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn apply(&mut self, rows: &RecordBatch) -> Result<Put, Fault> {
        let put = self.0.apply(rows)?;
        let taken = arrow_select::take::take_record_batch(rows, &put.source_rows).map_err(bug)?;
        let ids = taken.column(0).as_primitive::<arrow_array::types::Int64Type>();
        let names = taken.column(1).as_string::<i32>().iter().zip(ids.values());
        let names: StringArray = names.map(|(name, id)| name.filter(|_| *id != 11)).collect();
        let ids: Int64Array = ids.values().iter().map(|id| if *id == 3 { 103 } else { *id }).collect();
        let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(names)];
        Ok(Put { rows: RecordBatch::try_new(self.schema(), columns).map_err(bug)?, ..put })
    }
}

impl Guest for Capitals {
    fn schema(&self) -> SchemaRef {
        self.0.clone()
    }

    fn apply(&mut self, rows: &RecordBatch) -> Result<Put, Fault> {
        let ids = rows.column(0).as_primitive::<arrow_array::types::Int64Type>();
        let kept: Vec<u32> = (0..rows.num_rows() as u32).filter(|row| ids.value(*row as usize) != 7).collect();
        let refused = (0..rows.num_rows()).filter(|row| ids.value(*row) == 7).map(|row| Entry {
            row: Some(row as u64),
            rule: "doubler".to_owned(),
            code: "refused".to_owned(),
            reason: "refused by the module".to_owned(),
            ..Entry::default()
        });
        let rejects = refused.collect();
        let source_rows = UInt32Array::from(kept);
        let taken = arrow_select::take::take_record_batch(rows, &source_rows).map_err(bug)?;
        let names = taken.column(1).as_string::<i32>();
        let capitals: StringArray = names.iter().map(|name| name.map(str::to_uppercase)).collect();
        let columns: Vec<ArrayRef> = vec![taken.column(0).clone(), Arc::new(capitals)];
        Ok(Put { rows: RecordBatch::try_new(self.0.clone(), columns).map_err(bug)?, source_rows, rejects })
    }
}

fn bug(error: impl std::error::Error + 'static) -> Fault {
    Fault::from_error(flow::FaultKind::Bug, "test", &error)
}

//! Polls one queue and hands its messages over.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::batch::{Gathering, Next};
use super::event::{Received, event};
use super::groups::Groups;
use super::reply::{Verdict, verdict};
use crate::aws::Aws;
use crate::counts::{MappingCounts, Shared};
use crate::functions::{Runnable, WhenFull};
use crate::template::Mapping;
use crate::{Tell, Told};

/// How long a poll waits for a first message. AWS waits for 20 s; an end must not take so long.
const POLL: Duration = Duration::from_secs(1);

/// How long to wait when the queue cannot be asked.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// How long to wait when a poll that may not wait found nothing and the window goes on.
const PART_OF_A_SECOND: Duration = Duration::from_millis(100);

/// One event source mapping at work.
pub(crate) struct Poller {
    stages: Stages,
    groups: Groups,
    places: Arc<Semaphore>,
}

/// What stands around a mapping: its queue, its function, and who is told.
#[derive(Clone)]
pub(crate) struct Stages {
    pub(crate) mapping: Mapping,
    pub(crate) aws: Aws,
    pub(crate) function: Arc<Runnable>,
    pub(crate) counts: Shared<MappingCounts>,
    pub(crate) tell: Tell,
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Poller {
    pub(crate) fn new(stages: Stages) -> Self {
        // Batches for which the function has no place would only be hidden in vain.
        let most = stages.mapping.concurrency.unwrap_or(u32::MAX).min(stages.function.concurrency());
        let places = Arc::new(Semaphore::new(most.max(1) as usize));
        Self { stages, groups: Groups::default(), places }
    }

    /// Polls until the end, then waits for the batches that are at work.
    pub(crate) async fn run(self) {
        let mut at_work = JoinSet::new();
        let mut backlog = VecDeque::new();
        let mut stopping = self.stages.stopping.clone();
        loop {
            let place = tokio::select! {
                biased;
                _ = stopping.wait_for(|stopping| *stopping) => break,
                place = self.places.clone().acquire_owned() => place,
            };
            let batch = self.gather(&mut backlog).await;
            while at_work.try_join_next().is_some() {}
            if self.is_stopping() {
                backlog.extend(batch);
                break;
            }
            if batch.is_empty() {
                continue;
            }
            // What waits here holds the queue's other groups up too. That is rare, and soon over.
            let groups = batch.iter().filter_map(|message| message.group.clone());
            let claim = self.groups.claim(groups.collect()).await;
            let stages = self.stages.clone();
            at_work.spawn(async move {
                stages.process(batch).await;
                drop((claim, place));
            });
        }
        self.give_back(&backlog).await;
        while at_work.join_next().await.is_some() {}
    }

    /// Receives until the batch is to be handed over; what does not fit stays in the backlog.
    async fn gather(&self, backlog: &mut VecDeque<Received>) -> Vec<Received> {
        let mapping = &self.stages.mapping;
        let mut gathering = Gathering::new(mapping.batch_size, mapping.window);
        let mut first_at = None;
        loop {
            while let Some(message) = backlog.pop_front() {
                let bytes = message.bytes();
                first_at = first_at.or_else(|| Some(Instant::now()));
                if let Some(message) = gathering.add(message, bytes) {
                    backlog.push_front(message);
                    return gathering.into_messages();
                }
            }
            let waited = first_at.map(|at: Instant| at.elapsed()).unwrap_or_default();
            let Next::Receive { most, wait } = gathering.next(waited, POLL) else { return gathering.into_messages() };
            let received = self.receive(most, wait).await;
            if self.is_stopping() || (received.is_empty() && gathering.is_empty()) {
                backlog.extend(received);
                return gathering.into_messages();
            }
            if received.is_empty() && wait < Duration::from_secs(1) {
                tokio::time::sleep(wait.min(PART_OF_A_SECOND)).await;
            }
            backlog.extend(received);
        }
    }

    async fn receive(&self, most: usize, wait: Duration) -> Vec<Received> {
        let Stages { mapping, aws, .. } = &self.stages;
        match aws.receive(&mapping.queue_url, most, wait).await {
            Ok(messages) => {
                let received = |message| Received::new(message, &mapping.queue_arn, aws.region());
                messages.into_iter().filter_map(received).collect()
            }
            Err(why) => {
                self.stages.tell_of_queue(format!("cannot be polled: {why}"));
                tokio::time::sleep(AFTER_TROUBLE).await;
                Vec::new()
            }
        }
    }

    async fn give_back(&self, messages: &VecDeque<Received>) {
        let handles: Vec<&str> = messages.iter().map(|message| message.handle.as_str()).collect();
        if let Err(why) = self.stages.aws.give_back(&self.stages.mapping.queue_url, &handles).await {
            self.stages.tell_of_queue(format!("{} message(s) could not be given back: {why}", handles.len()));
        }
    }

    fn is_stopping(&self) -> bool {
        *self.stages.stopping.borrow()
    }
}

impl Stages {
    /// Hands a batch over and removes what is done. What failed is not touched: it comes again when
    /// its visibility ends.
    async fn process(&self, batch: Vec<Received>) {
        self.counts.change(|counts| counts.begin(batch.len()));
        let job = self.function.job(event(&batch));
        let outcome = self.function.invoke(job, WhenFull::Wait).await;
        let ids: BTreeSet<&str> = batch.iter().map(|message| message.id.as_str()).collect();
        let verdict = verdict(&outcome, &ids, self.mapping.reports_failures);
        let is_done = |message: &&Received| match &verdict {
            Verdict::Done => true,
            Verdict::Failed(failed) => !failed.contains(&message.id),
            Verdict::NoneDone(_) => false,
        };
        let done: Vec<&str> = batch.iter().filter(is_done).map(|message| message.handle.as_str()).collect();
        if let Err(why) = self.aws.remove(&self.mapping.queue_url, &done).await {
            self.tell_of_queue(format!("{} message(s) that are done could not be removed: {why}", done.len()));
        }
        self.tell_of_failures(&verdict, batch.len() - done.len(), batch.len());
        self.counts.change(|counts| {
            counts.end(done.len(), batch.len() - done.len());
            counts.failed_batches += u64::from(matches!(verdict, Verdict::NoneDone(_)));
        });
    }

    fn tell_of_failures(&self, verdict: &Verdict, messages: usize, of: usize) {
        let why = match verdict {
            Verdict::Done => return,
            Verdict::Failed(_) => "its reply names them as failed".to_owned(),
            Verdict::NoneDone(why) => why.clone(),
        };
        let (queue, function) = (self.mapping.queue.clone(), self.function.function.binary.clone());
        (self.tell)(Told::Returned { queue, function, messages, of, why });
    }

    fn tell_of_queue(&self, why: String) {
        (self.tell)(Told::Queue { queue: self.mapping.queue.clone(), why });
    }
}

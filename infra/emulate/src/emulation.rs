//! Starting, watching and ending it all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use flow::Timestamp;
use futures::future::join_all;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::aws::{Aws, Depth};
use crate::counts::{self, Counts, MappingCounts};
use crate::functions::{Runnable, WhenFull};
use crate::http::{self, Server};
use crate::pump::{Poller, Stages};
use crate::runtime::Outcome;
use crate::schedule::Schedule;
use crate::template::{Function, Mapping, Physical, Stack};
use crate::watch::authority;
use crate::{Error, Options, environment, invoke_api, start};

/// How often a wait for idleness looks.
const LOOK: Duration = Duration::from_millis(100);

/// A template at work. Dropping it ends it at once; [`Emulation::stop`] lets what is at work end first.
pub struct Emulation {
    shared: Arc<Shared>,
    port: u16,
    stopping: watch::Sender<bool>,
    /// The pollers and the clock.
    tasks: JoinSet<()>,
    _server: Server,
}

/// What the Invoke API sees too.
pub(crate) struct Shared {
    pub(crate) schedule: Schedule,
    stack: Stack,
    physical: Physical,
    functions: BTreeMap<String, Arc<Runnable>>,
    mappings: BTreeMap<String, counts::Shared<MappingCounts>>,
    aws: Aws,
}

impl Emulation {
    /// Makes the queues and buckets of the template, starts its functions, and begins to poll.
    /// Everything that can be wrong with the template is found before anything is made.
    pub async fn start(options: Options) -> Result<Self, Error> {
        authority(&options.endpoint)?;
        let bound = options.template.clone().bind(&options.parameters, options.place.clone())?;
        let mut physical = bound.predict()?;
        let planned = bound.stack(&physical)?;
        let found = start::find_runners(&planned, &options)?;
        let (listener, port) = start::listen(options.port).await?;
        let aws = Aws::new(&options.endpoint, &options.place.region);
        let stack = start::make(&aws, &bound, planned, &mut physical).await?;
        let (stopping, ends) = watch::channel(false);
        let functions = start::functions(&stack, found, &options, &ends).await?;
        let schedule = Schedule::new(
            start::targets(&stack, &functions),
            options.place.clone(),
            options.tell.clone(),
            options.schedule,
            options.clock.as_ref(),
        );
        let mappings = stack.mappings.iter().map(|mapping| (mapping.id.clone(), counts::Shared::default()));
        let shared = Arc::new(Shared { schedule, physical, functions, mappings: mappings.collect(), aws, stack });
        let mut tasks = JoinSet::new();
        for stages in shared.stages(&options, &ends) {
            tasks.spawn(Poller::new(stages).run());
        }
        if let Some(folder) = &options.environment_files {
            environment::write_all(folder, &shared.stack, &options)?;
        }
        let (ticking, clock) = (shared.clone(), options.clock.clone());
        tasks.spawn(async move { ticking.schedule.run(clock, ends).await });
        let asked = shared.clone();
        let server = http::serve(listener, move |request| invoke_api::answer(asked.clone(), request));
        Ok(Self { shared, port, stopping, tasks, _server: server })
    }

    /// The address of the Invoke API.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What is emulated, with all addresses.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.shared.stack
    }

    /// The URL of a queue, by its logical id.
    #[must_use]
    pub fn queue_url(&self, id: &str) -> Option<&str> {
        let is_queue = self.shared.stack.queues.iter().any(|queue| queue.id == id);
        self.shared.physical.get(id).filter(|_| is_queue).map(|named| named.reference.as_str())
    }

    /// What has happened since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Invokes a function, by the name of its binary, its logical id, its name or ARN, and waits for
    /// what comes of it.
    pub async fn invoke(&self, function: &str, payload: impl Into<Bytes>) -> Result<Outcome, Error> {
        let known = || self.shared.functions.values().map(|function| function.function.binary.clone()).collect();
        let unknown = || Error::UnknownFunction { name: function.to_owned(), known: known() };
        let runnable = self.shared.named(function).ok_or_else(unknown)?;
        Ok(runnable.invoke(runnable.job(payload.into()), WhenFull::Refuse).await)
    }

    /// Moves the schedules' own clock on and fires every rule that became due, once. Returns their
    /// logical ids.
    pub fn tick(&self, to: Timestamp) -> Result<Vec<String>, Error> {
        self.shared.schedule.tick(to)
    }

    /// Waits until no invocation is at work or waiting, and no queue that a function receives from has
    /// a message. A message that waits for its visibility to end counts: it will be at work again.
    pub async fn idle(&self, patience: Duration) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            let left = self.shared.left().await?;
            if left.is_empty() {
                return Ok(());
            }
            if began.elapsed() >= patience {
                return Err(Error::NotIdle { left: left.join(", ") });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Ends it: nothing more is polled, what is at work comes to its end, processes are stopped.
    pub async fn stop(mut self) -> Counts {
        self.stopping.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        join_all(self.shared.functions.values().map(|function| function.stop())).await;
        self.counts()
    }
}

impl Shared {
    /// The function that is meant by the name of its binary, its logical id, its name or its ARN.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Runnable>> {
        let plain = name.strip_suffix(":$LATEST").unwrap_or(name);
        let is_meant = |function: &Function| {
            let names = [&function.id, &function.name, &function.arn, &function.binary];
            names.into_iter().any(|known| known == plain)
        };
        self.functions.values().find(|runnable| is_meant(&runnable.function))
    }

    pub(crate) fn counts(&self) -> Counts {
        let functions = self.functions.values();
        Counts {
            functions: functions.map(|runnable| (runnable.function.binary.clone(), runnable.counts.read())).collect(),
            mappings: self.mappings.iter().map(|(id, counts)| (id.clone(), counts.read())).collect(),
        }
    }

    fn stages(&self, options: &Options, ends: &watch::Receiver<bool>) -> Vec<Stages> {
        let stages = |mapping: &Mapping| {
            Some(Stages {
                mapping: mapping.clone(),
                aws: self.aws.clone(),
                function: self.functions.get(&mapping.function)?.clone(),
                counts: self.mappings.get(&mapping.id)?.clone(),
                tell: options.tell.clone(),
                stopping: ends.clone(),
            })
        };
        self.stack.mappings.iter().filter_map(stages).collect()
    }

    /// What keeps it from being idle, in words; nothing when it is.
    async fn left(&self) -> Result<Vec<String>, Error> {
        let before = self.at_work();
        let mut left = before.busy.clone();
        for mapping in &self.stack.mappings {
            let doing = || format!("count the messages of `{}`", mapping.queue);
            let depth = self.aws.depth(&mapping.queue_url).await;
            let Depth { visible, hidden } = depth.map_err(|why| self.aws.trouble(doing(), why))?;
            if visible + hidden > 0 {
                left.push(format!("{visible} message(s) and {hidden} hidden one(s) in {}", mapping.queue));
            }
        }
        // A message may have gone from a queue that was not yet counted to one that was; then a
        // function was at work in between.
        if left.is_empty() && self.at_work() != before {
            left.push("an invocation".to_owned());
        }
        Ok(left)
    }

    fn at_work(&self) -> AtWork {
        let mut at_work = AtWork::default();
        for (name, counts) in self.counts().functions {
            at_work.begun += counts.invocations;
            if counts.in_flight + counts.events > 0 {
                at_work.busy.push(format!("{} invocation(s) of {name}", counts.in_flight.max(counts.events)));
            }
        }
        at_work
    }
}

/// What functions do at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct AtWork {
    begun: u64,
    busy: Vec<String>,
}

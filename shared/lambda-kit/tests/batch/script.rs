//! A step that does as it is told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use flow::{Budget, Fault, FaultKind, Load, ManualClock, Outbox, Staged, Step, Transformed};

/// What becomes of one run of the step.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// A fault that may pass.
    Retry,
    /// A fault for a person.
    Config,
    /// A panic.
    Panic,
    /// So much time goes by, and all is well.
    Take(Duration),
    /// It never ends.
    Hang,
}

/// Notes what it is run with, by lane and sequence, and is well unless it was told otherwise.
pub(crate) struct Scripted {
    clock: Arc<ManualClock>,
    planned: Mutex<HashMap<String, VecDeque<Act>>>,
    ran: Mutex<Vec<(String, u64)>>,
}

impl Scripted {
    pub(crate) fn new(clock: Arc<ManualClock>) -> Self {
        Self { clock, planned: Mutex::default(), ran: Mutex::default() }
    }

    /// Does these with a message, one each time it comes.
    pub(crate) fn plan(&self, message: &str, acts: impl IntoIterator<Item = Act>) {
        self.planned.lock().unwrap().entry(message.to_owned()).or_default().extend(acts);
    }

    /// The sequences it was run with of a lane, in order.
    pub(crate) fn ran_of(&self, lane: &str) -> Vec<u64> {
        self.ran.lock().unwrap().iter().filter(|(of, _)| of == lane).map(|(_, sequence)| *sequence).collect()
    }
}

#[async_trait]
impl Step for Scripted {
    type Takes = Staged;
    type Gives = Transformed;

    async fn run(&self, taken: Staged, _: &dyn Outbox<Transformed>, _: &Budget) -> Result<(), Fault> {
        let Load::Batch(batch) = &taken.load else { return Ok(()) };
        let (id, sequence) = (batch.id.as_str().to_owned(), batch.sequence);
        self.ran.lock().unwrap().push((id[..1].to_owned(), sequence));
        let act = self.planned.lock().unwrap().get_mut(&id).and_then(VecDeque::pop_front);
        match act {
            None => Ok(()),
            Some(Act::Retry) => Err(Fault::new(FaultKind::Retry, "busy", "the table is busy")),
            Some(Act::Config) => Err(Fault::new(FaultKind::Config, "no_such_table", "the table is not there")),
            Some(Act::Panic) => panic!("on command"),
            Some(Act::Take(time)) => {
                self.clock.advance(time);
                Ok(())
            }
            Some(Act::Hang) => std::future::pending().await,
        }
    }
}

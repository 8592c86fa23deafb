use async_trait::async_trait;
use calendar::Overlap;
use flow::path::Pulled;
use flow::{Budget, Fault, FaultKind, Outbox, RunId, Step, Tick, Timestamp};
use store::record::{RunState, SpecVersion};
use worker::Parts;

use crate::start::Starter;

/// Looks at the clock and starts what is due.
pub struct Schedule {
    parts: Parts,
    starter: Starter,
}

impl Schedule {
    /// Schedules the syncs in these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { starter: Starter::new(parts.clone()), parts }
    }
}

#[async_trait]
impl Step for Schedule {
    type Takes = Tick;
    type Gives = Pulled;

    /// A sync that cannot be scheduled does not keep the others from it: the first fault is
    /// returned when all have had their turn.
    async fn run(&self, tick: Tick, outbox: &dyn Outbox<Pulled>, _: &Budget) -> Result<(), Fault> {
        let mut first_fault = None;
        for spec in self.parts.store.latest_specs().await? {
            if let Err(fault) = self.look_at(&spec, tick.at, outbox).await {
                tracing::error!(
                    sync = spec.sync.as_str(),
                    code = fault.code,
                    cause = fault.message,
                    "sync could not be scheduled"
                );
                first_fault.get_or_insert(fault);
            }
        }
        first_fault.map_or(Ok(()), Err)
    }
}

impl Schedule {
    async fn look_at(&self, saved: &SpecVersion, now: Timestamp, outbox: &dyn Outbox<Pulled>) -> Result<(), Fault> {
        let sync = self.parts.specs.get(&saved.sync, saved.version).await?;
        let Some(schedule) = &sync.schedule else { return Ok(()) };
        let name = format!("schedule/{}", saved.sync);
        let note = self.parts.store.note(&name).await?;
        let looked_until = if note.revision == 0 { saved.saved_at } else { moment(&note.text)? };
        let Some(due) = schedule.due_between(looked_until, now) else { return Ok(()) };
        if let Some(busy) = self.run_at_work(saved, due).await? {
            match schedule.overlap {
                Overlap::Queue => return Ok(()),
                Overlap::Skip => {
                    tracing::warn!(sync = saved.sync.as_str(), run = busy, "run left out: the last one is still going")
                }
            }
        } else {
            self.begin(saved, due, outbox).await?;
        }
        self.parts.store.write_note(&name, note.revision, &due.to_rfc3339()).await?;
        Ok(())
    }

    /// A failed run is resumed in place of a new one: what it has staged is not read again.
    async fn begin(&self, saved: &SpecVersion, due: Timestamp, outbox: &dyn Outbox<Pulled>) -> Result<(), Fault> {
        let last = self.parts.store.runs(Some(&saved.sync), 1).await?.into_iter().next();
        if last.is_some_and(|run| run.state == RunState::Failed) {
            self.starter.start_or_resume(&saved.sync, saved.version, due, outbox).await?;
        } else {
            self.starter.start(&saved.sync, saved.version, due, outbox).await?;
        }
        Ok(())
    }

    /// The run that is going, unless it is the one that is due: a tick that died before it had sent
    /// everything is repeated.
    async fn run_at_work(&self, saved: &SpecVersion, due: Timestamp) -> Result<Option<String>, Fault> {
        let last = self.parts.store.runs(Some(&saved.sync), 1).await?.into_iter().next();
        let is_another = |run: &store::record::Run| run.id != RunId::derive(&saved.sync, due);
        Ok(last.filter(|run| run.state == RunState::Running && is_another(run)).map(|run| run.id.to_string()))
    }
}

fn moment(text: &str) -> Result<Timestamp, Fault> {
    let parsed = chrono::DateTime::parse_from_rfc3339(text);
    parsed.map(|moment| moment.to_utc()).map_err(|error| Fault::from_error(FaultKind::Bug, "note_unreadable", &error))
}

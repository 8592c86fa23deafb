use flow::{Fault, Handoff};
use store::Store;
use store::record::{LaneState, RunState};

/// Whether a handoff still has work to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It has.
    Open,
    /// Its run has ended, was resumed since, its lane waits for a resume, or its batch is delivered.
    Closed(&'static str),
}

/// Looks at the store before a step is run: repeats and leftovers are dropped here, once for all steps.
pub(crate) async fn gate<H: Handoff>(store: &dyn Store, handoff: &H) -> Result<Gate, Fault> {
    let Some((context, lane)) = handoff.belongs_to() else { return Ok(Gate::Open) };
    let Some(run) = store.run(&context.run).await? else { return Ok(Gate::Closed("the run is not known")) };
    if run.state != RunState::Running {
        return Ok(Gate::Closed("the run has ended"));
    }
    if run.attempt != context.attempt {
        return Ok(Gate::Closed("the run was resumed since"));
    }
    let Some(lane) = lane else { return Ok(Gate::Open) };
    let Some(record) = store.lane(lane).await? else { return Ok(Gate::Closed("the lane is not known")) };
    if record.state == LaneState::Failed {
        return Ok(Gate::Closed("the lane failed and waits for a resume"));
    }
    match handoff.batch() {
        Some((_, sequence)) if sequence < record.delivered => Ok(Gate::Closed("the batch is delivered")),
        _ => Ok(Gate::Open),
    }
}

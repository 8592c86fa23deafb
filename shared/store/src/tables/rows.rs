//! Rows of tables to records, whichever database they are from.

use flow::{RunId, Signal};

use super::columns::{Cells, Columns};
use crate::Error;
use crate::record::{
    Activation, ActiveVersion, BatchRecord, Bookmark, DeclaredSchema, LaneRecord, ModuleRecord, Pin, Quarantined,
    Refusal, Run, RunState, RunStream, SpecVersion,
};

pub(crate) fn spec_version(row: &impl Cells) -> Result<SpecVersion, Error> {
    let columns = Columns::of("a spec version", row);
    Ok(SpecVersion {
        sync: columns.sync()?,
        version: columns.small_count("version")?,
        digest: columns.digest("digest")?,
        text: columns.text("body")?,
        saved_at: columns.time("saved_at")?,
    })
}

pub(crate) fn run_of(row: &impl Cells) -> Result<Run, Error> {
    let columns = Columns::of("a run", row);
    let state = columns.word("state")?;
    // While lanes are still at work the fault is kept for the day the run closes.
    let has_failed = matches!(state, RunState::Failed | RunState::Abandoned);
    Ok(Run {
        id: columns.run()?,
        sync: columns.sync()?,
        version: columns.small_count("version")?,
        attempt: columns.small_count("attempt")?,
        state,
        due_at: columns.time("due_at")?,
        started_at: columns.time("started_at")?,
        ended_at: columns.time_if_any("ended_at")?,
        fault: columns.json_if_any("fault")?.filter(|_| has_failed),
        replay: columns.json_if_any("replay")?,
    })
}

pub(crate) fn stream_of(row: &impl Cells) -> Result<RunStream, Error> {
    let columns = Columns::of("a stream of a run", row);
    Ok(RunStream {
        run: columns.run()?,
        stream: columns.stream()?,
        state: columns.word("state")?,
        plan: columns.json_if_any("plan")?,
        fault: columns.json_if_any("fault")?,
    })
}

pub(crate) fn lane_of(row: &impl Cells) -> Result<LaneRecord, Error> {
    let columns = Columns::of("a lane", row);
    Ok(LaneRecord {
        lane: columns.lane()?,
        run: columns.run()?,
        stream: columns.stream()?,
        attempt: columns.small_count("attempt")?,
        part: columns.text("part")?,
        state: columns.word("state")?,
        staged: columns.count("staged")?,
        staged_position: columns.position_if_any("staged_position")?,
        delivered: columns.count("delivered")?,
        delivered_position: columns.position_if_any("delivered_position")?,
        checked: columns.truth("checked")?,
        fault: columns.json_if_any("fault")?,
    })
}

pub(crate) fn batch_of(row: &impl Cells) -> Result<BatchRecord, Error> {
    let columns = Columns::of("a batch", row);
    Ok(BatchRecord {
        id: columns.batch()?,
        run: columns.run()?,
        stream: columns.stream()?,
        lane: columns.lane()?,
        sequence: columns.count("sequence")?,
        position: columns.position("source_position")?,
        raw: columns.object(["raw_key", "raw_digest", "raw_bytes", "raw_rows"])?,
        rejected: columns.count("rejected")?,
        staged_at: columns.time("staged_at")?,
        delivered_at: columns.time_if_any("delivered_at")?,
    })
}

pub(crate) fn bookmark_of(row: &impl Cells) -> Result<Bookmark, Error> {
    let columns = Columns::of("a bookmark", row);
    Ok(Bookmark {
        sync: columns.sync()?,
        stream: columns.stream()?,
        position: columns.position("source_position")?,
        run: columns.run()?,
        moved_at: columns.time("moved_at")?,
    })
}

pub(crate) fn entry_of(row: &impl Cells) -> Result<Quarantined, Error> {
    let columns = Columns::of("an entry of the quarantine", row);
    Ok(Quarantined {
        id: columns.text("entry")?,
        sync: columns.sync()?,
        stream: columns.stream()?,
        run: columns.run()?,
        batch: columns.batch()?,
        hop: columns.word("hop")?,
        rule: columns.text("rule")?,
        column: columns.text_if_any("column_name")?,
        code: columns.text("code")?,
        reason: columns.text("reason")?,
        severity: columns.word("severity")?,
        rows: columns.count("row_count")?,
        object: columns.object(["object_key", "object_digest", "object_bytes", "object_rows"])?,
        at: columns.time("quarantined_at")?,
        resolved_by: columns.text_if_any("resolved_by")?.map(|run| RunId::from_text(&run)),
    })
}

pub(crate) fn signal_of(row: &impl Cells) -> Result<Signal, Error> {
    let columns = Columns::of("a signal", row);
    let has_stream = columns.text_if_any("stream")?.is_some();
    Ok(Signal {
        id: columns.text("signal")?,
        name: columns.text("name")?,
        severity: columns.word("severity")?,
        sync: columns.sync()?,
        stream: if has_stream { Some(columns.stream()?) } else { None },
        run: columns.text_if_any("run")?.map(|run| RunId::from_text(&run)),
        summary: columns.text("summary")?,
        at: columns.time("raised_at")?,
    })
}

pub(crate) fn module_of(row: &impl Cells) -> Result<ModuleRecord, Error> {
    let columns = Columns::of("a module", row);
    let schema = match (columns.text_if_any("input_schema")?, columns.text_if_any("output_schema")?) {
        (Some(input), Some(output)) => Some(DeclaredSchema { input, output }),
        _ => None,
    };
    Ok(ModuleRecord {
        digest: columns.digest("digest")?,
        name: columns.text("name")?,
        version: columns.text("version")?,
        world: columns.text("world")?,
        bytes: columns.count("byte_count")?,
        key: columns.text("module_key")?,
        artifact_key: columns.text("artifact_key")?,
        artifact_digest: columns.digest("artifact_digest")?,
        engine: columns.text("engine")?,
        limits: columns.text("limits")?,
        schema,
        added_at: columns.time("added_at")?,
        added_by: columns.text("added_by")?,
    })
}

pub(crate) fn activation_of(row: &impl Cells) -> Result<Activation, Error> {
    let columns = Columns::of("an activation", row);
    let active = match (columns.text_if_any("version")?, columns.digest_if_any("digest")?) {
        (Some(version), Some(digest)) => Some(ActiveVersion { version, digest }),
        _ => None,
    };
    Ok(Activation {
        name: columns.text("name")?,
        ordinal: columns.count("ordinal")?,
        cause: columns.word("cause")?,
        active,
        replaced: columns.digest_if_any("replaced")?,
        by: columns.text("activated_by")?,
        at: columns.time("activated_at")?,
    })
}

pub(crate) fn refusal_of(row: &impl Cells) -> Result<Refusal, Error> {
    let columns = Columns::of("a refused activation", row);
    Ok(Refusal {
        name: columns.text("name")?,
        ordinal: columns.count("ordinal")?,
        sync: columns.sync()?,
        stream: columns.stream()?,
        code: columns.text("code")?,
        reason: columns.text("reason")?,
        at: columns.time("refused_at")?,
    })
}

pub(crate) fn pin_of(row: &impl Cells) -> Result<Pin, Error> {
    let columns = Columns::of("a pin", row);
    Ok(Pin {
        module: columns.text("module")?,
        digest: columns.digest("digest")?,
        activation: columns.count_if_any("activation")?,
    })
}

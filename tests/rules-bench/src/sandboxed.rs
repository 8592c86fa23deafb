//! Rules and modules in the sandbox, under its limits.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use cpu_time::ProcessTime;
use flow::{StreamName, SyncName};
use sandbox::{Context, Guest, Limits, Output, Sandbox};
use sandbox_compiler::Prepared;

use crate::data;

/// A guest with what was needed to make it.
pub(crate) struct Made {
    pub(crate) guest: Guest,
    pub(crate) prepared: Prepared,
}

/// Compiles a rule's text and opens it for the data.
pub(crate) fn rule(text: &str, schema: &SchemaRef) -> anyhow::Result<Made> {
    let plan = rules::compile_sql(text, &data::columns()?).map_err(|error| anyhow::anyhow!("{error}"))?;
    open(&rules::component(&plan)?, schema)
}

/// Compiles a module that was built before and opens it for the data.
pub(crate) fn module(path: &Path, schema: &SchemaRef) -> anyhow::Result<Made> {
    let bytes = std::fs::read(path).with_context(|| format!("read `{}`: build it first", path.display()))?;
    open(&bytes, schema)
}

fn open(bytes: &[u8], schema: &SchemaRef) -> anyhow::Result<Made> {
    let prepared = sandbox_compiler::prepare(bytes)?;
    // The heaviest language runtime needs more than a usual module.
    let limits = Limits { memory: 256 << 20, ..Limits::default() };
    let module = Sandbox::new(limits)?.load(&prepared.artifact, &prepared.artifact_digest, &prepared.digest)?;
    let guest = module.open(schema, &serde_json::json!({}), &context()?)?;
    Ok(Made { guest, prepared })
}

fn context() -> anyhow::Result<Context> {
    Ok(Context {
        sync: SyncName::new("bench").map_err(|error| anyhow::anyhow!("{error}"))?,
        stream: StreamName::new("customers").map_err(|error| anyhow::anyhow!("{error}"))?,
        run_clock: "2026-03-01T12:30:00Z".parse().map_err(|error| anyhow::anyhow!("{error}"))?,
    })
}

/// Puts a batch through a guest. A rejected row is an error: the data has none.
pub(crate) fn apply(guest: &mut Guest, rows: &RecordBatch) -> anyhow::Result<Output> {
    let output = guest.apply(rows)?;
    anyhow::ensure!(
        output.rejects.is_empty(),
        "{} rows were rejected: {:?}",
        output.rejects.len(),
        output.rejects.first()
    );
    Ok(output)
}

/// CPU time from a rule's text to a module ready to be opened, of the whole process.
pub(crate) fn text_to_module(text: &str) -> anyhow::Result<Duration> {
    let columns = data::columns()?;
    let begun = ProcessTime::now();
    let plan = rules::compile_sql(text, &columns).map_err(|error| anyhow::anyhow!("{error}"))?;
    let prepared = sandbox_compiler::prepare(&rules::component(&plan)?)?;
    let sandbox = Sandbox::new(Limits::default())?;
    let module = sandbox.load(&prepared.artifact, &prepared.artifact_digest, &prepared.digest)?;
    let took = begun.elapsed();
    drop(module);
    Ok(took)
}

/// CPU time of loading an artifact from its file, its digest checked.
pub(crate) fn load(prepared: &Prepared) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("artifact");
    std::fs::write(&path, &prepared.artifact)?;
    let sandbox = Sandbox::new(Limits::default())?;
    let begun = ProcessTime::now();
    let module = sandbox.load_file(&path, &prepared.artifact_digest, &prepared.digest)?;
    let took = begun.elapsed();
    drop(module);
    Ok(took)
}

/// CPU time of reading the same file and nothing else.
pub(crate) fn read(prepared: &Prepared) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("artifact");
    std::fs::write(&path, &prepared.artifact)?;
    let begun = ProcessTime::now();
    let bytes = std::fs::read(&path)?;
    let took = begun.elapsed();
    drop(bytes);
    Ok(took)
}

//! Modules: added under a name and version, found by reference, compiled for this binary's engine.

use flow::{Digest, Fault, FaultKind, ModuleDigest};
use store::record::ModuleRecord;
use worker::Parts;

/// Checks a module's bytes, compiles it and adds it.
pub async fn add(parts: &Parts, bytes: Vec<u8>, name: &str, version: &str) -> Result<ModuleRecord, Fault> {
    let prepared = prepare(bytes).await?;
    let record = ModuleRecord {
        key: format!("modules/{}.wasm", prepared.digest),
        artifact_key: format!("artifacts/{}.cwasm", prepared.artifact_digest),
        digest: prepared.digest,
        name: name.to_owned(),
        version: version.to_owned(),
        world: prepared.world,
        bytes: prepared.component.len() as u64,
        artifact_digest: prepared.artifact_digest,
        engine: prepared.engine,
        added_at: parts.clock.now(),
    };
    parts.staging.put(&record.key, prepared.component.into()).await?;
    parts.staging.put(&record.artifact_key, prepared.artifact.into()).await?;
    parts.store.add_module(&record).await?;
    Ok(record)
}

/// Compiles a module again when its artifact was made for another engine (an older binary's).
pub async fn refresh(parts: &Parts, digest: &ModuleDigest) -> Result<(), Fault> {
    let missing =
        || Fault::new(FaultKind::Config, "module_unknown", format!("no module with digest {digest} was added"));
    let record = parts.store.module(digest).await?.ok_or_else(missing)?;
    if record.engine == sandbox::engine::compatibility() {
        return Ok(());
    }
    let bytes = parts.staging.get(&record.key).await?;
    let found = Digest::of(&bytes);
    if found != record.digest {
        let message = format!(
            "module `{}` is damaged in the stage: expected digest {digest}, found {found}; add it again",
            record.name
        );
        return Err(Fault::new(FaultKind::Config, "module_damaged", message));
    }
    add(parts, bytes.to_vec(), &record.name, &record.version).await?;
    Ok(())
}

/// The digest a spec's `name`, `name@version` or `name@sha256:…` stands for. A bare name is its
/// newest version.
pub fn find<'a>(modules: &'a [ModuleRecord], reference: &str) -> Result<&'a ModuleRecord, String> {
    let (name, pin) = match reference.split_once('@') {
        Some((name, pin)) => (name, Some(pin)),
        None => (reference, None),
    };
    if let Some(digest) =
        Digest::parse(reference).or_else(|| pin.filter(|pin| pin.starts_with("sha256:")).and_then(Digest::parse))
    {
        let fits = |module: &&ModuleRecord| module.digest == digest;
        return modules.iter().find(fits).ok_or_else(|| format!("no module with digest {} was added", digest.short()));
    }
    let mut named = modules.iter().filter(|module| module.name == name).peekable();
    if named.peek().is_none() {
        let hint = spec::nearest(name, modules.iter().map(|module| module.name.as_str()));
        let hint = hint.map(|right| format!("; did you mean `{right}`?")).unwrap_or_default();
        return Err(format!(
            "no module `{name}` was added; add it with `millstream modules add FILE --name {name}`{hint}"
        ));
    }
    match pin {
        None => named.next().ok_or_else(|| format!("no module `{name}` was added")),
        Some(version) => named
            .find(|module| module.version == version)
            .ok_or_else(|| format!("module `{name}` has no version `{version}`; see `millstream modules list`")),
    }
}

pub(crate) async fn prepare(bytes: Vec<u8>) -> Result<sandbox_compiler::Prepared, Fault> {
    let work = tokio::task::spawn_blocking(move || sandbox_compiler::prepare(&bytes));
    let prepared = work.await.map_err(|error| Fault::from_error(FaultKind::Bug, "compile_panicked", &error))?;
    Ok(prepared?)
}

//! From a spec file to a saved version in the home's store.

use std::path::Path;

use spec::{Loaded, Pinned};
use store::record::SpecVersion;
use worker::Parts;

use crate::Failure;
use crate::registry::catalog::NotFound;
use crate::registry::{Catalog, Registry};

/// A spec that is saved and ready to run.
pub(crate) struct Saved {
    pub(crate) sync: spec::Sync,
    pub(crate) version: SpecVersion,
}

/// Reads, checks, pins and saves a spec, and sees that its modules are compiled for this binary.
pub(crate) async fn save(parts: &Parts, path: &Path) -> Result<Saved, Failure> {
    let pinned = pin(parts, &spec::load::file(path)?).await?;
    let registry = Registry::of_this_binary(parts)?;
    for transform in pinned.sync.streams.iter().flat_map(|stream| &stream.transforms) {
        if let Some(digest) = transform.digest.as_ref().filter(|_| transform.rule.is_none()) {
            registry.refresh(digest).await?;
        }
    }
    let now = parts.clock.now();
    let version = parts.store.save_spec(&pinned.sync.name, &pinned.digest, &pinned.text, now).await?;
    Ok(Saved { sync: pinned.sync, version })
}

/// Checks a spec and pins its modules to digests; bare names to what is active under them.
pub(crate) async fn pin(parts: &Parts, loaded: &Loaded) -> Result<Pinned, Failure> {
    let catalog = Catalog::read(parts.store.as_ref()).await?;
    let sync = loaded.validate()?;
    let transforms = sync.streams.iter().flat_map(|stream| &stream.transforms);
    for transform in transforms.filter(|transform| transform.rule.is_none()) {
        // It has a code of its own: what is missing is a command, not a change of the spec.
        if let Err(inactive @ NotFound::Inactive { .. }) = catalog.find(&transform.module) {
            return Err(inactive.into());
        }
    }
    let find = |name: &str| catalog.find(name).map(|module| module.digest.clone()).map_err(|none| none.to_string());
    Ok(loaded.pin(find)?)
}

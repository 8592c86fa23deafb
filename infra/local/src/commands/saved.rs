//! From a spec file to a saved version in the home's store.

use std::path::Path;

use spec::{Loaded, Pinned};
use store::record::SpecVersion;
use worker::Parts;

use crate::{Failure, registry};

/// A spec that is saved and ready to run.
pub(crate) struct Saved {
    pub(crate) sync: spec::Sync,
    pub(crate) version: SpecVersion,
}

/// Reads, checks, pins and saves a spec, and sees that its modules are compiled for this binary.
pub(crate) async fn save(parts: &Parts, path: &Path) -> Result<Saved, Failure> {
    let pinned = pin(parts, &spec::load::file(path)?).await?;
    for transform in pinned.sync.streams.iter().flat_map(|stream| &stream.transforms) {
        if let Some(digest) = &transform.digest {
            registry::refresh(parts, digest).await?;
        }
    }
    let now = parts.clock.now();
    let version = parts.store.save_spec(&pinned.sync.name, &pinned.digest, &pinned.text, now).await?;
    Ok(Saved { sync: pinned.sync, version })
}

/// Checks a spec and pins its modules to digests.
pub(crate) async fn pin(parts: &Parts, loaded: &Loaded) -> Result<Pinned, Failure> {
    let modules = parts.store.modules().await?;
    Ok(loaded.pin(|name| registry::find(&modules, name).map(|module| module.digest.clone()))?)
}

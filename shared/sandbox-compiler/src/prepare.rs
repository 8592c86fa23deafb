//! From uploaded bytes to a component and its artifact.

use std::borrow::Cow;

use flow::Digest;
use sandbox::level::{Level, level};
use sandbox::{Limits, Sandbox, World};
use wasmparser::Parser;
use wasmtime::{Config, Engine};

use crate::Error;
use crate::shape::{self, Shape};
use crate::wrap::wrap;

/// The types of the contract stand among a component's imports, but import nothing.
const TYPES: &str = "millstream:transform/types@0.1.0";

/// The one import of a world, as a component and as a core module names it.
fn log_import(world: World) -> (&'static str, &'static str) {
    match world {
        World::Columns => ("log", "$root.log"),
        World::Records => ("millstream:transform/logging@0.1.0", "millstream:transform/logging@0.1.0.log"),
    }
}

/// A module that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The component: what is kept as the module.
    pub component: Vec<u8>,
    /// Its digest: the module's identity.
    pub digest: Digest,
    /// The machine code compiled from it.
    pub artifact: Vec<u8>,
    /// The artifact's digest: to be recorded where nobody else writes, since an artifact is loaded
    /// by nothing but this.
    pub artifact_digest: Digest,
    /// What the artifact fits: see [`sandbox::engine::compatibility`].
    pub engine: String,
    /// The contract's world.
    pub world: String,
}

/// Checks a module and compiles it: a component, or a core module that carries the contract's
/// types as `wit-bindgen` embeds them. The same bytes give the same component and digest.
///
/// Takes from 50 ms for a small module to tens of seconds for a language runtime, all of it
/// computing.
pub fn prepare(bytes: &[u8]) -> Result<Prepared, Error> {
    let (component, world) = component(bytes)?;
    let digest = Digest::of(&component);
    let artifact = compile(&component)?;
    let artifact_digest = Digest::of(&artifact);
    let sandbox = Sandbox::new(Limits::default())?;
    sandbox.load(&artifact, &artifact_digest, &digest)?.probe()?;
    Ok(Prepared {
        component: component.into_owned(),
        digest,
        artifact,
        artifact_digest,
        engine: sandbox.compatibility(),
        world: world.name().to_owned(),
    })
}

/// Checks everything about a module that can be told without compiling it: what [`prepare`] does
/// first. Gives its world.
pub fn check(bytes: &[u8]) -> Result<World, Error> {
    component(bytes).map(|(_, world)| world)
}

/// The component these bytes are or stand for, its imports and exports checked by name.
fn component(bytes: &[u8]) -> Result<(Cow<'_, [u8]>, World), Error> {
    let shape = match (Parser::is_component(bytes), Parser::is_core_wasm(bytes)) {
        (false, false) => return Err(Error::NotWasm),
        _ => shape::read(bytes)?,
    };
    let world = world_of(&shape);
    let (of_component, of_core) = log_import(world);
    if Parser::is_component(bytes) {
        check_names(&shape, world, &[of_component, TYPES])?;
        return Ok((Cow::Borrowed(bytes), world));
    }
    check_names(&shape, world, &[of_core])?;
    let wrapped = wrap(bytes)?;
    check_names(&shape::read(&wrapped)?, world, &[of_component, TYPES])?;
    Ok((Cow::Owned(wrapped), world))
}

/// The world one of whose functions is exported; `columns` when there is none.
fn world_of(shape: &Shape) -> World {
    let exports = |world: &World| world.exports().iter().any(|name| shape.exports.iter().any(|export| export == name));
    World::ALL.into_iter().find(exports).unwrap_or(World::Columns)
}

fn check_names(shape: &Shape, world: World, imports: &[&str]) -> Result<(), Error> {
    if let Some(foreign) = shape.imports.iter().find(|import| !imports.contains(&import.as_str())) {
        return Err(Error::ForeignImport { import: foreign.chars().take(200).collect(), world });
    }
    match world.exports().into_iter().find(|export| !shape.exports.iter().any(|name| name == export)) {
        Some(export) => Err(Error::MissingExport { export, world }),
        None => Ok(()),
    }
}

fn compile(component: &[u8]) -> Result<Vec<u8>, Error> {
    let mut config = sandbox::engine_config();
    // NaN has many bit patterns and processors differ in which they give.
    config.cranelift_nan_canonicalization(true);
    for_level(&mut config, level()).map_err(|error| Error::Compile(error.into()))?;
    let engine = Engine::new(&config).map_err(|error| Error::Compile(error.into()))?;
    engine.precompile_component(component).map_err(|error| Error::Compile(error.into()))
}

/// Compiles for every machine of a level, not for all that this very machine can do.
fn for_level(config: &mut Config, level: &Level) -> wasmtime::Result<()> {
    let Some(target) = level.target() else { return Ok(()) };
    config.target(&target)?;
    for flag in level.flags {
        enable(config, flag);
    }
    Ok(())
}

#[expect(unsafe_code, reason = "wasmtime cannot know that what is compiled here is checked where it is loaded")]
fn enable(config: &mut Config, flag: &str) {
    // SAFETY: the flag names instructions the code may use. Nothing runs on this engine; the flags
    // stand in the artifact, and an engine that loads it refuses those its machine lacks.
    unsafe {
        config.cranelift_flag_enable(flag);
    }
}

//! From uploaded bytes to a component and its artifact.

use std::borrow::Cow;

use flow::Digest;
use sandbox::level::{Level, level};
use sandbox::{Limits, Sandbox};
use wasmparser::Parser;
use wasmtime::{Config, Engine};
use wit_component::ComponentEncoder;

use crate::Error;
use crate::shape::{self, Shape};

/// Imports a component of the contract may have: its one function, and the types it is told in.
const IMPORTS: [&str; 2] = ["log", "millstream:transform/types@0.1.0"];
/// The same of a core module built against the contract.
const CORE_IMPORTS: [&str; 1] = ["$root.log"];
/// Exports it must have.
const EXPORTS: [&str; 2] = ["open", "apply"];

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
    let component = component(bytes)?;
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
        world: sandbox::WORLD.to_owned(),
    })
}

/// The component these bytes are or stand for, its imports and exports checked by name.
fn component(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    let shape = match (Parser::is_component(bytes), Parser::is_core_wasm(bytes)) {
        (false, false) => return Err(Error::NotWasm),
        _ => shape::read(bytes)?,
    };
    if Parser::is_component(bytes) {
        check_names(&shape, &IMPORTS)?;
        return Ok(Cow::Borrowed(bytes));
    }
    check_names(&shape, &CORE_IMPORTS)?;
    let wrapped = wrap(bytes)?;
    check_names(&shape::read(&wrapped)?, &IMPORTS)?;
    Ok(Cow::Owned(wrapped))
}

fn check_names(shape: &Shape, imports: &[&str]) -> Result<(), Error> {
    if let Some(foreign) = shape.imports.iter().find(|import| !imports.contains(&import.as_str())) {
        return Err(Error::ForeignImport { import: foreign.chars().take(200).collect() });
    }
    match EXPORTS.iter().find(|export| !shape.exports.iter().any(|name| name == *export)) {
        Some(export) => Err(Error::MissingExport { export }),
        None => Ok(()),
    }
}

fn wrap(module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(module).map_err(|error| Error::Wrap(error.into()))?;
    encoder.encode().map_err(|error| Error::Wrap(error.into()))
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

//! One engine for all modules of a process, and the ticker that ends their calls.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use flow::Digest;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, EngineWeak, WasmFeatures};

use crate::contract::Columns;
use crate::contract::records::millstream::transform::logging;
use crate::host::Host;
use crate::level::level;
use crate::world::Entry;
use crate::{Error, Limits, Module};

/// Version of the runtime: part of what an artifact must fit.
const WASMTIME: &str = "48.0.8";

/// How often the ticker ends calls that are over their time.
const TICK: Duration = Duration::from_millis(10);

/// What a module may be made of: WebAssembly 2 and components, with several memories. What is left out (threads, garbage
/// collection, relaxed SIMD, 64-bit memories, tail calls) is not deterministic or nobody needs it.
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::BULK_MEMORY_OPT)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::EXTENDED_CONST)
    // What joins components that stand in one another has the memories of both.
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::COMPONENT_MODEL);

/// The settings artifacts are compiled and loaded with: the same wherever they are, or nothing
/// loads. The compiler adds what concerns code generation alone.
#[must_use]
pub fn engine_config() -> Config {
    let mut config = Config::new();
    config.wasm_features(FEATURES.complement(), false);
    config.wasm_features(FEATURES, true);
    config.epoch_interruption(true);
    config.wasm_backtrace_max_frames(crate::failure::MAX_FRAMES);
    config
}

/// What an artifact must have been compiled for to load here: runtime version, machine, settings.
#[must_use]
pub fn compatibility() -> String {
    let settings = Digest::of(format!("epochs features={:x}", FEATURES.bits()).as_bytes());
    let machine = format!("{}-{}-{}", std::env::consts::ARCH, std::env::consts::OS, level().name);
    format!("wasmtime {WASMTIME} {machine} {}", settings.short())
}

/// The engine, its limits and its ticker: one per process.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

/// What every module and guest of a sandbox needs.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) limits: Limits,
    linker: Linker<Host>,
}

impl Shared {
    pub(crate) fn with_limits(&self, limits: Limits) -> Self {
        Self { engine: self.engine.clone(), limits, linker: self.linker.clone() }
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sandbox").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Makes the engine and starts the ticker, which ends with the last module.
    pub fn new(limits: Limits) -> Result<Self, Error> {
        let mut config = engine_config();
        config.max_wasm_stack(limits.stack);
        let engine = Engine::new(&config).map_err(Error::engine)?;
        let mut linker = Linker::new(&engine);
        Columns::add_to_linker::<_, HasSelf<Host>>(&mut linker, |host| host).map_err(Error::engine)?;
        logging::add_to_linker::<_, HasSelf<Host>>(&mut linker, |host| host).map_err(Error::engine)?;
        start_ticker(engine.weak())?;
        Ok(Self { shared: Arc::new(Shared { engine, limits, linker }) })
    }

    /// What an artifact must have been compiled for to load here.
    #[must_use]
    pub fn compatibility(&self) -> String {
        compatibility()
    }

    /// Loads a compiled artifact.
    ///
    /// An artifact runs as machine code, outside of any sandbox: `expected` must be the digest
    /// that was recorded when our own compiler wrote it, never one that came with the bytes.
    /// `module` is the digest of the module it was compiled from, for messages.
    pub fn load(&self, artifact: &[u8], expected: &Digest, module: &Digest) -> Result<Module, Error> {
        let found = Digest::of(artifact);
        if found != *expected {
            return Err(Error::ArtifactDigest { module: module.clone(), expected: expected.clone(), found });
        }
        self.link(deserialize(&self.shared.engine, artifact), module)
    }

    /// Loads a compiled artifact from a file of our own, mapped into memory: its pages are read
    /// when they are needed and shared with other processes.
    ///
    /// The same holds for `expected` as in [`load`](Self::load). The file must stay as it is for as
    /// long as the module lives: what replaces it must be another file that takes its name.
    pub fn load_file(&self, artifact: &Path, expected: &Digest, module: &Digest) -> Result<Module, Error> {
        let unreadable = |source| Error::ArtifactUnreadable { module: module.clone(), source };
        let found = Digest::of(&std::fs::read(artifact).map_err(unreadable)?);
        if found != *expected {
            return Err(Error::ArtifactDigest { module: module.clone(), expected: expected.clone(), found });
        }
        self.link(deserialize_file(&self.shared.engine, artifact), module)
    }

    fn link(&self, component: wasmtime::Result<Component>, module: &Digest) -> Result<Module, Error> {
        let component = component.map_err(|source| Error::ArtifactIncompatible {
            module: module.clone(),
            engine: compatibility(),
            source: source.into(),
        })?;
        let not_the_contract =
            |source: wasmtime::Error| Error::Contract { module: module.clone(), source: source.into() };
        let linked = self.shared.linker.instantiate_pre(&component).map_err(not_the_contract)?;
        let entry = Entry::of(linked).map_err(not_the_contract)?;
        Ok(Module::new(Arc::clone(&self.shared), entry, module.clone()))
    }
}

#[expect(unsafe_code, reason = "wasmtime cannot tell a forged artifact; the caller has just checked its digest")]
fn deserialize(engine: &Engine, artifact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes have the digest that was recorded when our compiler wrote them, so they
    // are what `Engine::precompile_component` gave; wasmtime checks version, target and settings.
    unsafe { Component::deserialize(engine, artifact) }
}

#[expect(unsafe_code, reason = "wasmtime cannot tell a forged artifact; the caller has just checked its digest")]
fn deserialize_file(engine: &Engine, artifact: &Path) -> wasmtime::Result<Component> {
    // SAFETY: as in `deserialize`. Whoever could change the file between the check and the
    // mapping, or under the mapping, could write the home folder, and with it the recorded digest;
    // we ourselves only ever put a new file in place of one.
    unsafe { Component::deserialize_file(engine, artifact) }
}

fn start_ticker(engine: EngineWeak) -> Result<(), Error> {
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    };
    thread::Builder::new().name("sandbox-ticker".to_owned()).spawn(tick).map(drop).map_err(Error::Ticker)
}

/// How many ticks a call may last. One more than fits, since the first may come at once.
pub(crate) fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_millis().div_ceil(TICK.as_millis())).unwrap_or(u64::MAX / 2).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_the_compatibility_is_the_one_that_is_linked() {
        let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
        assert!(lock.contains(&format!("name = \"wasmtime\"\nversion = \"{WASMTIME}\"")));
    }

    #[test]
    fn the_ticker_ends_with_the_engine() {
        let sandbox = Sandbox::new(Limits::default()).unwrap();
        let engine = sandbox.shared.engine.weak();
        drop(sandbox);
        thread::sleep(TICK * 3);
        assert!(engine.upgrade().is_none());
    }

    #[test]
    fn a_time_is_never_cut_short() {
        assert_eq!(ticks(Duration::from_millis(1)), 2);
        assert_eq!(ticks(Duration::from_secs(5)), 501);
    }
}

//! Only what our own compiler wrote, for this very engine, is loaded.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod guests;

use flow::Digest;
use sandbox::{Limits, Sandbox};

fn sandbox() -> Sandbox {
    Sandbox::new(Limits::default()).unwrap()
}

fn refused(artifact: &[u8], expected: &Digest) -> &'static str {
    sandbox().load(artifact, expected, &guests::hostile().digest).unwrap_err().code()
}

#[test]
fn an_artifact_that_was_tampered_with_is_refused_before_it_is_loaded() {
    let prepared = guests::hostile();
    let mut tampered = prepared.artifact.clone();
    let middle = tampered.len() / 2;
    tampered[middle] ^= 1;
    assert_eq!(refused(&tampered, &prepared.artifact_digest), "artifact_digest");
    assert_eq!(refused(&[], &prepared.artifact_digest), "artifact_digest");
    assert_eq!(refused(&prepared.component, &prepared.artifact_digest), "artifact_digest");
}

#[test]
fn what_is_no_artifact_of_this_engine_is_refused_even_with_its_digest() {
    let prepared = guests::hostile();
    let truncated = &prepared.artifact[..prepared.artifact.len() / 3];
    for bytes in [truncated, &prepared.component, b"", b"\x7fELF"] {
        assert_eq!(refused(bytes, &Digest::of(bytes)), "artifact_incompatible");
    }
}

#[test]
fn an_artifact_compiled_with_other_settings_is_refused() {
    let mut config = sandbox::engine_config();
    config.epoch_interruption(false);
    let engine = wasmtime::Engine::new(&config).unwrap();
    let endless = engine.precompile_component(&guests::hostile().component).unwrap();
    let error = sandbox().load(&endless, &Digest::of(&endless), &guests::hostile().digest).unwrap_err();
    assert_eq!(error.code(), "artifact_incompatible");
    assert!(error.to_string().contains("compile the module again"), "{error}");
}

#[test]
fn a_component_of_another_contract_is_refused() {
    let engine = wasmtime::Engine::new(&sandbox::engine_config()).unwrap();
    let empty = engine.precompile_component(b"\0asm\x0d\0\x01\0").unwrap();
    assert_eq!(refused(&empty, &Digest::of(&empty)), "module_contract");
}

#[test]
fn the_artifact_says_what_it_fits() {
    assert_eq!(guests::hostile().engine, sandbox().compatibility());
}

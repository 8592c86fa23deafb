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

#[test]
fn an_artifact_is_loaded_from_its_file_as_from_its_bytes() {
    let prepared = guests::hostile();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.cwasm");
    std::fs::write(&file, &prepared.artifact).unwrap();
    let module = sandbox().load_file(&file, &prepared.artifact_digest, &prepared.digest).unwrap();
    module.probe().unwrap();
    // The name may go while the module is mapped.
    std::fs::remove_file(&file).unwrap();
    module.probe().unwrap();
    let error = sandbox().load_file(&file, &prepared.artifact_digest, &prepared.digest).unwrap_err();
    assert_eq!(error.code(), "artifact_unreadable");
}

#[test]
fn a_file_that_is_no_artifact_of_ours_is_refused_before_it_is_mapped() {
    let prepared = guests::hostile();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.cwasm");
    let refused = |bytes: &[u8], expected: &Digest| {
        std::fs::write(&file, bytes).unwrap();
        sandbox().load_file(&file, expected, &prepared.digest).unwrap_err().code()
    };
    let mut tampered = prepared.artifact.clone();
    let middle = tampered.len() / 2;
    tampered[middle] ^= 1;
    let truncated = &prepared.artifact[..prepared.artifact.len() / 3];
    for bytes in [tampered.as_slice(), truncated, b""] {
        assert_eq!(refused(bytes, &prepared.artifact_digest), "artifact_digest");
    }
    for bytes in [truncated, &prepared.component, b"", b"\x7fELF"] {
        assert_eq!(refused(bytes, &Digest::of(bytes)), "artifact_incompatible");
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn an_artifact_for_a_machine_that_has_more_is_refused_and_never_run() {
    let component = &guests::hostile().component;
    for (flag, machine_has) in [
        ("has_avx512f", is_x86_feature_detected!("avx512f")),
        ("has_avx512vbmi", is_x86_feature_detected!("avx512vbmi")),
        ("has_avx512bitalg", is_x86_feature_detected!("avx512bitalg")),
        ("has_avx512vnni", is_x86_feature_detected!("avx512vnni")),
        ("has_avx_vnni", is_x86_feature_detected!("avxvnni")),
    ] {
        let mut config = sandbox::engine_config();
        config.target(&sandbox::level::level().target().unwrap()).unwrap();
        #[expect(unsafe_code, reason = "what is compiled is only loaded where the machine has the flag")]
        // SAFETY: nothing runs on this engine.
        unsafe {
            config.cranelift_flag_enable(flag);
        }
        let engine = wasmtime::Engine::new(&config).unwrap();
        let artifact = engine.precompile_component(component).unwrap();
        let loaded = sandbox().load(&artifact, &Digest::of(&artifact), &guests::hostile().digest);
        match machine_has {
            true => drop(loaded.unwrap()),
            false => assert_eq!(loaded.unwrap_err().code(), "artifact_incompatible", "{flag}"),
        }
    }
}

#[test]
fn an_artifact_fits_every_machine_of_its_level() {
    let level = sandbox::level::level();
    assert!(guests::hostile().engine.contains(level.name), "{}", guests::hostile().engine);
    // The flags stand in the artifact by name; what this machine has beyond the level does not.
    let artifact = String::from_utf8_lossy(&guests::hostile().artifact).into_owned();
    assert!(level.flags.iter().all(|flag| artifact.contains(flag)), "{level:?}");
}

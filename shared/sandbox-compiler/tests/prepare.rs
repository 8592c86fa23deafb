//! What is taken as a module and what is not, with the reason.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

#[path = "../../sandbox/tests/guests/mod.rs"]
mod guests;

use guests::wasm::{module, sections, to_leb};
use sandbox_compiler::{Error, prepare, shape};

#[track_caller]
fn refused(bytes: &[u8], code: &str) -> Error {
    let error = prepare(bytes).unwrap_err();
    assert_eq!(error.code(), code, "{error:?}");
    error
}

/// A module with one function of this many bytes.
fn straight_line(bytes: usize) -> Vec<u8> {
    let mut body = vec![0];
    body.extend(vec![0x01; bytes]);
    body.push(0x0b);
    let mut code = vec![1];
    code.extend(to_leb(body.len()));
    code.extend(body);
    module(&[(1, vec![1, 0x60, 0, 0]), (3, vec![1, 0]), (10, code)])
}

#[test]
fn a_core_module_becomes_a_component_that_loads() {
    let prepared = guests::hostile();
    assert_eq!(prepared.world, sandbox::World::Columns.name());
    assert_eq!(flow::Digest::of(&prepared.component), prepared.digest);
    assert_eq!(flow::Digest::of(&prepared.artifact), prepared.artifact_digest);
}

#[test]
fn what_is_no_module_is_refused() {
    for bytes in [b"".as_slice(), b"PK\x03\x04", b"\0asm", b"SELECT 1", &[0xff; 1000]] {
        refused(bytes, "module_not_wasm");
    }
    refused(&guests::flights_bytes()[..20_000], "module_invalid");
}

#[test]
fn a_foreign_import_is_refused_by_its_name() {
    let error = refused(&guests::hostile_bytes("examples/foreign_import.wasm"), "module_import");
    assert!(error.to_string().contains("`wasi_snapshot_preview1.random_get`"), "{error}");
}

#[test]
fn a_module_of_another_world_is_refused_with_what_is_missing() {
    let error = refused(&straight_line(1), "module_export");
    assert!(
        error.to_string().contains("`open`") && error.to_string().contains(sandbox::World::Columns.name()),
        "{error}"
    );
    refused(b"\0asm\x0d\0\x01\0", "module_export");

    // Without the sections that tell the contract's types.
    let bare: Vec<_> = sections(&guests::flights_bytes()).into_iter().filter(|(id, _)| *id != 0).collect();
    let error = prepare(&module(&bare)).unwrap_err();
    assert!(matches!(error, Error::Wrap(_) | Error::MissingExport { .. }), "{error:?}");
}

#[test]
fn what_would_take_too_long_to_compile_is_refused_before() {
    let error = refused(&straight_line(shape::FUNCTION_BYTES + 1), "module_function_too_large");
    assert!(error.to_string().contains("function 0"), "{error}");
    let mut large = straight_line(1);
    large.resize(shape::MODULE_BYTES + 1, 0);
    refused(&large, "module_too_large");
    let functions = 100_001;
    let mut declared = to_leb(functions);
    declared.extend(vec![0; functions]);
    let mut code = to_leb(functions);
    code.extend([2, 0, 0x0b].repeat(functions));
    refused(&module(&[(1, vec![1, 0x60, 0, 0]), (3, declared), (10, code)]), "module_too_many_parts");
}

#[test]
fn few_bytes_that_declare_millions_of_variables_are_refused() {
    let functions = 40;
    let mut declared = to_leb(functions);
    declared.extend(vec![0; functions]);
    // One group of 50,000 variables of 64 bits, and nothing else.
    let body = [vec![1], to_leb(50_000), vec![0x7e, 0x0b]].concat();
    let mut code = to_leb(functions);
    (0..functions).for_each(|_| code.extend([to_leb(body.len()), body.clone()].concat()));
    let error = refused(&module(&[(1, vec![1, 0x60, 0, 0]), (3, declared), (10, code)]), "module_too_many_parts");
    assert!(error.to_string().contains("local variables"), "{error}");
}

#[test]
fn a_module_that_never_finishes_starting_is_refused() {
    let error = refused(&guests::hostile_bytes("examples/start_loop.wasm"), "module_time");
    assert!(flow::fault::chain(&error).contains("start function"), "{error:?}");
    let error = refused(&guests::hostile_bytes("examples/start_memory.wasm"), "module_memory");
    assert!(flow::fault::chain(&error).contains("start function"), "{error:?}");
}

#[test]
fn threads_and_other_proposals_are_switched_off() {
    // A shared memory.
    let shared = module(&[(5, vec![1, 3, 1, 1])]);
    assert!(prepare(&shared).is_err());
    let mut sections = sections(&guests::flights_bytes());
    let memory = sections.iter_mut().find(|(id, _)| *id == 5).unwrap();
    memory.1 = vec![1, 3, 17, 0x80, 2];
    assert!(matches!(prepare(&module(&sections)), Err(Error::Wrap(_) | Error::Compile(_))));
}

#[test]
fn damaged_modules_are_an_error_and_never_a_panic() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    for _ in 0..2000 {
        let mut bytes = if next() % 2 == 0 { b"\0asm\x01\0\0\0" } else { b"\0asm\x0d\0\x01\0" }.to_vec();
        bytes.extend((0..next() % 200).map(|_| next() as u8 % 32));
        assert!(prepare(&bytes).is_err());
    }
    let sound = [guests::flights_bytes(), guests::flights().component.clone()];
    for turn in 0..60 {
        let mut bytes = sound[turn % 2].clone();
        // Half of them near the beginning, where the types are; code is mostly taken as it is.
        for _ in 0..=next() % 4 {
            let range = if next() % 2 == 0 { 600 } else { bytes.len() as u64 };
            let place = (next() % range) as usize;
            bytes[place] = next() as u8;
        }
        if next() % 3 == 0 {
            bytes.truncate((next() % bytes.len() as u64) as usize);
        }
        // What is still valid may be taken.
        let _ = prepare(&bytes);
    }
}

//! Bytes somebody uploads: whatever they are, there is a coded error, or a module that opens or is
//! refused. Never a panic. And artifacts somebody changed: machine code, so none may load.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]
#![expect(clippy::print_stdout, reason = "the seed of a run that failed")]

#[path = "../../sandbox/tests/guests/mod.rs"]
mod guests;

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::Schema;
use batch::ColumnType;
use flow::{StreamName, SyncName, Timestamp};
use sandbox::{Context, Limits, Sandbox, World};
use sandbox_compiler::{check, prepare, wrap_wasi};
use serde_json::json;

/// The same on every run, and another on each.
fn seeds() -> [u64; 2] {
    [0x6d69_6c6c, fastrand::u64(..)]
}

fn for_each_seed(turns: usize, mut test: impl FnMut(&mut fastrand::Rng)) {
    for seed in seeds() {
        println!("seed {seed}");
        let mut random = fastrand::Rng::with_seed(seed);
        (0..turns).for_each(|_| test(&mut random));
    }
}

/// A code is what people look up: words and underscores.
fn is_coded(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[test]
fn garbage_is_refused() {
    for_each_seed(2000, |random| {
        let mut bytes: Vec<u8> = match random.u8(0..4) {
            0 => Vec::new(),
            1 => b"\0asm\x01\0\0\0".to_vec(),
            2 => b"\0asm\x0d\0\x01\0".to_vec(),
            _ => b"\0asm".to_vec(),
        };
        let most = if random.bool() { 32 } else { u8::MAX };
        bytes.extend((0..random.usize(0..300)).map(|_| random.u8(0..most)));
        assert!(is_coded(check(&bytes).unwrap_err().code()));
        assert!(is_coded(wrap_wasi(&bytes, World::Records).unwrap_err().code()));
    });
}

#[test]
fn real_modules_cut_and_changed_are_refused_or_sound() {
    let sound = [
        guests::flights_bytes(),
        guests::flights().component.clone(),
        guests::hostile_bytes("examples/records.wasm"),
        guests::hostile_records().component.clone(),
    ];
    let mut compiled = 0;
    for_each_seed(250, |random| {
        let mut bytes = random.choice(&sound).unwrap().clone();
        match random.u8(0..4) {
            0 => bytes.truncate(random.usize(0..bytes.len())),
            1 => {
                // A piece of one in the other: sections, types and names that are sound alone.
                let other = random.choice(&sound).unwrap();
                let from = random.usize(0..other.len());
                let piece = &other[from..(from + random.usize(0..500)).min(other.len())];
                let at = random.usize(0..bytes.len());
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => {
                // Near the beginning are the types; code is mostly taken as it is.
                let range = if random.bool() { 600 } else { bytes.len() };
                (0..random.usize(1..5)).for_each(|_| bytes[random.usize(0..range)] = random.u8(..));
            }
        }
        match check(&bytes) {
            Err(error) => assert!(is_coded(error.code())),
            // Compiling takes long: what is only changed in its code is tried now and then.
            Ok(_) if compiled < 8 => {
                compiled += 1;
                open_and_apply(&bytes);
            }
            Ok(_) => {}
        }
    });
    assert!(compiled > 0, "no changed module came past the checks");
}

#[test]
fn modules_made_at_random_for_the_contract_are_refused_or_stopped_within_their_limits() {
    let (mut wrapped, mut called) = (0, 0);
    for seed in seeds() {
        println!("seed {seed}");
        for made in guests::random_modules(seed, 20) {
            match wrap_wasi(&made, World::Records) {
                Err(error) => assert!(is_coded(error.code())),
                Ok(component) => {
                    wrapped += 1;
                    called += usize::from(open_and_apply(&component));
                }
            }
        }
    }
    assert!(wrapped > 10 && called > 5, "{wrapped} modules were wrapped, {called} called");
}

#[test]
fn artifacts_changed_at_random_are_refused_and_compiling_again_mends_them() {
    let (sound, other) = (guests::flights(), guests::hostile());
    let sandbox = Sandbox::new(Limits::default()).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    for_each_seed(300, |random| {
        let changed = changed(&sound.artifact, &other.artifact, random);
        let refused = match random.bool() {
            true => sandbox.load(&changed, &sound.artifact_digest, &sound.digest),
            false => {
                std::fs::write(file.path(), &changed).unwrap();
                sandbox.load_file(file.path(), &sound.artifact_digest, &sound.digest)
            }
        };
        assert_eq!(refused.map(drop).unwrap_err().code(), "artifact_digest");
    });
    let again = prepare(&sound.component).unwrap();
    assert_eq!(again.artifact_digest, sound.artifact_digest, "compiling gives the same artifact");
    sandbox.load(&again.artifact, &sound.artifact_digest, &sound.digest).unwrap().probe().unwrap();
}

/// An artifact that is not what it was: shorter, longer, with other bytes or pieces of another one.
fn changed(sound: &[u8], other: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    let at = random.usize(0..bytes.len());
    match random.u8(0..4) {
        0 => bytes.truncate(at),
        1 => bytes.extend_from_slice(&other[..random.usize(1..other.len())]),
        2 => {
            let piece = &other[random.usize(0..other.len())..];
            let end = bytes.len().min(at + piece.len());
            bytes.splice(at..end, piece.iter().copied());
        }
        _ => bytes[at] ^= 1 << random.u8(0..8),
    }
    // A piece of one may be what stood there in the other.
    if bytes == sound {
        bytes.push(0);
    }
    bytes
}

/// Prepares, opens and calls; whatever happens has a code. Says whether it came to `open`.
fn open_and_apply(bytes: &[u8]) -> bool {
    let prepared = match prepare(bytes) {
        Ok(prepared) => prepared,
        Err(error) => {
            assert!(is_coded(error.code()));
            return false;
        }
    };
    let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
    let module = Sandbox::new(limits).unwrap().load(&prepared.artifact, &prepared.artifact_digest, &prepared.digest);
    let schema = Arc::new(Schema::new(vec![ColumnType::Int64.field("number", false)]));
    let context = Context {
        sync: SyncName::new("test").unwrap(),
        stream: StreamName::new("numbers").unwrap(),
        run_clock: Timestamp::UNIX_EPOCH,
    };
    match module.unwrap().open(&schema, &json!({}), &context) {
        Err(error) => assert!(is_coded(error.code())),
        Ok(mut guest) => {
            let rows = RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from(vec![1, 2, 3]))]).unwrap();
            if let Err(error) = guest.apply(&rows) {
                assert!(is_coded(error.code()));
            }
        }
    }
    true
}

//! Guests for tests, built from source once per process; cargo's own lock serves several.
#![allow(dead_code, reason = "no test uses all guests")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by it")]

pub(crate) mod wasm;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use flow::Digest;
use sandbox::{World, engine};
use sandbox_compiler::{Prepared, prepare, wrap_wasi};

/// The example module.
pub(crate) fn flights() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| prepare(&flights_bytes()).unwrap())
}

/// The guest that does as its config says.
pub(crate) fn hostile() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| prepare(&hostile_bytes("hostile.wasm")).unwrap())
}

/// The same for the world `records`.
pub(crate) fn hostile_records() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| prepare(&hostile_bytes("examples/records.wasm")).unwrap())
}

/// The example of `transforms/examples` in Rust.
pub(crate) fn orders() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| {
        build(&["--manifest-path", "transforms/examples/rust/Cargo.toml", "--lib"]);
        prepare(&read("orders.wasm")).unwrap()
    })
}

/// The rule of the benches in Rust, over columns and over records.
pub(crate) fn bench_rules() -> &'static [Prepared; 2] {
    static PREPARED: OnceLock<[Prepared; 2]> = OnceLock::new();
    PREPARED.get_or_init(|| {
        build(&["-p", "bench-rule", "-p", "bench-records", "--lib"]);
        ["bench_rule.wasm", "bench_records.wasm"].map(|file| prepare(&read(file)).unwrap())
    })
}

/// A module that `tools/modules` built. To compile a language runtime takes a while, so the
/// artifact is kept beside it.
pub(crate) fn language(file: &str) -> Prepared {
    let folder = languages();
    let bytes = language_bytes(file);
    let component = match file.ends_with(".core.wasm") {
        true => wrap_wasi(&bytes, World::Records).unwrap(),
        false => bytes,
    };
    let digest = Digest::of(&component);
    let kept = Digest::of(format!("{digest} {}", engine::compatibility()).as_bytes());
    let path = folder.join(format!("{kept}.cwasm"));
    if let Ok(artifact) = fs::read(&path) {
        return Prepared {
            component,
            digest,
            artifact_digest: Digest::of(&artifact),
            artifact,
            engine: engine::compatibility(),
            world: World::Records.name().to_owned(),
        };
    }
    let prepared = prepare(&component).unwrap();
    // In one step: tests run side by side.
    let partial = folder.join(format!("{kept}.{:?}", std::thread::current().id()));
    fs::write(&partial, &prepared.artifact).unwrap();
    fs::rename(partial, path).unwrap();
    prepared
}

/// Core modules made at random for the world `records`; the same seed gives the same.
pub(crate) fn random_modules(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let folder = root().join(format!("target/guests/smith/{seed}-{}", std::process::id()));
    let status = Command::new(env!("CARGO"))
        .current_dir(root())
        .args([
            "run",
            "--quiet",
            "--manifest-path",
            "transforms/smith/Cargo.toml",
            "--target-dir",
            "target/guests",
            "--",
        ])
        .args([seed.to_string(), count.to_string()])
        .arg(&folder)
        .status()
        .expect("cargo runs");
    assert!(status.success(), "no modules were made at random");
    let modules = (0..count).map(|number| fs::read(folder.join(format!("{number}.wasm"))).unwrap()).collect();
    fs::remove_dir_all(folder).unwrap();
    modules
}

/// A file that `tools/modules` built.
pub(crate) fn language_bytes(file: &str) -> Vec<u8> {
    fs::read(languages().join(file)).expect("`make language-modules` built it")
}

fn languages() -> PathBuf {
    root().join("target/guests/languages")
}

/// The core module of the example.
pub(crate) fn flights_bytes() -> Vec<u8> {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| build(&["--manifest-path", "transforms/flights/Cargo.toml", "--lib"]));
    read("flights.wasm")
}

/// A core module of the crate of misbehaving guests: `hostile.wasm` or `examples/NAME.wasm`.
pub(crate) fn hostile_bytes(file: &str) -> Vec<u8> {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| build(&["--manifest-path", "transforms/hostile/Cargo.toml", "--lib", "--examples"]));
    read(file)
}

/// A version of the guest that marks rows: the same code, other bytes.
pub(crate) fn marked_bytes(mark: &str) -> Vec<u8> {
    let mut bytes = hostile_bytes("examples/marked.wasm");
    let place = bytes.windows(8).position(|part| part == b"mark:one").expect("the mark stands in the data") + 5;
    let mut letters = mark.as_bytes().to_vec();
    letters.resize(19, b'_');
    bytes[place..place + 19].copy_from_slice(&letters);
    bytes
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn build(arguments: &[&str]) {
    let status = Command::new(env!("CARGO"))
        .current_dir(root())
        .arg("build")
        .args(arguments)
        .args(["--quiet", "--profile", "guest", "--target", "wasm32-unknown-unknown", "--target-dir", "target/guests"])
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the guests were not built; `rustup target add wasm32-unknown-unknown` may be needed");
}

fn read(file: &str) -> Vec<u8> {
    fs::read(root().join("target/guests/wasm32-unknown-unknown/guest").join(file)).expect("cargo built it")
}

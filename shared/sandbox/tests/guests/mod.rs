//! Guests for tests, built from source once per process; cargo's own lock serves several.
#![allow(dead_code, reason = "no test uses all guests")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by it")]

pub(crate) mod wasm;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use sandbox_compiler::{Prepared, prepare};

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

//! Builds the runtime of rules for WebAssembly, without and with regular expressions: the two
//! templates that rules are merged into.

#![expect(clippy::disallowed_methods, reason = "so cargo talks with build scripts")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

const TARGET: &str = "wasm32-unknown-unknown";
/// What the outer cargo sets for its own crates.
const OUTER: [&str; 12] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "CARGO_MAKEFLAGS",
    "CARGO_TARGET_DIR",
    "MAKEFLAGS",
    "RUSTC",
    "RUSTC_BOOTSTRAP",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            println!("cargo::error={problem}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let own = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let root = own.join("../..");
    for path in ["transforms/rules-runtime", "transforms/wit", "Cargo.lock", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(variable("OUT_DIR")?);
    runtime(&root, &out, &[], "runtime.wasm")?;
    runtime(&root, &out, &["--features", "regex"], "runtime-regex.wasm")
}

fn runtime(root: &Path, out: &Path, features: &[&str], name: &str) -> Result<(), String> {
    // A folder of its own, for the outer cargo holds the lock of its one until it is done; the same
    // for every profile, which need the same bytes.
    let target = out.ancestors().nth(4).unwrap_or(out).join("rules-runtime");
    let mut cargo = Command::new(variable("CARGO")?);
    cargo
        .current_dir(root)
        .args(["rustc", "--locked", "--quiet", "--package", "rules-runtime", "--profile", "guest"])
        // Said here and not in its manifest: natively it is a library like any other.
        .args(["--lib", "--crate-type", "cdylib"])
        .args(["--target", TARGET, "--target-dir"])
        .arg(&target)
        .args(features)
        // What uses what, and each constant by itself: a rule leaves out what it does not need.
        .args(["--", "-Clink-arg=--emit-relocs", "-Clink-arg=--no-merge-data-segments"]);
    let foreign = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let foreign = foreign.filter(|name| OUTER.contains(&name.as_str()) || name.starts_with("CARGO_PROFILE_"));
    for name in foreign {
        cargo.env_remove(name);
    }
    // The places of crates are in their panics: a rule is the same bytes wherever it was built.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", format!("--remap-path-prefix={}=cargo", cargo_home()?));
    let output = cargo.output().map_err(|error| format!("cargo could not be started: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("can't find crate for `core`") || said.contains("can't find crate for `std`") {
            return Err(format!("rules need the target {TARGET}: `rustup target add {TARGET}`"));
        }
        for line in said.lines().filter(|line| line.starts_with("error") || line.trim_start().starts_with("-->")) {
            println!("cargo::warning={line}");
        }
        return Err("the runtime of rules was not built".to_owned());
    }
    let built = target.join(TARGET).join("guest/rules_runtime.wasm");
    let copied = fs::copy(&built, out.join(name));
    copied.map(drop).map_err(|error| format!("{} could not be copied: {error}", built.display()))
}

/// Where cargo keeps the sources of crates.
fn cargo_home() -> Result<String, String> {
    variable("CARGO_HOME").or_else(|_| Ok(format!("{}/.cargo", variable("HOME")?)))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("cargo did not set {name}"))
}

//! Who may depend on whom: the layers of ARCHITECTURE.md.

#![expect(clippy::unwrap_used, reason = "without the workspace's metadata there is nothing to test")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Pure,
    Seam,
    Adapter,
    Driver,
    Function,
    Guest,
    Top,
}

const PURE: [&str; 7] = ["flow", "spec", "batch", "checks", "alerting", "retry", "calendar"];
const SEAMS: [&str; 6] = ["staging", "queue", "store", "source", "destination", "notify"];
const DRIVERS: [&str; 1] = ["worker"];
const GUESTS: [&str; 7] = ["sdk", "flights", "bench-module", "bench-rule", "bench-records", "orders", "rules-runtime"];

/// What a pure crate never touches.
const IMPURE: [&str; 7] = ["tokio", "sqlx", "reqwest", "wasmtime", "aws-config", "aws-types", "parquet"];

/// Clients that have one owner, and who it is.
const OWNED: [(&str, &[&str]); 8] = [
    ("aws-sdk-s3", &["staging", "emulate"]),
    ("aws-sdk-sqs", &["queue", "emulate"]),
    ("wasmtime", &["sandbox", "sandbox-compiler"]),
    ("reqwest", &["notify-webhook"]),
    ("croner", &["calendar"]),
    ("hyper", &["emulate"]),
    ("hyper-util", &["emulate"]),
    ("wit-component", &["sandbox-compiler", "rules"]),
];

#[test]
fn every_crate_depends_on_lower_layers_only() {
    let packages = packages();
    let mut wrong = Vec::new();
    for (name, (path, dependencies)) in &packages {
        let layer = layer_of(name, path);
        for dependency in dependencies.iter().filter(|dependency| packages.contains_key(*dependency)) {
            let below = layer_of(dependency, &packages[dependency].0);
            if !may_depend(name, layer, dependency, below) {
                wrong.push(format!("{name} ({layer:?}) depends on {dependency} ({below:?})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_crates_stay_pure_and_heavy_clients_have_one_owner() {
    let mut wrong = Vec::new();
    for (name, (path, dependencies)) in packages() {
        if layer_of(&name, &path) == Layer::Pure {
            wrong.extend(
                IMPURE
                    .iter()
                    .filter(|impure| dependencies.contains(**impure))
                    .map(|impure| format!("{name} uses {impure}")),
            );
        }
        for (client, owners) in OWNED {
            if dependencies.contains(client) && !owners.contains(&name.as_str()) {
                wrong.push(format!("{name} uses {client}, which belongs to {owners:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn may_depend(name: &str, layer: Layer, dependency: &str, below: Layer) -> bool {
    match layer {
        Layer::Pure => below == Layer::Pure,
        Layer::Seam => below == Layer::Pure,
        Layer::Adapter => match below {
            Layer::Pure => true,
            Layer::Seam => is_seam_of(name, dependency),
            Layer::Adapter => (name, dependency) == ("sandbox-compiler", "sandbox"),
            // What a compiled rule calls in WebAssembly, the interpreter calls natively.
            Layer::Guest => (name, dependency) == ("rules", "rules-runtime"),
            _ => false,
        },
        Layer::Driver => below <= Layer::Seam,
        Layer::Function => below <= Layer::Driver,
        Layer::Guest => dependency == "sdk",
        // It stands where AWS does: what it runs is none of its business.
        Layer::Top if name == "emulate" => below == Layer::Pure,
        Layer::Top => below != Layer::Guest,
    }
}

fn is_seam_of(adapter: &str, seam: &str) -> bool {
    adapter.strip_prefix(seam).is_some_and(|rest| rest.starts_with('-'))
}

fn layer_of(name: &str, path: &str) -> Layer {
    if PURE.contains(&name) {
        Layer::Pure
    } else if SEAMS.contains(&name) {
        Layer::Seam
    } else if DRIVERS.contains(&name) {
        Layer::Driver
    } else if GUESTS.contains(&name) {
        Layer::Guest
    } else if path.contains("/shared/") {
        Layer::Adapter
    } else if path.contains("/functions/") {
        Layer::Function
    } else {
        Layer::Top
    }
}

/// The workspace's packages with their folders and normal dependencies.
fn packages() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let package = |package: &cargo_metadata::Package| {
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        let names = normal.map(|dependency| dependency.name.clone()).collect();
        (package.name.to_string(), (package.manifest_path.to_string(), names))
    };
    metadata.packages.iter().map(package).collect()
}
